"""Radiographs drawn from a volume show what lies where, seen from where they say."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.io.drr import AIR_HU, ANGLES_DEG, FRAMES, WATER_PER_MM, Volume, radiographs


def body(shape: tuple[int, int, int] = (61, 61, 40)) -> NDArray[np.int16]:
    """Water in a cylinder upright in the middle, air around it."""
    xs, ys = np.indices(shape[:2])
    inside = (xs - shape[0] // 2) ** 2 + (ys - shape[1] // 2) ** 2 < (shape[0] // 2 - 4) ** 2
    return np.where(inside[..., None], 0, AIR_HU).astype(np.int16).repeat(shape[2], 2)


def peak(picture: NDArray[np.uint16]) -> tuple[float, float]:
    """Row and column, from the middle, of what is brightest."""
    bright = np.argwhere(picture > 0.98 * picture.max()).mean(axis=0)
    row, column = bright - (np.array(picture.shape) - 1) / 2
    return float(row), float(column)


def test_there_are_sixteen_angles_from_right_to_left() -> None:
    assert len(ANGLES_DEG) == FRAMES == 16
    assert ANGLES_DEG[0] == -ANGLES_DEG[-1] == pytest.approx(-84.375)
    assert np.diff(ANGLES_DEG) == pytest.approx([11.25] * 15)


@pytest.mark.parametrize(
    ("place", "seen"),
    [
        ((50, 30, 30), lambda angle: -20 * np.cos(angle)),  # on the patient's right
        ((30, 50, 30), lambda angle: -20 * np.sin(angle)),  # in front
        ((10, 30, 30), lambda angle: 20 * np.cos(angle)),  # on the left
    ],
)
def test_a_bead_is_where_it_is_seen_from_each_side(place: tuple[int, int, int], seen) -> None:
    """Seen from in front, what is on the right stands left of the middle, and so on."""
    values = body()
    values[30, 30, :] = 3000  # bone in the middle, where the axis comes to stand
    x, y, z = place
    values[x - 1 : x + 2, y - 1 : y + 2, z - 1 : z + 2] = 20_000
    weight = 27 / (27 + 40)
    pictures, pixel_mm = radiographs(Volume(values, (1.0, 1.0, 1.0)))
    axis = weight * (np.array([x, y]) - 30)
    for angle_deg, picture in zip(ANGLES_DEG, pictures, strict=True):
        angle = np.radians(angle_deg)
        moved = axis[0] * -np.cos(angle) + axis[1] * -np.sin(angle)
        row, column = peak(picture)
        assert column * pixel_mm == pytest.approx(seen(angle) - moved, abs=1.2)
        assert row * pixel_mm == pytest.approx(19.5 - 30, abs=1.2)  # head up


def test_the_greys_are_line_integrals() -> None:
    """Half as much water is half as bright; air is black; the brightest is white."""
    values = body()
    values[:, :, -3:] = AIR_HU
    values[:, :, :20] = np.where(values[:, :, :20] == 0, -500, AIR_HU)
    pictures, _ = radiographs(Volume(values, (1.0, 1.0, 1.0)))
    middle = pictures.shape[2] // 2
    head, feet = (pictures[8, rows, middle].mean() for rows in (slice(4, 16), slice(24, 36)))
    assert feet / head == pytest.approx(0.5, abs=0.02)
    assert pictures.max() == 2**16 - 1
    assert not pictures[:, :2].any()
    assert WATER_PER_MM == 0.02


@pytest.mark.parametrize("padding", [-1024, -2048, -3024])
def test_padding_is_air(padding: int) -> None:
    plain = body()
    padded = np.where(plain == AIR_HU, padding, plain)
    one, other = (radiographs(Volume(each, (1.0, 1.0, 1.0)))[0] for each in (plain, padded))
    assert np.abs(one.astype(int) - other).max() <= 1
    holes = np.where(plain == AIR_HU, np.nan, plain).astype(np.float32)
    again, _ = radiographs(Volume(holes, (1.0, 1.0, 1.0)))
    assert np.abs(one.astype(int) - again).max() <= 1


def test_pixels_are_square_whatever_the_voxels() -> None:
    thick, _ = radiographs(Volume(body()[:, :, ::4], (1.0, 1.0, 4.0)))
    thin, pixel_mm = radiographs(Volume(body(), (1.0, 1.0, 1.0)))
    assert thick.shape == thin.shape
    assert pixel_mm == 1.0
    large, pixel_mm = radiographs(Volume(body(), (20.0, 20.0, 20.0)))
    assert large.shape == thin.shape
    assert pixel_mm == 20.0


def test_slope_and_intercept_are_applied() -> None:
    raw = ((body().astype(float) + 1024) * 2).astype(np.uint16)
    one, _ = radiographs(Volume(body(), (1.0, 1.0, 1.0)))
    other, _ = radiographs(Volume(raw, (1.0, 1.0, 1.0), slope=0.5, intercept=-1024))
    np.testing.assert_array_equal(one, other)


def test_nothing_but_air_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing but air"):
        radiographs(Volume(np.full((9, 9, 9), -1000, np.int16), (1.0, 1.0, 1.0)))

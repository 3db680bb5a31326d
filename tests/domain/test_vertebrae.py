"""Names of corners, and the AASCE rule against facts: golden columns and published angles."""

from __future__ import annotations

import csv
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from domain.annotation import Annotations
from domain.vertebrae import (
    CORNER_COUNT,
    LEVELS,
    MAX_LABEL_SHIFT,
    CobbAngles,
    CurveShape,
    cobb_angles,
    corner_index,
    corner_name,
    endplate_midpoints,
    errors_px,
    names_of,
    shifted_column,
)

Array = NDArray[np.float64]
IMAGE_ROWS = 2400
GOLDEN = [
    ((60.0, 3840.0, 0.0), (11.2141, 0.0, 0.0), CurveShape.C),
    ((80.0, 1920.0, 0.0), (29.3416, 29.3415, 0.0), CurveShape.S),
    ((80.0, 1920.0, 1.0), (28.8969, 22.4996, 0.0), CurveShape.S),
    ((50.0, 1300.0, 0.3), (26.9297, 26.5634, 26.7949), CurveShape.S),
]


def column(amplitude: float, period: float, phase: float) -> Array:
    """(68, 2) corners of a column along a sine wave: half width 70, half height 45."""
    corners = []
    for row in 200.0 + 120.0 * np.arange(17):
        angle = 2 * np.pi * (row - 200) / period + phase
        tilt = np.arctan(amplitude * 2 * np.pi / period * np.cos(angle))
        centre = np.array([row, 450 + amplitude * np.sin(angle)])
        across = 70 * np.array([-np.sin(tilt), np.cos(tilt)])
        down = 45 * np.array([np.cos(tilt), np.sin(tilt)])
        corners += [centre - across - down, centre + across - down]
        corners += [centre - across + down, centre + across + down]
    return np.array(corners)


def straight() -> Array:
    return column(0.0, 1920.0, 0.0)


def rotated(corners: Array, *, vertebra: int, degrees: float) -> Array:
    """The same column with one vertebra turned about its centre."""
    turned = corners.copy()
    own = turned[4 * vertebra : 4 * vertebra + 4]
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned[4 * vertebra : 4 * vertebra + 4] = (own - own.mean(axis=0)) @ turn.T + own.mean(axis=0)
    return turned


def degrees_of(angles: CobbAngles) -> list[float]:
    return [angles.main.angle_deg, angles.second.angle_deg, angles.third.angle_deg]


@pytest.mark.parametrize("as_published", [True, False])
@pytest.mark.parametrize(("wave", "expected", "shape"), GOLDEN)
def test_golden_columns(
    wave: tuple[float, float, float],
    expected: tuple[float, float, float],
    shape: CurveShape,
    as_published: bool,
) -> None:
    angles = cobb_angles(column(*wave), image_rows=IMAGE_ROWS, as_published=as_published)
    np.testing.assert_allclose(degrees_of(angles), expected, atol=2e-4)  # given to 1e-4, float32
    assert angles.shape is shape


def test_a_straight_column_is_s_shaped_only_as_published() -> None:
    published = cobb_angles(straight(), image_rows=IMAGE_ROWS, as_published=True)
    corrected = cobb_angles(straight(), image_rows=IMAGE_ROWS)
    assert published.shape is CurveShape.S
    assert corrected.shape is CurveShape.C
    np.testing.assert_allclose(degrees_of(corrected), 0, atol=1e-4)


def test_an_angle_above_90_degrees_is_cut_only_as_published() -> None:
    bent = rotated(rotated(straight(), vertebra=3, degrees=50), vertebra=12, degrees=-55)
    corrected = cobb_angles(bent, image_rows=IMAGE_ROWS)
    published = cobb_angles(bent, image_rows=IMAGE_ROWS, as_published=True)
    assert corrected.main.angle_deg == pytest.approx(105)
    assert (corrected.main.upper, corrected.main.lower) == (3, 12)
    assert published.main.angle_deg == pytest.approx(90)


def test_a_single_turned_vertebra_is_found() -> None:
    angles = cobb_angles(rotated(straight(), vertebra=9, degrees=20), image_rows=IMAGE_ROWS)
    assert angles.main.angle_deg == pytest.approx(20)
    assert 9 in {angles.main.upper, angles.main.lower}


@pytest.mark.parametrize("as_published", [True, False])
def test_a_vertebra_squeezed_to_a_point_takes_part_in_no_angle(as_published: bool) -> None:
    corners = rotated(straight(), vertebra=9, degrees=20)
    corners[16:20] = corners[16:20].mean(axis=0)
    angles = cobb_angles(corners, image_rows=IMAGE_ROWS, as_published=as_published)
    assert np.isfinite(degrees_of(angles)).all()
    assert angles.main.angle_deg == pytest.approx(20)


waves = st.tuples(st.floats(20, 90), st.floats(1200, 4000), st.floats(0, 6.2))


@given(waves, st.floats(0.3, 3), st.floats(-300, 300))
def test_moving_sideways_and_scaling_change_no_angle(
    wave: tuple[float, float, float], scale: float, sideways: float
) -> None:
    corners = column(*wave)
    moved = (corners + np.array([0, sideways])) * scale
    before = cobb_angles(corners, image_rows=IMAGE_ROWS)
    after = cobb_angles(moved, image_rows=round(IMAGE_ROWS * scale))
    assert after.main.angle_deg == pytest.approx(before.main.angle_deg, abs=1e-4)
    assert after.shape is before.shape


@given(waves)
def test_the_mirror_image_has_the_same_main_angle(wave: tuple[float, float, float]) -> None:
    corners = column(*wave)
    mirrored = corners.copy().reshape(17, 4, 2)[:, [1, 0, 3, 2]].reshape(-1, 2)
    mirrored[:, 1] = 899 - mirrored[:, 1]
    before = cobb_angles(corners, image_rows=IMAGE_ROWS)
    after = cobb_angles(mirrored, image_rows=IMAGE_ROWS)
    assert after.main.angle_deg == pytest.approx(before.main.angle_deg, abs=1e-4)
    assert after.shape is before.shape


def test_end_plate_mid_points_go_from_top_to_bottom() -> None:
    middle = endplate_midpoints(straight())
    assert middle.shape == (34, 2)
    np.testing.assert_allclose(middle[:3, 0], [155, 245, 275])
    np.testing.assert_allclose(middle[:, 1], 450)


def test_errors_are_distances() -> None:
    truth = straight()
    np.testing.assert_allclose(
        errors_px(truth + np.array([3, 4]), truth), np.full(CORNER_COUNT, 5.0)
    )


def test_every_corner_has_one_name() -> None:
    names = [corner_name(index) for index in range(CORNER_COUNT)]
    assert (names[0], names[-1], len(set(names))) == ("T1.TL", "L5.BR", CORNER_COUNT)
    assert [corner_index(name) for name in names] == list(range(CORNER_COUNT))
    assert corner_index(" t7.tl ") == 24


@pytest.mark.parametrize("shift", range(-MAX_LABEL_SHIFT, MAX_LABEL_SHIFT + 1))
def test_shifted_names_are_seventeen_neighbours(shift: int) -> None:
    names = names_of(Annotations("a", column=shifted_column(shift)))
    assert len(set(names)) == len(LEVELS)
    if shift >= 0:
        assert names[: 17 - shift] == LEVELS[shift:]
    else:
        assert names[-shift:] == LEVELS[:shift]


@pytest.mark.parametrize("name", ["", "T13.TL", "T7", "T7.", "T7.XX", "S1.TL", "24", "T7.TL.BR"])
def test_refuses_names_of_no_corner(name: str) -> None:
    with pytest.raises(ValueError, match="no corner is called"):
        corner_index(name)


def test_all_three_angles_of_the_published_films(shared_data: Path) -> None:
    """481 films: every angle within 0.02 degrees of the published one."""
    root = shared_data / "spine" / "zlinzju-ke30_u7_AASCE2019" / "boostnet_labeldata"
    labels = root / "labels" / "training"
    if not labels.is_dir():
        pytest.skip("needs the AASCE films beside the checkout")
    names = [row[0] for row in csv.reader((labels / "filenames.csv").open())]
    landmarks = np.loadtxt(labels / "landmarks.csv", delimiter=",")
    published = np.loadtxt(labels / "angles.csv", delimiter=",")
    ours = []
    for name, values in zip(names, landmarks, strict=True):
        rows, columns = jpeg_size(root / "data" / "training" / name)
        corners = np.stack([values[68:] * rows, values[:68] * columns], axis=1)
        ours.append(degrees_of(cobb_angles(corners, image_rows=rows)))
    assert len(ours) == 481
    assert np.abs(np.array(ours) - published).max() < 0.02


def jpeg_size(path: Path) -> tuple[int, int]:
    """Rows and columns from the frame header, without decoding."""
    data = path.read_bytes()
    place = 2
    while data[place + 1] not in {0xC0, 0xC1, 0xC2}:
        place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    rows, columns = struct.unpack(">HH", data[place + 5 : place + 9])
    return rows, columns

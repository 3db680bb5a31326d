"""What measures read: by hand-made numbers, by brute force, and unmoved by moving the film."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.grid import Grid
from domain.measures import POINTS, Measure, MeasureKind, pixels_inside, reading

BARE = Grid()
FILE = Grid((0.5, 0.2), source="a test")
coordinate = st.floats(-500, 500).map(lambda value: round(value, 3))
place = st.tuples(coordinate, coordinate)


def measure(kind: MeasureKind, *points: tuple[float, float]) -> Measure:
    return Measure("m", kind, points)


def values(found: Measure, grid: Grid = BARE, pixels=None) -> dict[str, float]:
    return {v.name: v.value for v in reading(found, grid=grid, pixels=pixels).values}


def test_a_line_says_pixels_until_somebody_knows_millimetres() -> None:
    line = measure(MeasureKind.LINE, (0, 0), (30, 40))
    assert reading(line, grid=BARE).text == "50.0 px, uncalibrated"
    known = reading(line, grid=FILE)
    assert known.text == "17.0 mm"  # 15 mm down, 8 mm across
    assert "a test" in known.detail


def test_no_millimetre_without_a_source() -> None:
    for kind, count in POINTS.items():
        found = reading(
            measure(kind, *((float(7 * n % 5), float(3 * n)) for n in range(count))), grid=BARE
        )
        assert "mm" not in found.text
        assert all("mm" not in value.unit for value in found.values)


def test_an_angle_is_told_on_pixels_that_are_not_square() -> None:
    angle = measure(MeasureKind.ANGLE, (0, 10), (0, 0), (4, 10))
    assert values(angle)["angle"] == pytest.approx(math.degrees(math.atan2(4, 10)))
    assert values(angle, FILE)["angle"] == pytest.approx(45.0)
    assert reading(angle, grid=FILE).text == "45.0°"


@pytest.mark.parametrize(
    ("lower", "angle", "text"),
    [
        (((100, 0), (100, 10)), 0.0, "0.0°"),
        (((105, 0), (95, 10)), 45.0, "45.0°"),
        (((110, 0), (90, 2)), 84.2894, "84.3°"),
    ],
)
def test_cobb_by_hand(lower, angle: float, text: str) -> None:
    cobb = measure(MeasureKind.COBB, (0, 0), (0, 10), *lower)
    assert values(cobb)["angle"] == pytest.approx(angle, abs=1e-3)
    assert reading(cobb, grid=BARE).text == text


def test_a_cobb_angle_beyond_90_shows_the_acute_one_beside_it() -> None:
    upper, lower = ((30, 0), (-30, 20)), ((70, 0), (130, 20))
    cobb = measure(MeasureKind.COBB, *upper, *lower)
    tilt = 2 * math.degrees(math.atan2(60, 20))
    assert values(cobb) == pytest.approx({"angle": tilt, "acute": 180 - tilt})
    assert reading(cobb, grid=BARE).text == f"{tilt:.1f}° (acute {180 - tilt:.1f}°)"


@given(st.tuples(place, place, place, place))
def test_cobb_does_not_depend_on_which_end_was_clicked_first(points) -> None:
    a, b, c, d = points
    first = values(measure(MeasureKind.COBB, a, b, c, d))
    for other in ((b, a, c, d), (a, b, d, c), (c, d, a, b)):
        assert values(measure(MeasureKind.COBB, *other)) == pytest.approx(first, abs=1e-4)


def test_a_ratio_names_both_lengths() -> None:
    ratio = measure(MeasureKind.RATIO, (0, 0), (0, 10), (0, 0), (4, 0))
    assert values(ratio) == pytest.approx({"ratio": 2.5, "first": 10.0, "second": 4.0})
    assert values(ratio, FILE)["ratio"] == pytest.approx(1.0)
    assert "2.0 mm : 2.0 mm" in reading(ratio, grid=FILE).detail


def test_the_balance_has_a_sign_and_only_columns_count() -> None:
    right = measure(MeasureKind.BALANCE, (10, 130), (900, 100))
    left = measure(MeasureKind.BALANCE, (700, 70), (900, 100))
    assert reading(right, grid=FILE).text == "+6.0 mm"
    assert reading(left, grid=BARE).text == "-30.0 px, uncalibrated"


@pytest.mark.parametrize(
    "degenerate",
    [
        measure(MeasureKind.ANGLE, (0, 0), (0, 0), (1, 1)),
        measure(MeasureKind.COBB, (0, 0), (0, 0), (5, 0), (5, 9)),
        measure(MeasureKind.RATIO, (0, 0), (0, 9), (5, 0), (5, 0)),
    ],
)
def test_points_at_one_place_read_nothing(degenerate: Measure) -> None:
    found = reading(degenerate, grid=BARE)
    assert found.values == ()
    assert found.text == "–"


@pytest.mark.parametrize("points", [(), ((0, 0),), ((0, 0), (1, 1), (2, 2))])
def test_a_wrong_number_of_points_is_refused(points) -> None:
    with pytest.raises(ValueError, match="2 points"):
        Measure("m", MeasureKind.LINE, points)


def test_points_that_are_no_places_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Measure("m", MeasureKind.PLUMB, ((math.nan, 0.0),))


SPATIAL = [kind for kind in MeasureKind if kind not in (MeasureKind.BALANCE, MeasureKind.PLUMB)]
ROUND = [kind for kind in SPATIAL if kind not in (MeasureKind.RECTANGLE, MeasureKind.ELLIPSE)]


@given(st.sampled_from(SPATIAL), st.lists(place, min_size=4, max_size=4), place)
def test_moving_changes_no_reading(kind, points, by) -> None:
    made = measure(kind, *points[: POINTS[kind]])
    assume(well_apart(made))
    assert values(made.moved(*by)) == pytest.approx(values(made), rel=1e-6, abs=1e-3)


@given(st.sampled_from(ROUND), st.lists(place, min_size=4, max_size=4), st.floats(0, 6.3))
def test_turning_changes_no_reading_on_square_pixels(kind, points, turn) -> None:
    made = measure(kind, *points[: POINTS[kind]])
    assume(well_apart(made))
    matrix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    turned = replace(made, points=tuple(map(tuple, np.array(made.points) @ matrix)))
    assert values(turned) == pytest.approx(values(made), rel=1e-6, abs=1e-3)


@given(
    st.sampled_from(SPATIAL),
    st.lists(place, min_size=4, max_size=4),
    st.sampled_from([(-1, 1), (1, -1), (-1, -1)]),
)
def test_mirroring_changes_no_reading(kind, points, signs) -> None:
    made = measure(kind, *points[: POINTS[kind]])
    assume(well_apart(made))
    mirrored = replace(made, points=tuple((r * signs[0], c * signs[1]) for r, c in made.points))
    assert values(mirrored, FILE) == pytest.approx(values(made, FILE), rel=1e-6, abs=1e-3)


def well_apart(made: Measure) -> bool:
    """No two points, and no two middles, so near that rounding decides."""
    at = np.array(made.points)
    gaps = [np.linalg.norm(at[i] - at[j]) for i in range(len(at)) for j in range(i)]
    if made.kind is MeasureKind.COBB:
        down = at[2:].mean(axis=0) - at[:2].mean(axis=0)
        for way in (at[1] - at[0], at[3] - at[2]):
            gaps.append(abs(down[0] * way[1] - down[1] * way[0]))
    return min(gaps) > 0.1


@given(st.data())
def test_grey_values_inside_are_those_of_brute_force(data) -> None:
    rows, columns = data.draw(st.integers(1, 20)), data.draw(st.integers(1, 20))
    pixels = np.arange(rows * columns, dtype=np.uint16).reshape(rows, columns)
    edge = st.floats(-4, 24).map(lambda value: round(value * 4) / 4)
    a, b = data.draw(st.tuples(edge, edge)), data.draw(st.tuples(edge, edge))
    for kind in (MeasureKind.RECTANGLE, MeasureKind.ELLIPSE):
        inside = []
        (top, left), (bottom, right) = np.sort([a, b], axis=0)
        high, wide = (bottom - top) / 2, (right - left) / 2
        for r in range(rows):
            for c in range(columns):
                if not (top <= r <= bottom and left <= c <= right):
                    continue
                x = (r - top - high) / high if high else 0.0
                y = (c - left - wide) / wide if wide else 0.0
                if kind is MeasureKind.RECTANGLE or x * x + y * y <= 1 + 1e-12:
                    inside.append(float(pixels[r, c]))
        made = measure(kind, a, b)
        assert sorted(pixels_inside(made, pixels)) == inside
        told = values(made, pixels=pixels)
        if inside:
            assert told["mean"] == pytest.approx(np.mean(inside))
            assert told["sd"] == pytest.approx(np.std(inside))
            assert (told["min"], told["max"]) == (min(inside), max(inside))
            assert told["count"] == len(inside)
        else:
            assert set(told) == {"area"}


def test_areas_are_of_the_shape_and_in_square_millimetres() -> None:
    corners = ((10, 10), (30, 60))
    box, oval = measure(MeasureKind.RECTANGLE, *corners), measure(MeasureKind.ELLIPSE, *corners)
    assert values(box)["area"] == pytest.approx(1000.0)
    assert values(box, FILE)["area"] == pytest.approx(100.0)
    assert values(oval)["area"] == pytest.approx(math.pi * 250)
    assert reading(box, grid=FILE).values[0].unit == "mm²"


def test_a_colour_film_is_read_as_the_mean_of_its_three() -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[..., 0] = 90
    box = measure(MeasureKind.RECTANGLE, (0, 0), (3, 3))
    assert values(box, pixels=pixels)["mean"] == pytest.approx(30.0)


@given(place, place, st.integers(0, 3), place)
def test_each_corner_of_an_area_can_be_taken(a, b, index, to) -> None:
    made = measure(MeasureKind.RECTANGLE, a, b)
    moved = made.with_handle(index, to=to)
    assert moved.handles[index] == to
    opposite = (1, 0, 3, 2)[index]
    assert moved.handles[opposite] == made.handles[opposite]


@given(st.sampled_from(ROUND), st.lists(place, min_size=4, max_size=4), st.data())
def test_a_handle_moves_its_point_alone(kind, points, data) -> None:
    made = measure(kind, *points[: POINTS[kind]])
    index = data.draw(st.integers(0, len(made.handles) - 1))
    moved = made.with_handle(index, to=(1.0, 2.0))
    for n, handle in enumerate(moved.handles):
        assert handle == ((1.0, 2.0) if n == index else made.handles[n])

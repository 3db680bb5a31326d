"""Measuring with a real mouse: clicks, drags, Backspace, on films that are flipped and turned."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt

from app.canvas.tools.measuring import PROMPTS
from domain.measures import POINTS, MeasureKind
from tests.app.canvas.conftest import stage_of
from tests.app.canvas.tools.conftest import Bench

PLACES = ((100.0, 60.0), (160.0, 180.0), (420.0, 70.0), (450.0, 190.0))
ORIENTATIONS = pytest.mark.parametrize(
    ("turns", "flips"), [(0, ""), (0, "h"), (1, ""), (2, "v"), (3, "hv")]
)


def turn(bench: Bench, turns: int, flips: str) -> None:
    bench.view.rotate(turns)
    if "h" in flips:
        bench.view.flip_horizontal()
    if "v" in flips:
        bench.view.flip_vertical()


def click_all(bench: Bench, kind: MeasureKind) -> None:
    bench.tool.measure(kind)
    for place in PLACES[: POINTS[kind]]:
        bench.click(*place)


@ORIENTATIONS
@pytest.mark.parametrize("kind", MeasureKind)
def test_clicks_make_a_measure_where_they_were(
    bench: Bench, kind: MeasureKind, turns: int, flips: str
) -> None:
    turn(bench, turns, flips)
    click_all(bench, kind)
    (made,) = bench.measures
    assert made.kind is kind
    for point, place in zip(made.points, PLACES, strict=False):
        assert point == pytest.approx(place, abs=bench.step)
    assert not bench.tool.armed
    bench.sitting.editing.undo()
    assert bench.measures == ()
    assert bench.tool.layer.shown_data.items == ()


def test_every_kind_has_a_prompt_for_every_point() -> None:
    assert {kind: len(prompts) for kind, prompts in PROMPTS.items()} == POINTS


@ORIENTATIONS
@pytest.mark.parametrize("kind", MeasureKind)
def test_every_handle_can_be_dragged(
    bench: Bench, kind: MeasureKind, turns: int, flips: str
) -> None:
    turn(bench, turns, flips)
    click_all(bench, kind)
    for index in range(len(bench.measures[0].handles)):
        before = bench.measures[0]
        row, column = before.handles[index]
        bench.drag((row, column), (row + 30, column + 20))
        (after,) = bench.measures
        assert after.handles[index] == pytest.approx((row + 30, column + 20), abs=2 * bench.step)
        bench.sitting.editing.undo()
        assert bench.measures == (before,)
        bench.measuring.select(before.id)


def test_a_line_taken_by_its_middle_moves_as_a_whole(bench: Bench) -> None:
    click_all(bench, MeasureKind.LINE)
    (before,) = bench.measures
    bench.measuring.select(None)
    bench.drag((130, 120), (150, 110))
    (after,) = bench.measures
    for old, new in zip(before.points, after.points, strict=True):
        assert new == pytest.approx((old[0] + 20, old[1] - 10), abs=2 * bench.step)
    assert bench.measuring.selected == before.id


def test_two_pixels_are_a_click_and_move_nothing(bench: Bench) -> None:
    click_all(bench, MeasureKind.LINE)
    (before,) = bench.measures
    at = bench.at(*PLACES[0])
    bench.mouse.drag(at, at + QPointF(2, 0))
    assert bench.measures == (before,)


def test_a_line_can_be_drawn_in_one_drag(bench: Bench) -> None:
    bench.tool.measure(MeasureKind.LINE)
    bench.drag(*PLACES[:2])
    (made,) = bench.measures
    assert made.points[1] == pytest.approx(PLACES[1], abs=bench.step)


def test_the_last_point_follows_the_hand_until_it_lets_go(bench: Bench) -> None:
    bench.tool.measure(MeasureKind.LINE)
    bench.click(*PLACES[0])
    bench.mouse.press(bench.at(*PLACES[1]))
    assert bench.measures == (), "whatever comes next may want the mouse: not before it is up"
    bench.mouse.move(bench.at(*PLACES[2]))
    assert bench.tool.layer.held_point == pytest.approx(PLACES[2], abs=bench.step)
    bench.mouse.release(bench.at(*PLACES[2]))
    (made,) = bench.measures
    assert made.points[1] == pytest.approx(PLACES[2], abs=bench.step)


def test_the_rubber_line_follows_and_reads_once_it_is_whole(bench: Bench) -> None:
    bench.tool.measure(MeasureKind.ANGLE)
    layer = bench.tool.layer
    bench.click(*PLACES[0])
    bench.mouse.move(bench.at(*PLACES[1]), Qt.MouseButton.NoButton)
    draft = layer.shown_data.draft
    assert draft.points[1] == pytest.approx(PLACES[1], abs=bench.step)
    assert draft.text == "", "no number before there is an angle"
    assert "vertex" in draft.hint
    bench.click(*PLACES[1])
    bench.mouse.move(bench.at(*PLACES[2]), Qt.MouseButton.NoButton)
    assert layer.shown_data.draft.text.endswith("°")
    assert bench.measures == ()


def test_the_cursor_is_a_cross_while_armed(bench: Bench) -> None:
    shape = lambda: stage_of(bench.view).cursor().shape()  # noqa: E731
    bench.tool.measure(MeasureKind.COBB)
    assert shape() is Qt.CursorShape.CrossCursor
    bench.click(*PLACES[0])
    assert shape() is Qt.CursorShape.CrossCursor
    bench.tool.disarm()
    assert shape() is Qt.CursorShape.ArrowCursor


def test_backspace_takes_back_a_click_and_escape_all(bench: Bench) -> None:
    bench.tool.measure(MeasureKind.LINE)
    bench.click(*PLACES[0])
    assert bench.tool.take_back()
    bench.click(*PLACES[2])
    bench.click(*PLACES[3])
    assert bench.measures[0].points[0] == pytest.approx(PLACES[2], abs=bench.step)
    assert not bench.tool.take_back(), "nothing is under way"
    bench.tool.measure(MeasureKind.LINE)
    bench.click(*PLACES[0])
    assert bench.tool.disarm()
    bench.click(*PLACES[1])
    assert len(bench.measures) == 1


def test_a_drag_given_up_moves_nothing(bench: Bench) -> None:
    click_all(bench, MeasureKind.LINE)
    (before,) = bench.measures
    bench.mouse.press(bench.at(*PLACES[0]))
    bench.mouse.move(bench.at(300, 100))
    assert bench.tool.layer.shown_data.items[0].measure != before
    assert bench.tool.layer.held_point == pytest.approx((300, 100), abs=2 * bench.step)
    bench.view.cancel_gesture()
    assert bench.tool.layer.shown_data.items[0].measure == before
    bench.mouse.release(bench.at(300, 100))
    assert bench.measures == (before,)


def test_undone_while_in_the_hand(bench: Bench) -> None:
    click_all(bench, MeasureKind.LINE)
    bench.mouse.press(bench.at(*PLACES[0]))
    bench.mouse.move(bench.at(300, 100))
    bench.sitting.editing.undo()
    bench.mouse.move(bench.at(320, 100))
    bench.mouse.release(bench.at(320, 100))
    assert bench.measures == ()


def test_a_click_on_nothing_lets_the_measure_go(bench: Bench) -> None:
    click_all(bench, MeasureKind.LINE)
    assert bench.measuring.selected
    bench.click(600, 100)
    assert bench.measuring.selected is None


def test_a_double_click_asks_for_a_name_and_holds_nothing(bench: Bench, qtbot) -> None:
    from PySide6.QtTest import QTest

    click_all(bench, MeasureKind.LINE)
    (made,) = bench.measures
    at = bench.at(*PLACES[0]).toPoint()
    with qtbot.waitSignal(bench.tool.rename_wanted) as wanted:
        QTest.mouseDClick(stage_of(bench.view), Qt.MouseButton.LeftButton, pos=at)
    assert wanted.args == [made.id]
    bench.mouse.move(bench.at(300, 100))
    assert bench.measures == (made,)


def test_a_corner_under_a_line_is_taken_before_it_but_not_before_chosen_handles(
    bench: Bench,
) -> None:
    bench.placing.place_column()
    bench.click(60, 120)
    bench.click(640, 120)
    points = bench.sitting.points
    row, column = points[20]
    bench.measuring.add(MeasureKind.LINE, ((row, column - 60), (row, column + 60)))
    bench.drag((row, column), (row + 25, column))
    assert bench.sitting.points[20] == pytest.approx((row + 25, column), abs=2 * bench.step)
    place = tuple(points[40])
    bench.measuring.add(MeasureKind.LINE, (place, (place[0], place[1] - 50)))
    bench.drag(place, (place[0] + 25, place[1]))
    assert bench.measures[1].points[0] == pytest.approx((place[0] + 25, place[1]), abs=1.5)
    assert tuple(bench.sitting.points[40]) == place


def test_another_film_ends_the_clicks_and_shows_its_own(bench: Bench, qtbot) -> None:
    from pathlib import Path

    click_all(bench, MeasureKind.LINE)
    bench.measuring.calibrate(PLACES[:2], length_mm=20)
    assert bench.view.grid.calibrated
    bench.tool.measure(MeasureKind.ANGLE)
    with qtbot.waitSignal(bench.sitting.session.reading_finished):
        bench.sitting.session.open_paths([Path("/films/two.png")])
    assert not bench.tool.armed
    assert bench.tool.layer.shown_data.items == ()
    assert not bench.view.grid.calibrated


def test_the_scale_bar_follows_the_calibration_and_says_whose_it_is(bench: Bench) -> None:
    assert bench.view._hud.reading.mm_per_screen_px is None
    bench.measuring.calibrate(((0.0, 0.0), (0.0, 100.0)), length_mm=25)
    reading = bench.view._hud.reading
    assert reading.mm_per_screen_px == pytest.approx(0.25 / bench.view.placement.zoom)
    assert reading.scale_source == "set by hand"
    bench.sitting.editing.undo()
    assert bench.view._hud.reading.mm_per_screen_px is None


def test_nothing_is_armed_without_a_film(bench: Bench) -> None:
    bench.view.show_image(None)
    bench.tool.measure(MeasureKind.LINE)
    assert not bench.tool.armed


def test_the_point_under_the_mouse_is_the_one_that_keys_move(bench: Bench) -> None:
    click_all(bench, MeasureKind.ANGLE)
    assert bench.tool.layer.shown_data.point == 2
    bench.click(*PLACES[1])
    assert bench.tool.layer.shown_data.point == 1
    before = bench.measures[0].points
    bench.measuring.nudge(0.0, 4.0)
    bench.drag(PLACES[0], (PLACES[0][0] + 30, PLACES[0][1]))
    after = bench.measures[0].points
    assert after[1] == (before[1][0], before[1][1] + 4)
    assert after[0] == pytest.approx((before[0][0] + 30, before[0][1]), abs=2 * bench.step)
    assert bench.tool.layer.shown_data.point == 0
    bench.measuring.select(bench.measures[0].id)
    assert bench.tool.layer.shown_data.point is None

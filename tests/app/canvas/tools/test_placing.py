"""All 68 corners by hand, with no network to ask."""

from __future__ import annotations

import numpy as np
import pytest

from domain.errors import WrongUse
from domain.template import column_between
from tests.app.canvas.tools.conftest import Bench


def test_two_clicks_place_a_column_whose_corners_can_be_dragged(bench: Bench) -> None:
    bench.placing.place_column()
    assert "T1" in bench.tool.hint
    bench.click(60, 120)
    assert "L5" in bench.tool.hint
    bench.click(640, 120)
    placed = bench.sitting.points.copy()
    assert placed == pytest.approx(column_between((60, 120), (640, 120)), abs=2)
    place = tuple(placed[35])
    bench.drag(place, (place[0] + 30, place[1] + 20))
    moved = bench.sitting.points
    assert moved[35] == pytest.approx((place[0] + 30, place[1] + 20), abs=2 * bench.step)
    others = np.arange(68) != 35
    assert np.array_equal(moved[others], placed[others])
    assert bench.sitting.worker.waiting == []


def test_clicks_that_lie_together_are_told(bench: Bench, qtbot) -> None:
    bench.placing.place_column()
    bench.click(60, 120)
    with qtbot.waitSignal(bench.sitting.session.trouble) as trouble:
        bench.click(62, 120)
    assert isinstance(trouble.args[0], WrongUse)
    assert bench.sitting.session.decisions is None


def test_sixty_eight_clicks_place_sixty_eight_corners(bench: Bench) -> None:
    bench.placing.place_corners()
    bench.click(40, 100)
    bench.click(660, 100)
    wanted = column_between((50, 130), (650, 140)) + np.array([0, 10.0])
    for n, place in enumerate(wanted):
        assert f"{n + 1} of 68" in bench.tool.hint
        bench.click(*place)
    assert not bench.tool.armed
    assert bench.sitting.points == pytest.approx(wanted, abs=bench.step)
    decisions = bench.sitting.session.decisions
    assert decisions is not None
    assert set(decisions.hints) == set(range(68))


def test_backspace_returns_to_the_corner_before(bench: Bench) -> None:
    bench.placing.place_corners()
    bench.click(40, 100)
    bench.click(660, 100)
    template = bench.sitting.points.copy()
    bench.click(100, 50)
    bench.click(100, 90)
    assert bench.tool.hint.startswith("T1.BL")
    bench.tool.take_back()
    assert bench.tool.hint.startswith("T1.TR")
    assert tuple(bench.sitting.points[1]) == tuple(template[1])
    bench.click(110, 95)
    assert bench.sitting.points[:2] == pytest.approx(
        np.array([(100, 50), (110, 95)]), abs=bench.step
    )
    bench.tool.take_back()
    bench.tool.take_back()
    bench.tool.take_back()
    assert np.array_equal(bench.sitting.points, template), "the template itself stays"
    bench.tool.disarm()
    assert np.array_equal(bench.sitting.points, template)


def test_placing_begins_at_the_selected_corner(bench: Bench) -> None:
    bench.sitting.editing.place_column(column_between((60, 120), (640, 120)))
    bench.sitting.editing.select(66)
    bench.placing.place_corners()
    bench.click(600, 100)
    bench.click(600, 140)
    assert not bench.tool.armed
    assert bench.sitting.points[66:] == pytest.approx(
        np.array([(600, 100), (600, 140)]), abs=bench.step
    )

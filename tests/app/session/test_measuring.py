"""Measuring by hand: one gesture, one revision; undone, kept, and safe from late answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.library.cases import CaseStatus
from app.session.measuring import Measuring
from domain.errors import WrongUse
from domain.measures import MeasureKind
from domain.template import column_between
from inference.contracts import Lane
from tests.app.session.sitting import Sitting, column

LINE = MeasureKind.LINE
ENDS = ((10.0, 10.0), (10.0, 94.2))


class Measured(Sitting):
    """A sitting that measures."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.measuring = Measuring(self.session, self.editing)

    @property
    def actions(self) -> list[str]:
        """What the history strip says."""
        assert self.session.current is not None
        return [item.action for item in self.session.current.history.strip()]

    @property
    def texts(self) -> list[str]:
        """What is read."""
        return [reading.text for _, reading in self.measuring.readings]


Begin = Callable[[], Measured]


@pytest.fixture
def begin(tmp_path: Path, qtbot: QtBot) -> Iterator[Begin]:
    """Begins sittings over one library, one after another."""
    running: list[Measured] = []

    def make() -> Measured:
        for sitting in running:
            sitting.close()
        running[:] = [Measured(tmp_path / "library")]
        return running[0]

    yield make
    for sitting in running:
        sitting.close()


@pytest.fixture
def bare(begin: Begin, qtbot: QtBot) -> Measured:
    """A film on which nothing was found, and nothing is asked by itself."""
    sitting = begin()
    sitting.session.settings.network_follows = False
    open_film(sitting, qtbot)
    return sitting


@pytest.fixture
def found(begin: Begin, qtbot: QtBot) -> Measured:
    """A film with its first proposal."""
    sitting = begin()
    open_film(sitting, qtbot)
    settle(sitting, qtbot)
    return sitting


def open_film(sitting: Measured, qtbot: QtBot) -> None:
    with qtbot.waitSignal(sitting.session.reading_finished):
        sitting.session.open_paths([Path("/films/one.png")])


def settle(sitting: Measured, qtbot: QtBot, lane: Lane | None = None) -> None:
    sitting.worker.answer(lane)
    qtbot.wait(1)


def test_a_measure_on_a_bare_film_is_undone_and_redone(bare: Measured) -> None:
    bare.measuring.add(LINE, ENDS)
    assert bare.texts == ["84.2 px, uncalibrated"]
    assert bare.actions == ["Opened", "Measured line 84.2 px, uncalibrated"]
    bare.editing.undo()
    assert bare.texts == []
    bare.editing.redo()
    assert bare.texts == ["84.2 px, uncalibrated"]
    assert bare.worker.waiting == [], "no network is asked about a measure"


def test_measures_are_there_again_tomorrow(bare: Measured, begin: Begin, qtbot: QtBot) -> None:
    bare.measuring.add(LINE, ENDS)
    bare.measuring.calibrate(ENDS, length_mm=25)
    bare.measuring.rename(bare.measuring.measures[0].id, "rod")
    again = begin()
    open_film(again, qtbot)
    assert again.texts == ["25.0 mm"]
    assert again.measuring.measures[0].label == "rod"
    assert again.measuring.grid.source == "user: 25 mm drawn"
    again.editing.undo()
    again.editing.undo()
    assert again.texts == ["84.2 px, uncalibrated"]


def test_a_drag_is_one_gesture_and_the_screen_follows_it(bare: Measured) -> None:
    bare.measuring.add(LINE, ENDS)
    (line,) = bare.measuring.measures
    assert bare.measuring.grasp(line.id)
    for column_ in (20.0, 30.0, 40.0):
        bare.measuring.move(line.with_handle(1, to=(10.0, column_)))
    assert bare.texts == ["30.0 px, uncalibrated"]
    bare.measuring.release()
    assert bare.actions[-1] == "Moved line"
    assert len(bare.actions) == 3
    bare.editing.undo()
    assert bare.texts == ["84.2 px, uncalibrated"]


def test_a_dropped_drag_and_one_that_went_nowhere_write_nothing(bare: Measured) -> None:
    bare.measuring.add(LINE, ENDS)
    (line,) = bare.measuring.measures
    before = bare.actions
    bare.measuring.grasp(line.id)
    bare.measuring.move(line.moved(5, 5))
    bare.measuring.drop()
    bare.measuring.grasp(line.id)
    bare.measuring.move(line)
    bare.measuring.release()
    assert bare.measuring.measures == (line,)
    assert bare.actions == before


def test_an_undo_takes_a_measure_out_of_the_hand(bare: Measured) -> None:
    bare.measuring.add(LINE, ENDS)
    (line,) = bare.measuring.measures
    bare.measuring.grasp(line.id)
    bare.editing.undo()
    assert not bare.measuring.is_holding
    bare.measuring.move(line.moved(5, 5))
    bare.measuring.release()
    assert bare.measuring.measures == ()


def test_removed_and_renamed(bare: Measured) -> None:
    bare.measuring.add(MeasureKind.ANGLE, ((0, 0), (5, 5), (0, 9)))
    (angle,) = bare.measuring.measures
    assert bare.measuring.selected == angle.id
    bare.measuring.rename(angle.id, "hip")
    assert bare.measuring.measures[0].label == "hip"
    bare.measuring.remove(angle.id)
    assert bare.measuring.measures == ()
    assert bare.measuring.selected is None
    assert bare.actions[-2:] == ["Renamed angle", "Removed angle"]
    bare.measuring.remove("nothing of that name")
    assert bare.actions[-1] == "Removed angle"


def test_calibration_wins_and_goes(bare: Measured) -> None:
    bare.measuring.add(LINE, ENDS)
    bare.measuring.calibrate(ENDS, length_mm=42.1)
    assert bare.texts == ["42.1 mm"]
    assert bare.actions[-1] == "Calibrated: 42.1 mm"
    bare.measuring.forget_calibration()
    assert bare.texts == ["84.2 px, uncalibrated"]


def test_a_calibration_by_nothing_is_told_and_writes_nothing(bare: Measured, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bare.session.trouble) as trouble:
        bare.measuring.calibrate((ENDS[0], ENDS[0]), length_mm=5)
    assert isinstance(trouble.args[0], WrongUse)
    assert bare.session.decisions is None


def test_a_measure_makes_the_case_one_in_work(bare: Measured) -> None:
    bare.measuring.add(LINE, ENDS)
    assert bare.session.cases[0].status is CaseStatus.IN_WORK


def test_corner_and_measure_are_chosen_one_at_a_time(found: Measured) -> None:
    found.measuring.add(LINE, ENDS)
    (line,) = found.measuring.measures
    found.editing.select(3)
    assert found.measuring.selected is None
    found.measuring.select(line.id)
    assert found.editing.selected is None


def test_measured_while_the_answer_is_under_way_both_are_there(
    found: Measured, qtbot: QtBot
) -> None:
    found.drag(20, by=(50, 0))
    found.measuring.add(LINE, ENDS)
    found.measuring.add(MeasureKind.PLUMB, ((5.0, 5.0),))
    settle(found, qtbot)
    others = np.arange(68) != 20
    followed = column()[others] + [5, 0]
    assert np.allclose(found.points[others], followed)
    assert [measure.kind for measure in found.measuring.measures] == [LINE, MeasureKind.PLUMB]
    found.editing.undo()
    found.editing.undo()
    assert np.allclose(found.points[others], followed)
    assert found.measuring.measures == ()
    found.editing.undo()
    assert np.array_equal(found.points, column())


def test_and_so_they_are_after_a_restart(found: Measured, begin: Begin, qtbot: QtBot) -> None:
    found.drag(20, by=(50, 0))
    found.measuring.add(LINE, ENDS)
    settle(found, qtbot)
    points, actions = found.points.copy(), found.actions
    again = begin()
    open_film(again, qtbot)
    assert np.array_equal(again.points, points)
    assert again.texts == ["84.2 px, uncalibrated"]
    assert again.actions == actions
    again.editing.undo()
    assert np.array_equal(again.points, points)
    again.editing.redo()
    assert again.texts == ["84.2 px, uncalibrated"]


def test_measured_before_the_first_proposal_both_are_there(begin: Begin, qtbot: QtBot) -> None:
    sitting = begin()
    open_film(sitting, qtbot)
    assert sitting.asking.is_busy
    sitting.measuring.add(LINE, ENDS)
    settle(sitting, qtbot)
    assert np.array_equal(sitting.points, column())
    assert sitting.texts == ["84.2 px, uncalibrated"]


def test_finding_again_from_scratch_keeps_what_was_measured(found: Measured, qtbot: QtBot) -> None:
    found.measuring.add(LINE, ENDS)
    found.measuring.calibrate(ENDS, length_mm=25)
    found.drag(20, by=(50, 0))
    settle(found, qtbot)
    found.asking.find()
    settle(found, qtbot)
    assert np.array_equal(found.points, column())
    assert found.texts == ["25.0 mm"]


def test_an_answer_shown_while_the_hand_has_a_measure_leaves_it_in_the_hand(
    found: Measured, qtbot: QtBot
) -> None:
    found.measuring.add(LINE, ENDS)
    (line,) = found.measuring.measures
    found.drag(20, by=(50, 0))
    found.measuring.grasp(line.id)
    found.measuring.move(line.moved(3, 0))
    settle(found, qtbot)
    found.measuring.release()
    assert found.measuring.measures == (line.moved(3, 0),)
    assert np.allclose(found.points[0], column()[0] + [5, 0])


def test_with_the_network_off_a_column_is_placed_and_dragged_by_hand_alone(
    bare: Measured, qtbot: QtBot
) -> None:
    troubles: list[object] = []
    bare.asking.trouble.connect(troubles.append)
    bare.asking.weights_id = None  # none is installed either
    corners = column_between((50.0, 120.0), (650.0, 120.0))
    bare.editing.place_column(corners)
    for index in range(68):
        bare.drag(index, by=(1.5, -0.5))
    assert np.allclose(bare.points, corners + np.array([1.5, -0.5]))
    decided = bare.session.decisions
    assert decided is not None
    assert set(decided.hints) == set(range(68))
    assert decided.origin is None
    assert bare.worker.waiting == []
    assert troubles == []
    bare.editing.accept()
    assert bare.session.cases[0].status is CaseStatus.REVIEWED
    for _ in range(70):
        bare.editing.undo()
    assert bare.session.decisions is not None
    assert bare.session.decisions.points is None


def test_placing_a_column_keeps_measures(bare: Measured) -> None:
    bare.measuring.add(LINE, ENDS)
    bare.editing.place_column(column())
    assert bare.texts == ["84.2 px, uncalibrated"]


def test_network_off_is_remembered_and_can_be_asked_still(
    bare: Measured, begin: Begin, qtbot: QtBot
) -> None:
    again = begin()
    assert not again.session.settings.network_follows
    open_film(again, qtbot)
    assert again.worker.waiting == []
    again.asking.find()
    settle(again, qtbot)
    again.drag(20, by=(50, 0))
    assert again.worker.waiting == []
    again.session.settings.network_follows = True
    again.drag(21, by=(50, 0))
    assert again.worker.waiting != []


def nudged(sitting: Measured, *steps: tuple[float, float]) -> None:
    for step in steps:
        sitting.measuring.nudge(*step)


def test_a_run_of_nudges_is_one_gesture_and_ends_by_itself(bare: Measured, qtbot: QtBot) -> None:
    bare.measuring.add(LINE, ENDS)
    assert bare.measuring.point == 1
    nudged(bare, (0, 1), (0, 1), (0.1, 0))
    assert bare.measuring.is_holding
    qtbot.waitUntil(lambda: not bare.measuring.is_holding)
    assert bare.actions[-1] == "Moved line"
    assert len(bare.actions) == 3
    (moved,) = bare.measuring.measures
    assert moved.points == (ENDS[0], pytest.approx((10.1, 96.2)))
    bare.editing.undo()
    assert bare.measuring.measures[0].points == ENDS


def test_another_point_begins_another_run(bare: Measured) -> None:
    bare.measuring.add(LINE, ENDS)
    nudged(bare, (1, 0))
    assert bare.measuring.walk(1)
    assert bare.measuring.point == 0
    nudged(bare, (2, 0))
    bare.editing.finish()
    assert bare.actions[-2:] == ["Moved line", "Moved line"]
    assert bare.measuring.measures[0].points == ((12.0, 10.0), (11.0, 94.2))


def test_without_a_point_the_whole_is_moved_and_any_corner_of_a_box_can_be(bare: Measured) -> None:
    bare.measuring.add(MeasureKind.RECTANGLE, ((10.0, 20.0), (30.0, 60.0)))
    (box,) = bare.measuring.measures
    bare.measuring.select(box.id)
    nudged(bare, (1, 2))
    assert bare.measuring.measures[0].points == ((11.0, 22.0), (31.0, 62.0))
    assert [bare.measuring.walk(-1) and bare.measuring.point for _ in range(5)] == [
        3, 2, 1, 0, 3,
    ]  # fmt: skip
    nudged(bare, (5, 1))
    assert bare.measuring.measures[0].points == ((11.0, 23.0), (36.0, 62.0))


def test_a_run_is_written_before_the_film_goes(bare: Measured, qtbot: QtBot) -> None:
    bare.measuring.add(LINE, ENDS)
    nudged(bare, (0, 3))
    with qtbot.waitSignal(bare.session.reading_finished):
        bare.session.open_paths([Path("/films/two.png")])
    assert bare.measuring.measures == ()
    open_film(bare, qtbot)
    assert bare.measuring.measures[0].points[1] == (10.0, 97.2)


def test_keys_without_a_measure_do_nothing(bare: Measured) -> None:
    nudged(bare, (1, 1))
    assert not bare.measuring.walk(1)
    assert bare.actions == []

"""One corner moves, the rest follow; one gesture undoes all of it, today and tomorrow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.session.editing import Editing
from app.session.following import FIGURES_MS
from domain.annotation import Annotations
from domain.errors import ImageMismatch
from domain.geometry import Points
from domain.vertebrae import shifted_column
from inference.contracts import Lane
from tests.app.session.sitting import Sitting, column, open_film, settle

OTHERS = np.arange(68) != 20


def test_corners_appear_by_themselves_and_are_nobodys_gesture(found: Sitting) -> None:
    assert np.array_equal(found.points, column())
    found.editing.undo()
    assert np.array_equal(found.points, column())


def test_preference_turns_the_first_proposal_off(
    begin: Callable[[], Sitting], qtbot: QtBot
) -> None:
    sitting = begin()
    sitting.session.settings.finds_on_opening = False
    open_film(sitting, qtbot, "one")
    assert sitting.worker.waiting == []
    sitting.asking.find()
    settle(sitting, qtbot)
    assert np.array_equal(sitting.points, column())


def test_others_follow_while_the_hand_moves(found: Sitting, qtbot: QtBot) -> None:
    assert found.editing.grasp(20)
    row, place = found.points[20]
    found.editing.move((row + 50, place))
    settle(found, qtbot, Lane.PREVIEW)
    assert np.allclose(found.points[OTHERS], column()[OTHERS] + [5, 0])
    assert tuple(found.points[20]) == (row + 50, place)
    found.editing.drop()
    assert np.array_equal(found.points, column())
    assert found.session.current is not None
    assert len(found.session.current.history.revisions) == 1


def test_a_hand_that_rests_asks_nothing_more(found: Sitting) -> None:
    row, place = found.points[20]
    assert found.editing.grasp(20)
    for _ in range(3):
        found.editing.move((row + 50, place))
    assert [lane for _, _, lane in found.worker.waiting] == [Lane.PREVIEW]
    found.editing.drop()


def test_a_preview_is_drawn_at_once_and_written_about_later(found: Sitting, qtbot: QtBot) -> None:
    row, place = found.points[20]
    assert found.editing.grasp(20)
    found.editing.move((row + 50, place), is_drawn=True)
    told: list[str] = []
    carried = found.editing.following.landmarks_due
    carried.connect(lambda: told.append("carried"))
    found.editing.shown_changed.connect(lambda: told.append("written"))
    with qtbot.waitSignal(found.asking.previewed):
        found.worker.answer(Lane.PREVIEW)
    assert told == ["carried"]
    found.editing.move((row + 51, place), is_drawn=True)
    assert told == ["carried"], "the hand does not wait for figures"
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == ["carried", "written"]
    assert np.allclose(found.points[OTHERS], column()[OTHERS] + [5, 0])
    with qtbot.waitSignals([carried, found.editing.shown_changed]):  # where the hand rests, too
        found.worker.answer(Lane.PREVIEW)
    found.editing.drop()


@pytest.mark.parametrize("end", [Editing.release, Editing.drop])
def test_after_a_gesture_nothing_is_told_of_its_way(
    found: Sitting, qtbot: QtBot, end: Callable[[Editing], None]
) -> None:
    row, place = found.points[20]
    assert found.editing.grasp(20)
    found.editing.move((row + 50, place), is_drawn=True)
    found.worker.answer(Lane.PREVIEW)
    qtbot.wait(1)
    told: list[str] = []
    end(found.editing)
    found.editing.following.landmarks_due.connect(lambda: told.append("landmarks"))
    found.editing.following.figures_due.connect(lambda: told.append("figures"))
    qtbot.wait(3 * FIGURES_MS)
    assert told == []


def test_the_network_is_asked_before_the_screen_follows(found: Sitting) -> None:
    asked: list[int] = []
    found.session.decisions_changed.connect(
        lambda: asked.append(sum(lane is Lane.FINAL for _, _, lane in found.worker.waiting))
    )
    found.drag(20, by=(50, 0))
    assert asked == [1]


def test_an_older_preview_never_overwrites_a_newer_one(found: Sitting, qtbot: QtBot) -> None:
    row, place = found.points[20]
    assert found.editing.grasp(20)
    found.editing.move((row + 10, place))
    found.editing.move((row + 50, place))
    found.worker.waiting.reverse()
    settle(found, qtbot, Lane.PREVIEW)
    assert np.allclose(found.points[OTHERS], column()[OTHERS] + [5, 0])


def test_release_holds_the_corner_and_undo_takes_the_answer_too(
    found: Sitting, qtbot: QtBot
) -> None:
    found.drag(20, by=(50, 0))
    settle(found, qtbot)
    after = found.points.copy()
    assert np.allclose(after[20], column()[20] + [50, 0])
    assert np.allclose(after[OTHERS], column()[OTHERS] + [5, 0])
    found.editing.undo()
    assert np.array_equal(found.points, column())
    found.editing.redo()
    assert np.array_equal(found.points, after)


def test_undo_before_the_answer_keeps_the_answer_off_the_screen(
    found: Sitting, qtbot: QtBot
) -> None:
    found.drag(20, by=(50, 0))
    found.editing.undo()
    settle(found, qtbot)
    assert np.array_equal(found.points, column())
    found.editing.redo()
    assert np.allclose(found.points[OTHERS], column()[OTHERS] + [5, 0])


def test_yesterdays_drag_is_undone_today(
    found: Sitting, begin: Callable[[], Sitting], qtbot: QtBot
) -> None:
    found.drag(20, by=(50, 0))
    settle(found, qtbot)
    after = found.points.copy()
    today = begin()
    open_film(today, qtbot, "one")
    assert today.worker.waiting == []
    assert np.array_equal(today.points, after)
    today.editing.undo()
    assert np.array_equal(today.points, column())
    today.editing.redo()
    assert np.array_equal(today.points, after)


def test_an_answer_goes_to_its_own_case_though_another_is_on_screen(
    found: Sitting, qtbot: QtBot
) -> None:
    first = found.session.current
    assert first is not None
    found.drag(20, by=(50, 0))
    open_film(found, qtbot, "two")
    settle(found, qtbot)
    assert np.array_equal(found.points, column())
    current = first.history.current
    assert current is not None
    assert current.points is not None
    assert np.allclose(current.points.coordinates[OTHERS], column()[OTHERS] + [5, 0])


def test_a_drag_begun_before_the_answer_is_kept(found: Sitting, qtbot: QtBot) -> None:
    found.drag(20, by=(50, 0))
    row, place = found.points[40]
    assert found.editing.grasp(40)
    found.editing.move((row, place + 30))
    settle(found, qtbot, Lane.FINAL)
    assert tuple(found.points[40]) == (row, place + 30)
    found.editing.release()
    settle(found, qtbot)
    assert np.allclose(found.points[40], [row, place + 30])
    assert np.allclose(found.points[20], column()[20] + [50, 0])


def test_a_run_of_arrow_keys_is_one_gesture(found: Sitting, qtbot: QtBot) -> None:
    found.editing.select(20)
    for _ in range(5):
        found.editing.nudge(0, 1)
    assert found.session.current is not None
    assert len(found.session.current.history.revisions) == 1
    qtbot.waitUntil(lambda: not found.editing.is_holding, timeout=3000)
    settle(found, qtbot)
    assert np.allclose(found.points[20], column()[20] + [0, 5])
    found.editing.undo()
    assert np.array_equal(found.points, column())


def test_undo_in_a_run_of_arrow_keys_takes_the_run_back(found: Sitting, qtbot: QtBot) -> None:
    found.editing.select(20)
    found.editing.nudge(0, 1)
    found.editing.undo()
    assert np.array_equal(found.points, column())
    found.editing.redo()
    assert np.allclose(found.points[20], column()[20] + [0, 1])


def test_a_pinned_corner_does_not_move_and_is_no_hint(found: Sitting, qtbot: QtBot) -> None:
    found.editing.select(40)
    found.editing.pin()
    found.drag(20, by=(50, 0))
    settle(found, qtbot)
    assert np.array_equal(found.points[40], column()[40])
    assert found.session.decisions is not None
    assert set(found.session.decisions.hints) == {20}


def test_given_back_a_corner_is_as_if_never_touched(found: Sitting, qtbot: QtBot) -> None:
    found.drag(40, by=(0, 30))
    settle(found, qtbot)
    alone = found.points.copy()
    found.drag(20, by=(50, 0))
    settle(found, qtbot)
    found.editing.select(20)
    found.editing.give_back()
    settle(found, qtbot)
    assert np.allclose(found.points, alone)


def test_accepting_labels_and_branches(found: Sitting, qtbot: QtBot) -> None:
    found.repairing.shift_names(1)
    found.editing.accept()
    assert found.session.decisions is not None
    assert found.session.decisions.accepted
    assert found.session.decisions.column == shifted_column(1)
    found.editing.undo()
    found.editing.undo()
    found.drag(20, by=(50, 0))
    settle(found, qtbot)
    assert found.session.current is not None
    assert {item.branch for item in found.session.current.history.strip()} == {0, 1}
    assert found.session.decisions.column == ()


def test_a_folder_of_films_each_gets_its_own_answer(
    begin: Callable[[], Sitting], qtbot: QtBot
) -> None:
    sitting = begin()
    names = [f"film{n}" for n in range(7)]
    open_film(sitting, qtbot, *names, "bad")
    for _ in range(10):
        settle(sitting, qtbot)
    heads = [sitting.session.opened(case.id).history.head for case in sitting.session.cases]
    assert len(heads) == 7
    assert all(heads)


def test_unreadable_files_leave_the_open_film_alone(found: Sitting, qtbot: QtBot) -> None:
    told: list[object] = []
    found.session.trouble.connect(told.append)
    open_film(found, qtbot, "bad")
    assert len(told) == 1
    assert found.session.current is not None
    assert found.session.current.case.name == "one"
    open_film(found, qtbot, "two")
    assert found.session.current.case.name == "two"


def test_reading_stops_when_asked_and_keeps_what_was_read(
    begin: Callable[[], Sitting], qtbot: QtBot
) -> None:
    sitting = begin()
    sitting.session.reading.connect(lambda done, _: done == 2 and sitting.session.stop_reading())
    open_film(sitting, qtbot, *(f"film{n}" for n in range(400)))
    assert 2 <= len(sitting.session.cases) < 400


def test_other_decisions_take_the_place_of_all_and_are_one_gesture(found: Sitting) -> None:
    found.editing.select(20)
    found.editing.nudge(0, 5)  # still in the hand
    image = found.session.image
    assert image is not None
    brought = Annotations(image.sha256, points=Points(column() + 3), column=shifted_column(1))
    assert found.editing.replace_with(brought, "Imported corners from x.json")
    assert found.session.decisions == brought
    assert not found.worker.waiting or found.worker.waiting[-1][2] is not Lane.PREVIEW
    found.editing.undo()
    assert found.points[20][1] == column()[20][1] + 5  # the nudge was written first
    found.editing.redo()
    assert found.session.decisions == brought


def test_decisions_of_another_film_are_refused(found: Sitting) -> None:
    with pytest.raises(ImageMismatch):
        found.editing.replace_with(Annotations("0" * 64, points=Points(column())), "Imported")
    assert np.array_equal(found.points, column())


def test_decisions_come_before_anything_was_found(
    begin: Callable[[], Sitting], qtbot: QtBot
) -> None:
    sitting = begin()
    open_film(sitting, qtbot, "one")
    image = sitting.session.image
    assert image is not None
    assert sitting.editing.replace_with(
        Annotations(image.sha256, points=Points(column() - 4)), "Imported"
    )
    settle(sitting, qtbot)  # the proposal comes late and does not take their place
    assert np.array_equal(sitting.points, column() - 4)

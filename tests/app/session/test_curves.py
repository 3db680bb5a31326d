"""End vertebrae chosen by a person: one gesture, one revision, kept until they are given up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.library.cases import CaseStatus
from app.session.curves import CurveReading
from domain.annotation import Annotations, CurveEnds
from domain.curves import Reading
from domain.geometry import Points
from domain.provenance import PERSON
from tests.app.session.sitting import Sitting
from tests.domain.test_curves import drawn

TILTS = (*np.linspace(-15, 20, 8), *np.linspace(20, -12, 10)[1:])  # T1 to T8 and back to L5
FOUND = (CurveEnds(0, 7), CurveEnds(7, 16))


def bend(sitting: Sitting) -> None:
    """A film on screen with a column of two curves, as if the network had found it."""
    image = sitting.session.image
    assert image is not None
    corners = drawn(TILTS) * 0.25
    sitting.worker.waiting.clear()
    opened = sitting.session.current
    assert opened is not None
    found = Annotations(image.sha256, points=Points(corners))
    revision = opened.history.record(found, gesture="found", author=PERSON, action="Found")
    sitting.session.store(opened, revision, is_head=True)


@pytest.fixture
def sitting(qtbot: QtBot, tmp_path: Path) -> Iterator[Sitting]:
    made = Sitting(tmp_path)
    with qtbot.waitSignal(made.session.case_shown):
        made.session.open_paths([Path("/films/bent.png")])
    bend(made)
    yield made
    made.close()


@pytest.fixture
def curves(sitting: Sitting) -> CurveReading:
    return CurveReading(sitting.session, sitting.editing)


def answer(sitting: Sitting, qtbot: QtBot) -> None:
    before = sitting.points.copy()
    sitting.worker.answer()
    qtbot.waitUntil(lambda: not np.array_equal(sitting.points, before))


def actions(sitting: Sitting) -> list[str]:
    assert sitting.session.current is not None
    return [item.action for item in sitting.session.current.history.strip()]


def ends(sitting: Sitting) -> tuple[CurveEnds, ...]:
    assert sitting.session.decisions is not None
    return sitting.session.decisions.curve_ends


def test_a_drag_is_one_revision_named_by_curve_and_vertebra(
    sitting: Sitting, curves: CurveReading
) -> None:
    assert tuple(curve.ends for curve in curves.curves) == FOUND
    before = len(actions(sitting))
    curves.grasp(1)
    for vertebra in (6, 5):
        curves.move(vertebra)
        assert curves.curves[0].lower == vertebra, "the angle follows the hand"
    assert (ends(sitting), len(actions(sitting))) == ((), before), "nothing is written yet"
    curves.release()
    assert ends(sitting) == (CurveEnds(0, 5), FOUND[1])
    assert actions(sitting)[before:] == ["End of proximal thoracic curve moved to T6"]
    assert sitting.session.current is not None
    assert sitting.session.current.case.status is CaseStatus.IN_WORK
    assert not sitting.worker.waiting, "no network is asked"
    sitting.editing.undo()
    assert ends(sitting) == ()
    sitting.editing.redo()
    assert ends(sitting) == (CurveEnds(0, 5), FOUND[1])


def test_an_end_let_go_where_it_was_or_dropped_writes_nothing(
    sitting: Sitting, curves: CurveReading
) -> None:
    before = actions(sitting)
    curves.grasp(1)
    curves.move(4)
    curves.move(7)
    curves.release()
    curves.grasp(1)
    curves.move(4)
    curves.drop()
    curves.release()
    assert (actions(sitting), ends(sitting)) == (before, ())
    assert tuple(curve.ends for curve in curves.curves) == FOUND


def test_an_end_stops_at_the_other_end_and_at_the_column(
    sitting: Sitting, curves: CurveReading
) -> None:
    curves.grasp(0)
    curves.move(16)
    assert curves.curves[0].ends == CurveEnds(6, 7)
    curves.drop()
    curves.select(3)
    before = actions(sitting)
    curves.step(1)  # it is the last vertebra already
    assert actions(sitting) == before


def test_chosen_ends_stay_when_corners_move_and_names_shift(
    sitting: Sitting, curves: CurveReading, qtbot: QtBot
) -> None:
    curves.select(1)
    curves.step(-1)
    chosen = (CurveEnds(0, 6), FOUND[1])
    angle = curves.curves[0].angle_deg
    sitting.drag(4 * 6 + 2, by=(3.0, 0.0))
    assert ends(sitting) == chosen
    assert curves.curves[0].angle_deg != angle
    answer(sitting, qtbot)
    sitting.repairing.shift_names(1)
    sitting.repairing.shift_names(1)
    assert ends(sitting) == chosen


def test_an_undo_takes_an_end_out_of_the_hand(sitting: Sitting, curves: CurveReading) -> None:
    curves.select(1)
    curves.step(-1)
    curves.grasp(1)
    curves.move(4)
    sitting.editing.undo()
    assert not curves.is_holding
    curves.move(3)
    curves.release()
    assert ends(sitting) == ()


def test_an_answer_of_the_network_leaves_an_end_in_the_hand(
    sitting: Sitting, curves: CurveReading, qtbot: QtBot
) -> None:
    sitting.drag(20, by=(2.0, 0.0))
    curves.grasp(1)
    curves.move(5)
    answer(sitting, qtbot)
    assert curves.is_holding
    curves.release()
    assert ends(sitting) == (CurveEnds(0, 5), FOUND[1])


def test_a_selected_end_that_is_gone_is_no_longer_selected(
    sitting: Sitting, curves: CurveReading, qtbot: QtBot
) -> None:
    curves.select(3)
    sitting.drag(20, by=(2.0, 0.0))
    answer(sitting, qtbot)  # by a rule that knows another column
    assert len(curves.curves) == 1
    assert curves.selected is None
    before = actions(sitting)
    curves.step(1)
    assert actions(sitting) == before


def test_measured_automatically_again(sitting: Sitting, curves: CurveReading) -> None:
    before = actions(sitting)
    curves.measure_by_rule()
    assert actions(sitting) == before, "there was nothing to give up"
    curves.select(1)
    curves.step(-2)
    curves.measure_by_rule()
    assert ends(sitting) == ()
    assert actions(sitting)[-1] == "Ends measured automatically"
    sitting.editing.undo()
    assert ends(sitting) == (CurveEnds(0, 5), FOUND[1])


def test_walking_goes_over_the_ends_and_around(curves: CurveReading) -> None:
    seen = []
    for _ in range(5):
        curves.walk()
        seen.append(curves.selected)
    assert seen == [0, 1, 2, 3, 0]


def test_the_reading_is_remembered_and_has_no_ends_to_move_in_the_other_rule(
    sitting: Sitting, curves: CurveReading
) -> None:
    assert curves.reading is Reading.CLINICAL
    curves.select(1)
    curves.use(Reading.AASCE)
    assert CurveReading(sitting.session, sitting.editing).reading is Reading.AASCE
    assert curves.selected is None
    curves.walk()
    curves.step(1)
    assert (curves.selected, ends(sitting)) == (None, ())

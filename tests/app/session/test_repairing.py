"""Repairs of the column as gestures: undone, kept, and followed by the network."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from domain.annotation import Annotations
from domain.numbering import LEVELS
from domain.vertebrae import names_of
from tests.app.session.sitting import Sitting, settle


def decisions(of: Sitting) -> Annotations:
    shown = of.session.decisions
    assert shown is not None
    return shown


def test_each_repair_is_one_gesture_that_undo_takes_back(found: Sitting, qtbot: QtBot) -> None:
    before = decisions(found)
    for repair in (
        lambda: found.repairing.insert(below=True),
        lambda: found.repairing.insert(below=False),
        found.repairing.delete,
        lambda: found.repairing.slide(1),
        lambda: found.repairing.slide(-1),
        lambda: found.repairing.rename("T10"),
        lambda: found.repairing.shift_names(1),
    ):
        found.editing.select(24)
        repair()
        settle(found, qtbot)
        assert decisions(found) != before
        found.editing.undo()
        assert decisions(found) == before


def test_an_inserted_vertebra_is_selected_as_a_whole(found: Sitting) -> None:
    found.editing.select(24)
    found.repairing.insert(below=True)
    assert found.editing.targets == (28, 29, 30, 31)
    assert names_of(decisions(found)) == (*LEVELS, "S1")
    assert len(found.points) == 72


def test_the_network_goes_on_following_a_longer_column(found: Sitting, qtbot: QtBot) -> None:
    found.editing.select(24)
    found.repairing.insert(below=False)
    settle(found, qtbot)
    made = found.points.copy()
    found.drag(40, by=(9.0, 3.0))  # T10, whose number with the network is one less
    settle(found, qtbot)
    assert np.allclose(found.points[40], made[40] + (9.0, 3.0))
    assert not np.allclose(found.points[44], made[44]), "its neighbours follow"
    assert np.allclose(found.points[24:28], made[24:28]), "what it does not count stays"


def test_nothing_selected_is_said(found: Sitting) -> None:
    said = []
    found.session.trouble.connect(said.append)
    found.editing.select(None)
    before = decisions(found)
    found.repairing.delete()
    found.repairing.insert(below=True)
    assert [error.what for error in said] == ["No vertebra is selected."] * 2
    assert decisions(found) == before


def test_a_refused_name_is_said_and_changes_nothing(found: Sitting) -> None:
    said = []
    found.session.trouble.connect(said.append)
    found.editing.select(24)
    found.repairing.rename("T2")
    assert "cannot be called T2" in said[0].what
    assert names_of(decisions(found)) == LEVELS


def test_a_vertebra_is_moved_pinned_and_given_back_as_one(found: Sitting, qtbot: QtBot) -> None:
    found.editing.select(25)
    found.editing.handle_whole(True)
    before = found.points.copy()
    found.editing.nudge(0.0, 4.0)
    found.editing.finish()
    settle(found, qtbot)
    assert np.allclose(found.points[24:28], before[24:28] + np.array([0.0, 4.0]))
    assert set(decisions(found).hints) == {24, 25, 26, 27}
    assert len(decisions(found).rounds) == 1, "one gesture"
    found.editing.pin()
    assert decisions(found).pins == {24, 25, 26, 27}
    found.editing.give_back()
    settle(found, qtbot)
    assert decisions(found).held == frozenset()
    assert np.allclose(found.points, before)


def test_a_selection_that_is_gone_is_forgotten(found: Sitting) -> None:
    found.editing.select(66)
    found.repairing.delete()
    assert found.editing.selected is None

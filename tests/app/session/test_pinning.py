"""All corners are pinned in one gesture, and the network moves none of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from pytestqt.qtbot import QtBot

from app.session.pinning import pin_all
from tests.app.session.sitting import Sitting, column, settle


def test_all_corners_are_pinned_and_unpinned_in_one_gesture(found: Sitting, qtbot: QtBot) -> None:
    editing = found.editing
    editing.select(3)
    editing.pin()
    pin_all(editing, unpins=True)
    assert found.session.decisions.pins == frozenset(range(68))
    found.drag(20, by=(30.0, 0.0))
    settle(found, qtbot)
    moved = column()
    moved[20] += (30.0, 0.0)
    assert np.array_equal(found.points, moved)  # the network moved nothing
    editing.undo()
    editing.undo()
    assert found.session.decisions.pins == {3}
    editing.redo()
    pin_all(editing, unpins=True)
    assert found.session.decisions.pins == frozenset()
    pin_all(editing)
    before = found.session.current.history.head
    pin_all(editing)
    assert found.session.current.history.head == before  # nothing to do is no gesture


def test_nothing_is_pinned_where_there_are_no_corners(begin: Callable[[], Sitting]) -> None:
    sitting = begin()
    pin_all(sitting.editing)
    assert sitting.session.decisions is None

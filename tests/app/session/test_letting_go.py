"""Histories of cases that nobody looks at are let go, and are the same when they are read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.session import asking as asking_module
from tests.app.session.sitting import Sitting, open_film, settle


@pytest.fixture
def sitting(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sitting]:
    monkeypatch.setattr(asking_module, "CASES_HELD", 1)
    made = Sitting(tmp_path)
    yield made
    made.close()


def committed(sitting: Sitting, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: sitting.library.pending == 0)


def corrected(sitting: Sitting, qtbot: QtBot, name: str) -> str:
    open_film(sitting, qtbot, name)
    settle(sitting, qtbot)
    sitting.drag(20, by=(30.0, 0.0))
    settle(sitting, qtbot)
    sitting.editing.undo()
    committed(sitting, qtbot)
    assert sitting.session.current is not None
    return sitting.session.current.case.id


def test_a_case_let_go_is_read_again_with_its_head_its_redo_and_its_status(
    sitting: Sitting, qtbot: QtBot
) -> None:
    first = corrected(sitting, qtbot, "one")
    before = sitting.session.opened(first)
    listed = sitting.session.cases
    corrected(sitting, qtbot, "two")
    sitting.asking.let_go_of_cases()
    assert sitting.session.opened_or_none(first) is None
    assert {case.id: case.status for case in listed}.items() <= {
        case.id: case.status for case in sitting.session.cases
    }.items()
    again = sitting.session.opened(first)
    assert again is not before
    assert again.history.head == before.history.head
    assert again.history.revisions.keys() == before.history.revisions.keys()
    with qtbot.waitSignal(sitting.session.case_shown):
        sitting.session.show(first)
    sitting.editing.redo()
    assert not np.array_equal(sitting.points[20], before.history.current.points.coordinates[20])


def test_while_something_is_asked_nothing_is_let_go(sitting: Sitting, qtbot: QtBot) -> None:
    first = corrected(sitting, qtbot, "one")
    corrected(sitting, qtbot, "two")
    sitting.drag(20, by=(10.0, 0.0))
    committed(sitting, qtbot)
    sitting.asking.let_go_of_cases()
    assert sitting.session.opened_or_none(first) is not None


def test_the_case_on_screen_is_kept(sitting: Sitting, qtbot: QtBot) -> None:
    first = corrected(sitting, qtbot, "one")
    corrected(sitting, qtbot, "two")
    with qtbot.waitSignal(sitting.session.case_shown):
        sitting.session.show(first)
    committed(sitting, qtbot)
    sitting.asking.let_go_of_cases()
    assert sitting.session.opened(first) is sitting.session.current

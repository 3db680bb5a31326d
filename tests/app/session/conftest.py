"""Sittings over one library, and one with a film on screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.app.session.sitting import Sitting, open_film, settle


@pytest.fixture
def begin(tmp_path: Path, qtbot: QtBot) -> Iterator[Callable[[], Sitting]]:
    """Begins sittings over one library, one after another."""
    running: list[Sitting] = []

    def make() -> Sitting:
        for sitting in running:
            sitting.close()
        running[:] = [Sitting(tmp_path / "library")]
        return running[0]

    yield make
    for sitting in running:
        sitting.close()


@pytest.fixture
def found(begin: Callable[[], Sitting], qtbot: QtBot) -> Sitting:
    """A film with its first proposal."""
    sitting = begin()
    open_film(sitting, qtbot, "one")
    settle(sitting, qtbot)
    return sitting

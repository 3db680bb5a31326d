"""Which film comes on screen: what the person asked for last, however long other files take."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from domain.image import Study
from tests.app.session.sitting import Sitting, read_by_name

PATIENCE_MS = 20000


class Gates:
    """A reader that holds files back until the test lets them through."""

    def __init__(self) -> None:
        self._gates: dict[str, threading.Event] = {}
        self.waiting: set[str] = set()

    def hold(self, *names: str) -> None:
        self._gates.update({name: threading.Event() for name in names})

    def let(self, *names: str) -> None:
        for name in names:
            self._gates[name].set()

    def let_all(self) -> None:
        self.let(*self._gates)

    def read(self, path: Path, *, page: int = 0) -> Study:
        if path.stem in self._gates:
            self.waiting.add(path.stem)
            self._gates[path.stem].wait()
        return read_by_name(path)


@pytest.fixture
def gates() -> Gates:
    return Gates()


@pytest.fixture
def sitting(tmp_path: Path, gates: Gates, qtbot: QtBot) -> Iterator[Sitting]:
    made = Sitting(tmp_path / "library", read=gates.read)
    yield made
    gates.let_all()
    made.close()


def paths(*names: str) -> list[Path]:
    return [Path(f"/films/{name}.png") for name in names]


def on_screen(sitting: Sitting) -> str:
    return sitting.session.current.case.name if sitting.session.current else ""


def names(sitting: Sitting) -> set[str]:
    return {case.name for case in sitting.session.cases}


def test_a_film_opened_while_a_folder_is_read_comes_on_screen(
    sitting: Sitting, gates: Gates, qtbot: QtBot
) -> None:
    gates.hold("second", "single")
    sitting.session.open_paths(paths("first", "second", "third"))
    qtbot.waitUntil(lambda: on_screen(sitting) == "first", timeout=PATIENCE_MS)
    sitting.session.open_paths(paths("single"))
    gates.let("second")
    qtbot.waitUntil(lambda: "third" in names(sitting), timeout=PATIENCE_MS)
    assert on_screen(sitting) == "first"
    gates.let("single")
    qtbot.waitUntil(lambda: on_screen(sitting) == "single", timeout=PATIENCE_MS)


def test_a_case_chosen_while_a_folder_is_read_does_not_wait_for_it(
    sitting: Sitting, gates: Gates, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(sitting.session.reading_finished, timeout=PATIENCE_MS):
        sitting.session.open_paths(paths("old", "b", "c", "d", "e", "f"))
    old = next(case for case in sitting.session.cases if case.name == "old")
    gates.hold("slow")
    sitting.session.open_paths(paths("slow", "after"))
    sitting.session.show(old.id)
    qtbot.waitUntil(lambda: on_screen(sitting) == "old", timeout=PATIENCE_MS)
    gates.let("slow")
    qtbot.waitUntil(lambda: {"slow", "after"} <= names(sitting), timeout=PATIENCE_MS)
    assert on_screen(sitting) == "old"


def test_a_folder_that_was_stopped_stays_stopped_when_another_is_opened(
    sitting: Sitting, gates: Gates, qtbot: QtBot
) -> None:
    gates.hold("first")
    sitting.session.open_paths(paths("first", "never"))
    qtbot.waitUntil(lambda: "first" in gates.waiting, timeout=PATIENCE_MS)
    sitting.session.stop_reading()
    with qtbot.waitSignal(sitting.session.reading_finished, timeout=PATIENCE_MS):
        sitting.session.open_paths(paths("other"))
    with qtbot.waitSignal(sitting.session.reading_finished, timeout=PATIENCE_MS):
        gates.let("first")
    assert names(sitting) <= {"other", "first"}
    assert on_screen(sitting) == "other"


def test_what_is_said_of_many_cases_is_told_once_and_each_keeps_the_rest(
    sitting: Sitting, qtbot: QtBot
) -> None:
    session = sitting.session
    with qtbot.waitSignal(session.reading_finished, timeout=PATIENCE_MS):
        session.open_paths(paths("a", "b", "c"))
    ids = {case.name: case.id for case in session.cases}
    session.describe(ids["a"], note="words")
    told: list[int] = []
    session.cases_changed.connect(lambda: told.append(1))
    session.describe(ids["a"], ids["b"], person="one")
    assert told == [1]
    known = {case.name: (case.note, case.person) for case in session.cases}
    assert known == {"a": ("words", "one"), "b": ("", "one"), "c": ("", "")}
    qtbot.waitUntil(lambda: session.library.pending == 0, timeout=PATIENCE_MS)
    stored = {case.name: (case.note, case.person) for case in session.library.cases()}
    assert stored == known

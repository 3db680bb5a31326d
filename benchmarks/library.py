"""What a library of ten thousand cases costs: to open, to search, to filter, to follow a change.

`python -m benchmarks.library` also tells absolute times; a person should wait for none of them.
"""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.library import changes, opening, schema
from app.library.cases import Case, CaseStatus
from app.library.library import Library
from app.library.writer import Statement
from app.widgets.case_filter import Order, Show
from app.widgets.case_list import CaseList
from app.window.case_rows import CaseRows
from benchmarks.timing import Measured, compare

NUMBER = 10_000
PICTURE = bytes(8000)  # a thumbnail has about so many
STATUSES = tuple(CaseStatus)
ROUNDS = 7


class _Room:
    """A library and the list that shows it."""

    def __init__(self, library: Library, file: Path) -> None:
        self.file = file
        self.library, self.rows, self.list = library, CaseRows(), CaseList(library.thumbnail)
        self.cases = library.listed()
        self.turn = 0

    def open_with_pictures(self) -> None:
        """The same with every picture read before anything is shown."""
        self.open()
        for case in self.cases:
            self.library.thumbnail(case.id)

    def read_file(self) -> None:
        """Look whether the file is sound, and read every case; nothing is drawn."""
        with closing(schema.connect(self.file, mode="ro")) as connection:
            large = self.file.stat().st_size >= opening.LARGE
            schema.require_sound(connection, table="cases" if large else "")
        self.library.listed()

    def open(self) -> None:
        """From every case in the file to the rows on the screen."""
        panel = CaseList(self.library.thumbnail)
        panel.set_cases(CaseRows().items(self.library.listed()))

    def follow(self) -> None:
        """One case changes its status."""
        self.turn += 1
        place = self.turn % NUMBER
        changed = self.cases[place]._replace(status=STATUSES[self.turn % len(STATUSES)])
        self.cases = (*self.cases[:place], changed, *self.cases[place + 1 :])
        self.list.set_cases(self.rows.items(self.cases))

    def search_library(self) -> None:
        """Ask the file."""
        self.library.cases(self._word())

    def search(self) -> None:
        """Ask the list."""
        self.list._look_for(self._word())

    def filter(self) -> None:
        """Another kind of cases."""
        self.turn += 1
        self.list.show_only(tuple(Show)[self.turn % len(Show)])

    def sort(self) -> None:
        """Another order."""
        self.turn += 1
        self.list.sort_by(tuple(Order)[self.turn % len(Order)])

    def _word(self) -> str:
        self.turn += 1
        return f"film {self.turn % 100}"


def measure() -> list[Measured]:
    """Every ratio of the list."""
    with _room() as room:
        room.list.set_cases(room.rows.items(room.cases))
        return [
            compare(
                "library: open 10,000 cases (pictures when seen against all at once)",
                plain=room.open_with_pictures,
                ours=room.open,
                budget=1.5,
                rounds=ROUNDS,
            ),
            compare(
                "library: follow one status among 10,000 (what changed against all again)",
                plain=room.open,
                ours=room.follow,
                budget=2.0,
                rounds=ROUNDS,
            ),
            compare(
                "library: search 10,000 cases (the list against the file)",
                plain=room.search_library,
                ours=room.search,
                budget=2.0,
                rounds=ROUNDS,
            ),
        ]


@contextmanager
def _room() -> Iterator[_Room]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(Path(folder))
        assert library._writer is not None
        library._writer.submit(*(s for n in range(NUMBER) for s in _added(n))).result()
        gc.disable()  # as in the program, which collects now and then: `app.window.garbage`
        try:
            yield _Room(library, Path(folder) / opening.FILE_NAME)
        finally:
            gc.enable()
            library.close()
            application.processEvents()


def _added(number: int) -> tuple[Statement, ...]:
    case = Case(
        id=f"{number:032x}",
        name=f"film {number}",
        task="vertebrae",
        path=f"/films/film {number}.png",
        image_sha256=f"{number:064x}",
        rows=2000,
        columns=800,
        synthetic=False,
        status=STATUSES[number % len(STATUSES)],
        head=None,
        created=float(number),
        opened=float(number),
        note="Ask for the earlier film." if number % 10 == 0 else "",
    )
    return changes.add_case(case, PICTURE)


def _tell_times() -> None:
    """Times that depend on the machine, and so have no budget."""
    with _room() as room:
        room.list.set_cases(room.rows.items(room.cases))
        for name, deed in (
            ("read the file", room.read_file),
            ("open", room.open),
            ("search", room.search),
            ("filter", room.filter),
            ("sort", room.sort),
            ("follow one status", room.follow),
        ):
            print(f"{NUMBER} cases, {name}: {1e3 * _best(deed):.0f} ms of processor time")


def _best(deed: Callable[[], None]) -> float:
    """The fastest of some, by processor time: the least disturbed by others on the machine."""
    seconds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        deed()
        seconds.append(time.process_time() - began)
    return min(seconds)


if __name__ == "__main__":
    _tell_times()
    for line in measure():
        print(line)

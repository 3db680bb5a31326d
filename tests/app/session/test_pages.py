"""Files with several pages: every page is a case, and comes back as itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.session.opening import MOST_PAGES
from domain.errors import CaliperError, UnreadableFile
from domain.image import Image, Study
from tests.app.session.sitting import Sitting

PATIENCE_MS = 20000
PERSON = sha256(b"someone").hexdigest()


@dataclass
class Book:
    """A reader of files that have as many pages as their name says; some cannot be read."""

    torn: set[int] = field(default_factory=set)
    asked: list[tuple[str, int]] = field(default_factory=list)
    changed: bool = False

    def read(self, path: Path, *, page: int = 0) -> Study:
        self.asked.append((path.name, page))
        if page in self.torn:
            raise UnreadableFile(f"page {page + 1} is torn.")
        seed = sum(path.name.encode()) + 1000 * page + 7 * self.changed
        pixels = np.random.default_rng(seed).integers(0, 255, (700, 240), dtype=np.uint8)
        pages = int(path.stem.partition("-")[2] or 1)
        return Study(
            path.stem, str(path), Image(pixels), page=page, pages=pages, person=PERSON,
            taken="2024-02-29",
        )  # fmt: skip


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def sitting(tmp_path: Path, book: Book, qtbot: QtBot) -> Iterator[Sitting]:
    made = Sitting(tmp_path / "library", read=book.read)
    yield made
    made.close()


def opened(sitting: Sitting, qtbot: QtBot, *names: str) -> list[CaliperError]:
    """Open files and wait; what was said meanwhile."""
    said: list[CaliperError] = []
    sitting.session.trouble.connect(said.append)
    with qtbot.waitSignal(sitting.session.reading_finished, timeout=PATIENCE_MS):
        sitting.session.open_paths([Path("/films") / name for name in names])
    return said


def test_every_page_is_a_case_and_the_first_is_shown(sitting: Sitting, qtbot: QtBot) -> None:
    assert not opened(sitting, qtbot, "film-3.dcm", "single.png")
    cases = sitting.session.cases
    assert [(case.name, case.page) for case in cases] == [
        ("film-3 · page 1", 0), ("film-3 · page 2", 1), ("film-3 · page 3", 2), ("single", 0),
    ]  # fmt: skip
    assert sitting.session.current.case.name == "film-3 · page 1"
    assert {case.taken for case in cases} == {"2024-02-29"}


def test_a_case_reads_its_own_page_again(sitting: Sitting, book: Book, qtbot: QtBot) -> None:
    opened(sitting, qtbot, "film-6.dcm")
    case = sitting.session.cases[1]
    book.asked.clear()
    with qtbot.waitSignal(sitting.session.case_shown, timeout=PATIENCE_MS):
        sitting.session.show(case.id)
    assert book.asked == [("film-6.dcm", 1)]
    assert sitting.session.image.sha256 == case.image_sha256
    assert len(sitting.session.cases) == 6


def test_a_page_that_holds_other_pixels_now_is_told(
    sitting: Sitting, book: Book, qtbot: QtBot
) -> None:
    opened(sitting, qtbot, "film-6.dcm")
    book.changed = True
    with qtbot.waitSignal(sitting.session.trouble, timeout=PATIENCE_MS) as told:
        sitting.session.show(sitting.session.cases[1].id)
    assert "is not the film it was" in told.args[0].what


def test_opening_a_file_again_makes_no_second_cases(sitting: Sitting, qtbot: QtBot) -> None:
    opened(sitting, qtbot, "film-3.dcm")
    assert not opened(sitting, qtbot, "film-3.dcm")
    assert len(sitting.session.cases) == 3


def test_many_pages_open_as_the_first_and_say_so(sitting: Sitting, qtbot: QtBot) -> None:
    said = opened(sitting, qtbot, f"film-{MOST_PAGES}.dcm", f"film-{MOST_PAGES + 1}.dcm")
    assert len(sitting.session.cases) == MOST_PAGES + 1
    assert [str(MOST_PAGES + 1) in error.why for error in said] == [True]
    assert "Only the first picture" in said[0].what


def test_a_torn_page_does_not_stop_the_others(sitting: Sitting, book: Book, qtbot: QtBot) -> None:
    book.torn = {1}
    said = opened(sitting, qtbot, "film-3.dcm")
    assert [case.page for case in sitting.session.cases] == [0, 2]
    assert [error.what for error in said] == ["page 2 is torn."]


def test_a_person_is_kept_as_this_library_alone_can_say_it(
    sitting: Sitting, tmp_path: Path, book: Book, qtbot: QtBot
) -> None:
    opened(sitting, qtbot, "a-1.dcm", "b-1.dcm")
    here = {case.person for case in sitting.session.cases}
    other = Sitting(tmp_path / "other", read=book.read)
    try:
        opened(other, qtbot, "a-1.dcm")
        there = {case.person for case in other.session.cases}
    finally:
        other.close()
    assert len(here) == len(there) == 1
    assert here.isdisjoint(there)
    assert PERSON not in here | there

"""Films that were moved are found again by their pixels, whatever they are called now."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.io.open import expand
from app.library.library import Library
from app.session.missing import MissingFilms, Search
from domain.errors import CaliperError, LibraryReadOnly, UnreadableFile
from domain.image import Image, Study
from tests.app.session.sitting import Sitting

PATIENCE_MS = 20_000


def write(path: Path, *pages: int) -> Path:
    """A film of so many pages, each drawn from a number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(" ".join(map(str, pages)))
    return path


def read(path: Path, *, page: int = 0) -> Study:
    """A film as `write` wrote it."""
    try:
        seeds = [int(word) for word in path.read_text().split()]
        pixels = np.random.default_rng(seeds[page]).integers(0, 255, (70, 24), dtype=np.uint8)
    except (OSError, ValueError, IndexError) as error:
        raise UnreadableFile(f"{path.name} cannot be read.", why=str(error)) from error
    return Study(path.stem, str(path), Image(pixels), page=page, pages=len(seeds))


@pytest.fixture
def begin(tmp_path: Path, qtbot: QtBot) -> Iterator[Callable[[], Sitting]]:
    running: list[Sitting] = []

    def make() -> Sitting:
        for sitting in running:
            sitting.close()
        running[:] = [Sitting(tmp_path / "library", read=read)]
        return running[0]

    yield make
    for sitting in running:
        sitting.close()


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    return tmp_path / "disk"


@pytest.fixture
def look(qtbot: QtBot) -> Iterator[Callable[[Sitting, Path], Search]]:
    made: list[MissingFilms] = []

    def search(sitting: Sitting, folder: Path) -> Search:
        films = MissingFilms(sitting.session, read=read, expand=expand)
        made.append(films)
        results: list[Search] = []
        films.searched.connect(results.append)
        with qtbot.waitSignal(films.finished, timeout=PATIENCE_MS):
            films.search(folder)
        (result,) = results
        return result

    yield search
    for films in made:
        films.close()


def open_films(sitting: Sitting, qtbot: QtBot, *paths: Path) -> None:
    with qtbot.waitSignal(sitting.session.reading_finished):
        sitting.session.open_paths(paths)


def places(sitting: Sitting) -> dict[str, tuple[str, int]]:
    return {case.name: (case.path, case.page) for case in sitting.session.cases}


def test_moved_and_renamed_films_are_found_and_stay_found(
    begin: Callable[[], Sitting],
    look: Callable[[Sitting, Path], Search],
    disk: Path,
    qtbot: QtBot,
) -> None:
    files = [write(disk / "old" / f"film {n}.png", n) for n in range(4)]
    sitting = begin()
    open_films(sitting, qtbot, *files)
    sitting = begin()
    new = disk / "archive" / "2020"
    new.mkdir(parents=True)
    for number in (1, 2):
        shutil.move(files[number], new / f"x{9 - number}.png")
    files[3].unlink()
    result = look(sitting, disk / "archive")
    assert result == Search(disk / "archive", 3, ("film 3",), looked=2, refused=0, cancelled=False)
    expected = {
        "film 0": (str(files[0]), 0),
        "film 1": (str(new / "x8.png"), 0),
        "film 2": (str(new / "x7.png"), 0),
        "film 3": (str(files[3]), 0),
    }
    assert places(sitting) == expected
    assert places(begin()) == expected


def test_a_film_of_the_same_name_is_not_taken_for_it(
    begin: Callable[[], Sitting],
    look: Callable[[Sitting, Path], Search],
    disk: Path,
    qtbot: QtBot,
) -> None:
    file = write(disk / "one.png", 1)
    sitting = begin()
    open_films(sitting, qtbot, file)
    file.unlink()
    write(disk / "new" / "one.png", 2)
    result = look(sitting, disk / "new")
    assert (result.missing, result.found, result.looked) == (1, 0, 1)
    assert places(sitting) == {"one": (str(file), 0)}


def test_a_page_inside_a_file_is_found(
    begin: Callable[[], Sitting],
    look: Callable[[Sitting, Path], Search],
    disk: Path,
    qtbot: QtBot,
) -> None:
    file = write(disk / "one.png", 1)
    sitting = begin()
    open_films(sitting, qtbot, file)
    file.unlink()
    bound = write(disk / "new" / "bound.png", 5, 6, 1)
    assert look(sitting, disk / "new").found == 1
    assert places(sitting) == {"one": (str(bound), 2)}


def test_it_ends_with_the_last_film_and_begins_with_the_likely_ones(
    begin: Callable[[], Sitting],
    look: Callable[[Sitting, Path], Search],
    disk: Path,
    qtbot: QtBot,
) -> None:
    file = write(disk / "zebra.png", 1)
    sitting = begin()
    open_films(sitting, qtbot, file)
    (disk / "new").mkdir()
    shutil.move(file, disk / "new" / "zebra.png")
    for number in range(2, 9):
        write(disk / "new" / f"a{number}.png", number)
    result = look(sitting, disk / "new")
    assert (result.found, result.looked) == (1, 1)


def test_nothing_missing_reads_nothing(
    begin: Callable[[], Sitting],
    look: Callable[[Sitting, Path], Search],
    disk: Path,
    qtbot: QtBot,
) -> None:
    sitting = begin()
    open_films(sitting, qtbot, write(disk / "one.png", 1))
    write(disk / "copy.png", 1)
    assert look(sitting, disk).missing == 0
    assert look(sitting, disk).looked == 0
    assert places(sitting) == {"one": (str(disk / "one.png"), 0)}


def test_a_film_that_came_back_keeps_its_place(
    begin: Callable[[], Sitting], disk: Path, qtbot: QtBot
) -> None:
    file = write(disk / "one.png", 1)
    sitting = begin()
    open_films(sitting, qtbot, file)
    (case,) = sitting.session.cases
    sitting.session.move_film(case.id, str(disk / "other.png"), 0)
    assert places(sitting) == {"one": (str(file), 0)}
    sitting.session.move_film("no such case", str(disk / "other.png"), 0)


def test_unreadable_files_are_counted_and_stop_nothing(
    begin: Callable[[], Sitting],
    look: Callable[[Sitting, Path], Search],
    disk: Path,
    qtbot: QtBot,
) -> None:
    file = write(disk / "one.png", 1)
    sitting = begin()
    open_films(sitting, qtbot, file)
    file.unlink()
    (disk / "new").mkdir()
    (disk / "new" / "a.png").write_text("no number")
    (disk / "new" / "b.png").write_text("")
    write(disk / "new" / "c.png", 1)
    result = look(sitting, disk / "new")
    assert (result.found, result.refused) == (1, 2)


def test_a_folder_without_films_is_told(
    begin: Callable[[], Sitting], disk: Path, qtbot: QtBot
) -> None:
    file = write(disk / "one.png", 1)
    sitting = begin()
    open_films(sitting, qtbot, file)
    file.unlink()
    films = MissingFilms(sitting.session, read=read, expand=expand)
    told: list[CaliperError] = []
    films.trouble.connect(told.append)
    with qtbot.waitSignal(films.finished, timeout=PATIENCE_MS):
        films.search(disk)
    films.close()
    (error,) = told
    assert "holds no film" in error.what


def test_a_library_for_reading_is_not_searched_for(
    begin: Callable[[], Sitting], disk: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    begin()
    second = Sitting(tmp_path / "library", read=read)
    films = MissingFilms(second.session, read=read, expand=expand)
    with qtbot.waitSignal(films.trouble, timeout=PATIENCE_MS) as waited:
        films.search(disk)
    assert isinstance(waited.args[0], LibraryReadOnly)
    films.close()
    second.close()


def test_a_cancelled_search_keeps_what_it_found(
    begin: Callable[[], Sitting], disk: Path, qtbot: QtBot
) -> None:
    sitting = begin()
    files = [write(disk / "old" / f"{n}.png", n) for n in range(3)]
    open_films(sitting, qtbot, *files)
    shutil.move(disk / "old", disk / "new")
    reached, go_on = Event(), Event()

    def slow(path: Path, *, page: int = 0) -> Study:
        if path.stem == "1":
            reached.set()
            assert go_on.wait(PATIENCE_MS / 1000)
        return read(path, page=page)

    films = MissingFilms(sitting.session, read=slow, expand=expand)
    with qtbot.waitSignal(films.searched, timeout=PATIENCE_MS) as waited:
        films.search(disk / "new")
        qtbot.waitUntil(reached.is_set, timeout=PATIENCE_MS)
        films.cancel()
        go_on.set()
    (result,) = waited.args
    films.close()
    assert (result.found, result.cancelled) == (2, True)
    assert places(sitting)["2"] == (str(files[2]), 0)


def test_cases_made_under_a_clock_set_back_come_first(
    begin: Callable[[], Sitting], disk: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [2_000_000_000.0]
    monkeypatch.setattr("app.session.session.time.time", lambda: now[0])
    files = [write(disk / f"{n}.png", n) for n in range(5)]
    sitting = begin()
    open_films(sitting, qtbot, *files[:2])
    now[0] = 1_000_000_000.0
    open_films(sitting, qtbot, files[2])
    sitting = begin()
    open_films(sitting, qtbot, *files[3:])
    assert [case.name for case in sitting.session.cases] == ["3", "4", "2", "0", "1"]
    assert isinstance(sitting.library, Library)

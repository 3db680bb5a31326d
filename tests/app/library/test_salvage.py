"""A damaged library comes back case by case, and nothing that is left is lost on the way."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from app.library import backups, salvage, schema
from app.library.history import History
from app.library.library import Library
from app.library.opening import restore
from domain.errors import LibraryDamaged, LibraryUnavailable
from tests.app.library.makers import WAIT_S, a_case, a_revision, sql

CASES, REVISIONS, BACKED_UP = 12, 20, 9
PAGE = 4096


def fill(folder) -> None:
    """Twelve cases of twenty revisions, nine of them and half of each in a backup."""
    with closing(Library.open(folder)) as library:
        for number in range(CASES):
            library.add_case(a_case(f"c{number}", note=f"note {number}"), bytes([number]) * 3000)
            for count in range(REVISIONS):
                grow(library, number, count)
            if number == BACKED_UP - 1:
                library.save_setting("theme", "dark").result(WAIT_S)
                assert backups.back_up(folder / "library.sqlite") == ""


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("filled") / "library"
    fill(folder)
    return folder


@pytest.fixture
def folder(filled, tmp_path):
    return shutil.copytree(filled, tmp_path / "Röntgen ?#% 脊柱")


def grow(library: Library, number: int, count: int) -> None:
    parent = f"c{number}r{count - 1}" if count else None
    made = a_revision(
        f"c{number}r{count}", case_id=f"c{number}", parent=parent, created=10.0 + count
    )
    library.append(made, make_head=True)


def noise(folder, *pages: int) -> None:
    with (folder / "library.sqlite").open("r+b") as file:
        for page in pages:
            file.seek(page * PAGE)
            file.write(b"\xa5" * PAGE)


def pages_of(folder, name: str) -> list[int]:
    """Pages of a table's or index's tree, counted from 0, its root first."""
    with closing(sqlite3.connect(folder / "library.sqlite")) as connection:
        try:
            rows = connection.execute("SELECT pageno FROM dbstat WHERE name = ?", (name,))
            return [row[0] - 1 for row in rows]
        except sqlite3.OperationalError:
            pytest.skip("this SQLite has no dbstat")


def whole(library: Library, case_id: str) -> bool:
    case = library.case(case_id)
    revisions = library.revisions(case_id)
    history = History(revisions, case.head, case_id=case_id, tip=case.tip)
    steps = 1
    while history.undo():
        steps += 1
    return case.head == f"{case_id}r{REVISIONS - 1}" and steps == len(revisions) == REVISIONS


def test_a_lost_page_of_revisions_costs_only_what_no_backup_has(folder):
    pages = pages_of(folder, "revisions")
    noise(folder, *pages[3:-2:3])
    with pytest.raises(LibraryDamaged):
        Library.open(folder)
    rescued = restore(folder)
    assert len(rescued.names) == CASES
    assert rescued.from_backup == ()
    with closing(Library.open(folder)) as library:
        assert len(library.cases()) == CASES
        for number in range(BACKED_UP):  # the backup has every revision of these
            assert whole(library, f"c{number}")
            assert f"film c{number}" not in rescued.incomplete
        for number in range(CASES):
            case, revisions = library.case(f"c{number}"), library.revisions(f"c{number}")
            assert (case.head in revisions) or not revisions
            assert case.note == f"note {number}"
            assert whole(library, case.id) or case.name in rescued.incomplete
        assert library.setting("theme") == "dark"
    assert sql(folder, "PRAGMA integrity_check") == [("ok",)]
    assert sql(folder, "PRAGMA foreign_key_check") == []
    assert (rescued.kept / "library.sqlite").exists()


def test_damaged_indexes_cost_nothing_even_without_a_backup(folder):
    for path in backups.generations(folder / "library.sqlite"):
        path.unlink()
    noise(folder, *pages_of(folder, "sqlite_autoindex_revisions_1"))
    with pytest.raises(LibraryDamaged):
        Library.open(folder)
    assert restore(folder).incomplete == ()
    with closing(Library.open(folder)) as library:
        assert all(whole(library, f"c{number}") for number in range(CASES))
        assert library.thumbnail("c7") == bytes([7]) * 3000


@pytest.mark.parametrize("how", ["head", "letter", "cut", "gone to zero"])
def test_a_file_without_anything_readable_comes_back_from_its_backup(folder, how):
    file = folder / "library.sqlite"
    content = file.read_bytes()
    file.write_bytes(
        {
            "head": b"\xa5" * PAGE + content[PAGE:],
            "letter": b"Dear colleague, " * 500,
            "cut": content[: PAGE + 100],
            "gone to zero": bytes(len(content)),
        }[how]
    )
    with pytest.raises(LibraryDamaged):
        Library.open(folder)
    rescued = restore(folder)
    assert sorted(rescued.names) == sorted(f"film c{number}" for number in range(BACKED_UP))
    assert rescued.from_backup == rescued.names
    with closing(Library.open(folder)) as library:
        assert all(whole(library, f"c{number}") for number in range(BACKED_UP))
        library.append(a_revision("new", case_id="c0"), make_head=True).result(WAIT_S)


def test_what_a_person_removed_does_not_come_back(folder):
    with closing(Library.open(folder)) as library:
        library.remove_case("c1").result(WAIT_S)
    noise(folder, *pages_of(folder, "sqlite_autoindex_revisions_1"))
    assert "film c1" not in restore(folder).names
    with closing(Library.open(folder)) as library:
        assert len(library.cases()) == CASES - 1


def test_an_older_generation_fills_what_the_newer_cannot(folder):
    file = folder / "library.sqlite"
    newer, older = backups._places(file)[:2]
    older.write_bytes(newer.read_bytes())
    newer.write_bytes(b"noise")
    file.write_bytes(b"noise")
    assert len(restore(folder).names) == BACKED_UP


def test_nothing_left_is_said_and_everything_stays(folder):
    file = folder / "library.sqlite"
    for path in backups.generations(file):
        path.unlink()
    file.write_bytes(b"noise")
    for _ in range(2):
        with pytest.raises(LibraryUnavailable, match="Nothing in the case library"):
            restore(folder)
        assert file.read_bytes() == b"noise"


def test_a_library_in_use_is_not_restored(folder):
    with closing(Library.open(folder)), pytest.raises(LibraryUnavailable, match="Another Caliper"):
        restore(folder)


def test_a_full_disk_leaves_the_damaged_file(folder, monkeypatch):
    noise(folder, pages_of(folder, "revisions")[4])
    before = (folder / "library.sqlite").read_bytes()
    connect = schema.connect

    def limited(file, *, mode):
        connection = connect(file, mode=mode)
        if mode == "rwc":
            connection.execute("PRAGMA max_page_count = 20")
        return connection

    monkeypatch.setattr(salvage.schema, "connect", limited)
    with pytest.raises(LibraryUnavailable, match="full"):
        restore(folder)
    assert (folder / "library.sqlite").read_bytes() == before
    monkeypatch.undo()
    assert len(restore(folder).names) == CASES


@pytest.mark.parametrize("after", ["restored", "log gone"])
def test_a_power_cut_in_the_last_step_is_made_up_for(folder, monkeypatch, after):
    file = folder / "library.sqlite"
    noise(folder, pages_of(folder, "revisions")[4])
    file.with_name("library.sqlite-wal").write_bytes(b"an old log")
    finish = salvage.finish
    monkeypatch.setattr(salvage, "finish", lambda _file: None)
    restore(folder)
    monkeypatch.setattr(salvage, "finish", finish)
    if after == "log gone":
        file.with_name("library.sqlite-wal").unlink()
    with closing(Library.open(folder)) as library:
        assert len(library.cases()) == CASES
    assert not file.with_name("library.sqlite.restored").exists()


def test_noise_anywhere_is_refused_or_survived_in_words(folder):
    content = (folder / "library.sqlite").read_bytes()
    for page in range(1, len(content) // PAGE, 11):
        (folder / "library.sqlite").write_bytes(content)
        noise(folder, page)
        try:
            Library.open(folder).close()
        except LibraryDamaged:
            # The one page of cases is among those.
            assert len(restore(folder).names) >= BACKED_UP
            Library.open(folder).close()

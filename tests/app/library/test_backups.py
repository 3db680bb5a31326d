"""Three generations, from sound files only, and never what fills the disk."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest

from app.library import backups
from app.library.library import Library
from tests.app.library.makers import WAIT_S, a_case, a_revision, sql


@pytest.fixture
def file(one_case, folder):
    return folder / "library.sqlite"


def cases_in(path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM cases ORDER BY rowid")]


def test_generations_follow_one_another_and_the_oldest_goes(one_case, file):
    for number in range(4):
        one_case.add_case(a_case(f"c{number}"), None).result(WAIT_S)
        assert backups.back_up(file) == ""
    newest, middle, oldest = backups.generations(file)
    assert cases_in(newest) == ["case", "c0", "c1", "c2", "c3"]
    assert cases_in(middle) == ["case", "c0", "c1", "c2"]
    assert cases_in(oldest) == ["case", "c0", "c1"]
    assert sorted(path.name for path in newest.parent.iterdir()) == [
        "library-1.sqlite",
        "library-2.sqlite",
        "library-3.sqlite",
    ]


def test_a_backup_has_what_is_committed_but_not_in_the_file_yet(one_case, file, folder):
    one_case.append(a_revision("r"), make_head=True).result(WAIT_S)
    assert backups.back_up(file) == ""
    (copy,) = backups.generations(file)
    place = folder / "copy"
    place.mkdir()
    (place / "library.sqlite").write_bytes(copy.read_bytes())
    with closing(Library.open(place)) as copied:
        assert copied.case("case").head == "r"


@pytest.mark.parametrize(("hours", "due"), [(-48, True), (-1, False), (1, False), (25, True)])
def test_due_after_a_day_and_after_a_clock_was_set_back(file, hours, due):
    assert backups.is_due(file, now=0.0)
    backups.back_up(file)
    made = backups.generations(file)[0].stat().st_mtime
    assert backups.is_due(file, now=made + hours * 3600) is due


def test_no_room_is_said_and_nothing_written(file, monkeypatch):
    monkeypatch.setattr(backups, "ROOM_LEFT", 1 << 62)
    assert "too little room" in backups.back_up(file)
    assert backups.generations(file) == ()


def test_a_disk_that_fills_meanwhile_keeps_the_older_generation(file, monkeypatch):
    backups.back_up(file)
    before = backups.generations(file)[0].read_bytes()

    def fail(*_args, **_options):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(backups, "_copy", fail)
    with pytest.raises(sqlite3.OperationalError):
        backups.back_up(file)
    (left,) = backups.generations(file)
    assert left.read_bytes() == before
    assert list(left.parent.iterdir()) == [left]


def test_a_damaged_library_replaces_no_backup_and_is_told(one_case, file, folder):
    backups.back_up(file)
    for number in range(50):
        one_case.append(a_revision(f"r{number}"), make_head=False)
    one_case.close()
    with file.open("r+b") as damaged:
        damaged.seek(os.path.getsize(file) - 8192)
        damaged.write(b"\xa5" * 8192)
    before = backups.generations(file)[0].read_bytes()
    assert "damaged" in backups.back_up(file)
    assert [path.read_bytes() for path in backups.generations(file)] == [before]
    assert (folder / backups.DAMAGED_NAME).exists()


def test_a_cancelled_copy_leaves_nothing(file):
    assert backups.back_up(file, is_cancelled=lambda: True) == ""
    assert backups.generations(file) == ()
    assert list((file.parent / "backups").iterdir()) == []


def test_a_sitting_makes_one_by_itself_and_tells_trouble_once(folder, monkeypatch):
    monkeypatch.setattr(backups, "FIRST_S", 0.0)
    monkeypatch.setattr(backups, "AGAIN_S", 0.005)
    told: list[str] = []
    with closing(Library.open(folder)) as library:
        library.on_notice = told.append
        library.add_case(a_case(), None).result(WAIT_S)
        while not backups.generations(folder / "library.sqlite"):
            pass
        monkeypatch.setattr(backups, "is_due", lambda *_, **__: True)
        monkeypatch.setattr(backups, "ROOM_LEFT", 1 << 62)
        while not told:
            pass
    assert told == [backups.NO_ROOM]
    assert sql(folder, "SELECT id FROM cases") == [("case",)]

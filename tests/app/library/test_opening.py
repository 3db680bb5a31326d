"""Opening a library: second instances, damage, newer versions, full and network disks."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from app.library import opening, schema
from app.library.cases import CaseStatus
from app.library.library import Library
from domain.errors import LibraryReadOnly, LibraryUnavailable
from tests.app.library.makers import (
    WAIT_S,
    a_case,
    a_revision,
    sql,
)


def test_a_new_library_is_empty_durable_and_writable(library, folder):
    assert library.cases() == ()
    assert not library.read_only
    assert library.why == ""
    with closing(schema.connect(folder / "library.sqlite", mode="rw")) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION


LOOK = """
import json, sys
from pathlib import Path
from app.library.library import Library
from domain.errors import LibraryReadOnly
library = Library.open(Path(sys.argv[1]))
refused = library.set_opened("case").exception()
print(json.dumps({
    "read_only": library.read_only, "why": library.why, "name": library.case("case").name,
    "head": library.case("case").head, "refused": isinstance(refused, LibraryReadOnly),
}))
library.close()
"""


def look(folder, project_root) -> dict:
    shown = subprocess.run(
        [sys.executable, "-c", LOOK, str(folder)],
        cwd=project_root,
        capture_output=True,
        check=True,
        timeout=WAIT_S,
    )
    return json.loads(shown.stdout)


def test_a_second_caliper_reads_and_says_why_it_cannot_write(one_case, folder, project_root):
    one_case.append(a_revision("r"), make_head=True).result(WAIT_S)
    seen = look(folder, project_root)
    assert seen["read_only"]
    assert "Another Caliper" in seen["why"]
    assert seen["name"] == "film case"
    assert seen["head"] == "r"
    assert seen["refused"]
    one_case.set_status("case", CaseStatus.REVIEWED).result(WAIT_S)
    one_case.close()
    assert not look(folder, project_root)["read_only"]


def test_every_change_is_refused_when_reading_only(one_case, folder):
    one_case.save_setting("theme", "light").result(WAIT_S)
    before = sql(folder, "SELECT * FROM cases")
    with closing(Library.open(folder)) as second:
        refused = [
            second.add_case(a_case("new"), b"PNG"),
            second.append(a_revision("r"), make_head=True),
            second.set_head("case", "r"),
            second.set_status("case", CaseStatus.REVIEWED),
            second.set_opened("case"),
            second.set_path("case", "/x"),
            second.remove_case("case"),
            second.save_view_state("case", "{}"),
            second.save_setting("theme", "dark"),
        ]
        assert all(isinstance(future.exception(0), LibraryReadOnly) for future in refused)
        assert second.pending == 0
    assert sql(folder, "SELECT * FROM cases") == before
    assert sql(folder, "SELECT value FROM settings") == [("light",)]


def test_the_reader_s_connection_cannot_write(one_case):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        one_case._connection.execute("DELETE FROM cases")


def test_a_folder_that_cannot_be_locked_is_read(one_case, folder, monkeypatch):
    one_case.close()

    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(opening, "InstanceLock", refuse)
    with closing(Library.open(folder)) as reading:
        assert reading.read_only
        assert "cannot be written" in reading.why
        assert reading.case("case").id == "case"
    with pytest.raises(LibraryUnavailable):
        Library.open(folder / "empty")


def test_a_file_that_cannot_be_written_is_read(one_case, folder, monkeypatch):
    one_case.close()
    connect = schema.connect
    monkeypatch.setattr(opening.schema, "connect", lambda file, mode: connect(file, mode="ro"))
    real = schema.prepare

    def prepare(connection, *, on_network):
        connection.execute("PRAGMA user_version = 1")  # refused as on a write-protected medium
        real(connection, on_network=on_network)

    monkeypatch.setattr(opening.schema, "prepare", prepare)
    with closing(Library.open(folder)) as reading:
        assert reading.read_only
        assert "cannot be written" in reading.why
        assert reading.case("case").id == "case"


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(LibraryUnavailable):
        Library.open(tmp_path / "file")
    with pytest.raises(LibraryUnavailable):
        Library.open(tmp_path / "file" / "below")


def test_a_closed_library_is_one_file_that_can_be_copied(one_case, folder):
    one_case.append(a_revision("r"), make_head=True).result(WAIT_S)
    one_case.close()
    Library.open(folder).close()
    assert sorted(path.name for path in folder.iterdir()) == ["library.lock", "library.sqlite"]
    copy = folder / "copy"
    copy.mkdir()
    (copy / "library.sqlite").write_bytes((folder / "library.sqlite").read_bytes())
    with closing(Library.open(copy)) as copied:
        assert list(copied.revisions("case")) == ["r"]


def test_a_medium_without_room_for_the_log_s_index_is_read(one_case, folder, monkeypatch):
    one_case.close()
    connect = schema.connect

    def write_protected(file, *, mode):
        if mode == "ro":
            return connect(file.with_name("nowhere"), mode="ro")
        assert mode == "immutable"
        return connect(file, mode=mode)

    def refuse(_path):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(opening.schema, "connect", write_protected)
    monkeypatch.setattr(opening, "InstanceLock", refuse)
    with closing(Library.open(folder)) as reading:
        assert reading.read_only
        assert reading.case("case").id == "case"


def test_a_full_disk_at_the_start_is_named(folder, monkeypatch):
    Library.open(folder).close()

    def fail(_file, *, mode):
        raise sqlite3.OperationalError(f"disk I/O error in {mode}")

    monkeypatch.setattr(opening.schema, "connect", fail)
    with pytest.raises(LibraryUnavailable, match="disk I/O error"):
        Library.open(folder)
    monkeypatch.setattr(opening, "LEAST_ROOM", 1 << 62)
    with pytest.raises(LibraryUnavailable, match="disk is full"):
        Library.open(folder)
    monkeypatch.undo()
    Library.open(folder).close()


def filled(folder) -> bytes:
    with closing(Library.open(folder)) as library:
        library.add_case(a_case(), bytes(50_000))
        for number in range(50):
            library.append(a_revision(f"r{number}"), make_head=False)
    return (folder / "library.sqlite").read_bytes()


def damaged_file(whole: bytes, how: str) -> bytes:
    if how == "no database":
        return b"This is a letter, not a database. " * 100
    if how == "cut":
        return whole[: len(whole) // 2]
    if how == "a page of noise":
        return whole[:8192] + b"\xa5" * 4096 + whole[12288:]
    return b"\x00" * len(whole)


@pytest.mark.parametrize("how", ["no database", "cut", "a page of noise", "all zero"])
def test_a_damaged_library_is_refused_and_left_untouched(folder, how):
    damaged = damaged_file(filled(folder), how)
    file = folder / "library.sqlite"
    file.write_bytes(damaged)
    for _ in range(2):
        with pytest.raises(LibraryUnavailable, match=r"damaged|not a case library"):
            Library.open(folder)
        assert file.read_bytes() == damaged
    file.unlink()
    Library.open(folder).close()


def test_a_newer_library_is_refused_and_left_untouched(folder):
    filled(folder)
    sql(folder, f"PRAGMA user_version = {schema.VERSION + 1}")
    before = (folder / "library.sqlite").read_bytes()
    for _ in range(2):
        with pytest.raises(LibraryUnavailable, match="newer Caliper"):
            Library.open(folder)
    assert (folder / "library.sqlite").read_bytes() == before


def test_another_program_s_database_is_refused(folder):
    folder.mkdir(parents=True)
    sql(folder, "CREATE TABLE songs (name TEXT)")
    with pytest.raises(LibraryUnavailable, match="another program"):
        Library.open(folder)
    assert sql(folder, "SELECT name FROM sqlite_schema") == [("songs",)]


def test_a_network_share_gets_the_safe_journal_and_home_gets_it_back(one_case, folder, monkeypatch):
    one_case.close()
    monkeypatch.setattr(opening, "is_on_network", lambda _folder: True)
    with closing(Library.open(folder)) as shared:
        shared.append(a_revision("r"), make_head=True).result(WAIT_S)
        assert sql(folder, "PRAGMA journal_mode") == [("delete",)]
        assert shared.case("case").head == "r"
        with closing(Library.open(folder)) as second:
            assert second.read_only
            assert second.case("case").head == "r"
    assert not (folder / "library.sqlite-wal").exists()
    monkeypatch.setattr(opening, "is_on_network", lambda _folder: False)
    with closing(Library.open(folder)) as local:
        assert sql(folder, "PRAGMA journal_mode") == [("wal",)]
        assert local.case("case").head == "r"

"""The case library: what is promised to a person about their work."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from threading import Event

import pytest
from hypothesis import given

from app.library import opening, schema
from app.library.cases import CaseStatus
from app.library.history import History
from app.library.library import Library
from domain.annotation import Hint
from domain.errors import LibraryReadOnly, LibraryUnavailable
from domain.provenance import NETWORK, PERSON
from tests.app.library.makers import (
    a_case,
    a_revision,
    annotations,
    some_annotations,
    unhurried,
)

WAIT_S = 60.0


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "Röntgen ?#% 脊柱" / "library"


@pytest.fixture
def library(folder) -> Iterator[Library]:
    opened = Library.open(folder)
    yield opened
    opened.close()


@pytest.fixture
def one_case(library) -> Library:
    library.add_case(a_case(), b"\x89PNG").result(WAIT_S)
    return library


def reopened(library: Library, folder) -> Library:
    library.close()
    return Library.open(folder)


def sql(folder, statement: str, *values):
    with closing(sqlite3.connect(folder / "library.sqlite")) as connection, connection:
        return connection.execute(statement, values).fetchall()


def test_a_new_library_is_empty_durable_and_writable(library, folder):
    assert library.cases() == ()
    assert not library.read_only
    assert library.why == ""
    with closing(schema.connect(folder / "library.sqlite", mode="rw")) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION


@pytest.mark.parametrize(
    "name", ["Müller 脊柱 𝄞", "with 'quotes' \"%_", "line\nbreak", "bytes \udce9 no text", ""]
)
def test_a_case_comes_back_as_it_was(library, folder, name):
    case = a_case(name=name, path=f"/films/{name}.png", synthetic=True, created=0.1 + 0.2)
    library.add_case(case, None).result(WAIT_S)
    with closing(reopened(library, folder)) as again:
        assert again.case(case.id) == case
        assert again.cases() == (case,)
        assert again.thumbnail(case.id) is None


def test_cases_are_listed_newest_opened_first_and_found_by_words(library):
    library.add_case(a_case("1", name="Grüne Wirbel", opened=1.0), None)
    library.add_case(a_case("2", name="GRU\u0308NE Z\u00e4hne", opened=3.0, task="intraoral"), None)
    library.add_case(a_case("3", name="100% sure", opened=2.0), None).result(WAIT_S)
    assert [case.id for case in library.cases()] == ["2", "3", "1"]
    assert [case.id for case in library.cases("grüne")] == ["2", "1"]
    assert [case.id for case in library.cases("WIRBEL  grüne")] == ["1"]
    assert [case.id for case in library.cases("%")] == ["3"]
    assert [case.id for case in library.cases("grüne", task="vertebrae")] == ["1"]
    assert library.cases("nothing like it") == ()


def test_a_case_is_found_by_its_pixels(library):
    library.add_case(a_case("old", image_sha256="b" * 64, opened=1.0), None)
    library.add_case(a_case("new", image_sha256="b" * 64, opened=2.0), None).result(WAIT_S)
    assert library.find_by_image("b" * 64).id == "new"
    assert library.find_by_image("c" * 64) is None


def test_an_unknown_case_is_refused_in_words(library):
    with pytest.raises(LibraryUnavailable, match="no case"):
        library.case("nowhere")


def test_pictures_views_and_settings_are_known_at_once_and_stay(library, folder):
    library.add_case(a_case(), b"\x89PNG\x00\xff")
    library.save_view_state("case", '{"zoom": 1}')
    library.save_view_state("case", '{"zoom": 2}')
    library.save_setting("theme", "light")
    library.save_setting("theme", "dark")
    for _ in range(2):
        assert library.thumbnail("case") == b"\x89PNG\x00\xff"
        assert library.view_state("case") == '{"zoom": 2}'
        assert library.setting("theme") == "dark"
        assert library.setting("other") is None
        library = reopened(library, folder)
    library.close()


def test_a_moved_file_and_an_opening_are_noted(one_case):
    one_case.set_path("case", "/elsewhere/\udce9.png")
    one_case.set_opened("case").result(WAIT_S)
    case = one_case.case("case")
    assert case.path == "/elsewhere/\udce9.png"
    assert case.opened > 1e9


def test_revisions_come_back_in_order_and_exactly(one_case, folder):
    state = some_annotations(0.1 + 0.2, rounds=((Hint(1, 1 / 3, 2 / 3),),), pins=frozenset({4}))
    first = a_revision("first", created=1.0, annotations=state)
    second = a_revision("second", parent="first", created=2.0)
    one_case.append(first, make_head=True)
    one_case.append(second, make_head=False).result(WAIT_S)
    with closing(reopened(one_case, folder)) as again:
        assert again.revisions("case") == {"first": first, "second": second}
        assert list(again.revisions("case")) == ["first", "second"]
        assert again.damaged("case") == ()
        assert again.case("case").head == "first"
        assert again.revisions("other") == {}


@pytest.fixture(scope="module")
def roomy(tmp_path_factory) -> Iterator[Library]:
    opened = Library.open(tmp_path_factory.mktemp("any") / "library")
    yield opened
    opened.close()


@unhurried
@given(annotations)
def test_any_annotations_come_back_from_the_file(roomy, state):
    roomy.remove_case("case")
    roomy.add_case(a_case(), None)
    revision = a_revision("r", annotations=state, action="Verschoben: Th7 \x00 \u2028")
    roomy.append(revision, make_head=True).result(WAIT_S)
    assert roomy.revisions("case") == {"r": revision}


@pytest.mark.parametrize(
    ("author", "accepted", "before", "after"),
    [
        (NETWORK, False, CaseStatus.NEW, CaseStatus.NEW),
        (PERSON, False, CaseStatus.NEW, CaseStatus.IN_WORK),
        (NETWORK, False, CaseStatus.IN_WORK, CaseStatus.IN_WORK),
        (PERSON, True, CaseStatus.IN_WORK, CaseStatus.REVIEWED),
        (PERSON, False, CaseStatus.REVIEWED, CaseStatus.IN_WORK),
        (NETWORK, False, CaseStatus.REVIEWED, CaseStatus.IN_WORK),
    ],
)
def test_the_head_decides_the_status(one_case, author, accepted, before, after):
    one_case.set_status("case", before)
    revision = a_revision("r", author=author, annotations=some_annotations(accepted=accepted))
    one_case.append(revision, make_head=True).result(WAIT_S)
    assert one_case.case("case").status is after


def test_a_revision_that_is_not_shown_changes_no_status(one_case):
    one_case.append(a_revision("r"), make_head=False).result(WAIT_S)
    case = one_case.case("case")
    assert (case.status, case.head) == (CaseStatus.NEW, None)


def test_revisions_belong_to_their_own_case(one_case):
    one_case.add_case(a_case("other"), None)
    one_case.append(a_revision("r"), make_head=True).result(WAIT_S)
    stray = a_revision("s", parent="r", case_id="other")
    refused = [
        one_case.append(stray, make_head=False),
        one_case.append(a_revision("t", parent="nowhere"), make_head=True),
        one_case.append(a_revision("r"), make_head=True),
        one_case.set_head("other", "r"),
        one_case.append(a_revision("u", case_id="nowhere"), make_head=True),
    ]
    assert all(isinstance(f.exception(WAIT_S), LibraryUnavailable) for f in refused)
    assert list(one_case.revisions("case")) == ["r"]
    assert one_case.case("other").head is None


def test_a_removed_case_takes_everything_with_it(one_case, folder):
    one_case.add_case(a_case("other"), b"other")
    one_case.append(a_revision("r"), make_head=True)
    one_case.append(a_revision("s", parent="r"), make_head=True)
    one_case.save_view_state("case", "{}")
    one_case.remove_case("case").result(WAIT_S)
    assert [case.id for case in one_case.cases()] == ["other"]
    assert one_case.thumbnail("case") is None
    assert one_case.view_state("case") is None
    for table in ("revisions", "views"):
        assert sql(folder, f"SELECT count(*) FROM {table}") == [(0,)]
    assert sql(folder, "SELECT case_id FROM thumbnails") == [("other",)]


def test_undo_and_redo_go_on_tomorrow_on_the_branch_that_was_left(one_case, folder):
    history = History({}, None, case_id="case")

    def drag(name: str, author: str = PERSON):
        made = history.record(some_annotations(), gesture=name, author=author, action=name)
        one_case.append(made, make_head=True)
        return made

    first, older = drag("P", NETWORK), drag("A")
    one_case.set_head("case", history.undo().id)
    drag("B")
    one_case.set_head("case", history.jump(older.id).id)
    one_case.set_head("case", history.undo().id)
    with closing(reopened(one_case, folder)) as again:
        case = again.case("case")
        assert case.head == first.id
        tomorrow = History(again.revisions("case"), case.head, case_id="case", tip=case.tip)
        assert tomorrow.strip() == history.strip()
        assert not tomorrow.can_undo
        assert tomorrow.redo().id == older.id


def test_the_way_to_redo_is_kept_as_the_history_keeps_it(one_case):
    history = History({}, None, case_id="case")

    def follow(revision):
        one_case.set_head("case", revision.id)

    for name in "PABC":
        made = history.record(some_annotations(), gesture=name, author=PERSON, action=name)
        one_case.append(made, make_head=True)
    b = history.undo()
    follow(b)
    follow(history.undo())
    late, _ = history.answer("B", b.id, some_annotations(), "B")
    one_case.append(late, make_head=False)
    follow(history.redo())
    one_case.append(a_revision("z", created=1e12), make_head=False).result(WAIT_S)
    case = one_case.case("case")
    assert (case.head, case.tip) == (history.head, history._tip) == (late.id, made.id)


@pytest.mark.parametrize("text", ["{", "{}", '{"v":99}', ""])
def test_a_damaged_revision_costs_only_itself(one_case, folder, text):
    revisions = [a_revision("p", created=1.0)]
    for number, parent in enumerate(("p", "a", "b"), 2):
        name = "abc"[number - 2]
        revisions.append(a_revision(name, parent=parent, created=float(number)))
    for revision in revisions:
        one_case.append(revision, make_head=True)
    one_case.close()
    sql(folder, "UPDATE revisions SET annotations = ? WHERE id IN ('a', 'b')", text)
    with closing(Library.open(folder)) as again:
        whole = again.revisions("case")
        assert whole == {"p": revisions[0], "c": replace(revisions[3], parent="p")}
        assert len(again.damaged("case")) == 2
        assert again.case("case").head == "c"
        assert History(whole, "c", case_id="case").undo() == revisions[0]


WRITE_FOR_EVER = """
import sys
from pathlib import Path
from app.library.library import Library
from tests.app.library.makers import a_case, a_revision
library = Library.open(Path(sys.argv[1]))
library.add_case(a_case(), b"PNG").result()
parent = None
for number in range(1_000_000):
    revision = a_revision(f"r{number}", parent=parent, created=float(number))
    parent = revision.id
    library.append(revision, make_head=True).add_done_callback(
        lambda done, name=revision.id: print(name, flush=True)
    )
    if library.pending > 20:
        while library.pending:
            pass
"""


@pytest.mark.parametrize("enough", [1, 40, 211])
def test_what_was_said_to_be_saved_survives_kill_9(folder, project_root, enough):
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_FOR_EVER, str(folder)],
        cwd=project_root,
        stdout=subprocess.PIPE,
        text=True,
    ) as writing:
        try:
            said = [writing.stdout.readline().strip() for _ in range(enough)]
        finally:
            writing.kill()
        said += writing.stdout.read().split()
    with closing(Library.open(folder)) as again:
        assert not again.read_only
        kept = again.revisions("case")
        # The last line may have been cut in the pipe.
        assert set(said[:-1]) <= set(kept)
        assert len(said) >= enough
        assert again.case("case").head == list(kept)[-1]
        assert again.damaged("case") == ()
        again.append(a_revision("after", parent=list(kept)[-1]), make_head=True).result(WAIT_S)
    assert sql(folder, "PRAGMA integrity_check") == [("ok",)]
    assert sql(folder, "PRAGMA foreign_key_check") == []


def test_a_full_disk_keeps_the_order_and_lands_later(folder, monkeypatch):
    pages = {"most": 1_000_000}
    connect = schema.connect

    def limited(file, *, mode):
        connection = connect(file, mode=mode)
        connection.execute(f"PRAGMA max_page_count = {pages['most']}")
        return connection

    monkeypatch.setattr(opening.schema, "connect", limited)
    in_trouble, saved, troubles = Event(), [], []
    with closing(Library.open(folder)) as library:
        library.on_saved = saved.append
        library.on_trouble = lambda words: (troubles.append(words), in_trouble.set())
        pages["most"] = 1
        library.add_case(a_case(), bytes(200_000))
        futures = [
            library.append(a_revision(f"{n:03}", parent=p, created=float(n)), make_head=True)
            for n, p in [(1, None), (2, "001"), (3, "002")]
        ]
        assert in_trouble.wait(WAIT_S)
        assert "full" in troubles[0]
        assert saved == []
        assert library.cases() == ()
        assert library.pending == 4
        pages["most"] = 1_000_000
        for future in futures:
            future.result(WAIT_S)
        assert list(library.revisions("case")) == ["001", "002", "003"]
        assert library.case("case").head == "003"
    assert len(saved) == 1


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


def test_reading_goes_on_while_writing(one_case):
    total, rounds = 150, 40

    def look_often(_reader: int) -> list[int]:
        seen = []
        for _ in range(rounds):
            names = list(one_case.revisions("case"))
            assert names == [f"r{number:03}" for number in range(len(names))]
            head = one_case.case("case").head
            assert head is None or int(head[1:]) >= len(names) - 1
            seen.append(len(names))
        return seen

    with ThreadPoolExecutor(3) as readers:
        looking = [readers.submit(look_often, number) for number in range(3)]
        futures = [
            one_case.append(
                a_revision(f"r{n:03}", parent=f"r{n - 1:03}" if n else None, created=float(n)),
                make_head=True,
            )
            for n in range(total)
        ]
        for look_of in looking:
            seen = look_of.result(WAIT_S)
            assert seen == sorted(seen)
        futures[-1].result(WAIT_S)
    assert len(one_case.revisions("case")) == total


def test_own_commits_are_read_at_once(one_case):
    for number in range(20):
        one_case.append(a_revision(f"r{number}"), make_head=True).result(WAIT_S)
        assert one_case.case("case").head == f"r{number}"
        assert f"r{number}" in one_case.revisions("case")


def test_a_file_that_fails_under_us_is_told_in_words(one_case):
    one_case.stop()
    with pytest.raises(LibraryUnavailable, match="cannot be read"):
        one_case.cases()

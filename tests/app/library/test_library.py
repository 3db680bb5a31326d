"""The case library: what is promised to a person about their work."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from threading import Event

import pytest
from hypothesis import given

from app.library import changes, opening, schema
from app.library.cases import CaseStatus, ListedCase
from app.library.history import History
from app.library.library import Library
from domain.annotation import Hint
from domain.errors import LibraryReadOnly, LibraryUnavailable
from domain.provenance import NETWORK, PERSON
from tests.app.library.makers import (
    WAIT_S,
    a_case,
    a_revision,
    annotations,
    some_annotations,
    sql,
    unhurried,
)


def reopened(library: Library, folder) -> Library:
    library.close()
    return Library.open(folder)


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
from app.library import opening
from app.library.library import Library
from tests.app.library.makers import a_case, a_revision
opening.is_on_network = lambda folder: sys.argv[2] == "share"
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


@pytest.mark.parametrize(
    ("place", "enough"),
    # Now and then a log is folded into the file; a share has none, and its commits are alike.
    [("home", 1), ("home", 40), ("home", 211), ("share", 1), ("share", 40)],
)
def test_what_was_said_to_be_saved_survives_kill_9(folder, project_root, enough, place):
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_FOR_EVER, str(folder), place],
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


def test_a_note_and_a_persons_key_come_back_and_are_found(one_case, folder):
    note = "Schraube in L4 – größer?\nZweite Zeile"
    one_case.describe("case", note=note, person="key").result(WAIT_S)
    with closing(reopened(one_case, folder)) as again:
        case = again.case("case")
        assert (case.note, case.person) == (note, "key")
        assert [found.id for found in again.cases("SCHRAUBE film")] == ["case"]
        assert again.cases("schraube elsewhere") == ()


def test_half_a_character_in_a_note_is_replaced_and_saved(one_case):
    one_case.describe("case", note="half \ud83d", person="").result(WAIT_S)
    assert one_case.case("case").note == "half ?"


def test_a_library_for_reading_refuses_a_note(one_case, folder):
    with closing(Library.open(folder)) as second:
        with pytest.raises(LibraryReadOnly):
            second.describe("case", note="x", person="").result(WAIT_S)
        assert second.case("case").note == ""


def test_ten_thousand_cases_come_back_whole_and_are_searched(library):
    statements = [
        statement
        for n in range(10_000)
        for statement in changes.add_case(a_case(str(n), note=f"note {n % 7}"), None)
    ]
    library._writer.submit(*statements).result(WAIT_S)
    cases = library.cases()
    assert len(cases) == 10_000
    assert {case.note for case in cases} == {f"note {n}" for n in range(7)}
    hits = {case.id for case in library.cases("9999")}
    assert hits == {"9999"}
    assert set(library.listed()) == {ListedCase.of(case) for case in cases}


@pytest.mark.parametrize("path", ["/films/a.pdf", "/films/Müller 脊柱.pdf", "/films/\udce9.pdf"])
def test_the_cases_of_a_file_are_its_pages_alone(library, path):
    for page in range(3):
        library.add_case(a_case(str(page), path=path, page=page), None)
    library.add_case(a_case("other", path="/films/b.pdf"), None).result(WAIT_S)
    assert {case.page for case in library.cases_of_file(path)} == {0, 1, 2}
    assert library.cases_of_file("/films/c.pdf") == ()

"""The queue over a sitting: what it begins, pauses, cancels, tries again, and what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.session.fetching import Fetching
from app.session.queue import AT_ONCE, Queue, QueueRow, RowState
from domain.errors import LibraryUnavailable, OutOfMemory, UnreadableFile
from domain.image import Study
from inference.contracts import Failure, Lane
from tests.app.session.sitting import Sitting, read_by_name, tuple_of

PATIENCE_MS = 20000


@pytest.fixture
def sitting(tmp_path: Path, qtbot: QtBot) -> Iterator[Sitting]:
    made = Sitting(tmp_path / "library")
    yield made
    made.close()


def paths(number: int, *, bad: tuple[int, ...] = ()) -> list[Path]:
    names = (f"bad {n}" if n in bad else f"film {n}" for n in range(number))
    return [Path(f"/films/{name}.png") for name in names]


def states(sitting: Sitting) -> Counter[RowState]:
    return Counter(row.state for row in sitting.queue.rows)


def row_named(sitting: Sitting, name: str) -> QueueRow:
    (row,) = [row for row in sitting.queue.rows if row.name == name]
    return row


def work_off(sitting: Sitting, qtbot: QtBot) -> None:
    """Answer whatever is asked until every row has ended."""

    def ended() -> bool:
        sitting.worker.answer(Lane.BATCH)
        return bool(sitting.queue.rows) and sitting.queue.open_count == 0

    qtbot.waitUntil(ended, timeout=PATIENCE_MS)


def wait_for(sitting: Sitting, qtbot: QtBot, asked: int) -> None:
    """Wait until so many questions wait for an answer."""
    qtbot.waitUntil(lambda: len(sitting.worker.waiting) == asked, timeout=PATIENCE_MS)


def test_every_film_becomes_a_case_with_its_answer_and_the_broken_one_a_reason(
    sitting: Sitting, qtbot: QtBot
) -> None:
    troubles: list[object] = []
    sitting.asking.trouble.connect(troubles.append)
    sitting.session.trouble.connect(troubles.append)
    sitting.queue.add_folder(paths(12, bad=(5,)))
    work_off(sitting, qtbot)
    assert states(sitting) == {RowState.DONE: 11, RowState.FAILED: 1}
    assert row_named(sitting, "bad 5").reason == "bad 5.png cannot be read."
    names = [case.name for case in sitting.session.cases]
    assert names == [f"film {n}" for n in range(12) if n != 5]
    assert all(sitting.session.opened(case.id).history.head for case in sitting.session.cases)
    assert sitting.session.current is None
    assert troubles == []


def test_no_more_than_two_films_are_held_and_asked_about_at_once(
    sitting: Sitting, qtbot: QtBot
) -> None:
    sitting.queue.add_folder(paths(6))
    wait_for(sitting, qtbot, AT_ONCE)
    assert {lane for _, _, lane in sitting.worker.waiting} == {Lane.BATCH}
    assert states(sitting) == {RowState.FINDING: 2, RowState.WAITING: 4}
    assert len(sitting.session.cases) == 2
    work_off(sitting, qtbot)


def test_films_of_an_opened_folder_are_read_again_when_their_turn_comes(
    tmp_path: Path, qtbot: QtBot
) -> None:
    read: list[str] = []

    def note(path: Path, *, page: int = 0) -> Study:
        read.append(path.stem)
        return read_by_name(path)

    sitting = Sitting(tmp_path / "library", read=note)
    with qtbot.waitSignal(sitting.session.reading_finished, timeout=PATIENCE_MS):
        sitting.session.open_paths(paths(12))
    sitting.worker.answer()
    work_off(sitting, qtbot)
    assert len(sitting.queue.rows) == 11  # the first is on screen and was asked about there
    assert len(sitting.session._images) <= 4
    assert Counter(read).most_common(1)[0][1] == 2
    assert all(sitting.session.opened(case.id).history.head for case in sitting.session.cases)
    sitting.close()


def test_pause_begins_nothing_more_and_resume_goes_on(sitting: Sitting, qtbot: QtBot) -> None:
    sitting.queue.add_folder(paths(5))
    wait_for(sitting, qtbot, AT_ONCE)
    sitting.queue.pause()
    sitting.worker.answer()
    qtbot.waitUntil(lambda: states(sitting)[RowState.DONE] == AT_ONCE, timeout=PATIENCE_MS)
    qtbot.wait(50)
    assert states(sitting) == {RowState.DONE: 2, RowState.WAITING: 3}
    assert sitting.queue.seconds_left is None
    sitting.queue.resume()
    work_off(sitting, qtbot)
    assert states(sitting) == {RowState.DONE: 5}


def test_cancel_ends_every_row_keeps_what_was_found_and_gives_up_questions(
    sitting: Sitting, qtbot: QtBot
) -> None:
    sitting.queue.add_folder(paths(5))
    wait_for(sitting, qtbot, AT_ONCE)
    sitting.worker.answer()
    wait_for(sitting, qtbot, AT_ONCE)
    sitting.queue.cancel()
    qtbot.waitUntil(lambda: not sitting.worker.waiting, timeout=PATIENCE_MS)
    assert states(sitting) == {RowState.DONE: 2, RowState.SKIPPED: 3}
    found = [sitting.session.opened(c.id).history.head for c in sitting.session.cases]
    assert sum(head is not None for head in found) == 2
    sitting.queue.clear_ended()
    assert sitting.queue.rows == ()
    sitting.queue.add_folder(paths(5))
    work_off(sitting, qtbot)
    assert states(sitting) == {RowState.SKIPPED: 2, RowState.DONE: 3}


def test_what_failed_is_tried_again_and_the_rest_is_left_alone(
    tmp_path: Path, qtbot: QtBot
) -> None:
    broken = {"film 1"}

    def read(path: Path, *, page: int = 0) -> Study:
        if path.stem in broken:
            raise UnreadableFile("It is on a share that is away.")
        return read_by_name(path)

    sitting = Sitting(tmp_path / "library", read=read)
    sitting.queue.add_folder(paths(3))
    work_off(sitting, qtbot)
    assert row_named(sitting, "film 1").state is RowState.FAILED
    broken.clear()
    sitting.queue.retry_failed()
    assert states(sitting) == {RowState.DONE: 2, RowState.READING: 1}
    work_off(sitting, qtbot)
    assert states(sitting) == {RowState.DONE: 3}
    assert row_named(sitting, "film 1").reason == ""
    sitting.close()


def test_a_failed_answer_stays_in_its_row_and_the_next_is_begun(
    sitting: Sitting, qtbot: QtBot
) -> None:
    troubles: list[object] = []
    sitting.asking.trouble.connect(troubles.append)
    sitting.queue.add_folder(paths(3))
    wait_for(sitting, qtbot, AT_ONCE)
    _, request, _ = sitting.worker.waiting.pop(0)
    sitting.jobs.receive(Failure(request.id, OutOfMemory("Too little memory.", remedy="Close.")))
    work_off(sitting, qtbot)
    assert states(sitting) == {RowState.FAILED: 1, RowState.DONE: 2}
    assert row_named(sitting, "film 0").reason == "Too little memory. Close."
    assert troubles == []


def test_without_weights_every_row_says_so(sitting: Sitting, qtbot: QtBot) -> None:
    sitting.asking.weights_id = None
    sitting.queue.add_folder(paths(2))
    work_off(sitting, qtbot)
    reasons = {row.reason for row in sitting.queue.rows}
    assert states(sitting) == {RowState.FAILED: 2}
    assert reasons == {"No network is installed for this task. Import weights for it."}


def test_a_film_that_comes_on_screen_goes_before_all_others_even_while_paused(
    sitting: Sitting, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(sitting.session.reading_finished, timeout=PATIENCE_MS):
        sitting.session.open_paths(paths(8))
    sitting.queue.pause()
    last = sitting.session.cases[-1]
    with qtbot.waitSignal(sitting.session.case_shown, timeout=PATIENCE_MS):
        sitting.session.show(last.id)
    assert sitting.worker.waiting[-1][0] == last.id
    assert sitting.worker.waiting[-1][2] is Lane.FINAL
    assert sitting.asking.is_busy
    sitting.worker.answer()
    qtbot.waitUntil(lambda: sitting.session.decisions is not None, timeout=PATIENCE_MS)
    assert row_named(sitting, last.name).state is RowState.DONE
    sitting.queue.cancel()


def test_opening_a_case_does_not_wait_for_the_answer_of_the_last(
    sitting: Sitting, qtbot: QtBot
) -> None:
    sitting.session.open_paths(paths(1))
    wait_for(sitting, qtbot, 1)
    sitting.session.open_paths([Path("/films/other.png")])
    qtbot.waitUntil(lambda: len(sitting.worker.waiting) == 2, timeout=PATIENCE_MS)
    assert sitting.session.current is not None
    assert sitting.session.current.case.name == "other"
    assert sitting.session.decisions is None


def test_analysing_again_asks_also_where_corners_are_and_undo_brings_them_back(
    sitting: Sitting, qtbot: QtBot
) -> None:
    sitting.session.open_paths(paths(1))
    wait_for(sitting, qtbot, 1)
    sitting.worker.answer()
    qtbot.waitUntil(lambda: sitting.session.decisions is not None, timeout=PATIENCE_MS)
    case_id = sitting.session.current.case.id
    sitting.editing.accept()
    head = sitting.session.current.history.head
    sitting.queue.add_cases([case_id])
    assert sitting.queue.rows[-1].state is RowState.SKIPPED
    sitting.queue.add_cases([case_id, case_id], again=True)
    assert len(sitting.queue.rows) == 2
    work_off(sitting, qtbot)
    assert not sitting.session.decisions.accepted
    sitting.editing.undo()
    assert sitting.session.current.history.head == head


def test_a_case_removed_while_it_waits_is_skipped_and_said(sitting: Sitting, qtbot: QtBot) -> None:
    with qtbot.waitSignal(sitting.session.reading_finished, timeout=PATIENCE_MS):
        sitting.session.open_paths(paths(8))
    sitting.queue.pause()
    last = sitting.session.cases[-1]
    sitting.session.remove(last.id)
    assert row_named(sitting, last.name).reason == "The case was removed."
    sitting.queue.resume()
    sitting.worker.answer()
    work_off(sitting, qtbot)
    with pytest.raises(LibraryUnavailable):
        sitting.session.opened(last.id)


def test_other_pixels_in_the_file_of_a_waiting_case_are_refused(
    tmp_path: Path, qtbot: QtBot
) -> None:
    swapped: set[str] = set()

    def read(path: Path, *, page: int = 0) -> Study:
        study = read_by_name(path.with_name("other.png") if path.stem in swapped else path)
        return Study(path.stem, str(path), study.image)

    sitting = Sitting(tmp_path / "library", read=read)
    sitting.session.settings.finds_on_opening = False
    with qtbot.waitSignal(sitting.session.reading_finished, timeout=PATIENCE_MS):
        sitting.session.open_paths(paths(8))
    swapped.add("film 1")
    (case,) = [case for case in sitting.session.cases if case.name == "film 1"]
    sitting.queue.add_cases([case.id])
    work_off(sitting, qtbot)
    assert "is not the film it was" in sitting.queue.rows[0].reason
    sitting.close()


def test_a_film_found_at_a_new_place_is_known_there_and_a_copy_changes_nothing(
    tmp_path: Path, qtbot: QtBot
) -> None:
    here = tmp_path / "film 0.png"
    here.touch()

    def read(path: Path, *, page: int = 0) -> Study:
        return replace(read_by_name(path), path=str(path))

    sitting = Sitting(tmp_path / "library", read=read)
    seen = []
    for place in (Path("/films/film 0.png"), here, Path("/copy/film 0.png")):
        with qtbot.waitSignal(sitting.queue.rows_changed, timeout=PATIENCE_MS):
            sitting.queue.add_folder([place])
        work_off(sitting, qtbot)
        (case,) = sitting.session.cases
        seen.append(case.path)
    assert seen == ["/films/film 0.png", str(here), str(here)]
    assert states(sitting) == {RowState.DONE: 1, RowState.SKIPPED: 2}
    sitting.close()
    again = Sitting(tmp_path / "library")
    assert [case.path for case in again.session.cases] == [str(here)]
    again.close()


def test_time_to_go_follows_the_pace_and_is_not_said_before_there_is_one(
    sitting: Sitting, qtbot: QtBot
) -> None:
    now = [100.0]
    films = Fetching(read=read_by_name, expand=tuple_of, thumbnail=lambda _: b"")
    queue = Queue(sitting.session, sitting.asking, films=films, clock=lambda: now[0])
    queue.add_folder(paths(8))
    wait_for(sitting, qtbot, AT_ONCE)
    assert queue.seconds_left is None
    now[0] += 10
    sitting.worker.answer()
    wait_for(sitting, qtbot, AT_ONCE)
    assert queue.seconds_left == pytest.approx(30.0)
    queue.cancel()
    queue.close()


def test_a_folder_without_films_is_said(tmp_path: Path, qtbot: QtBot) -> None:
    sitting = Sitting(tmp_path / "library")

    def nothing(_: object) -> tuple[Path, ...]:
        raise UnreadableFile("“empty” holds no film.")

    films = Fetching(read=read_by_name, expand=nothing, thumbnail=lambda _: b"")
    queue = Queue(sitting.session, sitting.asking, films=films)
    with qtbot.waitSignal(queue.trouble, timeout=PATIENCE_MS) as told:
        queue.add_folder([Path("/empty")])
    assert "holds no film" in told.args[0].what
    assert queue.rows == ()
    queue.close()
    sitting.close()


def test_a_folder_without_films_beside_another_is_said_and_stops_nothing(
    tmp_path: Path, qtbot: QtBot
) -> None:
    sitting = Sitting(tmp_path / "library")
    empty, film = tmp_path / "empty", tmp_path / "film"
    empty.mkdir()
    films = Fetching(read=read_by_name, expand=lambda _: (film,), thumbnail=lambda _: b"")
    queue = Queue(sitting.session, sitting.asking, films=films)
    with qtbot.waitSignal(queue.trouble, timeout=PATIENCE_MS) as told:
        queue.add_folder([film, empty])
    assert told.args[0].what == "“empty” holds no film."
    assert len(queue.rows) == 1
    queue.close()
    sitting.close()

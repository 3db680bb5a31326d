"""Many studies at once: asked in the background as a person wishes, each with what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.library.cases import CaseStatus
from app.session.fetching import Fetching
from app.session.localising import DONE, Localising
from app.session.queue import AT_ONCE, Queue, RowState
from domain.errors import OutOfMemory, UnreadableFile
from domain.image import Image, Study
from domain.implant import ImplantOptions, Verdict
from inference.contracts import Failure, Lane, Progress
from tests.app.session.implant_sitting import ImplantSitting, a_cine, a_panoramic
from tests.app.session.sitting import tuple_of

USUAL = ImplantOptions().level

PATIENCE_MS = 60000


def picture(name: str) -> Image:
    seed = sum(name.encode())
    return a_panoramic(seed=seed) if "pano" in name else a_cine(seed=seed)


@dataclass
class Desk:
    """A sitting with a queue; files that are `lost` cannot be read any more."""

    sitting: ImplantSitting
    queue: Queue
    localising: Localising
    lost: set[str]
    qtbot: QtBot

    def open(self, *names: str) -> list[str]:
        """The ids of the cases, in order."""
        for name in names:
            self.sitting.show(picture(name), name)
        ids = {case.name: case.id for case in self.sitting.session.cases}
        return [ids[name] for name in names]

    def begin(self, case_ids: list[str]) -> None:
        self.localising.begin(self.localising.look_at(case_ids))

    def wait_for(self, asked: int) -> None:
        waiting = self.sitting.worker.waiting
        self.qtbot.waitUntil(lambda: len(self.sitting.worker.waiting) == asked, timeout=PATIENCE_MS)
        assert len(waiting) <= AT_ONCE

    def work_off(self) -> None:
        def ended() -> bool:
            self.sitting.worker.answer()
            return self.queue.open_count == 0

        self.qtbot.waitUntil(ended, timeout=PATIENCE_MS)

    def states(self) -> list[RowState]:
        return [row.state for row in self.queue.rows]

    def level(self, case_id: str) -> int:
        decisions = self.sitting.session.opened(case_id).history.current
        assert decisions is not None
        assert decisions.implants is not None
        assert decisions.implants.options is not None
        return decisions.implants.options.level


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Iterator[Desk]:
    sitting = ImplantSitting(tmp_path / "library")
    lost: set[str] = set()

    def read(path: Path, *, page: int = 0) -> Study:
        if path.stem in lost:
            raise UnreadableFile(f"{path.name} cannot be read.")
        return Study(path.stem, str(path), picture(path.stem))

    films = Fetching(read=read, expand=tuple_of, thumbnail=lambda _: b"")
    queue = Queue(sitting.session, sitting.asking, films=films)
    localising = Localising(sitting.session, sitting.asking, healing=sitting.healing, queue=queue)
    yield Desk(sitting, queue, localising, lost, qtbot)
    queue.close()
    sitting.close()


def test_all_are_asked_as_wished_when_it_was_said_and_every_answer_is_kept(desk: Desk) -> None:
    ids = desk.open(*"abcdef")
    desk.sitting.healing.ask_for(level=100, seed=3)
    desk.begin(ids)
    desk.sitting.healing.ask_for(level=600)  # a later wish is for what is asked later
    desk.wait_for(AT_ONCE)
    for request, _, lane in desk.sitting.worker.waiting:
        assert (request.options.level, request.seed, lane) == (100, 3, Lane.BATCH)
    desk.work_off()
    assert desk.states() == [RowState.DONE] * 6
    library = desk.sitting.library
    for case_id in ids:
        opened = desk.sitting.session.opened(case_id)
        assert desk.level(case_id) == 100
        assert [item.action for item in opened.history.strip()][-1] == "Localised at λ 100"
        desk.qtbot.waitUntil(lambda case_id=case_id: len(library.result_keys(case_id)) == 1)


def test_one_that_fails_is_named_with_why_and_the_others_go_on(desk: Desk) -> None:
    ids = desk.open(*"abcdefg")
    desk.lost.add("b")
    desk.begin(ids)
    desk.wait_for(AT_ONCE)
    (request, _, _), *_ = desk.sitting.worker.waiting
    desk.sitting.worker.waiting.pop(0)
    why = OutOfMemory("There was too little memory for this.", remedy="Close other programs.")
    desk.sitting.jobs.receive(Failure(request.id, why))
    desk.work_off()
    failed = {row.name: row.reason for row in desk.queue.rows if row.state is RowState.FAILED}
    assert failed.pop("b") == "b.dcm cannot be read."
    assert list(failed.values()) == ["There was too little memory for this. Close other programs."]
    assert desk.states().count(RowState.DONE) == 5
    assert desk.sitting.troubles == []


def test_what_has_such_an_answer_is_skipped_and_another_level_is_asked(desk: Desk) -> None:
    ids = desk.open("a", "b")
    desk.sitting.localise(desk.qtbot)  # b, which is on screen, as usual
    batch = desk.localising.look_at(ids)
    assert batch.fresh == (ids[0],)
    desk.begin(ids)
    desk.work_off()
    rows = {row.name: (row.state, row.reason) for row in desk.queue.rows}
    assert rows == {"a": (RowState.DONE, ""), "b": (RowState.SKIPPED, DONE)}
    assert desk.localising.look_at(ids).fresh == ()
    desk.sitting.healing.ask_for(seed=1)
    assert desk.localising.look_at(ids).fresh == tuple(ids)
    desk.sitting.healing.ask_for(seed=0, level=200)
    assert desk.localising.look_at(ids).fresh == tuple(ids)


def test_one_that_a_person_localises_meanwhile_is_not_asked_twice(desk: Desk) -> None:
    ids = desk.open("a", "b", "c")
    desk.queue.pause()
    desk.begin(ids)
    desk.sitting.localise(desk.qtbot)
    desk.queue.resume()
    desk.work_off()
    assert desk.states() == [RowState.DONE, RowState.DONE, RowState.SKIPPED]


def test_what_a_person_judged_stays_and_undo_brings_all_of_it_back(desk: Desk) -> None:
    (case_id,) = desk.open("a")
    desk.sitting.localise(desk.qtbot)
    desk.sitting.judging.judge(Verdict.REJECTED, 1)
    desk.sitting.judging.accept_all()
    assert desk.sitting.session.opened(case_id).case.status is CaseStatus.REVIEWED
    desk.sitting.healing.ask_for(level=150)
    assert desk.localising.look_at([case_id]).reviewed == 1
    desk.begin([case_id])
    desk.work_off()
    decided = desk.sitting.healing.decided
    assert decided is not None
    assert decided.options.level == 150
    assert Verdict.REJECTED in {one.verdict for one in decided.implants}
    assert not desk.sitting.session.decisions.accepted
    desk.sitting.editing.undo()
    assert desk.level(case_id) == USUAL
    assert desk.sitting.session.decisions.accepted


def test_a_film_of_the_spine_becomes_a_study_where_that_is_agreed(desk: Desk) -> None:
    ids = desk.open("pano 1", "pano 2", "a")
    session = desk.sitting.session
    assert [session.case(one).task for one in ids] == ["vertebrae", "vertebrae", "implant"]
    batch = desk.localising.look_at(ids)
    assert batch.others == tuple(ids[:2])
    desk.localising.begin(batch)
    desk.work_off()
    assert [session.case(one).task for one in ids] == ["implant"] * 3
    assert all(desk.level(one) == USUAL for one in ids)
    assert [case.task for case in desk.sitting.library.cases()] == ["implant"] * 3


def test_what_was_asked_otherwise_before_is_given_up(desk: Desk) -> None:
    """Panoramic films open as films of the spine, and the queue looks for corners in them."""
    ids = desk.open(*(f"pano {number}" for number in range(4)))
    desk.queue.add_cases(ids[:3])
    assert {request.task for request, _, _ in desk.sitting.worker.waiting} == {"vertebrae"}
    desk.begin(ids)
    assert len(desk.queue.rows) == 4
    desk.work_off()
    assert desk.states() == [RowState.DONE] * 4
    assert all(desk.level(one) == USUAL for one in ids)
    for case_id in ids:
        decisions = desk.sitting.session.opened(case_id).history.current
        assert decisions.points is None
    desk.sitting.show(picture("pano 9"), "pano 9")
    assert desk.sitting.session.task == "implant"  # films of such a shape are taken for the same


def test_who_asks_twice_the_same_is_asked_once_and_a_newer_wish_counts(desk: Desk) -> None:
    ids = desk.open("a", "b", "c")
    desk.begin(ids)
    first = [request.id for request, _, _ in desk.sitting.worker.waiting]
    desk.begin(ids)
    assert [request.id for request, _, _ in desk.sitting.worker.waiting] == first
    assert len(desk.queue.rows) == 3
    desk.sitting.healing.ask_for(level=50)
    desk.begin(ids)
    assert {request.options.level for request, _, _ in desk.sitting.worker.waiting} == {50}
    desk.work_off()
    assert {desk.level(one) for one in ids} == {50}


def test_cancel_keeps_what_was_found_and_gives_up_the_rest(desk: Desk) -> None:
    ids = desk.open(*"abcdef")
    desk.begin(ids)
    desk.wait_for(AT_ONCE)
    desk.sitting.worker.answer()
    desk.wait_for(AT_ONCE)
    desk.queue.cancel()
    desk.qtbot.waitUntil(lambda: not desk.sitting.worker.waiting)
    assert desk.states().count(RowState.DONE) == AT_ONCE
    assert desk.states().count(RowState.SKIPPED) == 4


def test_how_far_a_study_is_is_told_in_tenths(desk: Desk) -> None:
    desk.begin(desk.open("a"))
    told: list[int] = []
    desk.queue.row_changed.connect(lambda key: told.append(desk.queue.row(key).tenths))
    ((request, _, _),) = desk.sitting.worker.waiting
    for done in range(60):
        desk.sitting.jobs.receive(Progress(request.id, done, 60, "healing"))
    desk.sitting.jobs.receive(Progress(request.id, 0, 0, "loading"))
    desk.qtbot.waitUntil(lambda: told[-1:] == [0])
    assert told == [*range(1, 10), 0]
    desk.work_off()

"""A sitting's history: gestures, answers in any order, branches, and the way back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.library.history import History
from domain.annotation import Annotations
from domain.errors import WrongUse
from domain.measures import Measure, MeasureKind
from domain.provenance import NETWORK, PERSON
from domain.revision import Revision, gesture_end, redo_target
from tests.app.library.makers import IMAGE, some_annotations, unhurried


def proposed(**options) -> History:
    history = History({}, None, case_id="case", **options)
    history.record(some_annotations(), gesture="P", author=NETWORK, action="Found corners")
    return history


def drag(history: History, gesture: str, *, row: float = 9.0) -> Revision:
    moved = replace(history.current, points=some_annotations(row).points)
    return history.record(moved, gesture=gesture, author=PERSON, action=gesture)


def answer(history: History, to: Revision, *, row: float = 10.0) -> tuple[Revision, bool]:
    return history.answer(to.gesture, to.id, some_annotations(row), to.action)


def test_an_empty_history_shows_nothing_and_moves_nowhere():
    history = History({}, None, case_id="case")
    assert history.current is None
    assert not history.can_undo
    assert not history.can_redo
    assert history.undo() is None
    assert history.redo() is None
    assert history.strip() == ()


def test_the_first_proposal_is_nobody_s_gesture():
    history = proposed()
    assert history.current == some_annotations()
    assert not history.can_undo
    assert history.undo() is None
    assert history.revisions[history.head].parent is None


def test_undo_takes_back_the_drag_and_its_answer_together():
    history = proposed()
    first = history.head
    dragged = drag(history, "A")
    answered, applied = answer(history, dragged)
    assert applied
    assert history.head == answered.id
    assert history.undo().id == first
    assert history.redo().id == answered.id
    assert history.current == some_annotations(10.0)


def test_an_answer_to_an_undone_gesture_is_kept_but_not_shown():
    history = proposed()
    first = history.head
    dragged = drag(history, "A")
    history.undo()
    answered, applied = answer(history, dragged)
    assert not applied
    assert history.head == first
    assert history.redo().id == answered.id


def test_an_answer_after_undo_and_redo_is_shown():
    history = proposed()
    dragged = drag(history, "A")
    history.undo()
    history.redo()
    answered, applied = answer(history, dragged)
    assert applied
    assert history.head == answered.id


def test_a_drag_before_the_answer_is_kept():
    history = proposed()
    first = drag(history, "A")
    second = drag(history, "B", row=20.0)
    late, applied = answer(history, first)
    assert not applied
    assert late.parent == first.id
    assert history.current == some_annotations(20.0)
    assert history.undo().id == late.id
    assert history.redo().id == second.id


def test_an_answer_that_comes_back_to_its_head_does_not_cut_off_redo():
    history = proposed()
    first = drag(history, "A")
    second = drag(history, "B")
    history.undo()
    answered, applied = answer(history, first)
    assert applied
    assert history.head == answered.id
    assert history.redo().id == second.id


def test_a_proposal_asked_before_the_first_drag_is_kept_beside_it():
    history = History({}, None, case_id="case")
    kept = history.record(some_annotations(), gesture="P", author=NETWORK, action="Found")
    late, applied = history.answer("Q", None, some_annotations(3.0), "Found")
    assert not applied
    assert history.head == kept.id
    assert late.parent is None


def test_redo_returns_to_the_branch_that_was_left():
    history = proposed()
    older = drag(history, "A")
    history.undo()
    newer = drag(history, "B")
    history.jump(older.id)
    history.undo()
    assert history.redo().id == older.id
    history.undo()
    drag(history, "C")
    assert not history.can_redo
    history.jump(newer.id)
    assert not history.can_redo


def test_the_way_to_redo_survives_a_restart():
    history = proposed()
    older = drag(history, "A")
    history.undo()
    drag(history, "B")
    history.jump(older.id)
    history.undo()
    again = History(history.revisions, history.head, case_id="case", tip=older.id)
    assert again.redo().id == older.id


def test_scrubbing_back_on_a_line_keeps_what_lies_ahead():
    history = proposed()
    first = drag(history, "A")
    drag(history, "B")
    last = drag(history, "C")
    history.jump(first.id)
    history.redo()
    assert history.redo().id == last.id


def test_time_goes_forward_though_the_clock_goes_back():
    times = iter([100.0, 50.0, 50.0, 200.0])
    history = proposed(clock=lambda: next(times))
    for name in "ABC":
        drag(history, name)
    created = [revision.created for revision in history.revisions.values()]
    assert created == sorted(set(created))
    assert created[0] == 100.0
    assert created[-1] == 200.0


def test_time_goes_on_from_what_the_library_holds():
    stored = proposed(clock=lambda: 500.0)
    again = History(stored.revisions, stored.head, case_id="case", clock=lambda: 1.0)
    assert drag(again, "A").created > 500.0


def test_a_gesture_cannot_happen_in_two_places():
    history = proposed()
    drag(history, "A")
    drag(history, "B")
    with pytest.raises(WrongUse):
        drag(history, "A")
    with pytest.raises(WrongUse):
        history.answer("A", history.head, some_annotations(), "A")


def test_an_unknown_revision_is_refused():
    history = proposed()
    head = history.head
    with pytest.raises(WrongUse):
        history.jump("nowhere")
    with pytest.raises(WrongUse):
        history.answer("A", "nowhere", some_annotations(), "A")
    assert history.head == head


def test_a_lost_head_gives_way_to_the_newest():
    stored = proposed()
    newest = drag(stored, "A")
    assert History(stored.revisions, "lost", case_id="case", tip="lost").head == newest.id


def measured(history: History, gesture: str) -> Revision:
    """One more measure on what is decided now."""
    now = history.current
    line = Measure(gesture, MeasureKind.LINE, ((0.0, 0.0), (3.0, 4.0)))
    more = replace(now, measures=(*now.measures, line))
    return history.record(more, gesture=gesture, author=PERSON, action="Measured")


def names(history: History) -> list[str]:
    return [measure.id for measure in history.current.measures]


def row(history: History) -> float:
    return float(history.current.points.coordinates[0, 0])


def answered_late(history: History, asked: Revision) -> Revision:
    revision, _ = answer(history, asked)
    history.carry(revision)
    return revision


def test_an_answer_changes_no_measure():
    history = proposed()
    measured(history, "M")
    dragged = drag(history, "A", row=7.0)
    history.answer("A", dragged.id, some_annotations(8.0), "A")
    assert (row(history), names(history)) == (8.0, ["M"])


def test_what_was_measured_meanwhile_goes_on_from_the_answer():
    history = proposed()
    dragged = drag(history, "A")
    before = row(history)
    measured(history, "M1")
    measured(history, "M2")
    answered_late(history, dragged)
    assert (row(history), names(history)) == (10.0, ["M1", "M2"])
    history.undo()
    assert (row(history), names(history)) == (10.0, ["M1"])
    history.undo()
    assert (row(history), names(history)) == (10.0, [])
    history.redo()
    history.redo()
    assert (row(history), names(history)) == (10.0, ["M1", "M2"])
    for _ in range(3):
        history.undo()
    assert row(history) != before
    assert history.redo().gesture == "A"
    gestures = [item.gesture for item in history.strip()]
    assert gestures == ["P", "A", "M1", "M2"]
    assert {item.branch for item in history.strip()} == {0}


def test_a_question_asked_after_the_measure_finds_it_where_it_went():
    history = proposed()
    dragged = drag(history, "A")
    asked_from = measured(history, "M").id
    answered_late(history, dragged)
    found, applied = history.answer("Q", asked_from, some_annotations(33.0), "Found")
    assert applied
    assert history.head == found.id
    assert (row(history), names(history)) == (33.0, ["M"])


def test_a_measure_that_was_undone_meanwhile_is_redone_upon_the_answer():
    history = proposed()
    dragged = drag(history, "A")
    measured(history, "M")
    history.undo()
    answered_late(history, dragged)
    assert (row(history), names(history)) == (10.0, [])
    history.redo()
    assert (row(history), names(history)) == (10.0, ["M"])


def test_the_first_proposal_and_what_was_measured_before_it_are_both_there():
    history = History({}, None, case_id="case")
    history.record(Annotations(IMAGE), gesture="O", author=PERSON, action="Opened")
    measured(history, "M")
    found, applied = history.answer("P", None, some_annotations(5.0), "Found")
    assert not applied
    history.carry(found)
    assert (row(history), names(history)) == (5.0, ["M"])
    history.undo()
    assert (row(history), names(history)) == (5.0, [])


def test_a_corner_moved_meanwhile_still_keeps_the_answer_off_the_screen():
    history = proposed()
    dragged = drag(history, "A")
    measured(history, "M")
    later = drag(history, "B", row=77.0)
    answered_late(history, dragged)
    assert history.head == later.id
    history.undo()
    assert (row(history), names(history)) == (10.0, ["M"])


def test_a_second_answer_to_one_question_takes_no_measure_along():
    history = proposed()
    dragged = drag(history, "A")
    measured(history, "M")
    answered_late(history, dragged)
    shown = history.head
    again, _ = history.answer("Q", dragged.id, some_annotations(99.0), "Found")
    assert history.carry(again) == ()
    assert history.head == shown


class AnySitting(RuleBasedStateMachine):
    """Whatever a person and a slow network do, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.history = proposed()
        self.waiting: list[Revision] = []
        self.count = 0

    @rule(asks=st.booleans())
    def drag(self, asks):
        self.count += 1
        head = self.history.head
        made = drag(self.history, f"g{self.count}", row=float(self.count))
        assert made.parent == head
        assert self.history.head == made.id
        assert not self.history.can_redo
        if asks:
            self.waiting.append(made)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def answer_arrives(self, data):
        asked = self.waiting.pop(data.draw(st.integers(0, len(self.waiting) - 1)))
        before = self.history.head
        measures = names(self.history)
        made, applied = answer(self.history, asked, row=-1.0)
        carried = self.history.carry(made)
        assert applied == (before == asked.id)
        moved = [revision.id for revision, is_head in carried if is_head]
        assert self.history.head == (made.id if applied else [before, *moved][-1])
        assert names(self.history) == measures

    @rule()
    def measure(self):
        self.count += 1
        before = names(self.history)
        made = measured(self.history, f"m{self.count}")
        assert names(self.history) == [*before, made.gesture]

    @rule()
    def undo_then_redo(self):
        before = self.history.head
        end = gesture_end(self.history.revisions, member=before)
        undone = self.history.undo()
        if undone is None:
            assert self.history.revisions[before].gesture == "P"
        else:
            assert self.history.redo().id == end

    @rule()
    def undo(self):
        before = self.history.revisions[self.history.head]
        undone = self.history.undo()
        if undone is not None:
            assert undone.gesture != before.gesture
            assert gesture_end(self.history.revisions, member=undone.id) == undone.id

    @rule()
    def redo(self):
        before = self.history.revisions[self.history.head]
        redone = self.history.redo()
        if redone is not None:
            assert redone.gesture != before.gesture
            assert self.history.undo().gesture == before.gesture
            assert self.history.redo() == redone

    @rule(data=st.data())
    def jump(self, data):
        target = data.draw(st.sampled_from(list(self.history.revisions)))
        assert self.history.jump(target).id == self.history.head == target

    @invariant()
    def strip_tells_the_truth(self):
        items = {item.gesture: item for item in self.history.strip()}
        revisions = self.history.revisions
        assert set(items) == {revision.gesture for revision in revisions.values()}
        current = [item for item in items.values() if item.is_current]
        assert [item.gesture for item in current] == [revisions[self.history.head].gesture]
        for item in items.values():
            assert item.depth == (items[item.parent].depth + 1 if item.parent else 0)

    @invariant()
    def the_current_state_is_the_head_s(self):
        assert self.history.current is self.history.revisions[self.history.head].annotations

    @invariant()
    def what_can_be_done_is_said(self):
        head = self.history.head
        assert self.history.can_undo == (self.history.revisions[head].gesture != "P")
        if redo_target(self.history.revisions, head=head) is not None:
            assert self.history.can_redo


AnySitting.TestCase.settings = settings(unhurried, max_examples=60, stateful_step_count=30)
TestAnySitting = AnySitting.TestCase

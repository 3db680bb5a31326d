"""Undo and redo as rules over any history: whole gestures, branches, late answers."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.annotation import Annotations
from domain.provenance import NETWORK, PERSON
from domain.revision import (
    Revision,
    gesture_end,
    gesture_root,
    line_of,
    redo_target,
    undo_target,
)

unhurried = settings(suppress_health_check=[HealthCheck.too_slow])


def history(*steps: tuple[str, str | None, str]) -> dict[str, Revision]:
    """Revisions from (id, parent, gesture), in the order they were made."""
    return {
        name: Revision(
            id=name,
            case_id="case",
            parent=parent,
            gesture=gesture,
            author=NETWORK if parent is None else PERSON,
            action=name,
            created=float(number),
            annotations=Annotations("sha"),
        )
        for number, (name, parent, gesture) in enumerate(steps)
    }


@st.composite
def histories(draw: st.DrawFn) -> dict[str, Revision]:
    """Any tree: gestures made from any revision, answers that come at any later time."""
    steps: list[tuple[str, str | None, str]] = [("0", None, "g0")]
    for number in range(1, draw(st.integers(1, 14))):
        name, parent, gesture = draw(st.sampled_from(steps))
        del parent
        is_answer = draw(st.booleans())
        steps.append((str(number), name, gesture if is_answer else f"g{number}"))
    return history(*steps)


def ends(revisions: dict[str, Revision]) -> list[str]:
    return sorted({gesture_end(revisions, member=name) for name in revisions})


@unhurried
@given(histories())
def test_nothing_lies_before_the_first_proposal(revisions):
    assert undo_target(revisions, head="0") is None
    first = gesture_end(revisions, member="0")
    assert undo_target(revisions, head=first) is None


@unhurried
@given(histories(), st.data())
def test_undo_leaves_the_whole_gesture_and_never_lands_inside_one(revisions, data):
    head = data.draw(st.sampled_from(sorted(revisions)))
    target = undo_target(revisions, head=head)
    if target is None:
        assert revisions[head].gesture == "g0"
    else:
        assert revisions[target].gesture != revisions[head].gesture
        assert gesture_end(revisions, member=target) == target


@unhurried
@given(histories(), st.data())
def test_redo_brings_back_what_undo_took_on_any_branch(revisions, data):
    head = data.draw(st.sampled_from(ends(revisions)))
    target = undo_target(revisions, head=head)
    if target is not None:
        assert redo_target(revisions, head=target, tip=head) == head


@unhurried
@given(histories(), st.data())
def test_any_run_of_undos_is_redone_step_by_step(revisions, data):
    start = data.draw(st.sampled_from(ends(revisions)))
    way = [start]
    while (target := undo_target(revisions, head=way[-1])) is not None:
        way.append(target)
    assert revisions[way[-1]].gesture == "g0"
    back = [way[-1]]
    for _ in way[1:]:
        target = redo_target(revisions, head=back[-1], tip=start)
        assert target is not None
        back.append(target)
    assert back == way[::-1]


@unhurried
@given(histories(), st.data())
def test_undo_takes_back_what_redo_brought(revisions, data):
    head = data.draw(st.sampled_from(ends(revisions)))
    target = redo_target(revisions, head=head)
    if target is not None:
        assert undo_target(revisions, head=target) == head


@unhurried
@given(histories(), st.data())
def test_a_gesture_s_root_and_end_belong_to_it(revisions, data):
    member = data.draw(st.sampled_from(sorted(revisions)))
    root, end = gesture_root(revisions, member=member), gesture_end(revisions, member=member)
    assert root.gesture == revisions[member].gesture == revisions[end].gesture
    assert root in line_of(revisions, member=member)


def test_without_a_tip_redo_takes_the_newest_branch():
    revisions = history(("p", None, "P"), ("a", "p", "A"), ("b", "p", "B"), ("b2", "b", "B"))
    assert redo_target(revisions, head="p") == "b2"
    assert redo_target(revisions, head="p", tip="a") == "a"
    assert redo_target(revisions, head="a") is None


def test_an_answer_that_comes_after_the_next_drag_belongs_to_its_own_gesture():
    revisions = history(("p", None, "P"), ("a", "p", "A"), ("b", "a", "B"), ("a2", "a", "A"))
    assert undo_target(revisions, head="b") == "a2"
    assert undo_target(revisions, head="a2") == "p"
    assert redo_target(revisions, head="p", tip="b") == "a2"
    assert redo_target(revisions, head="a2", tip="b") == "b"


def test_an_answer_to_an_undone_gesture_comes_back_with_it():
    revisions = history(("p", None, "P"), ("a", "p", "A"), ("a2", "a", "A"))
    assert redo_target(revisions, head="p", tip="a") == "a2"


def test_a_late_answer_to_a_left_branch_does_not_call_redo_away():
    revisions = history(("p", None, "P"), ("a", "p", "A"), ("b", "p", "B"), ("a2", "a", "A"))
    assert redo_target(revisions, head="p") == "b"

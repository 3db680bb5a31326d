"""The history strip: one item a gesture, lanes for branches."""

from __future__ import annotations

from app.library.strip import lay_out
from domain.provenance import NETWORK, PERSON
from tests.app.library.makers import a_revision


def made(*steps: tuple[str, str | None, str]):
    return {
        name: a_revision(
            name,
            parent=parent,
            gesture=gesture,
            created=float(number),
            author=PERSON if parent else NETWORK,
        )
        for number, (name, parent, gesture) in enumerate(steps)
    }


BRANCHED = made(
    ("p", None, "P"),
    ("a", "p", "A"),
    ("a2", "a", "A"),
    ("b", "a2", "B"),
    ("c", "p", "C"),
    ("d", "c", "D"),
    ("c2", "c", "C"),
    ("e", "a", "E"),
)


def test_nothing_has_no_items():
    assert lay_out({}, head=None) == ()


def test_gestures_stand_in_order_with_their_answers():
    items = lay_out(BRANCHED, head="b")
    assert [item.gesture for item in items] == list("PABCDE")
    assert [item.revision_id for item in items] == ["p", "a2", "b", "c2", "d", "e"]
    assert [item.action for item in items][:2] == ["made p", "made a"]
    assert [item.author for item in items][:2] == [NETWORK, PERSON]


def test_branches_open_lanes_of_their_own():
    items = {item.gesture: item for item in lay_out(BRANCHED, head="b")}
    assert {name: item.branch for name, item in items.items()} == {
        "P": 0, "A": 0, "B": 0, "C": 1, "D": 1, "E": 2,
    }  # fmt: skip
    assert {name: item.depth for name, item in items.items()} == {
        "P": 0, "A": 1, "B": 2, "C": 1, "D": 2, "E": 2,
    }  # fmt: skip
    assert {name: item.parent for name, item in items.items()} == {
        "P": None, "A": "P", "B": "A", "C": "P", "D": "C", "E": "A",
    }  # fmt: skip


def test_the_current_line_is_marked():
    items = lay_out(BRANCHED, head="c")
    assert [item.gesture for item in items if item.is_current] == ["C"]
    assert [item.gesture for item in items if item.is_before_current] == ["P", "C"]

"""Hints that cannot all be right, and doubts in sentences for a person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import combinations

from domain.annotation import Annotations, Hint
from domain.doubts import Doubt, DoubtKind
from domain.vertebrae import CORNERS, column_of, corner_name

SAME_PLACE_PX = 1.0
# A leaning vertebra may have its left corners below the right ones of the next. Not so far below.
_SURELY_BELOW = 4  # levels


def doubts_of_hints(hints: Collection[Hint]) -> tuple[Doubt, ...]:
    """What is wrong with hints together; each corner once."""
    pairs = tuple(combinations(sorted(hints, key=lambda hint: hint.index), 2))
    found = ((kind, [pair for pair in pairs if test(*pair)]) for kind, test in _TESTS.items())
    return tuple(
        Doubt(kind, count=len(wrong), landmarks=tuple(hint.index for hint in wrong[0]))
        for kind, wrong in found
        if wrong
    )


def sentences(annotations: Annotations) -> tuple[str, ...]:
    """The doubts about a case that still matter, for a person."""
    return tuple(words for _, words in sentences_by_doubt(annotations))


def sentences_by_doubt(annotations: Annotations) -> tuple[tuple[Doubt, str], ...]:
    """The same, each with the doubt that it says."""
    said = ((doubt, _WORDS[doubt.kind](doubt, annotations)) for doubt in annotations.doubts)
    return tuple((doubt, words) for doubt, words in said if words)


def _same_place(one: Hint, other: Hint) -> bool:
    return max(abs(one.row - other.row), abs(one.column - other.column)) < SAME_PLACE_PX


def _out_of_order(upper: Hint, lower: Hint) -> bool:
    """Whether a corner lies below one that belongs below it."""
    (level, corner), (below, other) = _place(upper), _place(lower)
    if level == below:
        comparable = corner % 2 == other % 2
    else:
        comparable = corner == other or below - level >= _SURELY_BELOW
    return comparable and upper.row >= lower.row + SAME_PLACE_PX


def _sides_swapped(left: Hint, right: Hint) -> bool:
    """Whether a left corner lies right of its own right one."""
    (level, corner), (other_level, other) = _place(left), _place(right)
    beside = level == other_level and (corner, other) in ((0, 1), (2, 3))
    return beside and left.column >= right.column + SAME_PLACE_PX


def _place(hint: Hint) -> tuple[int, int]:
    return divmod(hint.index, len(CORNERS))


_TESTS: Mapping[DoubtKind, Callable[[Hint, Hint], bool]] = {
    DoubtKind.SAME_PLACE: _same_place,
    DoubtKind.ORDER: _out_of_order,
    DoubtKind.SIDES: _sides_swapped,
}


def _unlike(_doubt: Doubt, _annotations: Annotations) -> str:
    return "This picture is unlike the films the network learnt from: check every corner."


def _mirrored(_doubt: Doubt, _annotations: Annotations) -> str:
    return (
        "Left and right seem to be exchanged, or the patient is seen from behind: check the side "
        "marker."
    )


def _few(doubt: Doubt, annotations: Annotations) -> str:
    """Nothing once a person has taken out the vertebrae that are not in the picture."""
    if len(column_of(annotations)) <= doubt.count:
        return ""
    if not doubt.count:
        return "No vertebrae were recognised in the picture: the corners are guesses."
    return f"Only about {doubt.count} vertebrae are in the picture; the others are guesses."


def _pair(said: str) -> Callable[[Doubt, Annotations], str]:
    def words(doubt: Doubt, annotations: Annotations) -> str:
        one, other = (_name(index, annotations) for index in doubt.landmarks)
        more = doubt.count - 1
        also = (
            f" So it is with {more} more pair{'s' if more > 1 else ''} of corners." if more else ""
        )
        return said.format(one, other) + also

    return words


def _name(index: int, annotations: Annotations) -> str:
    """A corner's name in a case, whose column may be counted otherwise than the network's."""
    level, corner = divmod(index, len(CORNERS))
    named = (one.name for one in column_of(annotations) if one.slot == level)
    name = next(named, "")
    return f"{name}.{CORNERS[corner]}" if name else corner_name(index)


_WORDS: Mapping[DoubtKind, Callable[[Doubt, Annotations], str]] = {
    DoubtKind.UNLIKE: _unlike,
    DoubtKind.FEW: _few,
    DoubtKind.MIRRORED: _mirrored,
    DoubtKind.SAME_PLACE: _pair("{} and {} were placed on one spot: they cannot both be right."),
    DoubtKind.ORDER: _pair("{} was placed below {}: they cannot both be right."),
    DoubtKind.SIDES: _pair("{} was placed to the right of {}: they cannot both be right."),
}

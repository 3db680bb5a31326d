"""Hints that cannot all be right, and doubts in sentences for a person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from domain.annotation import Annotations, Hint
from domain.doubts import Doubt, DoubtKind
from domain.vertebrae import CORNERS, column_of, corner_name

SAME_PLACE_PX = 1.0
# A leaning vertebra may have its left corners below the right ones of the next. Not so far below.
_SURELY_BELOW = 4  # levels


def doubts_of_hints(hints: Collection[Hint]) -> tuple[Doubt, ...]:
    """What is wrong with hints together; each corner once."""
    ordered = sorted(hints, key=lambda hint: hint.index)
    wrong = _wrong_pairs(ordered) if len(ordered) > 1 else {}
    return tuple(
        Doubt(kind, count=len(pairs), landmarks=tuple(ordered[n].index for n in pairs[0]))
        for kind, pairs in wrong.items()
        if len(pairs)
    )


def _wrong_pairs(ordered: Sequence[Hint]) -> dict[DoubtKind, NDArray[np.intp]]:
    """(n, 2) pairs of hints, the upper and left one first, that cannot both be right."""
    level, corner = np.divmod([hint.index for hint in ordered], len(CORNERS))
    place = np.array([(hint.row, hint.column) for hint in ordered])
    one, other = np.triu_indices(len(ordered), 1)
    lower, apart = place[other] - place[one], level[other] - level[one]
    is_beside = (corner[one] // 2 == corner[other] // 2) & (apart == 0)
    is_below = (corner[one] % 2 == corner[other] % 2) & (apart == 0)
    is_below |= (corner[one] == corner[other]) & (apart > 0) | (apart >= _SURELY_BELOW)
    wrong = {
        DoubtKind.SAME_PLACE: (np.abs(lower) < SAME_PLACE_PX).all(axis=1),
        DoubtKind.ORDER: is_below & (lower[:, 0] <= -SAME_PLACE_PX),
        DoubtKind.SIDES: is_beside & (lower[:, 1] <= -SAME_PLACE_PX),
    }
    pairs = np.stack([one, other], axis=1)
    return {kind: pairs[is_wrong] for kind, is_wrong in wrong.items()}


def sentences(annotations: Annotations) -> tuple[str, ...]:
    """The doubts about a case that still matter, for a person."""
    return tuple(words for _, words in sentences_by_doubt(annotations))


def sentences_by_doubt(annotations: Annotations) -> tuple[tuple[Doubt, str], ...]:
    """The same, each with the doubt that it says."""
    said = ((doubt, _WORDS[doubt.kind](doubt, annotations)) for doubt in annotations.doubts)
    return tuple((doubt, words) for doubt, words in said if words)


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

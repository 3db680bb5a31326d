"""A miscounted column put right: vertebrae inserted, deleted, slid along and named anew.

Every function gives new annotations that no person has accepted yet. What was decided on a vertebra
(hints, pins, the ends of curves) stays with its landmarks where these stay, and goes with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from domain import numbering
from domain.annotation import Annotations, CurveEnds, Hint
from domain.errors import WrongUse
from domain.geometry import FloatArray, Points
from domain.vertebrae import CORNERS, Extra, column_named, column_of, names_of

LEAST_VERTEBRAE = 3
MOST_VERTEBRAE = 24
UNKNOWN_SPREAD = float("inf")
_FOUR = len(CORNERS)


def insert(annotations: Annotations, at: int) -> Annotations:
    """One more vertebra before place `at` (0 … n): between its neighbours, or beyond an end.

    Raises:
        WrongUse: there is no column, no name is left, or there are too many vertebrae.
    """
    boxes, kept = _boxes(annotations), list(range(len(column_of(annotations))))
    if len(boxes) >= MOST_VERTEBRAE:
        raise WrongUse(f"A column holds at most {MOST_VERTEBRAE} vertebrae.")
    names = numbering.inserted(names_of(annotations), at)
    made = np.insert(boxes, at, _between(boxes, at), axis=0)
    return _renewed(annotations, made, names=names, kept=[*kept[:at], None, *kept[at:]])


def delete(annotations: Annotations, at: int) -> Annotations:
    """The column without the vertebra at place `at`.

    Raises:
        WrongUse: there is no column, or it would be too short.
    """
    boxes, kept = _boxes(annotations), list(range(len(column_of(annotations))))
    if len(boxes) <= LEAST_VERTEBRAE:
        raise WrongUse(
            f"A column has at least {LEAST_VERTEBRAE} vertebrae.",
            remedy="Undo, or find the corners again from scratch.",
        )
    names = numbering.deleted(names_of(annotations), at)
    kept.remove(at)
    return _renewed(annotations, np.delete(boxes, at, axis=0), names=names, kept=kept)


def slide(annotations: Annotations, levels: int) -> Annotations:
    """Every vertebra takes the place of the one below (+1) or above (-1) and keeps its name.

    The one at the end goes as far beyond as its neighbours are apart.

    Raises:
        WrongUse: there is no column.
    """
    boxes, kept = _boxes(annotations), list(range(len(column_of(annotations))))
    if levels > 0:
        made = np.concatenate([boxes[1:], _between(boxes, len(boxes))[None]])
        order = [*kept[1:], None]
    else:
        made = np.concatenate([_between(boxes, 0)[None], boxes[:-1]])
        order = [None, *kept[:-1]]
    return _renewed(annotations, made, names=names_of(annotations), kept=order)


def rename(annotations: Annotations, at: int, name: str) -> Annotations:
    """Another name for the vertebra at place `at`; those below count on from it.

    Raises:
        WrongUse: the name does not fit below the one above.
    """
    return _named(annotations, numbering.renamed(names_of(annotations), at, name))


def shift_names(annotations: Annotations, levels: int) -> Annotations:
    """Every vertebra takes the name of the one below (+1) or above (-1); no landmark moves.

    Raises:
        WrongUse: there is no such name.
    """
    return _named(annotations, numbering.shifted(names_of(annotations), levels))


def extras_of(annotations: Annotations) -> dict[int, Extra]:
    """By place in the column: the vertebrae that the network does not count and no hand holds."""
    column, held = column_of(annotations), {index // _FOUR for index in annotations.held}
    points = annotations.points
    if points is None:
        return {}
    found = {}
    for place, vertebra in enumerate(column):
        if vertebra.slot is None and place not in held:
            corners = points.coordinates[_FOUR * place : _FOUR * (place + 1)].tolist()
            found[place] = Extra(_alike(annotations, place), tuple((r, c) for r, c in corners))
    return found


def told(annotations: Annotations) -> tuple[tuple[Hint, ...], ...]:
    """The rounds of hints by the network's own numbers; what it does not count is left out."""
    column = column_of(annotations)
    rounds = []
    for hints in annotations.rounds:
        known = [(hint, column[hint.index // _FOUR].slot) for hint in hints]
        rounds.append(
            tuple(
                replace(hint, index=_FOUR * slot + hint.index % _FOUR)
                for hint, slot in known
                if slot is not None
            )
        )
    return tuple(hints for hints in rounds if hints)


def _alike(annotations: Annotations, place: int) -> int:
    """The network's vertebra nearest in the column."""
    column = column_of(annotations)
    near = ((abs(other - place), one.slot) for other, one in enumerate(column) if other != place)
    return min(((away, slot) for away, slot in near if slot is not None), default=(0, 0))[1]


def _boxes(annotations: Annotations) -> FloatArray:
    if annotations.points is None:
        raise WrongUse("There is no column on this film yet.", remedy="Find the corners first.")
    return annotations.points.coordinates.reshape(-1, _FOUR, 2)


def _between(boxes: FloatArray, at: int) -> FloatArray:
    """(4, 2) corners of a vertebra before place `at`."""
    if 0 < at < len(boxes):
        made = boxes[at - 1 : at + 1].mean(axis=0)
    else:
        end, next_to_it = (boxes[0], boxes[1]) if at == 0 else (boxes[-1], boxes[-2])
        made = end + (end.mean(axis=0) - next_to_it.mean(axis=0))
    return np.asarray(made, dtype=np.float64)


def _named(annotations: Annotations, names: Sequence[str]) -> Annotations:
    slots = [vertebra.slot for vertebra in column_of(annotations)]
    return replace(annotations, column=column_named(names, slots), accepted=False)


def _renewed(
    annotations: Annotations,
    boxes: FloatArray,
    *,
    names: Sequence[str],
    kept: Sequence[int | None],
) -> Annotations:
    """Other vertebrae: `kept` says which one each was before, None for a new one."""
    old = column_of(annotations)
    slots = [None if was is None else old[was].slot for was in kept]
    index = {
        _FOUR * was + corner: _FOUR * now + corner
        for now, was in enumerate(kept)
        if was is not None
        for corner in range(_FOUR)
    }
    moved = (
        tuple(replace(hint, index=index[hint.index]) for hint in hints if hint.index in index)
        for hints in annotations.rounds
    )
    return replace(
        annotations,
        points=Points(boxes.reshape(-1, 2)),
        rounds=tuple(hints for hints in moved if hints),
        pins=frozenset(index[pin] for pin in annotations.pins if pin in index),
        column=column_named(names, slots),
        confidence=_spread(annotations, kept),
        curve_ends=_ends(annotations, kept),
        accepted=False,
    )


def _spread(annotations: Annotations, kept: Sequence[int | None]) -> tuple[float, ...]:
    known = annotations.confidence
    if not known:
        return ()
    parts = (
        (UNKNOWN_SPREAD,) * _FOUR if was is None else known[_FOUR * was : _FOUR * (was + 1)]
        for was in kept
    )
    return tuple(value for part in parts for value in part)


def _ends(annotations: Annotations, kept: Sequence[int | None]) -> tuple[CurveEnds, ...]:
    """The chosen ends where they are now; measured by rule again where one of them is gone."""
    place = {was: now for now, was in enumerate(kept) if was is not None}
    pairs = [(place.get(ends.upper), place.get(ends.lower)) for ends in annotations.curve_ends]
    found = [CurveEnds(up, low) for up, low in pairs if up is not None and low is not None]
    return tuple(found) if len(found) == len(pairs) else ()

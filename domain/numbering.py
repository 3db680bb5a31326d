"""How vertebrae are named down a column, also where it has more or fewer than most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from domain.errors import WrongUse

LEVELS = (*(f"T{n}" for n in range(1, 13)), *(f"L{n}" for n in range(1, 6)))
OPTIONAL = frozenset({"T13", "L6"})
"""Vertebrae that most people do not have: nothing is called so before a person says it."""
ORDER = (
    *(f"C{n}" for n in range(1, 8)),
    *(f"T{n}" for n in range(1, 14)),
    *(f"L{n}" for n in range(1, 7)),
    *(f"S{n}" for n in range(1, 6)),
)
_PLACE = {name: place for place, name in enumerate(ORDER)}


def is_column(names: Sequence[str]) -> bool:
    """Whether these are names of vertebrae from top to bottom, each once."""
    places = [_PLACE.get(name, -1) for name in names]
    return all(place >= 0 for place in places) and places == sorted(set(places))


def shifted(names: Sequence[str], levels: int) -> tuple[str, ...]:
    """Every vertebra takes the name of the one below (+1) or above (-1).

    Raises:
        WrongUse: there is no such name for the last or the first one.
    """
    known = frozenset(names)
    if levels > 0:
        return (*names[1:], _after(names[-1], known))
    return (_before(names[0], known), *names[:-1])


def inserted(names: Sequence[str], at: int) -> tuple[str, ...]:
    """The names with one more vertebra before place `at`.

    It takes the name that is missing there, or else that of the one below, which with all below it
    goes on counting; above the first and below the last one the others keep their names.

    Raises:
        WrongUse: no name is left.
    """
    known = frozenset(names)
    if at == 0:
        return (_before(names[0], known), *names)
    name = _after(names[at - 1], known)
    return _counted_on((*names[:at], name), names[at:], known)


def deleted(names: Sequence[str], at: int) -> tuple[str, ...]:
    """The names without the vertebra at place `at`: those below count on from the one above."""
    return tuple(names[1:]) if at == 0 else tuple(names[:-1])


def renamed(names: Sequence[str], at: int, name: str) -> tuple[str, ...]:
    """The names with another one at place `at`; those below count on from it.

    Raises:
        WrongUse: a vertebra above it has that name or one of farther down, or no name is left.
    """
    if name not in allowed(names, at):
        above = f"{names[at - 1]} lies above it" if at else "vertebrae are called C1 to S5"
        raise WrongUse(
            f"{names[at]} cannot be called {name}.",
            why=f"{above}.",
            remedy="Move all the names up or down instead, or name the one above first.",
        )
    known = frozenset((*names, name))
    rest = names[at + 1 :]
    result = [*names[:at], name]
    for _ in rest:
        result.append(_after(result[-1], known))
    return tuple(result)


def allowed(names: Sequence[str], at: int) -> tuple[str, ...]:
    """What the vertebra at place `at` can be called: all that leaves names for those below."""
    first = _PLACE[names[at - 1]] + 1 if at else 0
    below = len(names) - at - 1
    return ORDER[first : len(ORDER) - below]


def remarks(names: Sequence[str]) -> tuple[str, ...]:
    """What is unusual about a column, in sentences: levels it has besides, levels it lacks."""
    said = []
    for name, others in (("T13", "thoracic"), ("L6", "lumbar")):
        if name in names:
            said.append(f"{name}: {name[1:]} {others} vertebrae.")
    missing = [
        name
        for name in ORDER[_PLACE[names[0]] : _PLACE[names[-1]]]
        if name not in names and name not in OPTIONAL
    ]
    if missing:
        said.append(f"Not marked: {', '.join(missing)}.")
    return tuple(said)


def _counted_on(
    done: tuple[str, ...], rest: Sequence[str], known: frozenset[str]
) -> tuple[str, ...]:
    """The rest keeps its names where it can, and else takes the next one."""
    result = list(done)
    for name in rest:
        free = _PLACE[name] > _PLACE[result[-1]]
        result.append(name if free else _after(result[-1], known))
    return tuple(result)


def _after(name: str, known: frozenset[str]) -> str:
    below = ORDER[_PLACE[name] + 1 :]
    found = next((one for one in below if one not in OPTIONAL or one in known), None)
    return found or _nothing_left("below", name)


def _before(name: str, known: frozenset[str]) -> str:
    above = ORDER[: _PLACE[name]][::-1]
    found = next((one for one in above if one not in OPTIONAL or one in known), None)
    return found or _nothing_left("above", name)


def _nothing_left(way: str, name: str) -> NoReturn:
    raise WrongUse(
        f"There is no vertebra {way} {name} to name.",
        why="Names run from C1 to S5.",
        remedy="Give another vertebra its right name first.",
    )

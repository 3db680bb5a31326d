"""Looks a folder of films over before anything learns from it or is measured on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.errors import WrongUse
from training.data.aasce import ROW, Labelled, UnfitFilms, is_sound, read_aasce, some_of

FloatArray = NDArray[np.float64]
_LARGEST_SHARE = 1.5  # published corners reach 1.02
_LEAST_RIGHT = 0.5  # of a film's vertebrae: fewer, and another order is meant
_READS = 0.8  # of them, where that order is known (sound films: at most 0.68 of pairs in turns)
_ORDER = "A vertebra's corners are top left, top right, bottom left, bottom right, as on the film."
_BACK = "Put missing films back, or take their rows out of both tables."


@dataclass(frozen=True)
class Checked:
    """A folder that can be learnt from: how many films, and those left out for their corners."""

    films: int
    left_out: tuple[str, ...]


def require_trainable(data: Path) -> Checked:
    """Refuse a folder that nothing can be learnt from, before anything starts.

    Raises:
        WrongUse: it is missing or empty, or its tables do not fit.
        UnfitFilms: films are missing, or corners stand in another order.
    """
    if not data.is_dir():
        raise WrongUse(f"There is no folder {data}.", remedy="Choose the folder with the films.")
    films = read_aasce(data)
    if not films:
        raise WrongUse(
            f"There is no film in {data}.",
            why="Its tables are empty.",
            remedy="Export cases as AASCE training folder, or choose another folder.",
        )
    _require_none([*_file_faults(films), *_corner_faults(films)], of=len(films))
    left_out = tuple(film.name for film in films if not is_sound(film.unit_corners))
    return Checked(len(films), left_out)


def require_order(films: Sequence[Labelled]) -> None:
    """Refuse corners that most vertebrae of a film name in another order, or in other units.

    Films of which a few vertebrae contradict themselves are another matter: they are left out.

    Raises:
        UnfitFilms: with how many rows, and which.
    """
    _require_none(_corner_faults(films), of=len(films))


@dataclass(frozen=True)
class _Fault:
    """What is wrong with some films: "no file"."""

    words: str
    names: tuple[str, ...]
    remedy: str


def _require_none(faults: Iterable[_Fault], *, of: int) -> None:
    found = [fault for fault in faults if fault.names]
    if found:
        raise UnfitFilms(
            "These films cannot be learnt from.",
            why=" ".join(f"{some_of(fault.names, of=of)} have {fault.words}." for fault in found),
            remedy=" ".join(dict.fromkeys(fault.remedy for fault in found)),
            lines=[f"{name}: {fault.words}" for fault in found for name in fault.names],
        )


def _file_faults(films: Sequence[Labelled]) -> list[_Fault]:
    missing = tuple(film.name for film in films if not film.path.is_file())
    empty = [f.name for f in films if f.path.is_file() and not f.path.stat().st_size]
    return [
        _Fault("no file", missing, _BACK),
        _Fault("an empty file", tuple(empty), _BACK),
    ]


def _corner_faults(films: Sequence[Labelled]) -> list[_Fault]:
    told: dict[str, list[str]] = {}
    for film in films:
        told.setdefault(_fault_of(film.unit_corners.reshape(17, 4, 2)), []).append(film.name)
    told.pop("", None)
    return [
        _Fault(words, tuple(names), ROW if words in (_NO_SHARES, _IN_TURNS, _LYING) else _ORDER)
        for words, names in told.items()
    ]


def _fault_of(boxes: FloatArray) -> str:
    """What is wrong with most vertebrae (17, 4, 2) of a film; "" where most are right."""
    if not bool((np.abs(boxes) <= _LARGEST_SHARE).all()):  # no number compares as false
        return _NO_SHARES
    if _are_in_turns(boxes):
        return _IN_TURNS
    if _right(boxes) >= _LEAST_RIGHT:
        return ""
    rows, columns = np.ptp(boxes.reshape(-1, 2), axis=0)
    if columns > rows and _right(boxes[..., ::-1]) >= _READS:
        return _LYING
    orders = (words for words, order in _ORDERS if _right(boxes[:, order]) >= _READS)
    return next(orders, _NO_ORDER)


def _right(boxes: FloatArray) -> float:
    """The share of vertebrae whose left is left and whose top is above."""
    left, right = boxes[:, [0, 2], 1], boxes[:, [1, 3], 1]
    top, bottom = boxes[:, [0, 1], 0], boxes[:, [2, 3], 0]
    return float(((left < right) & (top < bottom)).all(axis=1).mean())


def _are_in_turns(boxes: FloatArray) -> bool:
    """Whether numbers read as x x x x are x y x y: left corner, right one, about as high."""
    pairs = boxes.transpose(0, 2, 1).reshape(-1, 2, 2)
    steps = pairs[:, 1] - pairs[:, 0]
    said = [steps[:, n] > np.abs(steps[:, 1 - n]) for n in (0, 1)]  # x y x y, and y x y x
    return bool(max(one.mean() for one in said) >= _READS)


_NO_SHARES = "numbers that are no shares of a film's size, as pixels are"
_IN_TURNS = "columns and rows in turns"
_LYING = "rows before columns, or a film that lies on its side"
_NO_ORDER = "corners in an order that fits no vertebra"
_ORDERS: tuple[tuple[str, list[int]], ...] = (
    ("left and right exchanged", [1, 0, 3, 2]),
    ("the bottom corners before the top ones", [2, 3, 0, 1]),
    ("left and right, and top and bottom exchanged", [3, 2, 1, 0]),
    ("corners that go around a vertebra clockwise", [0, 1, 3, 2]),
    ("corners that go around a vertebra anticlockwise", [0, 3, 1, 2]),
    ("the left corners before the right ones", [0, 2, 1, 3]),
)

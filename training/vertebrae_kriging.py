"""Fits what hints tell of other corners: `python -m training.vertebrae_kriging --data DIR`.

Prints the two laws for `models/vertebrae/kriging.py`: those that leave the least error on the half
"choose" of the validation people after one to ten clicks of the simulated user. A residual of a
training film is too small: the network knows its label. The clicks are those that the network's
answers alone lead to.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.annotation import Hint
from domain.errors import CaliperError, WeightsIncompatible
from inference.bench import LoadedNetwork
from inference.device import pick_device
from inference.loader import load
from inference.manifest import catalogue, shipped_folder
from inference.vertebrae.column_net import Seen, answer, see
from models.vertebrae.column import ColumnNet
from models.vertebrae.kriging import Law, expected, offsets_along, residuals
from training.data.aasce import Labelled, half_of, read_aasce, read_film, read_people, read_split
from training.vertebrae_protocol import Rules, measure_film

FloatArray = NDArray[np.float64]

START = (
    Law(0.1, 1.0, 1.0, 0.0, 1.0, 1.0, 0.1, 1.0, 1.0, 1.0, 0.4),
    Law(0.1, 1.0, 1.0, 0.5, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.4),
)
_FACTORS = (1.6, 1.25, 1.1)  # by which a constant is tried larger and smaller, one after another


@dataclass(frozen=True, eq=False)
class Click:
    """A film after some clicks.

    Args:
        index: the corners clicked.
        told: (h, 2) their residuals, levels along and across.
        off: (68, 2) how far labels lie from the answer, likewise; the corners clicked lie at 0.
        level: pixels.
    """

    index: tuple[int, ...]
    told: FloatArray
    off: FloatArray
    level: float


def clicks_of(answers: FloatArray, truth: FloatArray, clicked: Sequence[int]) -> list[Click]:
    """What is known after each click.

    Args:
        answers: (clicks + 1, 68, 2) of the network, the first without a hint.
        truth: (68, 2).
        clicked: the corner of each click.
    """
    found = []
    for count, found_then in enumerate(answers[1:], start=1):
        index = tuple(sorted(set(clicked[:count])))
        offsets, every = offsets_along(found_then), range(len(truth))
        off = offsets.of(truth - found_then, every)
        off[list(index)] = 0.0
        told = offsets.of(residuals(answers[0], truth[list(index)], index).off, index)
        found.append(Click(index, told, off, offsets.level))
    return found


def error_px(laws: tuple[Law, Law], clicks: Sequence[Click]) -> float:
    """Mean error that is left, in pixels."""
    total = 0.0
    for click in clicks:
        off = click.off - expected(laws, len(click.off), index=click.index, told=click.told)
        off[list(click.index)] = 0.0
        total += click.level * float(np.linalg.norm(off, axis=1).mean())
    return total / len(clicks)


def fit(clicks: Sequence[Click], start: tuple[Law, Law] = START) -> tuple[Law, Law]:
    """The laws that leave the least error, each constant tried larger and smaller in turn."""
    laws, least = start, error_px(start, clicks)
    for factor in _FACTORS:
        before = np.inf
        while least < before - 1e-3:
            before = least
            for tried in _steps(laws, factor):
                changed = _with(laws, *tried)
                left = error_px(changed, clicks)
                if left < least:
                    laws, least = changed, left
            sys.stderr.write(f"by {factor}: {least:.3f} px\n")
    return laws


def _steps(laws: tuple[Law, Law], factor: float) -> list[tuple[int, str, float]]:
    """(which law, constant, factor) of every constant that is not 0."""
    return [
        (which, name, by)
        for which, law in enumerate(laws)
        for name, value in law._asdict().items()
        if value
        for by in (factor, 1 / factor)
    ]


def _with(laws: tuple[Law, Law], which: int, name: str, by: float) -> tuple[Law, Law]:
    changed = laws[which]._replace(**{name: getattr(laws[which], name) * by})
    return (changed, laws[1]) if which == 0 else (laws[0], changed)


class _Alone:
    """The shipped network without what hints tell by kriging; keeps the answers for a film."""

    def __init__(self) -> None:
        manifest, place = catalogue((shipped_folder(),)), pick_device("cpu")
        entry = manifest.default_for("vertebrae")
        self._net = _column(load(entry, device=place))
        ally = entry.scout and manifest.find(entry.scout.id)
        self._scout = _column(load(ally, device=place)) if ally else None
        self._seen: Seen | None = None
        self.answers: list[FloatArray] = []

    def predict(
        self, film: NDArray[np.uint8], hints: tuple[Hint, ...]
    ) -> tuple[FloatArray, FloatArray]:
        """(68, 2) corners and (68,) spreads, in film pixels; without hints another film begins."""
        if self._seen is None or not hints:
            self._seen, self.answers = see(self._net, film, scout=self._scout), []
        latest = {hint.index: hint for hint in hints}
        found = answer(self._net, self._seen, tuple(latest[index] for index in sorted(latest)))
        self.answers.append(found.corners)
        return found.corners, found.spread


def _column(loaded: LoadedNetwork) -> ColumnNet:
    if not isinstance(loaded.module, ColumnNet):
        raise WeightsIncompatible(f"{loaded.entry.architecture} is no ColumnNet.")
    return loaded.module


def main(arguments: Sequence[str] | None = None) -> int:
    """Click on the films of the half to choose on, fit, print the laws; 1 if it cannot be done."""
    parser = argparse.ArgumentParser(prog="training.vertebrae_kriging", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="AASCE films")
    parser.add_argument("--clicks", type=int, default=10)
    parser.add_argument("--limit", type=int, help="the first films alone, for a trial")
    options = parser.parse_args(arguments)
    try:
        films = _films(options.data)[: options.limit]
        clicks = _clicked(films, rules=Rules(clicks=options.clicks))
    except CaliperError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name, law in zip(("ALONG", "ACROSS"), fit(clicks), strict=True):
        print(f"{name} = Law({', '.join(f'{value:.2g}' for value in law)})")
    return 0


def _films(data: Path) -> list[Labelled]:
    films, people = read_aasce(data, part="validation"), read_people()
    left_out = read_split("defective")
    kept = [film for film in films if film.name not in left_out]
    return [film for film in kept if half_of(people[film.name]) == "choose"]


def _clicked(films: Sequence[Labelled], *, rules: Rules) -> list[Click]:
    predictor, clicks = _Alone(), []
    for done, film in enumerate(films, start=1):
        result = measure_film(film, predictor, person="", rules=rules)
        answers = np.stack(predictor.answers[: rules.clicks + 1])
        truth = film.corners_px(read_film(film.path).shape)
        clicks += clicks_of(answers, truth, result.clicked)
        sys.stderr.write(f"{done}/{len(films)}\n")
    return clicks


if __name__ == "__main__":
    sys.exit(main())

"""Compares ways to heal on the films kept for it: noise levels, steps, seeds, weights.

`python -m training.implant_choice --data CASES --kept DIR --out DIR --try level=300 \\
--try level=400,seeds=3 [--weights FILE]` heals what `--kept` lacks. Every way is scored beside
healthy films of its own; a healthy film, beside all the others. What each gains over the first is
paired by patient. Writes choice.json and choice.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from domain.folders import make_results_folder
from domain.implant import SIDE, ImplantFindings, Scoring
from domain.implant_scoring import Frames, heat_left_out, score_calibrated, smoothed, standing_out
from domain.implant_study import study_frames
from inference.healthy import Compared
from inference.implant.compared import FALSE_ALARMS
from training.data.panoramics import Study, open_picture, read_studies
from training.implant_calibration import FLOOR, calibrated
from training.implant_figures import cell, froc
from training.implant_kept import Healed, Heals, Way, by_pipeline, heal_all, healed
from training.implant_protocol import StudyResult, counted_pairs, look_at
from training.metrics import (
    FloatArray,
    Metric,
    Statistic,
    auroc,
    average_precision,
    gain,
    measure,
)
from training.settings import changed, told

FIGURES = "auroc_study", "froc", "pixel_auprc"
"""What is compared: which studies have implants, where they are, and which pixels they cover."""
_NOTHING = np.zeros((0, SIDE, SIDE))
Figures = dict[str, Metric]


@dataclass(frozen=True, eq=False)
class _Beside:
    """A study beside healthy ones."""

    heat: Frames
    score: float
    p_value: float = float("nan")


def results_of(studies: Sequence[Study], way: Way, *, kept: Path) -> list[StudyResult]:
    """Each study beside the healthy ones among them, never beside itself.

    Raises:
        NotForThisTask: the healthy ones are too few.
    """
    found, compared = _healed(studies, way, kept=kept)
    beside = _beside(found, studies, compared)
    parts = zip(studies, found, beside, strict=True)
    return [_looked_at(*part, compared=compared) for part in parts]


def scores_of(studies: Sequence[Study], way: Way, *, kept: Path) -> list[float]:
    """The scores alone, which cost less.

    Raises:
        NotForThisTask: the healthy ones are too few.
    """
    found, compared = _healed(studies, way, kept=kept)
    return [one.score for one in _beside(found, studies, compared)]


def _healed(studies: Sequence[Study], way: Way, *, kept: Path) -> tuple[list[Healed], Compared]:
    found = [healed(study, way, kept=kept) for study in studies]
    parts = zip(studies, found, strict=True)
    differences = [one.left_over for study, one in parts if not study.with_implant]
    return found, calibrated(np.stack(differences), way.options)


def _beside(
    found: Sequence[Healed], studies: Sequence[Study], compared: Compared
) -> Iterator[_Beside]:
    healthy = compared.healthy
    parts = list(zip(studies, found, strict=True))
    differences = np.stack([one.left_over for study, one in parts if not study.with_implant])
    left_out = heat_left_out(smoothed(differences, times=healthy.smooth), floor=FLOOR)
    for study, one in parts:
        if study.with_implant:
            scored = score_calibrated(one.left_over[None], healthy, rate=_rate(compared))
            yield _Beside(scored.heat, scored.score, float(healthy.p_values(scored.score)))
        else:
            heat = next(left_out)
            yield _Beside(heat, standing_out(heat, places=healthy.places))


def _rate(compared: Compared) -> float:
    return max(FALSE_ALARMS, compared.healthy.finest)


def _looked_at(study: Study, one: Healed, beside: _Beside, *, compared: Compared) -> StudyResult:
    image = open_picture(study.path)
    findings = ImplantFindings(
        compared.options,
        study_frames(image).plan,
        noised=_NOTHING.astype(np.uint8),
        healed=_NOTHING.astype(np.uint8),
        left_over=one.left_over.astype(np.float16),
        spread=_NOTHING.astype(np.float16),
        standing_out=beside.heat.astype(np.float16),
        cut=compared.healthy.cut(_rate(compared)),
        score=beside.score,
        p_value=beside.p_value,
    )
    return look_at(study, image, findings, scoring=Scoring.CALIBRATED, seconds=one.seconds)


class _Rows(NamedTuple):
    """What a figure is computed from: one row for each study."""

    rows: FloatArray
    people: list[str]
    statistic: Statistic


def _rows(results: Sequence[StudyResult]) -> dict[str, _Rows]:
    """Of each of the FIGURES that these studies allow."""
    people = [one.study.patient for one in results]
    kinds = [[one.score, float(one.study.with_implant)] for one in results]
    found = {"auroc_study": _Rows(np.array(kinds), people, auroc)}
    shown = [(one.study.patient, one.pointed) for one in results if one.pointed is not None]
    marked = [(person, pointed) for person, pointed in shown if len(pointed.hits)]
    if marked:
        heat = counted_pairs([(pointed.hits, pointed.alarms) for _, pointed in shown])
        found["froc"] = _Rows(heat, [person for person, _ in shown], froc)
        heat = counted_pairs([(pointed.right, pointed.wrong) for _, pointed in marked])
        found["pixel_auprc"] = _Rows(heat, [person for person, _ in marked], average_precision)
    return found


def gains(results: Sequence[StudyResult], others: Sequence[StudyResult]) -> Figures:
    """By how much results are better than others of the same studies, paired by patient."""
    theirs, found = _rows(others), {}
    for name, own in _rows(results).items():
        both = np.hstack([own.rows, theirs[name].rows])
        gained_by = partial(gain, statistic=own.statistic, width=own.rows.shape[1])
        found[name] = measure(both, own.people, statistic=gained_by)
    return found


def compare(studies: Sequence[Study], ways: Sequence[Way], *, kept: Path) -> dict[str, Figures]:
    """`NAME`, and but for the first `NAME.gain` over it, of the FIGURES, by way."""
    found: dict[str, Figures] = {}
    first: list[StudyResult] = []
    for way in ways:
        results = results_of(studies, way, kept=kept)
        figures = {
            name: measure(own.rows, own.people, statistic=own.statistic)
            for name, own in _rows(results).items()
        }
        if first:
            figures |= {f"{name}.gain": by for name, by in gains(results, first).items()}
        found[way.name] = figures
        first = first or results
    return found


def table(compared: Mapping[str, Figures]) -> str:
    """Markdown."""
    heads = ["way", *(head for name in FIGURES for head in (name, "gain"))]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for name, figures in compared.items():
        cells = [name]
        for figure in FIGURES:
            cells += [cell(figures.get(figure)), cell(figures.get(f"{figure}.gain"))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def way_of(text: str, usual: Way) -> Way:
    """The usual way, but for `NAME=VALUE,NAME=VALUE`.

    Raises:
        WrongUse: there is no such option, or it takes no such value.
    """
    options = usual.options
    for part in text.split(","):
        options = changed(options, told(part))
    return replace(usual, options=options)


def write_figures(compared: Mapping[str, Figures], path: Path) -> None:
    """way -> name -> value, low, high, n."""
    plain = {
        way: {name: asdict(metric) for name, metric in figures.items()}
        for way, figures in compared.items()
    }
    path.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--data", "--kept", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--try", dest="tried", action="append", required=True)
    parser.add_argument("--weights", action="append", help="each is tried in every way")
    parser.add_argument("--processes", type=int, default=1)
    return parser


def main(
    argv: Sequence[str] | None = None, *, heals: Heals = by_pipeline, first: Sequence[Way] = ()
) -> int:
    """Heal, compare, write.

    Args:
        heals: each way that is tried.
        first: ways before those that are tried; gains are over the first of all.
    """
    arguments = _parser().parse_args(argv)
    make_results_folder(arguments.out)
    studies = read_studies(arguments.data)
    weights = arguments.weights or [None]
    usual = [Way(each, heals=heals) for each in weights]
    ways = [*first, *(way_of(text, way) for way in usual for text in arguments.tried)]
    heal_all(studies, ways, kept=arguments.kept, processes=arguments.processes)
    compared = compare(studies, ways, kept=arguments.kept)
    write_figures(compared, arguments.out / "choice.json")
    (arguments.out / "choice.md").write_text(table(compared), encoding="utf-8")
    print(table(compared), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

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

import numpy as np
from numpy.typing import NDArray

from domain.folders import make_results_folder
from domain.implant import SIDE, ImplantFindings, Scoring
from domain.implant_scoring import Frames, heat_left_out, score_calibrated, smoothed, standing_out
from domain.implant_study import study_frames
from inference.healthy import Compared
from inference.implant.compared import FALSE_ALARMS
from training.data.panoramics import Study, open_picture, read_studies
from training.implant_calibration import FLOOR, calibrated
from training.implant_figures import all_metrics, froc
from training.implant_kept import Healed, Way, heal_all, healed
from training.implant_protocol import StudyResult, counted_pairs, look_at
from training.metrics import (
    FloatArray,
    Metric,
    Statistic,
    auroc_gain,
    average_precision,
    measure,
)
from training.settings import changed, told

FIGURES = "auroc_study", "froc", "pixel_auprc"
"""What is compared: which studies have implants, where they are, and which pixels they cover."""
_NOTHING = np.zeros((0, SIDE, SIDE))


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
    found = [healed(study, way, kept=kept) for study in studies]
    is_healthy = np.array([not study.with_implant for study in studies])
    differences = np.stack([one.left_over for one in found])
    compared = calibrated(differences[is_healthy], way.options)
    beside = _beside(differences, is_healthy, compared)
    parts = zip(studies, found, beside, strict=True)
    return [_looked_at(*part, compared=compared) for part in parts]


def _beside(
    differences: Frames, is_healthy: NDArray[np.bool_], compared: Compared
) -> Iterator[_Beside]:
    healthy = compared.healthy
    smooth = smoothed(differences[is_healthy], times=healthy.smooth)
    left_out = heat_left_out(smooth, floor=FLOOR)
    for own, has_none in zip(differences, is_healthy, strict=True):
        if has_none:
            heat = next(left_out)
            yield _Beside(heat, standing_out(heat, places=healthy.places))
        else:
            scored = score_calibrated(own[None], healthy, rate=_rate(compared))
            yield _Beside(scored.heat, scored.score, scored.p_value or float("nan"))


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


def gains(
    results: Sequence[StudyResult], others: Sequence[StudyResult], *, seed: int = 0
) -> dict[str, Metric]:
    """By how much results are better than others of the same studies, paired by patient."""
    people = [one.study.patient for one in results]
    truth = [float(one.study.with_implant) for one in results]
    scores = [[one.score for one in each] for each in (results, others)]
    rows = np.stack([*scores, truth], axis=1)
    found = {"auroc_study": measure(rows, people, statistic=auroc_gain, seed=seed)}
    pointed = [[one for one in each if one.pointed is not None] for each in (results, others)]
    shown = [[(p.hits, p.alarms) for one in each if (p := one.pointed)] for each in pointed]
    owners = [one.study.patient for one in pointed[0]]
    found["froc"] = _gain(shown, owners, statistic=froc, seed=seed)
    pixels = [
        [(p.right, p.wrong) for one in each if (p := one.pointed) and len(p.hits)]
        for each in pointed
    ]
    owners = [one.study.patient for one in pointed[0] if one.implants]
    found["pixel_auprc"] = _gain(pixels, owners, statistic=average_precision, seed=seed)
    return found


def _gain(
    pairs: Sequence[Sequence[tuple[FloatArray, FloatArray]]],
    people: Sequence[str],
    *,
    statistic: Statistic,
    seed: int,
) -> Metric:
    ours, theirs = (counted_pairs(each) for each in pairs)
    difference = partial(_difference, statistic=statistic, cut=ours.shape[1])
    return measure(np.hstack([ours, theirs]), people, statistic=difference, seed=seed)


def _difference(rows: FloatArray, *, statistic: Statistic, cut: int) -> float:
    return statistic(rows[:, :cut]) - statistic(rows[:, cut:])


def compare(studies: Sequence[Study], ways: Sequence[Way], *, kept: Path) -> dict[str, Figures]:
    """`NAME` and `NAME.gain` (not of the first) of the FIGURES, and seconds a study, by way."""
    found: dict[str, Figures] = {}
    first: list[StudyResult] = []
    for way in ways:
        results = results_of(studies, way, kept=kept)
        metrics = all_metrics(results)
        figures = {name: metrics[name] for name in (*FIGURES, "seconds_per_study")}
        if first:
            figures |= {f"{name}.gain": gain for name, gain in gains(results, first).items()}
        found[way.name] = figures
        first = first or results
    return found


Figures = Mapping[str, Metric]


def table(compared: Mapping[str, Figures]) -> str:
    """Markdown."""
    heads = ["way", *(head for name in FIGURES for head in (name, "gain")), "seconds"]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for name, figures in compared.items():
        cells = [name]
        for figure in FIGURES:
            cells += [cell(figures.get(figure)), cell(figures.get(f"{figure}.gain"))]
        cells.append(f"{figures['seconds_per_study'].value:.1f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def cell(metric: Metric | None) -> str:
    """A figure with its interval."""
    if metric is None:
        return "–"
    return f"{metric.value:.3f} ({metric.low:.3f} … {metric.high:.3f})"


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


def main(argv: Sequence[str] | None = None) -> int:
    """Heal, compare, write."""
    arguments = _parser().parse_args(argv)
    make_results_folder(arguments.out)
    studies = read_studies(arguments.data)
    weights = arguments.weights or [None]
    ways = [way_of(text, Way(each)) for each in weights for text in arguments.tried]
    heal_all(studies, ways, kept=arguments.kept, processes=arguments.processes)
    compared = compare(studies, ways, kept=arguments.kept)
    write_figures(compared, arguments.out / "choice.json")
    (arguments.out / "choice.md").write_text(table(compared), encoding="utf-8")
    print(table(compared), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

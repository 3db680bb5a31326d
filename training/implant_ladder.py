"""How well studies are told apart at each noise level: the comparison of the original, as a figure.

`python -m training.implant_ladder --weights ID --data DIR --out DIR [--levels 50,100 …]`
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from domain.folders import make_results_folder
from domain.implant import LADDER, ImplantFindings, Scoring
from domain.implant_heat import default_threshold, score_of
from training.data.panoramics import Study, open_picture, read_studies
from training.implant_predictor import Healer, load_healer
from training.memory import reuse_memory
from training.metrics import Metric, auroc, measure, write_metrics
from training.plots import Axes, Series, lines_svg

SCORINGS = Scoring.ABSOLUTE, Scoring.AS_PUBLISHED
Figures = dict[str, Metric]


def ladder(studies: Sequence[Study], healer: Healer, *, levels: Sequence[int]) -> Figures:
    """`auroc.SCORING.LEVEL` for each."""
    figures = {}
    people = [study.patient for study in studies]
    truth = [float(study.with_implant) for study in studies]
    for level in levels:
        at_level = replace(healer, options=replace(healer.options, level=level))
        scores: dict[Scoring, list[float]] = {scoring: [] for scoring in SCORINGS}
        for study in studies:
            findings = at_level.heal(open_picture(study.path))
            for scoring, found in scores.items():
                found.append(_score(findings, scoring))
        for scoring, found in scores.items():
            pairs = np.stack([found, truth], axis=1)
            figures[f"auroc.{scoring}.{level}"] = measure(pairs, people, statistic=auroc)
        sys.stderr.write(f"level {level}\n")
    return figures


def _score(findings: ImplantFindings, scoring: Scoring) -> float:
    return score_of(findings, scoring, threshold=default_threshold(findings, scoring))


def figure(figures: Mapping[str, Metric], *, levels: Sequence[int]) -> str:
    """The figure as SVG."""
    series = []
    for scoring in SCORINGS:
        found = [figures[f"auroc.{scoring}.{level}"] for level in levels]
        parts = ([getattr(one, name) for one in found] for name in ("value", "low", "high"))
        value, low, high = parts
        series.append(Series(scoring.value, levels, value, low, high))
    return lines_svg(series, Axes("Studies told apart", x="noise level", y="AUROC"))


def main(argv: Sequence[str] | None = None) -> int:
    """Write ladder.svg and ladder.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--levels", default=",".join(map(str, LADDER)))
    arguments = parser.parse_args(argv)
    reuse_memory()
    make_results_folder(arguments.out)
    levels = [int(level) for level in arguments.levels.split(",")]
    healer = load_healer(arguments.weights, device="cpu")
    figures = ladder(read_studies(arguments.data), healer, levels=levels)
    write_metrics(figures, arguments.out / "ladder.json")
    (arguments.out / "ladder.svg").write_text(figure(figures, levels=levels), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

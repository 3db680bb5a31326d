"""How well studies are told apart at each noise level: the comparison of the original, as a figure.

`python -m training.implant_ladder --data DIR --out DIR [--levels 50,100 …] [--kept DIR]` goes on
where it was stopped. Calibrated scores are beside the healthy films of the same folder, at each
level anew, and never beside the study itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from domain.folders import make_results_folder
from domain.implant import LADDER, Scoring
from domain.implant_scoring import (
    LEAST_STUDIES,
    Frames,
    Scored,
    score_absolute,
    score_as_published,
)
from training.data.panoramics import Study, read_studies
from training.implant_choice import scores_of
from training.implant_kept import Way, heal_all, healed
from training.implant_predictor import load_healer
from training.metrics import Metric, auroc, measure, write_metrics
from training.plots import Axes, Series, lines_svg

Figures = dict[str, Metric]
_SCORES: dict[Scoring, Callable[[Frames], Scored]] = {
    Scoring.ABSOLUTE: score_absolute,
    Scoring.AS_PUBLISHED: score_as_published,
}


def ladder(studies: Sequence[Study], ways: Sequence[Way], *, kept: Path) -> Figures:
    """`auroc.SCORING.LEVEL` for each way; calibrated where enough of the studies are healthy."""
    figures = {}
    people = [study.patient for study in studies]
    truth = [float(study.with_implant) for study in studies]
    for way in ways:
        maps = [healed(study, way, kept=kept).left_over for study in studies]
        scores = {name: [score(one).score for one in maps] for name, score in _SCORES.items()}
        if truth.count(0) >= LEAST_STUDIES:
            scores[Scoring.CALIBRATED] = scores_of(studies, way, kept=kept)
        for scoring, found in scores.items():
            pairs = np.stack([found, truth], axis=1)
            name = f"auroc.{scoring.value}.{way.options.level}"
            figures[name] = measure(pairs, people, statistic=auroc)
    return figures


def figure(figures: Mapping[str, Metric], *, levels: Sequence[int]) -> str:
    """The figure as SVG."""
    series = []
    for scoring in Scoring:
        names = [f"auroc.{scoring.value}.{level}" for level in levels]
        if names[0] not in figures:
            continue
        found = [figures[name] for name in names]
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
    parser.add_argument("--kept", type=Path, help="what was healed; in --out where it is not given")
    parser.add_argument("--levels", default=",".join(map(str, LADDER)))
    parser.add_argument("--processes", type=int, default=1)
    arguments = parser.parse_args(argv)
    make_results_folder(arguments.out)
    levels = [int(level) for level in arguments.levels.split(",")]
    options = load_healer(arguments.weights, device="cpu").options
    ways = [Way(arguments.weights, replace(options, level=level)) for level in levels]
    studies, kept = read_studies(arguments.data), arguments.kept or arguments.out / "kept"
    heal_all(studies, ways, kept=kept, processes=arguments.processes)
    figures = ladder(studies, ways, kept=kept)
    write_metrics(figures, arguments.out / "ladder.json")
    (arguments.out / "ladder.svg").write_text(figure(figures, levels=levels), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

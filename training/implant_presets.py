"""Holds presets against the published sampler, with the same weights on the same studies.

`python -m training.implant_presets --data CASES --kept DIR --out DIR [--try steps=20,sampler=ddim]`
heals a dozen studies twice each way, with the noise of two seeds: does a preset put studies in the
same order, and are its maps no farther from the published ones than those of two seeds from each
other? Writes presets.json and presets.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from domain.errors import WrongUse
from domain.folders import make_results_folder
from domain.image import Image
from domain.implant import ImplantOptions, Sampler, Scoring
from domain.implant_scoring import (
    Frames,
    Healthy,
    Scored,
    left_over,
    score_absolute,
    score_as_published,
    score_calibrated,
)
from domain.implant_study import network_pictures, study_frames
from domain.provenance import Mode
from inference.healthy import Compared
from inference.implant.batches import Batches
from inference.implant.compared import FALSE_ALARMS
from inference.implant.healing import Healing
from models.implant.clips import from_clips, starts, to_clips
from training.data.panoramics import Study, read_studies
from training.implant_choice import way_of, write_figures
from training.implant_figures import cell
from training.implant_kept import LeftOver, Way, heal_all, healed
from training.implant_predictor import Healer, load_healer
from training.metrics import FloatArray, Metric, measure

STEPS, SEEDS, STUDIES = 150, 2, 12
Maps = NDArray[np.float64]  # (seeds, studies, frames, rows, columns)


@torch.inference_mode()
def by_published_sampler(healer: Healer, image: Image) -> LeftOver:
    """(frames, rows, columns) by the original's levels, no guess held within the grey range.

    The network is told where each clip begins as it learned it: the original's slip is left out.
    """
    study = study_frames(image)
    real = network_pictures(study.pixels, mode=Mode.CORRECTED).astype(np.float64)
    clips = to_clips(torch.from_numpy(real).float())
    network = Batches(healer.network.module, starts(len(clips), mode=Mode.CORRECTED))
    healing = Healing(network, clips, options=healer.options, mode=Mode.AS_PUBLISHED)
    *_, last = healing.steps(healer.seed)
    return left_over(real, from_clips(last.x).double().numpy()).astype(np.float16)


def published(level: int) -> Way:
    """The published sampler at a noise level."""
    options = ImplantOptions(level, STEPS, Sampler.DDIM, seeds=SEEDS)
    return Way(options=options, heals=by_published_sampler)


def chosen(studies: Sequence[Study], count: int) -> list[Study]:
    """So many, spread evenly over the table, half of them with implants where there are enough."""
    kinds = [[one for one in studies if one.with_implant is kind] for kind in (True, False)]
    with_implant = min(count // 2, len(kinds[0]))
    shares = with_implant, min(count - with_implant, len(kinds[1]))
    return [
        kind[place * len(kind) // share]
        for kind, share in zip(kinds, shares, strict=True)
        for place in range(share)
    ]


def spearman(pairs: FloatArray) -> float:
    """Correlation of the ranks of two columns; equal values share their mean rank.

    0 where one of them puts all alike.
    """
    first, second = (_ranks(column) for column in pairs.T)
    if first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _ranks(values: FloatArray) -> FloatArray:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    means: FloatArray = counts.cumsum() - (counts - 1) / 2
    return means[places]


def _scores(maps: Maps, healthy: Healthy) -> dict[Scoring, FloatArray]:
    """(seeds, studies) by each scoring."""
    rate = max(FALSE_ALARMS, healthy.finest)
    ways: dict[Scoring, Callable[[Frames], Scored]] = {
        Scoring.CALIBRATED: lambda one: score_calibrated(one[None], healthy, rate=rate),
        Scoring.ABSOLUTE: score_absolute,
        Scoring.AS_PUBLISHED: score_as_published,
    }
    return {
        name: np.array([[way(one).score for one in seed] for seed in maps])
        for name, way in ways.items()
    }


def against(maps: Maps, theirs: Maps, *, healthy: Healthy, people: Sequence[str]) -> Figures:
    """A preset's figures beside the published sampler's.

    `rank.SCORING` and `rank.SCORING.mean` (of both seeds), `apart` (mean difference of maps from
    the same noise, as a share of the grey range), `apart.other_seed`, and both over what two seeds
    of the published sampler differ (`….share`).
    """
    figures = {}
    own, other = _scores(maps, healthy), _scores(theirs, healthy)
    for name, scores in own.items():
        pairs = np.stack([scores[0], other[name][0]], axis=1)
        figures[f"rank.{name.value}"] = measure(pairs, people, statistic=spearman)
        pairs = np.stack([scores.mean(axis=0), other[name].mean(axis=0)], axis=1)
        figures[f"rank.{name.value}.mean"] = measure(pairs, people, statistic=spearman)
    noise = _apart(theirs[0], theirs[1])
    for what, one in {"apart": maps[0], "apart.other_seed": maps[1]}.items():
        apart = _apart(one, theirs[0])
        figures[what] = measure(apart, people)
        pairs = np.stack([apart, noise], axis=1)
        figures[f"{what}.share"] = measure(pairs, people, statistic=_share)
    return figures


Figures = dict[str, Metric]


def _apart(maps: Maps, others: Maps) -> FloatArray:
    """(studies,) mean absolute difference."""
    return np.asarray(np.abs(maps - others).mean(axis=(1, 2, 3)))


def _share(pairs: FloatArray) -> float:
    return float(pairs[:, 0].sum() / pairs[:, 1].sum())


def _maps(studies: Sequence[Study], way: Way, *, kept: Path) -> Maps:
    seeds = [
        [healed(study, way, kept=kept, seeds=slice(n, n + 1)).left_over for study in studies]
        for n in range(SEEDS)
    ]
    return np.array(seeds)


def compare(
    studies: Sequence[Study], ways: Sequence[Way], *, kept: Path, healthy: Healthy
) -> dict[str, Figures]:
    """By way; the first is the published one: how far its own two seeds are from each other."""
    people = [study.patient for study in studies]
    theirs = _maps(studies, ways[0], kept=kept)
    swapped = against(theirs[::-1], theirs, healthy=healthy, people=people)
    found = {ways[0].name: {name: swapped[name] for name in (*RANKS, "apart")}}
    for way in ways[1:]:
        own = _maps(studies, way, kept=kept)
        found[way.name] = against(own, theirs, healthy=healthy, people=people)
    return found


RANKS = tuple(f"rank.{scoring.value}" for scoring in Scoring)
_COLUMNS = (*RANKS, "rank.calibrated.mean", "apart", "apart.share", "apart.other_seed.share")


def table(compared: Mapping[str, Figures]) -> str:
    """Markdown."""
    lines = [f"| way | {' | '.join(_COLUMNS)} |", "|---" * (len(_COLUMNS) + 1) + "|"]
    for name, figures in compared.items():
        cells = [cell(figures.get(column)) for column in _COLUMNS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--data", "--kept", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--try", dest="tried", action="append", default=[])
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--processes", type=int, default=1)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Heal, compare, write."""
    arguments = _parser().parse_args(argv)
    make_results_folder(arguments.out)
    healer = load_healer(None, device="cpu")
    compared = getattr(healer.network, "healthy", None)
    if not isinstance(compared, Compared):
        raise WrongUse("Presets can be held against each other with weights alone that ship.")
    usual = Way(options=healer.options)
    ways = [usual, *(way_of(text, usual) for text in arguments.tried)]
    ways = [replace(way, options=replace(way.options, seeds=SEEDS)) for way in ways]
    ways.insert(0, published(healer.options.level))
    studies = chosen(read_studies(arguments.data), arguments.studies)
    heal_all(studies, ways, kept=arguments.kept, processes=arguments.processes)
    found = compare(studies, ways, kept=arguments.kept, healthy=compared.healthy)
    write_figures(found, arguments.out / "presets.json")
    (arguments.out / "presets.md").write_text(table(found), encoding="utf-8")
    print(table(found), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

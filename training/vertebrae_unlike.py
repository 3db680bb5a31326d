"""Measures how often pictures that are no whole frontal spine film are told from films.

python -m training.vertebrae_unlike --data ../shared/data [--out DIR] [--fit FILE]
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from domain.doubts import DoubtKind
from domain.errors import CaliperError, WeightsIncompatible, WrongUse
from domain.folders import make_results_folder
from inference.beside import fitted_bytes
from inference.device import pick_device
from inference.loader import load
from inference.manifest import catalogue, shipped_folder
from models.vertebrae.column import ColumnNet
from models.vertebrae.familiar import PROBES, Familiar
from training.data.odd import KINDS, SECOND_SITE, OddPictures, Truth, read_list
from training.familiarity import Looked, Looker, auroc, fit, learnt_from, nearest
from training.metrics import Metric, write_metrics

T = TypeVar("T")
R = TypeVar("R")
WANTED = {
    Truth.NOTHING: None,
    Truth.UNLIKE: DoubtKind.UNLIKE,
    Truth.NEAR: DoubtKind.UNLIKE,
    Truth.FEW: DoubtKind.FEW,
    Truth.MIRRORED: DoubtKind.MIRRORED,
}
SENTENCES = (DoubtKind.UNLIKE, DoubtKind.FEW, DoubtKind.MIRRORED)
SLIPPED = 0.6  # levels: as evaluation counts a slip
NEAR = 2  # vertebrae that a count may be off
_Z = 1.96


@dataclass(frozen=True)
class Told:
    """What was told of a picture.

    Args:
        kind: the sentence, if any.
        count: of vertebrae, where they are few.
    """

    looked: Looked
    kind: DoubtKind | None
    count: int

    @property
    def is_right(self) -> bool:
        """Whether the right sentence was said, or rightly none."""
        match self.looked.truth:
            case Truth.DEPENDS:
                return (self.kind is not None) == ((self.looked.levels_off or 0.0) > SLIPPED)
        return self.kind is WANTED[self.looked.truth]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit where asked to, then measure; 0 all well, 1 it cannot be done, 2 wrong use."""
    options = _options(arguments)
    try:
        _run(options)
    except CaliperError as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, WrongUse) else 1
    return 0


def _run(options: argparse.Namespace) -> None:
    entry = catalogue((shipped_folder(),)).default_for("vertebrae")
    net = load(entry, device=pick_device(options.device)).module
    if not isinstance(net, ColumnNet):
        raise WeightsIncompatible(f"{entry.title} is no ColumnNet.")
    looker = Looker(net, weights_sha256=entry.sha256, cache=options.cache)
    pictures = OddPictures(options.data)
    rows = read_list()[:: options.every if options.fit is None else 1]
    make_results_folder(options.out)
    seen = list(_each(rows, lambda row: looker.look(pictures.make(row)), said="looking at"))
    if options.fit is not None:
        familiar = _fitted(options, looker, seen)
        options.fit.write_bytes(fitted_bytes(familiar, weights_sha256=entry.sha256))
    else:
        familiar = _installed(net, title=entry.title)
    _report(familiar, seen, out=options.out)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="training.vertebrae_unlike", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of real data")
    parser.add_argument("--out", type=Path, default=Path("runs/unlike"), help="for the figures")
    parser.add_argument("--fit", type=Path, metavar="FILE", help="fit first, and write this file")
    parser.add_argument(
        "--strange", action="store_true", help="with --fit: as if nobody had seen the second site"
    )
    parser.add_argument("--cache", type=Path, help="keeps what the network saw, for another run")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth picture alone")
    parser.add_argument("--device", default="cpu")
    return parser.parse_args(arguments)


def _each(items: Sequence[T], work: Callable[[T], R], *, said: str) -> Iterable[R]:
    for done, item in enumerate(items, start=1):
        if done % 20 == 0:
            sys.stderr.write(f"{said} {done}/{len(items)}\n")
        yield work(item)


def _fitted(options: argparse.Namespace, looker: Looker, seen: Sequence[Looked]) -> Familiar:
    learnt, chosen_on = [], [one for one in seen if one.half == "choose"]
    for picture in learnt_from(options.data):
        learnt.append(looker.look(picture, find=False))
        if len(learnt) % 20 == 0:
            sys.stderr.write(f"learning from picture {len(learnt)}\n")
    if options.strange:  # nobody knows the corners of the second site
        learnt = [one for one in learnt if one.true is not None]
        chosen_on = [one for one in chosen_on if one.kind != SECOND_SITE]
    return fit(learnt, chosen_on)


def _installed(net: ColumnNet, *, title: str) -> Familiar:
    if net.familiar is None:
        raise WeightsIncompatible(
            f"The weights {title!r} do not know which pictures are unlike.",
            remedy="Fit that first: --fit FILE.",
        )
    return net.familiar


def told_of(familiar: Familiar, looked: Looked) -> Told:
    """What the program says of a picture."""
    said = familiar.doubts(looked.picture)
    return Told(looked, said[0].kind if said else None, sum(doubt.count for doubt in said))


def share(hits: Sequence[bool]) -> Metric:
    """A share with its 95 % interval (Wilson 1927), which is one also where all or none hit."""
    n, hit = len(hits), float(np.mean(hits))
    centre = (hit + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * np.sqrt(hit * (1 - hit) / n + _Z**2 / (4 * n**2))
    return Metric(hit, float(centre - half), float(centre + half), n)


def metrics_of(told: Sequence[Told]) -> dict[str, Metric]:
    """Shares by kind: told each sentence, and rightly told."""
    found: dict[str, Metric] = {}
    for kind in KINDS:
        some = [one for one in told if one.looked.kind == kind]
        if not some:
            continue
        name = kind.replace(", ", "_").replace(" ", "_")
        for said in SENTENCES:
            found[f"{name}.{said}"] = share([one.kind is said for one in some])
        found[f"{name}.right"] = share([one.is_right for one in some])
        if KINDS[kind] is Truth.FEW and some[0].looked.true is not None:
            off = [abs(one.count - one.looked.shown[1]) for one in some if one.is_right]
            if off:
                found[f"{name}.count_near"] = share([levels <= NEAR for levels in off])
    every = [one for one in told if one.looked.truth is Truth.UNLIKE]
    found["all_unlike.right"] = share([one.is_right for one in every])
    found["all_unlike.any_sentence"] = share([one.kind is not None for one in every])
    return found


def _report(familiar: Familiar, seen: Sequence[Looked], *, out: Path) -> None:
    told = [told_of(familiar, one) for one in seen]
    metrics = metrics_of([one for one in told if one.looked.half == "report"])
    for half in ("choose", "report"):
        metrics |= {f"auroc.{half}": _apart(familiar, [one for one in seen if one.half == half])}
    write_metrics(metrics, out / "metrics.json")
    _write_pictures(familiar, told, out / "pictures.csv")
    farthest, enough = familiar.limits.tolist()
    print(f"told as unlike beyond {farthest:.3f}, as few below {enough:.1f} vertebrae")
    print("| picture | n | unlike | few | mirrored | right | 95 % |\n|---|---|---|---|---|---|---|")
    for name in (name for name in metrics if name.endswith(".right")):
        kind, right = name.removesuffix(".right"), metrics[name]
        cells = [
            f"{100 * metrics[f'{kind}.{part}'].value:.0f}" if f"{kind}.{part}" in metrics else ""
            for part in SENTENCES
        ]
        interval = f"{100 * right.low:.0f} … {100 * right.high:.0f}"
        row = (kind.replace("_", " "), right.n, *cells, f"{100 * right.value:.0f}", interval)
        print("| " + " | ".join(map(str, row)) + " |")
    for half in ("choose", "report"):
        print(f"AUROC, {half}: {metrics[f'auroc.{half}'].value:.4f}")


def _apart(familiar: Familiar, seen: Sequence[Looked]) -> Metric:
    """How well the distance alone tells unlike pictures from films, whole and cut."""
    low = [one for one in seen if one.truth in (Truth.NOTHING, Truth.FEW)]
    high = [one for one in seen if one.truth is Truth.UNLIKE]
    value = auroc(*([nearest(familiar, one).distance for one in some] for some in (low, high)))
    return Metric(value, value, value, len(seen))


def _write_pictures(familiar: Familiar, told: Sequence[Told], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as lines:
        table = csv.writer(lines)
        table.writerow(("name", "kind", "half", "told", "distance", "count", "levels_off", *PROBES))
        for one in told:
            looked, found = one.looked, nearest(familiar, one.looked)
            probed = familiar.probed(looked.picture).values()
            figures = (found.distance, looked.levels_off, *probed)
            cells = ["" if figure is None else f"{figure:.4f}" for figure in figures]
            cells.insert(1, str(found.vertebrae))
            table.writerow((looked.name, looked.kind, looked.half, one.kind or "", *cells))


if __name__ == "__main__":
    sys.exit(main())

"""Fits of which pictures a ColumnNet asks its scout: those like the films that the scout learnt.

python -m training.vertebrae_territory --data ../shared/data/spine --out FILE [--others DIR]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from domain.errors import CaliperError, WeightsIncompatible
from inference.beside import fitted_bytes
from inference.device import pick_device
from inference.loader import load
from inference.manifest import catalogue, shipped_folder
from inference.vertebrae.column_net import known, see_whole
from models.vertebrae.column import ColumnNet
from models.vertebrae.familiar import Picture
from models.vertebrae.territory import fitted
from training.data.aasce import read_aasce, read_film
from training.data.boxed import read_boxed

SHRINK, SHARE = 0.05, 0.97


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit on the films to learn from, and say how many others lie within; 1 it cannot be done."""
    options = _options(arguments)
    try:
        _run(options)
    except CaliperError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="training.vertebrae_territory", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="AASCE films")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    parser.add_argument("--others", type=Path, help="films with boxes, to count those within")
    parser.add_argument("--limit", type=int, help="the first films alone, for a trial")
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace) -> None:
    entry = catalogue((shipped_folder(),)).default_for("vertebrae")
    net = load(entry, device=pick_device("cpu")).module
    if not isinstance(net, ColumnNet):
        raise WeightsIncompatible(f"{entry.title} is no ColumnNet.")
    learnt, kept = (
        [film.path for film in read_aasce(options.data, part=part)[: options.limit]]
        for part in ("training", "validation")
    )
    means = torch.stack([picture.mean for picture in _pictures(net, learnt)])
    territory = fitted(means, shrink=SHRINK, share=SHARE)
    options.out.write_bytes(fitted_bytes(territory, weights_sha256=entry.sha256))
    others = [film.path for film in read_boxed(options.others)] if options.others else []
    for name, paths in (("validation films", kept), ("films with boxes", others)):
        within = sum(territory.holds(picture) for picture in _pictures(net, paths))
        print(f"{within} of {len(paths)} {name} lie within")


def _pictures(net: ColumnNet, paths: Iterable[Path]) -> Iterable[Picture]:
    return (known(net, see_whole(net, read_film(path))) for path in paths)


if __name__ == "__main__":
    sys.exit(main())

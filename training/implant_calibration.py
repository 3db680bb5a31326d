"""Heals healthy studies, so that others can be compared: the file beside the weights.

`python -m training.implant_calibration --weights FILE --data DIR --out FILE` with the films of the
split that are kept for it, or all healthy studies of a folder with `cases.csv`.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.implant import ImplantOptions
from domain.implant_scoring import Healthy
from inference.healthy import Compared, healthy_bytes
from training.data.panoramics import (
    CALIBRATE,
    Opens,
    Study,
    of_part,
    open_picture,
    read_studies,
)
from training.implant_predictor import Healer, load_healer
from training.memory import reuse_memory

Differences = NDArray[np.float64]
FLOOR, PLACES, SMOOTH = 0.03, 1000, 4
"""Least spread, as a share of the grey range; places that must stand out for a score; smoothing."""


def to_calibrate(studies: Iterable[Study]) -> list[Study]:
    """Healthy studies of the split's own part; of a folder unknown to the split, all."""
    studies = list(studies)
    chosen = of_part(studies, CALIBRATE) or studies
    return [study for study in chosen if not study.with_implant]


def differences_of(
    studies: Sequence[Study], healer: Healer, *, opens: Opens = open_picture
) -> Differences:
    """(studies, frames, rows, columns) what is left over of each."""
    left = []
    for done, study in enumerate(studies, start=1):
        left.append(healer.heal(opens(study.path)).left_over)
        sys.stderr.write(f"{done}/{len(studies)} {study.name}\n")
    return np.stack(left).astype(np.float64)


def calibrated(
    differences: Differences,
    options: ImplantOptions,
    *,
    floor: float = FLOOR,
    places: int = PLACES,
) -> Compared:
    """What others are compared with.

    Raises:
        NotForThisTask: the studies are too few.
    """
    healthy = Healthy.of(differences, floor=floor, places=places, smooth=SMOOTH)
    return Compared(healthy, options)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--weights", "--data", "--out"):
        parser.add_argument(name, type=Path, required=True)
    usual = ImplantOptions()
    parser.add_argument("--level", type=int, default=usual.level)
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--seeds", type=int, default=usual.seeds)
    parser.add_argument("--places", type=int, default=PLACES)
    arguments = parser.parse_args(argv)
    reuse_memory()
    options = replace(usual, level=arguments.level, steps=arguments.steps, seeds=arguments.seeds)
    healer = replace(load_healer(str(arguments.weights), device="cpu"), options=options)
    studies = to_calibrate(read_studies(arguments.data))
    compared = calibrated(differences_of(studies, healer), options, places=arguments.places)
    sha256 = hashlib.sha256(arguments.weights.read_bytes()).hexdigest()
    arguments.out.write_bytes(healthy_bytes(compared, weights_sha256=sha256))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

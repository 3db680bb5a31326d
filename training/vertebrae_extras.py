"""How well close-ups fit a vertebra that a person adds: `python -m training.vertebrae_extras`.

A labelled vertebra is taken out of the labelled column and inserted again where `domain.repair`
would put it; then the refiner of the weights fits it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from domain.annotation import Annotations
from domain.geometry import FloatArray, Points
from domain.repair import delete, extras_of, insert
from domain.vertebrae import errors_px
from inference.preprocess import Pyramid, build_pyramid
from inference.vertebrae.closer_look import fit_extras
from models.vertebrae.refiner import Refiner
from training.data.aasce import is_sound, read_aasce, read_film, read_split
from training.vertebrae_predictor import column_from_file

SHIPPED = Path("weights/vertebrae-column.safetensors")
PLACES = {"above": 0, "between": 8, "below": 16}


def main(argv: list[str] | None = None) -> int:
    """Print the errors before and after the fit on validation films, in pixels."""
    parser = argparse.ArgumentParser(prog="python -m training.vertebrae_extras")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=SHIPPED)
    parser.add_argument("--limit", type=int, default=40, help="films")
    options = parser.parse_args(argv)
    kept = read_split("validation")
    films = [f for f in read_aasce(options.data) if f.name in kept and is_sound(f.unit_corners)]
    refiner = column_from_file(options.weights).refiner
    if not films or refiner is None:
        sys.stderr.write("There are no validation films, or the weights have no close-ups.\n")
        return 2
    errors: dict[str, list[tuple[float, float]]] = {where: [] for where in PLACES}
    for film in films[: options.limit]:
        pixels = read_film(film.path)
        corners, pyramid = film.corners_px(pixels.shape), build_pyramid(pixels)
        for where, at in PLACES.items():
            errors[where].append(before_and_after(refiner, pyramid, corners, at=at))
    for where, pairs in errors.items():
        before, after = np.array(pairs).T
        print(
            f"{where}: median {np.median(before):.1f} -> {np.median(after):.1f} px, "
            f"mean {before.mean():.1f} -> {after.mean():.1f}, "
            f"better on {(after < before).sum()} of {len(pairs)}"
        )
    return 0


def before_and_after(
    refiner: Refiner, pyramid: Pyramid, corners: FloatArray, *, at: int
) -> tuple[float, float]:
    """Mean errors in pixels of the vertebra at a place, as inserted and as fitted."""
    without = delete(Annotations("", points=Points(corners)), at)
    again = insert(without, at)
    assert again.points is not None
    part = slice(4 * at, 4 * at + 4)
    inserted, truth = again.points.coordinates[part], corners[part]
    fitted = fit_extras(refiner, pyramid, corners, [extras_of(again)[at]]).corners
    return float(errors_px(inserted, truth).mean()), float(errors_px(fitted, truth).mean())


if __name__ == "__main__":
    sys.exit(main())

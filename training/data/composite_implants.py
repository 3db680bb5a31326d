"""Puts synthetic implants into healthy panoramics, where the truth is exact.

`python -m training.data.composite_implants --data DIR --out DIR [--part test] [--seed N]` writes
for each healthy film of a part four: without an implant, and with the same as grey as metal, as
enamel, and a little more than bone. Where an implant comes in place of a tooth, the tooth is taken
out of all four.
"""

from __future__ import annotations

import argparse
import csv
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.errors import UnreadableFile, WrongUse
from domain.folders import make_results_folder
from training.data.drawn_implants import (
    Map,
    Screw,
    Shadow,
    random_screw,
    screw_shadow,
    sharpness,
    top_shadow,
)
from training.data.panoramics import (
    CALIBRATE,
    CASES_NAME,
    TEST,
    Polygon,
    Study,
    of_part,
    open_picture,
    read_studies,
)

Film = NDArray[np.uint8]
Mask = NDArray[np.bool_]
_WHITE = 256.0  # the grey that no attenuation reaches
_CREST = 0.42  # of a tooth's height, from its biting edge: there the bone begins
_LEAST_GAP = 22.0 / 512  # of the width of a film, between neighbours: an implant fits there
_SEAM = 4  # pixels, in which a tooth that is taken out fades
_MOST = 3  # implants of a film
_METAL = 165.0, 195.0  # medians of the implants outlined on the calibration films: 153 to 192
_MORE_THAN_BONE = 15.0, 30.0
_METAL_CROWN, _FILLING = 250.0, 230
_ENAMEL = 90  # percentile of the greys of a film's teeth


class Grade(StrEnum):
    """How grey implants are."""

    METAL = "metal"
    ENAMEL = "enamel"
    BONE = "bone"


NONE = "none"
_WISDOM = 8  # last digit of teeth that lie as they like


@dataclass(frozen=True)
class Tooth:
    """A tooth's box in pixels of the film; edges, not centres.

    Args:
        number: by the FDI's two digits.
    """

    number: int
    top: float
    left: float
    bottom: float
    right: float

    @property
    def is_upper(self) -> bool:
        """Whether it is of the upper jaw."""
        return self.number < 30


@dataclass(frozen=True)
class Site:
    """Where an implant may be put.

    Args:
        row, column: of the crest of the bone.
        up: whether it points upwards.
        instead: the tooth that must go, if one stands there.
    """

    row: float
    column: float
    up: bool
    instead: Tooth | None = None


@dataclass(frozen=True, eq=False)
class Plan:
    """What is put into a film: the same for every grade."""

    film: Film
    teeth: tuple[Tooth, ...]
    screws: tuple[Screw, ...]
    seed: int


@dataclass(frozen=True, eq=False)
class Composite:
    """A film with synthetic implants.

    Args:
        film: with them.
        masks: (implants, rows, columns) the pixels of each, without what it carries.
        outlines: of each.
        tops: outlines of what they carry: neither implants nor mistakes.
    """

    film: Film
    masks: NDArray[np.bool_]
    outlines: tuple[Polygon, ...]
    tops: tuple[Polygon, ...]


def read_teeth(path: Path, shape: tuple[int, int]) -> tuple[Tooth, ...]:
    """The boxes of a film: class, centre and size as shares of it, one a line.

    Raises:
        UnreadableFile: they are none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return tuple(_tooth(line, shape) for line in lines if line.strip())
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            f"The teeth in {path.name} cannot be read.",
            why=f"{error}.",
            remedy="Write class, column, row, width and height of each, one a line.",
        ) from error


def _tooth(line: str, shape: tuple[int, int]) -> Tooth:
    kind, *box = line.split()
    column, row, width, height = (float(value) for value in box)
    place = int(kind)
    if not 0 <= place < 32:
        msg = f"{kind} is no tooth"
        raise ValueError(msg)
    rows, columns = shape
    edges = (row - height / 2) * rows, (column - width / 2) * columns
    ends = (row + height / 2) * rows, (column + width / 2) * columns
    return Tooth(10 * (place // 8 + 1) + place % 8 + 1, *edges, *ends)


def sites(teeth: Sequence[Tooth], *, columns: int) -> tuple[list[Site], list[Site]]:
    """Gaps between neighbours of one jaw, and the places of teeth."""
    gaps, places = [], []
    for upper in (True, False):
        jaw = [t for t in teeth if t.is_upper == upper and t.number % 10 < _WISDOM]
        row = sorted(jaw, key=lambda t: t.left + t.right)
        for one, other in pairwise(row):
            if other.left - one.right >= _LEAST_GAP * columns:
                crest = (_crest(one) + _crest(other)) / 2
                gaps.append(Site(crest, (one.right + other.left) / 2, upper))
        places += [Site(_crest(t), (t.left + t.right) / 2, upper, t) for t in row]
    return gaps, places


def _crest(tooth: Tooth) -> float:
    height = tooth.bottom - tooth.top
    return tooth.bottom - _CREST * height if tooth.is_upper else tooth.top + _CREST * height


def plan(film: Film, teeth: Sequence[Tooth], *, seed: int) -> Plan:
    """Where implants come: one to three, in gaps first, then in place of teeth.

    Raises:
        WrongUse: there is no tooth to tell where the jaws are.
    """
    rng = np.random.default_rng(seed)
    gaps, places = sites(teeth, columns=film.shape[1])
    if not gaps and not places:
        raise WrongUse("No implant can be put here.", why="No tooth shows where the jaws are.")
    ordered = [each[int(n)] for each in (gaps, places) for n in rng.permutation(len(each))]
    chosen: list[Site] = []
    for site in ordered:
        if all(_apart(site, other, film.shape[1]) for other in chosen):
            chosen.append(site)
    chosen = chosen[: int(rng.integers(1, _MOST + 1))]
    healthy = film
    for site in chosen:
        if site.instead is not None:
            healthy = without_tooth(healthy, site.instead, rng=rng)
    screws = [random_screw(rng, row=s.row, column=s.column, up=s.up) for s in chosen]
    return Plan(healthy, tuple(teeth), tuple(screws), seed)


def _apart(one: Site, other: Site, columns: int) -> bool:
    return one.up != other.up or abs(one.column - other.column) >= 1.5 * _LEAST_GAP * columns


def without_tooth(film: Film, tooth: Tooth, *, rng: np.random.Generator) -> Film:
    """The film with a tooth's box filled row by row with the darker of its sides, and grain."""
    rows, columns = film.shape
    top, bottom = max(round(tooth.top) - _SEAM, 0), min(round(tooth.bottom) + _SEAM, rows)
    left = max(round(tooth.left) - _SEAM // 2, 4)
    right = min(round(tooth.right) + _SEAM // 2, columns - 4)
    if min(bottom - top, right - left) <= 2 * _SEAM:
        return film
    greys = film.astype(np.float64)
    calm = _blurred(greys, 2.0, 2.0)
    darkest = [calm[top:bottom, edge - 4 : edge + 5].min(axis=1) for edge in (left, right)]
    sides = [_blurred(side[:, None], 6.0, 0.1) for side in darkest]
    filled = np.minimum(*sides) * np.ones(right - left)
    grain = float(np.median(np.abs(greys - calm))) / 0.6745
    filled += _blurred(rng.normal(0, 2 * grain, filled.shape), 0.7, 0.7)
    share = np.zeros((rows, columns))
    share[top + _SEAM : bottom - _SEAM, left + _SEAM : right - _SEAM] = 1
    share = _blurred(share, _SEAM / 2, _SEAM / 2)[top:bottom, left:right]
    greys[top:bottom, left:right] += share * (filled - greys[top:bottom, left:right])
    return _rounded(greys)


def composite(asked: Plan, grade: Grade) -> Composite:
    """The film with its implants in that grade.

    Attenuations add, so that what lies behind shines through; the shadow is as sharp as the film.
    """
    film, rng = asked.film.astype(np.float64), np.random.default_rng((asked.seed, 1))
    enamel, sigma = _enamel(film, asked.teeth), sharpness(film)
    thick, masks, outlines, tops = attenuation(film), [], [], []
    for screw in asked.screws:
        shadow, carried = screw_shadow(screw, film.shape), top_shadow(screw, film.shape)
        share = float(rng.uniform())  # drawn for every grade, so that chance is the same
        thick += _added(
            film, shadow, _target(film, shadow, grade, enamel=enamel, share=share), sigma
        )
        if carried is not None:
            grey = _METAL_CROWN if grade is Grade.METAL else enamel
            thick += _added(film, carried, grey, sigma)
            tops.append(carried.outline)
        masks.append(shadow.inside)
        outlines.append(shadow.outline)
    return Composite(_rounded(grey_of(thick)), np.array(masks), tuple(outlines), tuple(tops))


def attenuation(greys: Map) -> Map:
    """Of a film on which what lets nothing through is white."""
    return -np.log1p(-np.minimum(greys, 255) / _WHITE)


def grey_of(attenuated: Map) -> Map:
    """The other way round."""
    return -np.expm1(-attenuated) * _WHITE


def _enamel(film: Map, teeth: Sequence[Tooth]) -> float:
    boxes = np.zeros(film.shape, bool)
    for tooth in teeth:
        edges = (max(round(each), 0) for each in (tooth.top, tooth.bottom, tooth.left, tooth.right))
        top, bottom, left, right = edges
        boxes[top:bottom, left:right] = True
    greys = film[boxes & (film < _FILLING)]
    return float(np.percentile(greys, _ENAMEL)) if len(greys) else _METAL[0]


def _target(film: Map, shadow: Shadow, grade: Grade, *, enamel: float, share: float) -> float:
    """The median grey that an implant is to have."""
    low, high = _MORE_THAN_BONE
    if grade is Grade.METAL:
        return _METAL[0] + share * (_METAL[1] - _METAL[0])
    if grade is Grade.ENAMEL:
        return enamel
    return _behind(film, shadow) + low + share * (high - low)


def _behind(film: Map, shadow: Shadow) -> float:
    return float(np.median(film[shadow.inside])) if shadow.inside.any() else 0.0


def _added(film: Map, shadow: Shadow, target: float, sigma: tuple[float, float]) -> Map:
    """How much attenuation comes on top."""
    if not shadow.inside.any():
        return np.zeros(film.shape)
    behind = _behind(film, shadow)
    wanted = max(target, behind + _MORE_THAN_BONE[0])
    missing = float(attenuation(np.array(wanted)) - attenuation(np.array(behind)))
    strength = missing / float(np.median(shadow.thickness[shadow.inside]))
    return strength * _blurred(shadow.thickness, *sigma)


def _blurred(values: Map, down: float, across: float) -> Map:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigmaX=across, sigmaY=down), np.float64)


def _rounded(values: Map) -> Film:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def grade_of(study: Study) -> str | None:
    """What a film of ours was given: a grade or NONE; None for other films."""
    said = study.path.stem.rpartition(".")[2]
    return said if said in {NONE, *Grade} else None


def write_composites(studies: Sequence[Study], labels: Path, out: Path, *, seed: int) -> Path:
    """Films, masks, outlines and `cases.csv`; films on which no implant can be put are left out."""
    make_results_folder(out)
    table = out / CASES_NAME
    with table.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(("path", "patient", "label", "boxes", "teeth", "grade"))
        for study in studies:
            film = open_picture(study.path).pixels.astype(np.uint8)
            teeth = read_teeth(labels / f"{study.path.stem}.txt", film.shape)
            own = zlib.crc32(study.name.encode())  # whichever others are drawn
            asked = plan(film, teeth, seed=seed + own)
            stem = study.path.stem
            _write_picture(asked.film, out / f"{stem}.{NONE}.png")
            writer.writerow((f"{stem}.{NONE}.png", study.patient, 0, "", len(teeth), NONE))
            for grade in Grade:
                made, name = composite(asked, grade), f"{stem}.{grade.value}"
                _write_picture(made.film, out / f"{name}.png")
                _write_truth(made, out / f"{name}.json")
                row = f"{name}.png", study.patient, 1, f"{name}.json", len(teeth), grade.value
                writer.writerow(row)
            numbered = (made.masks * np.arange(1, len(made.masks) + 1)[:, None, None]).max(axis=0)
            _write_picture(numbered.astype(np.uint8), out / f"{stem}.mask.png")
    return table


def _write_truth(made: Composite, path: Path) -> None:
    corners = {"implants": made.outlines, "screws": made.tops}
    said = {name: [np.round(one, 2).tolist() for one in each] for name, each in corners.items()}
    path.write_text(json.dumps({"said": "synthetic", **said}), encoding="utf-8")


def _write_picture(picture: NDArray[np.uint8], path: Path) -> None:
    _, content = cv2.imencode(".png", picture)
    path.write_bytes(content.tobytes())


def main(argv: Sequence[str] | None = None) -> int:
    """Write the films of a part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--part", choices=(CALIBRATE, TEST), default=TEST)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--films", type=int, help="so many, spread evenly over the part")
    arguments = parser.parse_args(argv)
    studies = of_part(read_studies(arguments.data), arguments.part)
    healthy = [study for study in studies if not study.with_implant]
    count = min(arguments.films or len(healthy), len(healthy))
    chosen = [healthy[int(n)] for n in np.linspace(0, len(healthy) - 1, count)]
    labels = arguments.data / "labels_yolo_fdi"
    print(write_composites(chosen, labels, arguments.out, seed=arguments.seed))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

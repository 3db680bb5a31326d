"""Pictures that are no whole frontal spine films, made from a committed list of names."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data.aasce import (
    HALVES,
    Film,
    Labelled,
    half_of,
    read_aasce,
    read_film,
    read_people,
    read_split,
)
from training.data.boxed import read_boxed
from training.data.changed import CHANGES
from training.data.drawn import DRAWN
from training.data.volumes import picture_of
from training.phantoms.vertebrae import draw_phantom

FloatArray = NDArray[np.float64]
LIST_FILE = Path(__file__).with_name("odd.csv")
SECOND_SITE = "second site"
_DRAWN_SIDES = (1400, 620)


class Truth(StrEnum):
    """What a picture should be told about."""

    NOTHING = "nothing"
    UNLIKE = "unlike"
    FEW = "few"
    DEPENDS = "depends"  # on whether the corners found there are any good
    NEAR = "near"  # unlike, though it lies near to the films learnt from
    MIRRORED = "mirrored"


KINDS: Mapping[str, Truth] = {
    "whole film": Truth.NOTHING,
    SECOND_SITE: Truth.NOTHING,
    "phantom": Truth.NOTHING,
    "chest": Truth.UNLIKE,
    "lateral": Truth.UNLIKE,
    "head and neck": Truth.UNLIKE,
    "brain": Truth.UNLIKE,
    "trunk slice": Truth.UNLIKE,
    "panoramic": Truth.UNLIKE,
    "mouth photo": Truth.UNLIKE,
    "hand, drawn": Truth.UNLIKE,
    "blank": Truth.UNLIKE,
    "noise": Truth.UNLIKE,
    "upside down": Truth.UNLIKE,
    "quarter turn": Truth.UNLIKE,
    "mirrored": Truth.MIRRORED,
    "abdomen": Truth.FEW,
    "top eight": Truth.FEW,
    "bottom eight": Truth.FEW,
    "any twelve": Truth.FEW,
    "any fourteen": Truth.FEW,
    "flat": Truth.NEAR,
    "rods, drawn": Truth.NEAR,
    "inverted": Truth.DEPENDS,
    "grainy": Truth.DEPENDS,
}


@dataclass(frozen=True, eq=False)
class Odd:
    """A picture of the list.

    Args:
        name: unlike any other's.
        kind: one of KINDS.
        half: "choose" or "report".
        film: its grey values.
        corners: (68, 2) where they are known, in its pixels; some may lie outside.
    """

    name: str
    kind: str
    half: str
    film: Film
    corners: FloatArray | None = None

    @property
    def truth(self) -> Truth:
        """What should be told about it."""
        return KINDS.get(self.kind, Truth.NOTHING)


@dataclass(frozen=True)
class Row:
    """A line of the list: a kind, a file below the data folder or a seed, and how to look at it."""

    kind: str
    source: str
    view: str = ""

    @property
    def name(self) -> str:
        """The line in words."""
        return " ".join(part for part in (self.kind, self.source, self.view) if part)


def read_list(path: Path = LIST_FILE) -> list[Row]:
    """The committed list."""
    with path.open(newline="", encoding="utf-8") as lines:
        return [Row(**row) for row in csv.DictReader(lines)]


class OddPictures:
    """Makes the pictures of the list from the folder of real data.

    Args:
        data: the folder that holds `spine`, `spine_open`, `ct` and the others.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        labelled = read_aasce(data / "spine", part="validation")
        self._films = {film.name: film for film in labelled}
        self._people = read_people()

    def make(self, row: Row) -> Odd:
        """The picture of a line.

        Raises:
            UnreadableFile: its file is missing or no picture.
        """
        if row.source in self._films:
            return self._of_film(row, self._films[row.source])
        if row.source.isdigit():
            film, corners = _drawn(row)
        else:
            film, corners = picture_of(self._data / row.source, view=row.view), None
        is_boxed = row.kind == SECOND_SITE
        half = half_of(Path(row.source).stem) if is_boxed else _half_of_name(row.name)
        return Odd(row.name, row.kind, half, film, corners)

    def _of_film(self, row: Row, labelled: Labelled) -> Odd:
        film = read_film(labelled.path)
        corners = labelled.corners_px(film.shape)
        change = CHANGES.get(row.kind)
        if change is not None:
            film, corners = change(film, corners, np.random.default_rng(_seed(row.name)))
        return Odd(row.name, row.kind, half_of(self._people[row.source]), film, corners)


def _half_of_name(name: str) -> str:
    return HALVES[_seed(name) % 2]


def _seed(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])


def _drawn(row: Row) -> tuple[Film, FloatArray | None]:
    seed = int(row.source)
    if row.kind == "phantom":
        phantom = draw_phantom(seed)
        return phantom.film, phantom.corners
    return DRAWN[row.kind](np.random.default_rng(seed), _DRAWN_SIDES), None


def draw_list(data: Path) -> list[Row]:
    """The lines for a data folder: every validation film, one of each person in each change, the
    second site, and some of everything else. This is how `odd.csv` was made."""
    people, defective = read_people(), read_split("defective")
    films = read_aasce(data / "spine", part="validation")
    names = [film.name for film in films if film.name not in defective]
    one_each = {people[name]: name for name in reversed(names)}
    rows = [Row("whole film", name) for name in names]
    rows += [Row(kind, name) for kind in CHANGES for name in one_each.values()]
    rows += [Row(SECOND_SITE, _below(film.path, data)) for film in read_boxed(data / "spine_open")]
    rows += [
        Row(kind, _below(path, data), view)
        for kind, pattern, take, view in _OTHERS
        for path in _spread(sorted(data.glob(pattern)), take)
    ]
    rows += [Row(kind, str(seed)) for kind in ("phantom", *DRAWN) for seed in range(9001, 9011)]
    return rows


# kind, files, how many of them, view
_OTHERS = (
    ("chest", "ct/dash_vtk/ct_lung", 1, "frontal"),
    ("chest", "ct/saltyjoke/*/coronal/*.dcm", 4, ""),
    ("chest", "ct/totalsegmentator/pulmonary_report/**/ct_cropped.nii.gz", 1, "frontal"),
    ("lateral", "ct/dash_vtk/ct_lung", 1, "lateral"),
    ("lateral", "ct/totalsegmentator/example_ct.nii.gz", 1, "lateral"),
    ("lateral", "ct/totalsegmentator/pulmonary_report/**/ct_cropped.nii.gz", 1, "lateral"),
    ("lateral", "ct/saltyjoke/*/sagittal/*.dcm", 4, ""),
    ("abdomen", "ct/totalsegmentator/example_ct.nii.gz", 1, "frontal"),
    ("trunk slice", "ct/saltyjoke/*/axial/*.dcm", 4, ""),
    ("trunk slice", "ct/dash_vtk/ct_lung/*.dcm", 10, ""),
    ("head and neck", "brain_mri/t1/*.nii.gz", 16, "sagittal"),
    ("brain", "brain_mri/t1/*.nii.gz", 16, "axial"),
    ("panoramic", "dental_xray/devichand579*/panoramic_x_rays/*.jpg", 24, ""),
    ("panoramic", "dental_xray/Ai-rezzak*/data/images/*.jpg", 6, ""),
    ("mouth photo", "intraoral/*/**/*Volunt*.jpeg", 20, ""),
    ("mouth photo", "intraoral/ldservice*/img/*.jpg", 4, ""),
)


def _below(path: Path, data: Path) -> str:
    return path.relative_to(data).as_posix()


def _spread(paths: list[Path], take: int) -> list[Path]:
    """So many of them, evenly spread."""
    return [paths[n] for n in np.linspace(0, len(paths) - 1, min(take, len(paths))).astype(int)]

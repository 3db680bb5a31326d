"""Pictures that are no whole frontal spine films, made from a committed list of names."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
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
from training.data.drawn import DRAWN
from training.data.volumes import picture_of
from training.phantoms.vertebrae import draw_phantom

FloatArray = NDArray[np.float64]
LIST_FILE = Path(__file__).with_name("odd.csv")
EIGHT = 8
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


Changed = tuple[Film, FloatArray]
Change = Callable[[Film, FloatArray, np.random.Generator], Changed]


def _upside_down(film: Film, corners: FloatArray, _rng: np.random.Generator) -> Changed:
    turned = np.array(film.shape) - 1 - corners
    return np.ascontiguousarray(film[::-1, ::-1]), turned


def _quarter_turn(film: Film, corners: FloatArray, _rng: np.random.Generator) -> Changed:
    turned = np.stack([film.shape[1] - 1 - corners[:, 1], corners[:, 0]], axis=-1)
    return np.ascontiguousarray(np.rot90(film)), turned


def mirrored(film: Film, corners: FloatArray, _rng: np.random.Generator) -> Changed:
    """Left and right exchanged, also in the corners' names."""
    boxes = corners.reshape(-1, 4, 2)[:, [1, 0, 3, 2]]
    boxes = np.stack([boxes[..., 0], film.shape[1] - 1 - boxes[..., 1]], axis=-1)
    return np.ascontiguousarray(film[:, ::-1]), boxes.reshape(-1, 2)


def cropped_to(film: Film, corners: FloatArray, *, first: int, last: int) -> Changed:
    """The film cut across between vertebrae, so that those from `first` to `last` are whole."""
    boxes = corners.reshape(-1, 4, 2)
    top, bottom = 0, film.shape[0]
    if first > 0:
        top = _between(boxes[first - 1], boxes[first])
    if last < len(boxes) - 1:
        bottom = _between(boxes[last], boxes[last + 1])
    return np.ascontiguousarray(film[top:bottom]), corners - (top, 0)


def _any(count: int) -> Change:
    """So many vertebrae, from a level on that chance decides."""

    def change(film: Film, corners: FloatArray, rng: np.random.Generator) -> Changed:
        first = int(rng.integers(0, len(corners) // 4 - count + 1))
        return cropped_to(film, corners, first=first, last=first + count - 1)

    return change


def _between(upper: FloatArray, lower: FloatArray) -> int:
    return round(float(upper[2:, 0].mean() + lower[:2, 0].mean()) / 2)


def _flat(film: Film, corners: FloatArray, _rng: np.random.Generator) -> Changed:
    return np.asarray(np.rint(110 + (film.astype(float) - 128) * 0.08), np.uint8), corners


def _inverted(film: Film, corners: FloatArray, _rng: np.random.Generator) -> Changed:
    return 255 - film, corners


def _grainy(film: Film, corners: FloatArray, rng: np.random.Generator) -> Changed:
    grain = rng.normal(0, 60, film.shape)
    return np.asarray(np.clip(film + grain, 0, 255), np.uint8), corners


def _rods(film: Film, corners: FloatArray, rng: np.random.Generator) -> Changed:
    """Two rods along the column and two screws in each vertebra between two random levels."""
    boxes = corners.reshape(-1, 4, 2)
    first = int(rng.integers(0, 7))
    last = int(rng.integers(11, 17))
    drawn = film.copy()
    width = np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=-1).mean()
    thick = max(2, round(0.11 * width))
    lines = []
    for share in (0.25, 0.75):
        upper = boxes[:, 0] + share * (boxes[:, 1] - boxes[:, 0])
        lower = boxes[:, 2] + share * (boxes[:, 3] - boxes[:, 2])
        middle = (0.65 * upper + 0.35 * lower)[first : last + 1]
        lines.append(middle)
        inwards = (boxes.mean(1)[first : last + 1] - middle) * 0.55
        for place, way in zip(middle, inwards, strict=True):
            cv2.line(drawn, _xy(place), _xy(place + way), 248, thick)
            cv2.circle(drawn, _xy(place), round(1.1 * thick), 255, -1)
    for line in lines:
        path = np.rint(line[:, ::-1]).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(drawn, [path], isClosed=False, color=252, thickness=thick)
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), 0.8), np.uint8), corners


def _xy(place: FloatArray) -> tuple[int, int]:
    row, column = np.rint(place)
    return int(column), int(row)


CHANGES: Mapping[str, Change] = {
    "upside down": _upside_down,
    "quarter turn": _quarter_turn,
    "mirrored": mirrored,
    "top eight": lambda film, corners, _: cropped_to(film, corners, first=0, last=EIGHT - 1),
    "bottom eight": lambda film, corners, _: cropped_to(
        film, corners, first=len(corners) // 4 - EIGHT, last=len(corners) // 4 - 1
    ),
    "any twelve": _any(12),
    "any fourteen": _any(14),
    "flat": _flat,
    "inverted": _inverted,
    "grainy": _grainy,
    "rods, drawn": _rods,
}


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

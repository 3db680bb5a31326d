"""AASCE 2019 spine films and their corners, as a flat folder or as the original tree."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.errors import UnreadableFile, WrongUse

Film = NDArray[np.uint8]
FloatArray = NDArray[np.float64]

SPLIT_FILE = Path(__file__).with_name("aasce_split.json")
ROW = "A row is 68 columns, then 68 rows, as shares of the film's size; no heading."
_NUMBERS = 136
_NAMED = 3  # of the rows that are wrong
_LEAST_STEP = 0.3
_CASE = re.compile(r"-(\d+) [A-Z] ")
# Test films that are other crops of training films: cases 239 to 244 of one day, and case 319 A.
_REPEATED_TEST = re.compile(r"-28-Feb-2017-(239|24[0-4]) |-319 A ")
HALVES = ("choose", "report")


class UnfitFilms(WrongUse):
    """Films that cannot be used.

    Args:
        lines: each film by name, and what is wrong with it.
    """

    def __init__(self, what: str, *, why: str, remedy: str, lines: Sequence[str]) -> None:
        super().__init__(what, why=why, remedy=remedy)
        self.lines = tuple(lines)


@dataclass(frozen=True, eq=False)
class Labelled:
    """A film's file and its 68 corners, (row, column) as shares of height and width."""

    name: str
    path: Path
    unit_corners: FloatArray

    def corners_px(self, shape: tuple[int, ...]) -> FloatArray:
        """(68, 2) corners in pixels of a film of that shape, pixel centres at integers."""
        return self.unit_corners * np.array(shape[:2], dtype=np.float64)

    @property
    def case(self) -> str:
        """The case in the file name: films of one case show one person."""
        return case_of(self.name)


def case_of(name: str) -> str:
    """The case that a file name tells; the whole stem where it tells none."""
    found = _CASE.search(name)
    return f"case {found.group(1)}" if found else Path(name).stem


def read_film(path: Path) -> Film:
    """The grey pixels of a film.

    Raises:
        UnreadableFile: the file is missing or no picture.
    """
    raw = np.fromfile(path, dtype=np.uint8) if path.is_file() else None
    film = None if raw is None or not raw.size else cv2.imdecode(raw, cv2.IMREAD_GRAYSCALE)
    if film is None:
        raise UnreadableFile(
            f"The film {path.name} cannot be read.",
            why="The file is missing or is not a picture."
            if raw is None
            else "It is not a picture.",
            remedy="Check the data folder, or take its line out of filenames.csv.",
        )
    return np.asarray(film, dtype=np.uint8)


def read_aasce(data: Path, *, split: str = "training", part: str | None = None) -> list[Labelled]:
    """All labelled films of a folder: flat, or the original tree with its `split`.

    Vertebrae are put in order from top to bottom: 18 training rows name the topmost one last.

    Raises:
        WrongUse: the folder holds neither layout, or its tables do not belong together.
    """
    tables, images = _find(data, split)
    names = [row[0].strip() for row in _rows(tables / "filenames.csv")]
    values = _numbers(tables / "landmarks.csv")
    if len(names) != len(values):
        raise WrongUse(
            f"The tables in {tables} do not belong together.",
            why=f"{len(names)} names stand against {len(values)} rows of landmarks.",
            remedy="Row i of filenames.csv must be row i of landmarks.csv.",
        )
    _require_lengths(tables / "landmarks.csv", names, values)
    wanted = read_split(part) if part else frozenset(names)
    paths = _paths(tables, images, names)
    return [
        Labelled(name, path, in_order(np.array([row[68:], row[:68]]).T))
        for name, path, row in zip(names, paths, values, strict=True)
        if name in wanted
    ]


def _paths(tables: Path, images: Path, names: list[str]) -> list[Path]:
    """Where the films lie: beside the tables, or where paths.csv says."""
    if not (tables / "paths.csv").is_file():
        return [images / name for name in names]
    told = _beside(tables, names, "paths.csv")
    return [Path(path) for path in told]


def _beside(tables: Path, names: list[str], table: str) -> list[str]:
    """A table with one text for each film."""
    told = [row[0] for row in _rows(tables / table)]
    if len(told) != len(names):
        raise WrongUse(
            f"The tables in {tables} do not belong together.",
            why=f"{len(names)} names stand against {len(told)} rows of {table}.",
        )
    return told


def read_keys(data: Path) -> dict[str, str]:
    """Whose film each is, in a folder that says so: people.csv beside filenames.csv.

    Raises:
        WrongUse: a table cannot be read, or they do not belong together.
    """
    names = [row[0].strip() for row in _rows(data / "filenames.csv")]
    return dict(zip(names, _beside(data, names, "people.csv"), strict=True))


def _require_lengths(table: Path, names: list[str], values: list[list[float]]) -> None:
    told = zip(names, values, strict=True)
    odd = {name: len(row) for name, row in told if len(row) != _NUMBERS}
    if odd:
        shown = [f"{name} ({length})" for name, length in odd.items()]
        raise UnfitFilms(
            f"The table {table} has rows of another length.",
            why=f"{some_of(shown, of=len(names))} should hold {_NUMBERS} numbers.",
            remedy=ROW,
            lines=[f"{name}: {n} numbers, not {_NUMBERS}" for name, n in odd.items()],
        )


def some_of(names: Sequence[str], *, of: int) -> str:
    """How many rows that are, and the first of them by name."""
    listed = ", ".join(names[:_NAMED])
    more = ", …" if len(names) > _NAMED else ""
    return f"{len(names)} of {of} rows ({listed}{more})"


def in_order(unit_corners: FloatArray) -> FloatArray:
    """The corners with their vertebrae sorted from top to bottom: some rows name T1 last."""
    boxes = unit_corners.reshape(17, 4, 2)
    ordered: FloatArray = boxes[np.argsort(boxes[:, :, 0].mean(axis=1))].reshape(68, 2)
    return ordered


def is_sound(unit_corners: FloatArray) -> bool:
    """Whether every vertebra has its left left and its top above, and none is named twice."""
    boxes = unit_corners.reshape(17, 4, 2)
    left, right = boxes[:, [0, 2], 1], boxes[:, [1, 3], 1]
    top, bottom = boxes[:, [0, 1], 0], boxes[:, [2, 3], 0]
    steps = np.diff(boxes[:, :, 0].mean(axis=1))
    distinct = steps.min() > _LEAST_STEP * np.median(steps)
    return bool((left < right).all() and (top < bottom).all() and distinct)


def read_split(part: str, *, path: Path = SPLIT_FILE) -> frozenset[str]:
    """Names of the films of a part, "training" or "validation", of the committed split."""
    return frozenset(json.loads(path.read_text(encoding="utf-8"))[part])


def read_people(*, path: Path = SPLIT_FILE) -> dict[str, str]:
    """Which person each film of the committed split shows."""
    told: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["person"]
    return {name: f"person {number}" for name, number in told.items()}


def half_of(person: str) -> str:
    """Which half of the validation people somebody is in, for ever: constants are chosen on one
    half, figures are reported on the other."""
    return HALVES[hashlib.sha256(person.encode()).digest()[0] % 2]


def is_independent(name: str) -> bool:
    """Whether a film of the published test set is no other crop of a training film."""
    return _REPEATED_TEST.search(name) is None


def people(films: Iterable[Labelled], thumbnails: FloatArray, *, alike: float) -> list[int]:
    """A number for each film; films of one case, or whose thumbnails correlate, share it."""
    listed = list(films)
    parent = list(range(len(listed)))
    first: dict[str, int] = {}
    for n, film in enumerate(listed):
        _join(parent, n, first.setdefault(film.case, n))
    same = np.argwhere(np.triu(thumbnails @ thumbnails.T, 1) > alike)
    for a, b in same:
        _join(parent, int(a), int(b))
    return [_root(parent, n) for n in range(len(listed))]


def thumbnail(film: Film) -> FloatArray:
    """64 x 32 grey values without slow changes of brightness, of length one."""
    small = cv2.resize(film, (32, 64), interpolation=cv2.INTER_AREA).astype(np.float64)
    small -= cv2.GaussianBlur(small, (0, 0), 8)
    flat: FloatArray = (small - small.mean()).ravel()
    return flat / max(float(np.linalg.norm(flat)), 1e-9)


def split_people(groups: Sequence[int], *, share: float, seed: int) -> set[int]:
    """Groups held back for validation: drawn at random until they hold `share` of the films."""
    order = np.random.default_rng(seed).permutation(sorted(set(groups)))
    held: set[int] = set()
    count = 0
    for group in order:
        if count >= share * len(groups):
            break
        held.add(int(group))
        count += list(groups).count(int(group))
    return held


def _find(data: Path, split: str) -> tuple[Path, Path]:
    if (data / "landmarks.csv").is_file():
        return data, data
    for root in (data, *sorted(path for path in data.glob("*") if path.is_dir())):
        for base in (root, root / "boostnet_labeldata"):
            if (base / "labels" / split / "landmarks.csv").is_file():
                return base / "labels" / split, base / "data" / split
    raise WrongUse(
        f"No AASCE data in {data}.",
        why=f"Neither landmarks.csv nor labels/{split}/landmarks.csv is there.",
        remedy="Give the folder that holds filenames.csv and landmarks.csv, or the one above it.",
    )


def _numbers(path: Path) -> list[list[float]]:
    try:
        return [[float(cell) for cell in row] for row in _rows(path)]
    except ValueError as error:
        raise WrongUse(
            f"The table {path} holds something that is no number.",
            why=f"{error}.",
            remedy=ROW,
        ) from error


def _rows(path: Path) -> list[list[str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            return [row for row in csv.reader(lines) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WrongUse(
            f"The table {path} cannot be read.",
            why=f"{error}.",
            remedy="filenames.csv and landmarks.csv must lie side by side.",
        ) from error


def _root(parent: list[int], n: int) -> int:
    while parent[n] != n:
        n = parent[n]
    return n


def _join(parent: list[int], a: int, b: int) -> None:
    parent[_root(parent, a)] = _root(parent, b)

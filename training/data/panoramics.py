"""Dental studies to learn from and to be measured on, and the split of the panoramics (UFBA-425).

`python -m training.data.panoramics --data DIR --out DIR` writes the `cases.csv` of each part.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.errors import UnreadableFile, WrongUse
from domain.image import Image
from domain.implant_study import network_pictures, study_frames
from domain.provenance import Mode
from training.data.aasce import read_film

Pictures = NDArray[np.uint8]
Opens = Callable[[Path], Image]
Polygon = NDArray[np.float64]
CASES_NAME = "cases.csv"
SPLIT = Path(__file__).with_name("panoramics_split.json")
OUTLINES = Path(__file__).with_name("panoramics_implants.json")
LEARN, CALIBRATE, TEST = "learn", "calibrate", "test"
_FILMS, _BOXES = "panoramic_x_rays", "labels_yolo_fdi"
_WITH_IMPLANTS = "cate5-"  # the category in the file's name; metadata.csv disagrees with films


@dataclass(frozen=True)
class Study:
    """One study.

    Args:
        path: a picture, a video, a DICOM file or a folder.
        patient: whose it is.
        with_implant: what the label says.
        boxes: JSON with the outlines of its implants, or None.
        teeth: how many are left, where somebody counted.
    """

    path: Path
    patient: str
    with_implant: bool
    boxes: Path | None = None
    teeth: int | None = None

    @property
    def name(self) -> str:
        """Its file's name."""
        return self.path.name


@dataclass(frozen=True, eq=False)
class Outlines:
    """What lies in a study: (n, 2) corners, row and column in pixels of the picture.

    Args:
        screws: pins that hold grafts: neither implants nor mistakes.
    """

    implants: tuple[Polygon, ...] = ()
    screws: tuple[Polygon, ...] = ()


def read_studies(data: Path) -> list[Study]:
    """The studies of a folder with `cases.csv`, or of the panoramics as they were published.

    Raises:
        WrongUse: the folder is neither, or its table lacks a column.
    """
    table = data / CASES_NAME
    if table.is_file():
        return _of_table(table)
    films = sorted((data / _FILMS).glob("*.jpg"))
    if not films:
        raise WrongUse(
            f"There are no studies in {data}.",
            why=f"It holds neither {CASES_NAME} nor a folder {_FILMS}.",
            remedy="Write cases.csv with the columns path, patient, label.",
        )
    return [
        Study(film, film.stem, film.name.startswith(_WITH_IMPLANTS), teeth=_teeth(data, film))
        for film in films
    ]


def _teeth(data: Path, film: Path) -> int | None:
    boxes = data / _BOXES / f"{film.stem}.txt"
    if not boxes.is_file():
        return None
    lines = boxes.read_text(encoding="utf-8").splitlines()
    return len({line.split()[0] for line in lines if line.strip()})


def _of_table(table: Path) -> list[Study]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as lines:
            return [_of_row(row, table.parent) for row in csv.DictReader(lines)]
    except (KeyError, ValueError, OSError, csv.Error) as error:
        raise WrongUse(
            f"{table} cannot be used.",
            why=f"{error!r}.",
            remedy="Give it the columns path, patient and label (1 = with implant).",
        ) from error


def _of_row(row: dict[str, str], folder: Path) -> Study:
    label = row["label"].strip()
    if label not in {"0", "1"}:
        msg = f"{label!r} is no label"
        raise ValueError(msg)
    boxes, teeth = ((row.get(name) or "").strip() for name in ("boxes", "teeth"))
    return Study(
        folder / row["path"],
        row.get("patient") or row["path"],
        label == "1",
        folder / boxes if boxes else None,
        int(teeth) if teeth else None,
    )


def open_picture(path: Path) -> Image:
    """A still picture; who can open more is handed to those that need it.

    Raises:
        UnreadableFile: it is none.
    """
    return Image(read_film(path))


def pictures_of(study: Study, opens: Opens = open_picture) -> Pictures:
    """(pictures, SIDE, SIDE) what the network looks at."""
    stack = study_frames(opens(study.path)).pixels
    scaled = network_pictures(stack, mode=Mode.CORRECTED)
    return np.asarray(np.rint((scaled + 1) * 127.5), dtype=np.uint8)


def read_split(part: str, *, with_implant: bool = False) -> frozenset[str]:
    """Names of the films of a part of our own split."""
    split = json.loads(SPLIT.read_text(encoding="utf-8"))
    return frozenset(split["with_implant" if with_implant else "healthy"].get(part, ()))


def to_learn(studies: Sequence[Study]) -> list[Study]:
    """Studies without implants that may be learnt from; a folder unknown to the split is all so."""
    healthy = [study for study in studies if not study.with_implant]
    known = frozenset().union(*(read_split(part) for part in (LEARN, CALIBRATE, TEST)))
    if not any(study.name in known for study in healthy):
        return healthy
    chosen = read_split(LEARN)
    return [study for study in healthy if study.name in chosen]


def of_part(studies: Iterable[Study], part: str) -> list[Study]:
    """The studies of a part, healthy ones and others."""
    names = read_split(part) | read_split(part, with_implant=True)
    return [study for study in studies if study.name in names]


def make_split(names: Iterable[str], *, seed: int) -> dict[str, dict[str, list[str]]]:
    """Every category shared out alike between the parts: films without implants, and with."""
    rng = np.random.default_rng(seed)
    kinds: dict[str, list[str]] = {}
    for name in sorted(names):
        kinds.setdefault(name.split("-")[0], []).append(name)
    healthy: dict[str, list[str]] = {LEARN: [], CALIBRATE: [], TEST: []}
    implants: dict[str, list[str]] = {CALIBRATE: [], TEST: []}
    for kind, films in kinds.items():
        order = [films[n] for n in rng.permutation(len(films))]
        if f"{kind}-" == _WITH_IMPLANTS:
            cut = round(_IMPLANTS_TO_CALIBRATE * len(order))
            implants[CALIBRATE], implants[TEST] = sorted(order[:cut]), sorted(order[cut:])
            continue
        first, second = (round(share * len(order)) for share in _CUTS)
        healthy[LEARN] += order[:first]
        healthy[CALIBRATE] += order[first:second]
        healthy[TEST] += order[second:]
    return {
        "healthy": {part: sorted(found) for part, found in healthy.items()},
        "with_implant": implants,
    }


_CUTS = 0.66, 0.825  # of the films of a category: to learn from; to calibrate on; the rest tests
_IMPLANTS_TO_CALIBRATE = 0.42


def read_outlines(boxes: Path) -> Outlines:
    """What a `boxes` file says of a study.

    Raises:
        UnreadableFile: it is none.
    """
    try:
        said = json.loads(boxes.read_text(encoding="utf-8"))
        return Outlines(*(_polygons(said.get(name, ())) for name in ("implants", "screws")))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UnreadableFile(
            f"The outlines in {boxes.name} cannot be read.",
            why=f"{error}.",
            remedy='Write {"implants": [[[row, column], ...], ...]}.',
        ) from error


def _polygons(listed: Iterable[Iterable[Iterable[float]]]) -> tuple[Polygon, ...]:
    polygons = tuple(np.array(corners, dtype=np.float64) for corners in listed)
    if any(each.ndim != 2 or each.shape[1] != 2 or len(each) < 3 for each in polygons):
        msg = "an outline needs three corners or more, each a row and a column"
        raise ValueError(msg)
    return polygons


def write_cases(studies: Sequence[Study], out: Path) -> Path:
    """`cases.csv` with the paths as they are from there, and the outlines that we have."""
    out.mkdir(parents=True, exist_ok=True)
    ours = json.loads(OUTLINES.read_text(encoding="utf-8"))["films"]
    table = out / CASES_NAME
    with table.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(("path", "patient", "label", "boxes", "teeth"))
        for study in studies:
            boxes = f"{study.path.stem}.json" if study.name in ours else ""
            if boxes:
                (out / boxes).write_text(json.dumps(ours[study.name]), encoding="utf-8")
            path = Path(os.path.relpath(study.path, out)).as_posix()
            teeth = "" if study.teeth is None else study.teeth
            writer.writerow((path, study.patient, int(study.with_implant), boxes, teeth))
    return table


def main(argv: Sequence[str] | None = None) -> int:
    """Write `calibrate/cases.csv` and `test/cases.csv`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args(argv)
    studies = read_studies(arguments.data)
    for part in (CALIBRATE, TEST):
        print(write_cases(of_part(studies, part), arguments.out / part))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

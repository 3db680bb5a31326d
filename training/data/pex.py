"""The published preparation of PeX-ray: which studies have implants, and three folds of the rest.

`python -m training.data.pex --data DIR --out DIR [--held 3]` reads `PeX_info.csv` and
`Implant_Marking.csv`, and writes `positive.csv`, `negative_1.csv` … `negative_3.csv` as the
original does, and `learn/cases.csv` and `test/cases.csv` for `train` and `evaluate`.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from domain.errors import WrongUse
from training.data.panoramics import Study, write_cases

INFO_NAME, MARKING_NAME = "PeX_info.csv", "Implant_Marking.csv"
FOLDS = 3
_STUDIES, _FRAMES = "PeX-ray", "middle"
_COLUMNS = "FileName", "PatientID"


@dataclass(frozen=True)
class Marked:
    """A study of the tables.

    Args:
        name: of its folder.
        patient: as the tables call it.
    """

    name: str
    patient: str
    with_implant: bool


def read_marked(data: Path) -> list[Marked]:
    """The studies that stand in both tables, in the order of the first.

    Raises:
        WrongUse: a table or a column is missing, or a label is neither 0 nor 1.
    """
    marks = {_key(row): row for row in _rows(data / MARKING_NAME, (*_COLUMNS, "Label"))}
    found = []
    for row in _rows(data / INFO_NAME, _COLUMNS):
        mark = marks.get(_key(row))
        if mark is not None:
            found.append(Marked(*_key(row), _label(mark["Label"])))
    return list(dict.fromkeys(found))


def folds_of(studies: Iterable[Marked], *, seed: int) -> tuple[tuple[Marked, ...], ...]:
    """The studies without implants, shuffled and dealt into three folds."""
    healthy = [study for study in studies if not study.with_implant]
    order = np.random.default_rng(seed).permutation(len(healthy))
    return tuple(tuple(healthy[n] for n in part) for part in np.array_split(order, FOLDS))


def _rows(table: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise WrongUse(f"{table.name} lacks the column {missing[0]!r}.")
            return list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WrongUse(
            f"{table.name} cannot be read.",
            why=f"{error}.",
            remedy=f"Give the folder that holds {INFO_NAME} and {MARKING_NAME}.",
        ) from error


def _key(row: dict[str, str]) -> tuple[str, str]:
    name, patient = (row[column].strip() for column in _COLUMNS)
    return name, patient


def _label(text: str) -> bool:
    if text.strip() not in {"0", "1"}:
        raise WrongUse(f"{MARKING_NAME} holds {text!r} for a label.", remedy="Labels are 0 and 1.")
    return text.strip() == "1"


def prepare(data: Path, out: Path, *, held: int = FOLDS, seed: int = 0) -> None:
    """Write the tables; the fold `held`, of 1 to 3, and all studies with implants are the test."""
    studies = read_marked(data)
    folds = folds_of(studies, seed=seed)
    positive = [study for study in studies if study.with_implant]
    out.mkdir(parents=True, exist_ok=True)
    _write_names(positive, out / "positive.csv")
    for number, fold in enumerate(folds, start=1):
        _write_names(fold, out / f"negative_{number}.csv")
    learn = [study for n, fold in enumerate(folds, start=1) if n != held for study in fold]
    for part, chosen in (("learn", learn), ("test", [*positive, *folds[held - 1]])):
        write_cases([_study(each, data) for each in chosen], out / part)


def _study(marked: Marked, data: Path) -> Study:
    path = data / _STUDIES / marked.name / _FRAMES
    return Study(path, marked.patient, marked.with_implant)


def _write_names(studies: Iterable[Marked], table: Path) -> None:
    with table.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator=os.linesep)
        writer.writerow((*_COLUMNS, "Label"))
        writer.writerows((each.name, each.patient, int(each.with_implant)) for each in studies)


def main(argv: Sequence[str] | None = None) -> int:
    """Prepare a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--held", type=int, choices=range(1, FOLDS + 1), default=FOLDS)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    prepare(arguments.data, arguments.out, held=arguments.held, seed=arguments.seed)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

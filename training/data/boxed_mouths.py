"""Radiographs with boxes in YOLO's form (dental-xray-yolov8-detection), as cases to measure on.

`python -m training.data.boxed_mouths --data DIR --out DIR`.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from collections.abc import Sequence
from pathlib import Path

from domain.errors import UnreadableFile, WrongUse
from training.data.aasce import read_film
from training.data.panoramics import CASES_NAME

IMPLANT = 2
"""The class of implants; 0 is caries, 1 a filling, 3 a root canal."""
Corners = list[list[float]]


def implants_in(labels: Path, shape: tuple[int, int]) -> list[Corners]:
    """The corners of each implant's box, row and column in pixels.

    Raises:
        UnreadableFile: a line is no box.
    """
    rows, columns = shape
    boxes = []
    try:
        for line in labels.read_text(encoding="utf-8").splitlines():
            kind, x, y, width, height = (float(part) for part in line.split()[:5])
            if kind == IMPLANT:
                top, bottom = ((y + side * height / 2) * rows - 0.5 for side in (-1, 1))
                left, right = ((x + side * width / 2) * columns - 0.5 for side in (-1, 1))
                boxes.append([[top, left], [top, right], [bottom, right], [bottom, left]])
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"The boxes in {labels.name} cannot be read.", why=f"{error}.") from (
            error
        )
    return boxes


def write(data: Path, out: Path) -> Path:
    """`cases.csv` and a file of outlines for each picture.

    Raises:
        WrongUse: there are no pictures.
    """
    pictures = sorted((data / "images").glob("*.jpg"))
    if not pictures:
        raise WrongUse(f"There are no pictures in {data / 'images'}.")
    out.mkdir(parents=True, exist_ok=True)
    with (out / CASES_NAME).open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(("path", "patient", "label", "boxes"))
        for number, picture in enumerate(pictures):
            labels = data / "labels" / f"{picture.stem}.txt"
            implants = implants_in(labels, read_film(picture).shape)
            boxes = f"{number}.json"
            (out / boxes).write_text(json.dumps({"implants": implants}), encoding="utf-8")
            path = Path(os.path.relpath(picture, out)).as_posix()
            writer.writerow((path, number, int(bool(implants)), boxes))
    return out / CASES_NAME


def main(argv: Sequence[str] | None = None) -> int:
    """Write the cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of images and labels")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args(argv)
    print(write(arguments.data, arguments.out))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

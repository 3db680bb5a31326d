"""Draws the split of the AASCE films by people: `python -m training.data.make_split DATA`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from training.data.aasce import (
    SPLIT_FILE,
    is_sound,
    people,
    read_aasce,
    read_film,
    split_people,
    thumbnail,
)

ALIKE = 0.85  # films of different cases above this were looked at: repeats end at 0.89
SHARE = 0.20
SEED = 2026


def main(argv: list[str]) -> int:
    """Write training/data/aasce_split.json."""
    films = read_aasce(Path(argv[0]))
    groups = people(films, np.stack([thumbnail(read_film(f.path)) for f in films]), alike=ALIKE)
    held = split_people(groups, share=SHARE, seed=SEED)
    parts: dict[str, list[str]] = {"training": [], "validation": [], "defective": []}
    person: dict[str, int] = {}
    numbers = {group: n for n, group in enumerate(dict.fromkeys(groups))}
    for film, group in zip(films, groups, strict=True):
        sound = is_sound(film.unit_corners)
        part = "defective" if not sound else "validation" if group in held else "training"
        parts[part].append(film.name)
        person[film.name] = numbers[group]
    text = json.dumps({**parts, "person": person}, indent=0, sort_keys=True)
    SPLIT_FILE.write_text(text + "\n", encoding="utf-8")
    counts = {part: len(names) for part, names in parts.items()}
    print(counts, "people:", len(numbers), "held back:", len(held))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What the measurement says of what it was told, and how it ends where it cannot."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from domain.doubts import DoubtKind
from training.data.odd import KINDS, Truth
from training.familiarity import Looked
from training.vertebrae_unlike import Told, main, metrics_of, share


def told(kind: str, said: DoubtKind | None, *, count: int = 0, off: float = 0.0) -> Told:
    """A picture with a column of 17 levels of 10 px, the upper eight of them in it."""
    rows = 10.0 * np.arange(17) + 4
    corners = np.repeat(np.stack([rows, np.full(17, 5.0)], axis=-1), 4, axis=0)
    found = corners + np.array([10 * off, 0])
    features = np.zeros((2, 4))
    truth = KINDS[kind]
    looked = Looked(kind, kind, "report", truth, (80, 20), corners, features, found)
    return Told(looked, said, count)


@pytest.mark.parametrize(
    ("kind", "right"),
    [
        ("whole film", None),
        ("brain", DoubtKind.UNLIKE),
        ("flat", DoubtKind.UNLIKE),
        ("top eight", DoubtKind.FEW),
        ("mirrored", DoubtKind.MIRRORED),
    ],
)
def test_one_sentence_alone_is_right_for_a_kind(kind, right):
    for said in (None, DoubtKind.UNLIKE, DoubtKind.FEW, DoubtKind.MIRRORED):
        assert told(kind, said).is_right == (said is right)


def test_a_changed_film_is_to_be_told_where_its_corners_are_wrong():
    assert KINDS["grainy"] is Truth.DEPENDS
    assert told("grainy", DoubtKind.UNLIKE, off=1.0).is_right
    assert told("grainy", None, off=0.1).is_right
    assert not told("grainy", None, off=1.0).is_right
    assert not told("grainy", DoubtKind.UNLIKE, off=0.1).is_right


def test_figures_are_shares_by_kind():
    few = [told("top eight", DoubtKind.FEW, count=count) for count in (7, 8, 12)]
    found = metrics_of([*few, told("top eight", None), told("brain", DoubtKind.FEW, count=5)])
    assert found["top_eight.right"].value == 0.75
    assert found["top_eight.count_near"].value == pytest.approx(2 / 3)
    assert found["brain.few_vertebrae"].value == 1
    assert found["brain.right"].value == 0
    assert (found["all_unlike.right"].value, found["all_unlike.any_sentence"].value) == (0, 1)
    assert "chest.right" not in found


def test_a_share_has_an_interval_also_where_nothing_was_hit():
    none, half, every = (share([True] * hits + [False] * (20 - hits)) for hits in (0, 10, 20))
    assert (none.value, none.low) == (0, pytest.approx(0))
    assert none.high == pytest.approx(0.161, abs=1e-3)  # Wilson's, 0 of 20
    assert half.low == pytest.approx(1 - half.high)
    assert every.low == pytest.approx(1 - none.high)


def test_a_folder_that_holds_no_films_ends_in_words(tmp_path: Path, capsys):
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "No AASCE data" in capsys.readouterr().err


def test_the_shipped_network_is_measured(tmp_path: Path, shared_data: Path, capsys):
    arguments = ["--data", str(shared_data), "--out", str(tmp_path), "--every", "67"]
    assert main(arguments) == 0
    figures = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    with (tmp_path / "pictures.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 13
    assert figures["all_unlike.right"]["value"] > 0.5
    assert "| whole film |" in capsys.readouterr().out

"""A folder that nothing can be learnt from is refused in words, with how many rows and which."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from domain.errors import WrongUse
from tests.training.folder import write_aasce
from training.cli import run as command
from training.data.aasce import UnfitFilms
from training.data.checked import Checked, require_trainable


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_aasce(tmp_path / "data", count=3)
    return tmp_path / "data"


def rewrite(
    data: Path, change: Callable[[np.ndarray], np.ndarray], *, rows: tuple[int, ...]
) -> None:
    """Change the (17, 4, 2) corners (row, column) of some rows, or the numbers of a row."""
    table = data / "landmarks.csv"
    with table.open(newline="") as lines:
        listed = [[float(cell) for cell in row] for row in csv.reader(lines)]
    for n in rows:
        unit = np.array([listed[n][68:], listed[n][:68]]).T.reshape(17, 4, 2)
        found = change(unit).reshape(-1, 2)
        listed[n] = [*found[:, 1], *found[:, 0]]
    with table.open("w", newline="") as out:
        csv.writer(out).writerows(listed)


def test_a_sound_folder_passes(data: Path) -> None:
    require_trainable(data)


def test_missing_films_are_counted_and_named(data: Path) -> None:
    for n in (0, 2):
        (data / f"phantom-{n} A AP.png").unlink()
    with pytest.raises(WrongUse, match=r"2 of 3 rows \(phantom-0 A AP.png, phantom-2 A AP.png\)"):
        require_trainable(data)


def test_rows_of_another_length_are_counted_and_named(data: Path) -> None:
    rows = (data / "landmarks.csv").read_text().splitlines()
    rows[1] = ",".join(rows[1].split(",")[:134])
    (data / "landmarks.csv").write_text("\n".join(rows))
    with pytest.raises(WrongUse, match=r"1 of 3 rows \(phantom-1 A AP.png \(134\)\)"):
        require_trainable(data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda boxes: boxes[:, [1, 0, 3, 2]], "left and right exchanged"),
        (lambda boxes: boxes[:, [2, 3, 0, 1]], "bottom corners before the top"),
        (lambda boxes: boxes[:, [3, 2, 1, 0]], "left and right, and top and bottom exchanged"),
        (lambda boxes: boxes[:, [0, 1, 3, 2]], "a vertebra clockwise"),
        (lambda boxes: boxes[:, [0, 2, 3, 1]], "a vertebra anticlockwise"),
        (lambda boxes: boxes[:, [0, 2, 1, 3]], "the left corners before the right"),
        (lambda boxes: boxes[..., ::-1], "rows before columns"),
        (lambda boxes: np.random.default_rng(0).permuted(boxes, axis=0), "fits no vertebra"),
        (lambda boxes: boxes * 400, "no shares"),
        (lambda boxes: np.where(boxes > 0.5, np.nan, boxes), "no shares"),
    ],
)
def test_corners_in_another_order_or_unit_are_refused(
    data: Path, change: Callable[[np.ndarray], np.ndarray], said: str
) -> None:
    rewrite(data, change, rows=(1, 2))
    with pytest.raises(WrongUse, match=said) as refused:
        require_trainable(data)
    assert "2 of 3 rows (phantom-1 A AP.png, phantom-2 A AP.png)" in refused.value.why


@pytest.mark.parametrize("first", [0, 1])
def test_columns_and_rows_in_turns_are_refused(data: Path, first: int) -> None:
    table = data / "landmarks.csv"
    rows = [line.split(",") for line in table.read_text().splitlines()]
    for row in rows:
        halves = row[:68], row[68:]
        row[first::2], row[1 - first :: 2] = halves
    table.write_text("\n".join(",".join(row) for row in rows))
    with pytest.raises(WrongUse, match="columns and rows in turns"):
        require_trainable(data)


def test_all_that_is_wrong_is_listed_film_by_film(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(data, lambda boxes: boxes[:, [1, 0, 3, 2]], rows=(0,))
    (data / "phantom-1 A AP.png").unlink()
    (data / "phantom-2 A AP.png").write_bytes(b"")
    with pytest.raises(UnfitFilms) as refused:
        require_trainable(data)
    assert refused.value.lines == (
        "phantom-1 A AP.png: no file",
        "phantom-2 A AP.png: an empty file",
        "phantom-0 A AP.png: left and right exchanged",
    )
    command(["train", "vertebrae", "--data", str(data), "--out", str(tmp_path / "out")])
    assert "\n  phantom-1 A AP.png: no file\n" in capsys.readouterr().err


def test_one_vertebra_that_contradicts_itself_stops_nobody(data: Path) -> None:
    def one(boxes: np.ndarray) -> np.ndarray:
        boxes[4] = boxes[4, [1, 0, 3, 2]]
        return boxes

    rewrite(data, one, rows=(0,))
    assert require_trainable(data) == Checked(3, ("phantom-0 A AP.png",))


def test_empty_and_missing_folders(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no folder"):
        require_trainable(tmp_path / "nowhere")
    with pytest.raises(WrongUse, match="No AASCE data"):
        require_trainable(tmp_path)
    for name in ("filenames.csv", "landmarks.csv"):
        (tmp_path / name).write_text("")
    with pytest.raises(WrongUse, match="no film"):
        require_trainable(tmp_path)


def test_nothing_starts_on_such_a_folder(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(data, lambda boxes: boxes[:, [1, 0, 3, 2]], rows=(0, 1, 2))
    out = tmp_path / "out"
    assert command(["train", "vertebrae", "--data", str(data), "--out", str(out)]) == 2
    assert "3 of 3 rows" in capsys.readouterr().err
    assert not out.exists()

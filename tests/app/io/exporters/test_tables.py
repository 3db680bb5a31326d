"""Tables hold every digit, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.io.exporters.csv_tables import write_corners, write_films
from domain.annotation import Hint
from domain.curves import curves_of
from domain.doubts import Doubt, DoubtKind
from domain.geometry import Points
from domain.grid import Grid
from domain.image import Image
from domain.numbering import LEVELS
from domain.vertebrae import cobb_angles, shifted_column
from tests.app.io.leaving import FILM, bent_column, column, export


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_one_row_a_film(tmp_path: Path) -> None:
    calibrated = Image(FILM.pixels, grid=Grid((0.14, 0.15), "ruler"), synthetic=True)
    doubted = export(calibrated, accepted=True, doubts=(Doubt(DoubtKind.UNLIKE),))
    write_films([export(), doubted], tmp_path / "t.csv")
    first, second = rows_of(tmp_path / "t.csv")
    read = [[float(first[f"{v}.{c}.{axis}"]) for axis in ("row", "column")] for v, c in named()]
    assert np.array_equal(read, column())
    angles = cobb_angles(column(), image_rows=FILM.shape[0])
    assert float(first["main_deg"]) == angles.main.angle_deg
    assert (first["spacing_row_mm"], second["spacing_row_mm"]) == ("", "0.14")
    assert (first["accepted"], second["accepted"], second["synthetic"]) == ("false", "true", "true")
    assert first["weights_sha256"] == "ab" * 32
    assert first["doubts"] == ""
    assert "unlike the films" in second["doubts"]


def test_clinical_curves_are_numbered_from_the_top(tmp_path: Path) -> None:
    bent = export(points=Points(bent_column()))
    write_films([export(), bent], tmp_path / "t.csv")
    straight, row = rows_of(tmp_path / "t.csv")
    curves = curves_of(bent.annotations, aspect=1.0)
    assert len([name for name in row if name.startswith("curve") and name.endswith("_deg")]) == len(
        curves
    )
    for number, curve in enumerate(curves, start=1):
        assert float(row[f"curve{number}_deg"]) == curve.angle_deg
        assert row[f"curve{number}_upper"] == LEVELS[curve.upper]
        assert row[f"curve{number}_region"] == (curve.region or "")
        assert straight[f"curve{number}_deg"] == ""


def named() -> list[tuple[str, str]]:
    levels = [*(f"T{n}" for n in range(1, 13)), *(f"L{n}" for n in range(1, 6))]
    return [(level, corner) for level in levels for corner in ("TL", "TR", "BL", "BR")]


def test_films_with_other_names_leave_cells_empty(tmp_path: Path) -> None:
    write_films([export(), export(column=shifted_column(-2))], tmp_path / "t.csv")
    first, second = rows_of(tmp_path / "t.csv")
    corners = [name for name in first if name.endswith(".TL.row")]
    assert corners[:4] == ["C6.TL.row", "C7.TL.row", "T1.TL.row", "T2.TL.row"]
    assert corners[-1] == "L5.TL.row"
    assert (first["C6.TL.row"], second["L5.TL.row"]) == ("", "")
    assert float(second["C6.TL.row"]) == float(first["T1.TL.row"])


def test_one_row_a_corner(tmp_path: Path) -> None:
    decided = export(pins=frozenset({2}), confidence=tuple(np.arange(68) / 7))
    hinted = decided.annotations.with_hints((Hint(5, 0.1 + 0.2, 1 / 3),))
    write_corners([replace(decided, annotations=hinted)], tmp_path / "t.csv")
    rows = rows_of(tmp_path / "t.csv")
    assert [(row["vertebra"], row["corner"]) for row in rows] == named()
    assert [rows[index]["state"] for index in (2, 5, 6)] == ["pinned", "hint", "free"]
    assert (float(rows[5]["row"]), float(rows[5]["column"])) == (0.1 + 0.2, 1 / 3)
    assert float(rows[6]["spread_px"]) == 6 / 7


def test_a_name_is_no_formula(tmp_path: Path) -> None:
    named = replace(export(file="-film,\n2.png"), study="=HYPERLINK(1)")
    write_films([named], tmp_path / "t.csv")
    (row,) = rows_of(tmp_path / "t.csv")
    assert row["study"] == "'=HYPERLINK(1)"
    assert row["file"] == "'-film,\n2.png"

"""The report is one page that says what was measured, by whom, and what it is not for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from app.io.exporters.look import Look
from app.io.exporters.report import printable, write_report
from app.io.exporters.spec import VertebraeExport
from domain.annotation import Hint
from domain.curves import CLINICAL_DEFINITION, Reading, apex_name, curves_of
from domain.doubts import Doubt, DoubtKind
from domain.geometry import Points
from domain.grid import Grid
from domain.image import Image
from domain.numbering import LEVELS
from domain.vertebrae import COBB_DEFINITION, cobb_angles, shifted_column
from tests.app.io.leaving import FILM, ROWS, bent_column, column, export


def page(export: VertebraeExport, folder: Path) -> tuple[str, np.ndarray]:
    """Words of the only page, in one line, and its pixels."""
    write_report(export, folder / "a.pdf")
    document = pypdfium2.PdfDocument(folder / "a.pdf")
    try:
        assert len(document) == 1
        words = document[0].get_textpage().get_text_range()
        pixels = np.asarray(document[0].render(scale=1).to_pil().convert("RGB"))
    finally:
        document.close()
    return " ".join(words.split()), pixels


def everything() -> VertebraeExport:
    image = Image(FILM.pixels, grid=Grid((0.14, 0.15), "a ruler"), synthetic=True)
    decided = export(image, pins=frozenset({6}), column=shifted_column(1), accepted=True)
    hinted = decided.annotations.with_hints((Hint(2, 90.0, 60.0),))
    hinted = replace(hinted, accepted=True, doubts=(Doubt(DoubtKind.FEW, 8),))
    return replace(decided, annotations=hinted)


def test_all_that_was_decided_is_on_the_page(tmp_path: Path) -> None:
    case = everything()
    words, pixels = page(case, tmp_path)
    for said in (
        "Research use only",
        "Synthetic",
        "Only about 8 vertebrae are in the picture",
        "A person accepted all corners.",
        "68 corners. By a hand: 1. Pinned: 1. By the network: 66.",
        "Counted by a person: T2 to S1",
        "spine-small, corrected",
        "ab" * 32,
        "0.14 × 0.15 mm a pixel, from a ruler",
        "T2 network network hand network",
        "T3 network network pinned network",
    ):
        assert said in words, said
    left = pixels[150:700, 40:290]
    assert (left.max(axis=2) > left.min(axis=2) + 60).any()  # colours over a grey film


def test_the_angles_are_those_of_the_reading_chosen(tmp_path: Path) -> None:
    case = export(points=Points(bent_column()))
    curves = curves_of(case.annotations, aspect=1.0)
    words, _ = page(case, tmp_path)
    for curve in curves:
        ends = f"{LEVELS[curve.upper]}–{LEVELS[curve.lower]}"
        assert f"{curve.name} {curve.angle_deg:.1f}° {ends}" in words
        assert f"apex {apex_name(curve.apex, LEVELS)}" in words
    assert CLINICAL_DEFINITION in words
    words, _ = page(replace(case, reading=Reading.AASCE), tmp_path)
    angles = cobb_angles(bent_column(), image_rows=ROWS)
    for angle in (angles.main, angles.second, angles.third):
        assert f"{angle.angle_deg:.1f}°" in words
    assert COBB_DEFINITION in words
    words, _ = page(export(), tmp_path)
    assert "No curve of 10° or more" in words


def test_what_is_not_known_is_said(tmp_path: Path) -> None:
    words, _ = page(export(origin=None), tmp_path)
    for said in ("Not accepted by a person", "Uncalibrated", "None was asked", "imported"):
        assert said in words, said
    assert "Synthetic" not in words


def test_the_same_export_gives_the_same_bytes(tmp_path: Path) -> None:
    case = everything()
    for name in ("a.pdf", "b.pdf"):
        write_report(case, tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


@pytest.mark.parametrize(
    "name", ["film 日本 é", "a" * 400, "\udcff\x00\n", "", "<b>&amp;", "العربية"]
)
def test_names_of_any_letters_fit(name: str, tmp_path: Path) -> None:
    words, pixels = page(replace(export(file=name), study=name), tmp_path)
    assert "Research use only" in words
    assert (pixels[:, -30:] == 255).all()  # nothing runs over the edge
    assert printable("film 日本 é") == "film ?? é"


@pytest.mark.parametrize("shape", [(60, 50), (3000, 900), (300, 2000)])
def test_films_of_any_shape_fit(shape: tuple[int, int], tmp_path: Path) -> None:
    film = Image(np.random.default_rng(3).integers(0, 60_000, shape).astype(np.uint16))
    places = Points(column() / [700, 240] * shape)
    for look in (Look(), Look(None, False, True, 1)):
        words, _ = page(replace(export(film, points=places), look=look), tmp_path)
        assert look.words in words
        assert "Cobb" in words


def test_no_path_is_written(tmp_path: Path) -> None:
    write_report(export(file="film.png"), tmp_path / "a.pdf")
    assert str(tmp_path).encode() not in (tmp_path / "a.pdf").read_bytes()

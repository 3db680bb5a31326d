"""The samples that ship are readable, attributed, and honest about being drawn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.catalog import TASKS
from app.io.open import read_study
from domain.contours import mask_of
from domain.vertebrae import CORNER_COUNT, cobb_angles
from training.phantoms.mouth import IMPLANTS, draw_mouth


@pytest.fixture
def samples(project_root: Path) -> Path:
    return project_root / "resources" / "samples"


@pytest.fixture
def table(samples: Path) -> list[dict[str, object]]:
    return json.loads((samples / "samples.json").read_text(encoding="utf-8"))["samples"]


def test_there_is_a_real_and_a_drawn_film(table: list[dict[str, object]]) -> None:
    assert {row["synthetic"] for row in table} == {True, False}


def test_each_film_opens_and_says_what_it_is(samples: Path, table: list[dict[str, object]]) -> None:
    for row in table:
        study = read_study(samples / str(row["file"]))
        assert study.image.synthetic is row["synthetic"], row["file"]
        assert min(study.image.shape) > 200
        assert row["title"]
        assert row["task"] in {spec.id for spec in TASKS}
    assert {row["task"] for row in table} == {"vertebrae", "implant"}


def test_each_film_has_its_attribution_beside_it(
    samples: Path, table: list[dict[str, object]]
) -> None:
    for row in table:
        film = samples / str(row["file"])
        text = (samples / f"{film.stem}.ATTRIBUTION.txt").read_text(encoding="utf-8")
        assert film.name in text
        assert row["attribution"]
        if not row["synthetic"]:
            assert "CC BY 4.0" in text
            assert "Changes:" in text


def test_every_film_in_the_folder_is_in_the_table(
    samples: Path, table: list[dict[str, object]]
) -> None:
    assert {path.name for path in samples.glob("*.png")} == {row["file"] for row in table}


def test_the_drawn_film_s_corners_are_a_spine_inside_it(samples: Path) -> None:
    truth = json.loads((samples / "synthetic-spine.corners.json").read_text(encoding="utf-8"))
    rows, columns = read_study(samples / truth["image"]).image.shape
    corners = np.array(truth["corners"])
    assert corners.shape == (CORNER_COUNT, 2)
    assert corners.min() > 0
    assert (corners.max(axis=0) < [rows, columns]).all()
    angles = cobb_angles(corners, image_rows=rows)
    assert 20 < angles.main.angle_deg < 40


def test_the_drawn_mouth_is_what_its_program_draws_with_its_implants(samples: Path) -> None:
    film = samples / "synthetic-mouth.png"
    assert film.stat().st_size < 300_000
    phantom = draw_mouth(2, mark=True)
    pixels = read_study(film).image.pixels
    assert np.abs(pixels.astype(int) - phantom.film).max() <= 1  # libraries round otherwise
    assert set(phantom.implants) == set(IMPLANTS)
    for outline in phantom.implants.values():
        screw = mask_of(outline, pixels.shape)
        low, high = outline.min(axis=0).astype(int) - 20, outline.max(axis=0).astype(int) + 20
        around = np.zeros_like(screw)
        around[low[0] : high[0], low[1] : high[1]] = True
        assert pixels[screw].mean() > 1.5 * np.median(pixels[around & ~screw])

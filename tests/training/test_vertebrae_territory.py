"""The script that fits a scout's territory writes what the loader reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.beside import fitted_from
from inference.manifest import catalogue, shipped_folder
from models.vertebrae.territory import Territory
from tests.training.folder import write_aasce
from training.data.aasce import read_split
from training.vertebrae_territory import main


def test_it_is_fitted_to_the_films_to_learn_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [*sorted(read_split("training"))[:4], *sorted(read_split("validation"))[:1]]
    write_aasce(tmp_path / "data", names=names)
    out = tmp_path / "n.territory.safetensors"
    assert main(["--data", str(tmp_path / "data"), "--out", str(out)]) == 0
    entry = catalogue((shipped_folder(),)).default_for("vertebrae")
    territory = fitted_from(out.read_bytes(), Territory, weights_sha256=entry.sha256)
    assert territory.middle.shape == territory.whiten.shape[:1]
    assert "of 1 validation films" in capsys.readouterr().out


def test_a_folder_without_films_is_refused(tmp_path: Path) -> None:
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "x")]) == 1

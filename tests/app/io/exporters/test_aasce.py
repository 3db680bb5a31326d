"""Corrections become training data: what is written is what training reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.io.exporters.aasce import write_aasce
from app.io.exporters.facts import require_seventeen
from app.io.exporters.look import Look
from domain.errors import ExportFailed
from domain.geometry import Points
from domain.image import Image
from domain.vertebrae import cobb_angles
from tests.app.io.leaving import FILM, column, export
from training.data.aasce import is_sound, read_aasce, read_film


def read(folder: Path) -> dict[str, np.ndarray]:
    """Corners in pixels of each film, by name."""
    return {film.name: film.corners_px(read_film(film.path).shape) for film in read_aasce(folder)}


def test_training_reads_it(tmp_path: Path) -> None:
    other = export(Image(FILM.pixels[:600] // 2), file="a-12 B AP.jpg", points=Points(column() / 2))
    write_aasce([replace(export(), look=Look(flipped_h=True)), other], tmp_path / "data")
    films = read_aasce(tmp_path / "data")
    assert [film.name for film in films] == ["film é.png", "a-12 B AP.png"]
    assert films[1].case == "case 12"  # films of one person stay together
    assert all(is_sound(film.unit_corners) for film in films)
    assert np.abs(films[0].corners_px(FILM.shape) - column()).max() < 1e-9
    assert np.abs(films[1].corners_px((600, 240)) - column() / 2).max() < 1e-9
    assert np.array_equal(read_film(films[0].path), FILM.pixels)  # unturned, its own grey values
    angles = (tmp_path / "data" / "angles.csv").read_text().splitlines()
    main = cobb_angles(column(), image_rows=FILM.shape[0]).main.angle_deg
    assert float(angles[0].split(",")[0]) == main


def test_films_are_added_and_corrections_replace(tmp_path: Path) -> None:
    write_aasce([export()], tmp_path / "data")
    namesake = Image(255 - FILM.pixels)
    write_aasce([export(namesake)], tmp_path / "data")
    write_aasce([export(points=Points(column() + 1))], tmp_path / "data")
    corners = read(tmp_path / "data")
    assert list(corners) == ["film é.png", "film é-2.png"]
    assert np.abs(corners["film é.png"] - column() - 1).max() < 1e-9
    assert np.abs(corners["film é-2.png"] - column()).max() < 1e-9
    write_aasce([export(namesake, points=Points(column() + 2))], tmp_path / "data")
    assert len(read(tmp_path / "data")) == 2


def test_two_films_of_one_name_at_once(tmp_path: Path) -> None:
    write_aasce([export(), export(Image(FILM.pixels // 3))], tmp_path / "data")
    assert list(read(tmp_path / "data")) == ["film é.png", "film é-2.png"]


def test_deep_films_are_written_as_they_are_seen(tmp_path: Path) -> None:
    deep = Image((FILM.pixels.astype(np.uint16) + 20) * 9)
    write_aasce([export(deep)], tmp_path / "data")
    film = read_film(tmp_path / "data" / "film é.png")
    assert film.dtype == np.uint8
    assert (film.min(), film.max()) == (0, 255)


def test_names_that_are_hard_to_keep(tmp_path: Path) -> None:
    for file in ("a,b\n.png", " .png", "film\udcff.png", '"quoted".tif'):
        write_aasce([export(Image(FILM.pixels - len(file)), file=file)], tmp_path / "data")
    assert len(read(tmp_path / "data")) == 4


def test_a_folder_without_angles_can_be_added_to(tmp_path: Path) -> None:
    write_aasce([export()], tmp_path)
    (tmp_path / "angles.csv").unlink()
    write_aasce([export(Image(255 - FILM.pixels), file="b.png")], tmp_path)
    assert len(read(tmp_path)) == 2
    assert len((tmp_path / "angles.csv").read_text().splitlines()) == 2


@pytest.mark.parametrize("broken", ["filenames.csv", "landmarks.csv", "angles.csv"])
def test_tables_that_do_not_belong_together_are_left_alone(broken: str, tmp_path: Path) -> None:
    write_aasce([export()], tmp_path)
    with (tmp_path / broken).open("a") as table:
        table.write("1,2,3\n")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ExportFailed, match="Nothing can be added"):
        write_aasce([export(file="b.png")], tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_original_tree_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    with pytest.raises(ExportFailed, match="Nothing can be added"):
        write_aasce([export()], tmp_path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(ExportFailed, match="data"):
        write_aasce([export()], tmp_path / "data")


def test_another_number_of_vertebrae_is_refused() -> None:
    with pytest.raises(ExportFailed) as refused:
        require_seventeen(export(points=Points(column()[:64])), title="AASCE")
    assert "16 vertebrae" in refused.value.why

"""AASCE folders: both layouts, order of vertebrae, people, and tables that do not fit."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from domain.errors import UnreadableFile, WrongUse
from tests.training.folder import write_aasce
from training.data.aasce import (
    HALVES,
    case_of,
    half_of,
    in_order,
    is_independent,
    is_sound,
    people,
    read_aasce,
    read_film,
    read_keys,
    read_people,
    read_split,
    split_people,
    thumbnail,
)
from training.phantoms.vertebrae import draw_phantom


def test_flat_folder(tmp_path: Path) -> None:
    truth = write_aasce(tmp_path, count=2)
    films = read_aasce(tmp_path)
    assert [film.name for film in films] == list(truth)
    for film in films:
        pixels = read_film(film.path)
        assert np.allclose(film.corners_px(pixels.shape), truth[film.name], atol=1e-2)


def test_original_tree(tmp_path: Path) -> None:
    tables, images = tmp_path / "up" / "labels" / "training", tmp_path / "up" / "data" / "training"
    truth = write_aasce(tables, count=2, images=images)
    films = read_aasce(tmp_path)
    assert [film.name for film in films] == list(truth)
    assert all(film.path.parent == images for film in films)
    with pytest.raises(WrongUse, match="labels/test"):
        read_aasce(tmp_path, split="test")


def test_a_row_that_names_the_top_last_is_put_in_order() -> None:
    corners = draw_phantom(0, rows=400, columns=200).corners / [400, 200]
    wrapped = np.roll(corners, -4, axis=0)
    assert not is_sound(wrapped)
    assert np.allclose(in_order(wrapped), corners)


def test_a_vertebra_named_twice_is_not_sound() -> None:
    corners = draw_phantom(0, rows=400, columns=200).corners / [400, 200]
    assert is_sound(corners)
    twice = corners.copy()
    twice[64:] = twice[60:64]
    assert not is_sound(twice)
    swapped = corners.copy()
    swapped[[8, 9]] = swapped[[9, 8]]
    assert not is_sound(swapped)


def test_tables_that_do_not_belong_together(tmp_path: Path) -> None:
    write_aasce(tmp_path, count=2)
    rows = (tmp_path / "landmarks.csv").read_text().splitlines()
    (tmp_path / "landmarks.csv").write_text(rows[0] + "\n")
    with pytest.raises(WrongUse, match="2 names stand against 1"):
        read_aasce(tmp_path)


@pytest.mark.parametrize("content", [b"x,y\n", b"\xff\xfe\x00", b"1,2\n" * 2])
def test_a_table_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    write_aasce(tmp_path, count=2)
    (tmp_path / "landmarks.csv").write_bytes(content)
    with pytest.raises(WrongUse, match=r"table"):
        read_aasce(tmp_path)


def test_a_table_that_is_missing_is_named(tmp_path: Path) -> None:
    write_aasce(tmp_path, count=1)
    (tmp_path / "filenames.csv").unlink()
    with pytest.raises(WrongUse, match=r"filenames\.csv"):
        read_aasce(tmp_path)


def test_films_may_lie_elsewhere_and_tell_whose_they_are(tmp_path: Path) -> None:
    names = list(write_aasce(tmp_path, count=2))
    (tmp_path / "paths.csv").write_text("/films/a.png\n/films/b.png\n")
    assert [film.path.name for film in read_aasce(tmp_path)] == ["a.png", "b.png"]
    (tmp_path / "people.csv").write_text("x\nx\n")
    assert read_keys(tmp_path) == dict.fromkeys(names, "x")
    for table, read in (("people.csv", read_keys), ("paths.csv", read_aasce)):
        (tmp_path / table).write_text("one\n")
        with pytest.raises(WrongUse, match=f"2 names stand against 1 rows of {table}"):
            read(tmp_path)


def test_no_data_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"landmarks\.csv"):
        read_aasce(tmp_path)


def test_a_film_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(b"no picture")
    for path in (tmp_path / "x.jpg", tmp_path / "missing.jpg"):
        with pytest.raises(UnreadableFile, match=path.name):
            read_film(path)


def test_one_case_or_alike_thumbnails_are_one_person(tmp_path: Path) -> None:
    names = ["a-1 A AP.jpg", "a-1 B AP.jpg", "a-2 A AP.jpg", "a-3 A AP.jpg"]
    seeds = [0, 1, 2, 1]  # the last is the second film again under another case
    write_aasce(tmp_path, names=names, seeds=seeds)
    films = read_aasce(tmp_path)
    thumbnails = np.stack([thumbnail(read_film(film.path)) for film in films])
    # Phantoms are alike by construction; only the very same film correlates fully.
    groups = people(films, thumbnails, alike=0.999)
    assert groups[0] == groups[1] == groups[3]
    assert groups[2] != groups[0]


def test_held_back_people_make_up_the_share() -> None:
    groups = [n // 3 for n in range(300)]
    held = split_people(groups, share=0.2, seed=1)
    assert 60 <= 3 * len(held) <= 63
    assert held == split_people(groups, share=0.2, seed=1)
    assert held != split_people(groups, share=0.2, seed=2)


def test_the_committed_split_keeps_people_apart() -> None:
    training, validation = read_split("training"), read_split("validation")
    assert len(training) > 300
    assert 80 < len(validation) < 120
    assert not training & validation
    who = read_people()
    assert not {who[name] for name in training} & {who[name] for name in validation}
    assert not {case_of(name) for name in training} & {case_of(name) for name in validation}


def test_halves_of_the_validation_people_share_nobody() -> None:
    who = read_people()
    told = {
        half: {who[n] for n in read_split("validation") if half_of(who[n]) == half}
        for half in HALVES
    }
    assert not told["choose"] & told["report"]
    assert [len(told[half]) for half in HALVES] == [24, 25]  # the rule never changes
    assert half_of("person 2") == half_of("person 2") == "report"


@pytest.mark.parametrize(
    ("name", "independent"),
    [
        ("sunhl-1th-28-Feb-2017-239 D AP.jpg", False),
        ("sunhl-1th-28-Feb-2017-244 B AP.jpg", False),
        ("sunhl-1th-02-Mar-2017-319 A AP.jpg", False),
        ("sunhl-1th-02-Mar-2017-319 B AP.jpg", True),
        ("sunhl-1th-28-Feb-2017-245 A AP.jpg", True),
        ("sunhl-1th-10-Jan-2017-239 A AP.jpg", True),
        ("phantom-3 A AP.png", True),
    ],
)
def test_test_films_that_repeat_training_films_are_known(name: str, independent: bool) -> None:
    assert is_independent(name) is independent


def test_the_real_folder_has_what_the_split_names(shared_data: Path) -> None:
    films = read_aasce(shared_data / "spine")
    assert len(films) == 481
    parts = [read_split(part) for part in ("training", "validation", "defective")]
    assert frozenset().union(*parts) == {film.name for film in films}
    assert all(is_sound(f.unit_corners) for f in films if f.name not in parts[2])
    assert read_aasce(shared_data / "spine", part="validation")[0].name in parts[1]
    films[0].path.stat()
    assert cv2.haveImageReader(str(films[0].path))

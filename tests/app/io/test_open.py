"""Which files a person means by a path."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from app.io.open import barren, expand, natural_key, no_films, read_study
from domain.errors import UnreadableFile

FILM = np.arange(12, dtype=np.uint8).reshape(3, 4)


def film(path: Path, *, kind: str = "PNG") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.fromarray(FILM).save(path, kind)
    return path


def test_reads_by_content_whatever_the_ending(tmp_path: Path) -> None:
    study = read_study(film(tmp_path / "film.txt", kind="TIFF"))
    np.testing.assert_array_equal(study.image.pixels, FILM)


def test_a_relative_path_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film(tmp_path / "film.png")
    monkeypatch.chdir(tmp_path)
    assert read_study(Path("film.png")).path == str(tmp_path / "film.png")
    assert expand([Path("film.png")]) == (tmp_path / "film.png",)


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [("a.png", b"text", "none of DICOM"), ("b.png", b"", "empty"), ("c.png", None, "no such file")],
)
def test_says_what_is_wrong(tmp_path: Path, name: str, content: bytes | None, word: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFile, match=word):
        read_study(tmp_path / name)


def test_a_folder_becomes_its_films_in_natural_order(tmp_path: Path) -> None:
    wanted = [film(tmp_path / name) for name in ("film 2.png", "Film 10.png")]
    wanted += [film(tmp_path / "later" / name) for name in ("1.JPG", "no ending", "odd.dat")]
    film(tmp_path / ".hidden.png")
    film(tmp_path / ".cache" / "film.png")
    (tmp_path / "notes.txt").write_text("no film")
    (tmp_path / "empty").mkdir()
    assert expand([tmp_path]) == tuple(wanted)


def test_named_files_are_kept_so_that_their_fault_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "notes.txt"
    broken.write_text("no film")
    missing, hidden = tmp_path / "gone.png", film(tmp_path / ".hidden.png")
    assert expand([broken, missing, hidden]) == (broken, missing, hidden)


def test_every_file_comes_once(tmp_path: Path) -> None:
    one, two = film(tmp_path / "1.png"), film(tmp_path / "2.png")
    assert expand([two, tmp_path, tmp_path, one]) == (two, one)


def test_a_folder_without_films_is_refused_only_when_there_is_nothing_else(
    tmp_path: Path,
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UnreadableFile, match="holds no film"):
        expand([empty])
    one = film(tmp_path / "1.png")
    assert expand([empty, one]) == (one,)
    assert expand([]) == ()


def link(link_path: Path, target: Path) -> None:
    try:
        link_path.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("this system allows no links")


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    one = film(tmp_path / "in" / "1.png")
    link(tmp_path / "in" / "round", tmp_path)
    link(tmp_path / "in" / "self", tmp_path / "in")
    assert expand([tmp_path]) == (one,)


def test_broken_links_are_passed_over(tmp_path: Path) -> None:
    one = film(tmp_path / "1.png")
    link(tmp_path / "2.png", tmp_path / "gone.png")
    assert expand([tmp_path]) == (one,)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_blocks_nobody(tmp_path: Path) -> None:
    one, pipe = film(tmp_path / "1.png"), tmp_path / "2.png"
    os.mkfifo(pipe)
    assert expand([tmp_path]) == (one,)
    with pytest.raises(UnreadableFile, match="no ordinary file"):
        read_study(pipe)


def test_numbers_sort_by_value() -> None:
    names = ["b1", "a10", "A2", "a2b", "2", "10", "a²", ""]
    assert sorted(names, key=natural_key) == ["", "2", "10", "A2", "a2b", "a10", "a²", "b1"]


def test_folders_that_brought_nothing_are_known(tmp_path: Path) -> None:
    films, empty, outer = tmp_path / "films", tmp_path / "empty", tmp_path / "outer"
    for folder in (films, empty, outer / "inner"):
        folder.mkdir(parents=True)
    (empty / "notes.txt").write_text("no film")
    one, two = film(films / "one.png"), film(outer / "inner" / "two.png")
    link = tmp_path / "link"
    link.symlink_to(outer, target_is_directory=True)
    given = [films, empty, outer, outer / "inner", link, films, one, two, tmp_path / "gone"]
    assert barren(given, expand(given)) == (empty,)
    assert barren([one, empty], expand([one, empty])) == (empty,)
    assert barren([one], expand([one])) == ()


def test_a_dicomdir_that_names_nothing_is_known(tmp_path: Path) -> None:
    directory, one = tmp_path / "disc" / "DICOMDIR", film(tmp_path / "one.png")
    directory.parent.mkdir()
    directory.write_bytes(b"")
    assert barren([directory, one], (one,)) == (directory,)
    assert barren([directory, one], (one, directory)) == ()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a"], "“a” holds no film."),
        (["a", "b"], "“a” and “b” hold no film."),
        (["a", "b", "c"], "“a”, “b” and “c” hold no film."),
        (["a", "b", "c", "d", "e"], "“a”, “b”, “c” and 2 more hold no film."),
    ],
)
def test_folders_without_films_are_named_or_counted(names: list[str], said: str) -> None:
    assert no_films([Path("/somewhere") / name for name in names]).what == said

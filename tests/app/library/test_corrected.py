"""Accepted cases become a folder to learn from: films by reference, corners as kept, no names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.io.open import read_study
from app.library.cases import CaseStatus
from app.library.corrected import NOT_THERE, OTHER_COUNT, OTHER_PIXELS, gather, gather_cases
from app.library.library import Library
from domain.annotation import Annotations
from domain.geometry import Points
from domain.vertebrae import shifted_column
from tests.app.library.makers import WAIT_S, a_case, a_revision
from training.data.aasce import read_aasce, read_film, read_keys
from training.data.checked import require_trainable
from training.phantoms.vertebrae import draw_phantom


def write_film(path: Path, seed: int) -> tuple[np.ndarray, str]:
    phantom = draw_phantom(seed, rows=300, columns=160)
    assert cv2.imwrite(str(path), phantom.film)
    return phantom.corners, read_study(path).image.sha256


def add(library: Library, path: Path, *, seed: int = 0, accepted: bool = True, **changes) -> None:
    """A case of a phantom, accepted with its true corners."""
    corners, sha256 = write_film(path, seed)
    column = changes.pop("column", ())
    decided = Annotations(sha256, points=Points(corners), column=column, accepted=accepted)
    case = a_case(path.stem, path=str(path), image_sha256=sha256, **changes)
    library.add_case(replace(case, rows=300, columns=160), None).result(WAIT_S)
    first = a_revision(f"r-{path.stem}", annotations=decided, case_id=path.stem)
    status = CaseStatus.REVIEWED if accepted else CaseStatus.IN_WORK
    library.append_all([(first, True)], status=status).result(WAIT_S)


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "Anna Muster"
    folder.mkdir()
    return folder


def test_corners_come_back_and_films_stay_where_they_are(
    library: Library, films: Path, tmp_path: Path
) -> None:
    add(library, films / "one.png", seed=1, person="key")
    add(library, films / "two.png", seed=2)
    out = tmp_path / "cases"
    told: list[tuple[int, int]] = []
    found = gather(library, out, read=read_study, told=lambda *far: told.append(far))
    assert found.films == 2
    assert told == [(0, 2), (1, 2)]
    require_trainable(out)
    listed = {film.path: film for film in read_aasce(out)}
    assert set(listed) == {films / "one.png", films / "two.png"}
    for seed, name in ((1, "one.png"), (2, "two.png")):
        film = listed[films / name]
        pixels = read_film(film.path)
        truth = draw_phantom(seed, rows=300, columns=160).corners
        assert np.allclose(film.corners_px(pixels.shape), truth, atol=1e-9)
        assert "Anna" not in film.name
    people = read_keys(out)
    assert len(set(people.values())) == 2
    assert "key" not in people.values()  # which stays in the library
    assert {path.suffix for path in out.iterdir()} == {".csv"}


def test_a_film_that_is_no_plain_picture_is_copied_in_grey(
    library: Library, films: Path, tmp_path: Path
) -> None:
    add(library, films / "deep.tif", seed=3)
    gather(library, tmp_path / "cases", read=read_study)
    (film,) = read_aasce(tmp_path / "cases")
    assert film.path.parent == tmp_path / "cases"
    assert read_film(film.path).shape == (300, 160)


def test_only_accepted_cases_of_t1_to_l5_with_their_film_go(
    library: Library, films: Path, tmp_path: Path
) -> None:
    add(library, films / "open.png", seed=1, accepted=False)
    add(library, films / "drawn.png", seed=2, synthetic=True)
    add(library, films / "other.png", seed=3, column=shifted_column(1))
    add(library, films / "gone.png", seed=4)
    (films / "gone.png").unlink()
    add(library, films / "changed.png", seed=5)
    write_film(films / "changed.png", 6)
    found = gather(library, tmp_path / "cases", read=read_study)
    assert found.films == 0
    assert dict(found.left_out) == {OTHER_COUNT: 1, NOT_THERE: 1, OTHER_PIXELS: 1}


def test_a_library_that_a_window_holds_is_read(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALIPER_HOME", str(tmp_path / "home"))
    held = Library.open(tmp_path / "home" / "library")
    try:
        add(held, films / "one.png", seed=1)
        add(held, films / "gone.png", seed=4)
        (films / "gone.png").unlink()
        split, left = gather_cases(tmp_path / "cases")
        assert left == ("accepted cases that lack their film: 1",)
        assert split.parent == tmp_path / "home" / "library"
        assert len(read_aasce(tmp_path / "cases")) == 1
        held.save_setting("key", "value").result(WAIT_S)  # it still writes
    finally:
        held.close()

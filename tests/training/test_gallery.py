"""Pictures of films with what is true and what was found."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from training.gallery import Sight, draw, outlines, write_gallery
from training.phantoms.vertebrae import draw_phantom


def sight(words: str = "12.0 px") -> Sight:
    corners = draw_phantom(0, rows=400, columns=200).corners
    film = np.full((400, 200), 90, np.uint8)
    return Sight(film, outlines(corners), corners + np.array([0, 12]), words)


def test_both_columns_are_drawn_where_they_lie() -> None:
    picture = draw(sight())
    assert picture.shape[2] == 3
    coloured = picture.max(axis=2).astype(int) - picture.min(axis=2) > 60
    rows, columns = np.nonzero(coloured[60:])
    corners = sight().found
    left = (picture.shape[1] - 600) // 2  # the film is drawn three times as large
    assert abs(rows.min() - 3 * corners[:, 0].min()) < 6
    assert abs(rows.max() - 3 * corners[:, 0].max()) < 6
    assert abs(columns.max() - left - 3 * corners[:, 1].max()) < 6
    assert abs(columns.min() - left - 3 * (corners[:, 1].min() - 12)) < 6


def test_points_far_outside_and_odd_words_do_no_harm() -> None:
    wild = sight("größer – 5 %")
    draw(Sight(wild.film, wild.true, wild.found * 1e6, wild.words))


def test_pictures_are_numbered_and_older_ones_go(tmp_path: Path) -> None:
    (tmp_path / "07-old.png").write_bytes(b"")
    (tmp_path / "mine.png").write_bytes(b"")
    names = write_gallery(tmp_path, [("b 1.jpg", sight()), ("a.png", sight())])
    assert names == ["01-b 1.png", "02-a.png"]
    assert {path.name for path in tmp_path.iterdir()} == {*names, "mine.png"}
    assert cv2.imread(str(tmp_path / "01-b 1.png")) is not None

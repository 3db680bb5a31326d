"""Films with boxes: read, sorted, counted."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from domain.errors import UnreadableFile
from training.data.boxed import corners_in, inside, read_boxed, taught_by


def test_boxes_come_from_top_to_bottom(tmp_path: Path) -> None:
    told = {"image": "a.png", "boxes_xyxy": [[10, 50, 30, 70], [12, 20, 28, 40]]}
    (tmp_path / "a.boxes.json").write_text(json.dumps(told))
    (film,) = read_boxed(tmp_path)
    assert film.path == tmp_path / "a.png"
    assert film.boxes.tolist() == [[20, 12, 40, 28], [50, 10, 70, 30]]
    held = inside(film.boxes, np.array([[30.0, 20.0], [60.0, 31.0]]))
    assert held.tolist() == [[True, False], [False, False]]


@pytest.mark.parametrize("text", ["{}", "no json", '{"image": "a", "boxes_xyxy": [[1, 2]]}'])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.boxes.json").write_text(text)
    with pytest.raises(UnreadableFile, match=r"a\.boxes\.json"):
        read_boxed(tmp_path)


def straight(count: int) -> np.ndarray:
    """(count, 4) boxes one below the other, touching."""
    top = 10.0 + 30.0 * np.arange(count)
    return np.stack([top, np.full(count, 40.0), top + 30, np.full(count, 90.0)], axis=-1)


def test_corners_lie_inside_upright_boxes_and_in_order() -> None:
    boxes = straight(6)
    corners = corners_in(boxes)
    held = [inside(box[None], four).all() for box, four in zip(boxes, corners, strict=True)]
    assert all(held)
    assert (corners[:, [1, 3], 1] > corners[:, [0, 2], 1]).all()
    assert (corners[:, 2:, 0] > corners[:, :2, 0]).all()


def test_a_leaning_column_has_turned_vertebrae() -> None:
    boxes = straight(8) + 20.0 * np.arange(8)[:, None] * [0, 1, 0, 1]
    corners = corners_in(boxes)
    tilt = corners[:, 1, 0] - corners[:, 0, 0]
    assert (tilt < -5).all()  # down and to the right: the right corner stands higher


@pytest.mark.parametrize(("count", "guessed"), [(15, 2), (17, 0), (18, 0)])
def test_missing_vertebrae_are_guessed_above_and_not_taught(
    tmp_path: Path, count: int, guessed: int
) -> None:
    boxes = straight(count)
    told = {"image": "a.png", "boxes_xyxy": boxes[:, [1, 0, 3, 2]].tolist()}
    (tmp_path / "a.boxes.json").write_text(json.dumps(told))
    cv2.imwrite(str(tmp_path / "a.png"), np.full((600, 200), 90, np.uint8))
    (film,) = read_boxed(tmp_path)
    taught = taught_by(film)
    assert not taught.named
    assert taught.known.reshape(17, 4).all(axis=1).tolist() == [n >= guessed for n in range(17)]
    rows = taught.corners.reshape(17, 4, 2)[:, :, 0].mean(axis=1)
    assert (np.diff(rows) > 0).all()

"""Films with boxes: read, sorted, counted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from domain.errors import UnreadableFile
from training.data.boxed import inside, read_boxed


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

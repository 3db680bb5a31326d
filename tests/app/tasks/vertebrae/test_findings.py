"""What comes up from the engine never moves what the hand holds."""

from __future__ import annotations

import numpy as np
import pytest

from app.tasks.vertebrae.findings import read_response
from domain.annotation import Annotations, Hint
from domain.geometry import Points
from domain.provenance import Mode, ModelOrigin
from domain.vertebrae import VertebraeFindings
from inference.contracts import Response

ORIGIN = ModelOrigin("w", "0" * 64, Mode.CORRECTED, "cpu", "float32", 0.1, "0")
ANSWER = VertebraeFindings(np.full((68, 2), 9.0), np.arange(68.0))


def test_free_corners_take_the_answer_and_held_ones_stay() -> None:
    before = Annotations("a", points=Points(np.zeros((68, 2))), pins=frozenset({7}))
    before = before.with_hints((Hint(3, 1.0, 2.0),))
    after = read_response(Response(1, ANSWER, ORIGIN), before)
    assert after.points is not None
    moved = after.points.coordinates
    assert tuple(moved[3]) == (1.0, 2.0)
    assert tuple(moved[7]) == (0.0, 0.0)
    assert (np.delete(moved, [3, 7], axis=0) == 9.0).all()
    assert after.confidence[5] == 5.0
    assert after.origin == ORIGIN


def test_findings_of_another_task_are_a_programming_error() -> None:
    with pytest.raises(TypeError, match="VertebraeFindings"):
        read_response(Response(1, "boxes", ORIGIN), Annotations("a"))

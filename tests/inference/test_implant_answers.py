"""Answers about a study that are none to their question, each told in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from domain.implant import SIDE, ImplantDoubt, ImplantFindings, ImplantOptions
from domain.implant_plan import StudyPlan
from domain.panorama import Window
from domain.provenance import Mode, ModelOrigin
from inference.answers import wrong_answer
from inference.contracts import Request, Response

PLAN = StudyPlan(40, 40, (Window(0, 0, 40, 40),) * 4, (0, 1, 2, 3))
SHAPE = 4, SIDE, SIDE
ORIGIN = ModelOrigin("w", "", Mode.CORRECTED, "a device", "float32", 0.1, "0")
PICTURES, REST = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.float16)
FOUND = ImplantFindings(
    ImplantOptions(), PLAN, PICTURES, PICTURES, REST, REST, doubts=(ImplantDoubt.STILL,)
)


def answer(findings):
    request = Request("implant", "w", prompt=PLAN, options=ImplantOptions())
    return wrong_answer(request, Response(request.id, findings, ORIGIN))


def test_right_answers_pass():
    assert answer(FOUND) == ""
    assert answer(replace(FOUND, standing_out=REST)) == ""


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        (None, "something else"),
        (replace(FOUND, plan=replace(PLAN, rows=41)), "another way"),
        (replace(FOUND, options=ImplantOptions(level=2)), "another way"),
        (replace(FOUND, doubts=("no",)), "no doubt"),
        (replace(FOUND, healed=PICTURES[:3]), "healed frames are no pictures"),
        (replace(FOUND, noised=REST), "noised frames are no pictures"),
        (replace(FOUND, left_over=np.full(SHAPE, np.nan, np.float16)), "rest hold"),
        (replace(FOUND, left_over=REST[:0]), "rest have the shape"),
        (replace(FOUND, spread=None), "spread are no numbers"),
        (replace(FOUND, standing_out=REST[1:]), "z-scores have the shape"),
    ],
)
def test_wrong_findings_are_told(findings, words):
    assert words in answer(findings)

"""Answers that are none to their question, each told in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from domain.errors import Cancelled
from domain.provenance import Mode, ModelOrigin
from domain.vertebrae import Extra, VertebraeFindings, VertebraePrompt
from inference.answers import wrong_answer
from inference.contracts import Failure, Request, Response

ORIGIN = ModelOrigin("w", "", Mode.CORRECTED, "a device", "float32", 0.1, "0")
EXTRA = Extra(11, ((1.0, 1.0), (1.0, 9.0), (5.0, 1.0), (5.0, 9.0)))


def asked(*extras: Extra) -> Request:
    return Request("vertebrae", "w", prompt=VertebraePrompt(extras=extras))


def found(**changes: object) -> VertebraeFindings:
    return replace(VertebraeFindings(np.ones((68, 2)), np.full(68, 3.0)), **changes)


def answer(request: Request, findings: object, origin: Any = ORIGIN) -> str:
    return wrong_answer(request, Response(request.id, findings, origin))


def with_extra(count: int) -> VertebraeFindings:
    return found(extras=np.ones((count, 4, 2)), extra_spread=np.ones((count, 4)))


def test_right_answers_pass() -> None:
    request = asked()
    assert answer(request, found()) == ""
    assert answer(request, found(corners=np.ones((68, 2), np.float32))) == ""
    assert answer(request, found(spread=np.full(68, np.inf))) == ""
    assert wrong_answer(request, Failure(request.id, Cancelled("Cancelled."))) == ""
    assert answer(asked(EXTRA), with_extra(1)) == ""
    assert answer(asked(EXTRA), with_extra(0)) == ""  # this network cannot fit them
    assert answer(replace(request, prompt=None), found()) == ""


def test_another_task_s_answer_is_looked_at_only_as_far_as_it_is_known() -> None:
    assert answer(Request("fake", "w"), {"anything": 1}) == ""
    assert "other" in answer(Request("fake", "w"), {}, replace(ORIGIN, weights_id="other"))


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ({"score": 0.5}, "something else"),
        (None, "something else"),
        (found(corners=np.ones((17, 2))), "shape"),
        (found(corners=np.ones((68, 3))), "shape"),
        (found(corners=np.ones((68, 2), int)), "no numbers"),
        (found(corners=np.full((68, 2), np.nan)), "what is no number"),
        (found(corners=np.full((68, 2), -np.inf)), "what is no number"),
        (found(spread=np.full(68, np.nan)), "what is no number"),
        (found(spread=None), "no numbers"),
        (found(corners="here"), "no numbers"),
        (with_extra(1), "beside its own"),
        (found(extra_spread=np.ones((2, 4))), "shape"),
        (found(extras=np.empty(0)), "shape"),
        (found(extras=None), "no numbers"),
    ],
)
def test_wrong_findings_are_told(findings: object, words: str) -> None:
    assert words in answer(asked(), findings)


@pytest.mark.parametrize(
    "origin",
    [None, replace(ORIGIN, weights_id="other"), replace(ORIGIN, mode=Mode.AS_PUBLISHED)],
)
def test_an_answer_made_by_something_else_is_told(origin: object) -> None:
    assert answer(asked(), found(), origin)


def test_a_failure_without_a_reason_for_people_is_told() -> None:
    request = asked()
    assert wrong_answer(request, Failure(request.id, ValueError("no")))  # type: ignore[arg-type]

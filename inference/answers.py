"""Whether what an engine says belongs to what it was asked, looked at before it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from domain.doubts import Doubt
from domain.errors import CaliperError
from domain.implant import SIDE, ImplantDoubt, ImplantFindings
from domain.provenance import ModelOrigin
from domain.vertebrae import CORNER_COUNT, CORNERS, VertebraeFindings, VertebraePrompt
from inference.contracts import Failure, Request, Response


def wrong_answer(request: Request, end: Response | Failure) -> str:
    """Why an answer cannot be one to this request, in words; "" where it can."""
    if isinstance(end, Failure):
        return "" if isinstance(end.error, CaliperError) else "it fails without a reason"
    origin = end.origin
    if not isinstance(origin, ModelOrigin):
        return "it does not say what made it"
    if (origin.weights_id, origin.mode) != (request.weights_id, request.mode):
        return f"it was made with {origin.weights_id}, {origin.mode}"
    check = _CHECKS.get(request.task)
    return "" if check is None else check(request, end.findings)


def _vertebrae(request: Request, findings: object) -> str:
    if not isinstance(findings, VertebraeFindings):
        return f"it is about something else ({type(findings).__name__})"
    prompt = request.prompt
    asked = len(prompt.extras) if isinstance(prompt, VertebraePrompt) else 0
    extras = np.shape(findings.extras)[:1] or (0,)
    if extras[0] not in (0, asked):  # not every network fits what it does not count
        return f"it holds {extras[0]} vertebrae beside its own where {asked} were asked for"
    if not all(isinstance(doubt, Doubt) for doubt in findings.doubts):
        return "it doubts what is no doubt"
    four = len(CORNERS)
    wanted = (
        ("corners", findings.corners, (CORNER_COUNT, 2), np.isfinite),
        ("spread", findings.spread, (CORNER_COUNT,), _is_known),
        ("extras", findings.extras, (*extras, four, 2), np.isfinite),
        ("extra spread", findings.extra_spread, (*extras, four), _is_known),
    )
    found = (_wrong_numbers(name, values, shape, test) for name, values, shape, test in wanted)
    return next((wrong for wrong in found if wrong), "")


def _implant(request: Request, findings: object) -> str:
    if not isinstance(findings, ImplantFindings):
        return f"it is about something else ({type(findings).__name__})"
    if findings.plan != request.prompt or findings.options != request.options:
        return "it is about a study looked at in another way"
    if not all(isinstance(doubt, ImplantDoubt) for doubt in findings.doubts):
        return "it doubts what is no doubt"
    shape = (len(findings.plan), SIDE, SIDE)
    pictures = {"noised": findings.noised, "healed": findings.healed}
    for name, frames in pictures.items():
        if frames.dtype != np.uint8 or frames.shape != shape:
            return f"its {name} frames are no pictures"
    wanted = [("rest", findings.left_over), ("spread", findings.spread)]
    if findings.standing_out is not None:
        wanted.append(("z-scores", findings.standing_out))
    found = (_wrong_numbers(name, values, shape, np.isfinite) for name, values in wanted)
    return next((wrong for wrong in found if wrong), "")


_CHECKS: Mapping[str, Callable[[Request, object], str]] = {
    "vertebrae": _vertebrae,
    "implant": _implant,
}


def _is_known(values: np.ndarray) -> np.ndarray:
    """An infinite spread says that a corner may be anywhere."""
    known: np.ndarray = ~np.isnan(values)
    return known


def _wrong_numbers(
    name: str,
    values: object,
    shape: tuple[int, ...],
    is_right: Callable[[np.ndarray], np.ndarray],
) -> str:
    if not isinstance(values, np.ndarray) or values.dtype.kind != "f":
        return f"its {name} are no numbers"
    if values.shape != shape:
        return f"its {name} have the shape {values.shape} instead of {shape}"
    return "" if is_right(values).all() else f"its {name} hold what is no number"

"""The way up: findings become decisions to show, with what the hand holds left alone."""

from __future__ import annotations

import numpy as np

from domain.annotation import Annotations
from domain.geometry import FloatArray, Points
from domain.repair import UNKNOWN_SPREAD, extras_of
from domain.vertebrae import CORNERS, VertebraeFindings, column_of
from inference.contracts import Response


def read_response(response: Response, annotations: Annotations) -> Annotations:
    """Apply the corners found to everything in `annotations` that is neither hint nor pin."""
    findings = response.findings
    if not isinstance(findings, VertebraeFindings):
        msg = f"expected VertebraeFindings, got {type(findings).__name__}"
        raise TypeError(msg)
    corners, spread = _for_column(findings, annotations)
    for hint in annotations.hints.values():  # also where there were no points yet to hold
        corners[hint.index] = hint.row, hint.column
    return annotations.answered(
        Points(corners),
        confidence=tuple(float(value) for value in spread),
        origin=response.origin,
        doubts=findings.doubts,
    )


def _for_column(
    findings: VertebraeFindings, annotations: Annotations
) -> tuple[FloatArray, FloatArray]:
    """(4 n, 2) corners and (4 n,) spreads of the case's own vertebrae.

    One that the network neither counts nor fits stays where it is.
    """
    column, four = column_of(annotations), len(CORNERS)
    found = findings.corners.reshape(-1, four, 2), findings.spread.reshape(-1, four)
    fitted = dict(zip(extras_of(annotations), range(len(findings.extras)), strict=False))
    corners = np.zeros((len(column), four, 2))
    spread = np.full((len(column), four), UNKNOWN_SPREAD)
    if annotations.points is not None:
        corners[:] = annotations.points.coordinates.reshape(-1, four, 2)
    for place, vertebra in enumerate(column):
        if vertebra.slot is not None:
            corners[place], spread[place] = (part[vertebra.slot] for part in found)
        elif place in fitted:
            number = fitted[place]
            corners[place] = findings.extras[number]
            spread[place] = findings.extra_spread[number]
    return corners.reshape(-1, 2), spread.ravel()

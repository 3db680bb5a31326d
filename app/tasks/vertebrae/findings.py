"""The way up: findings become decisions to show, with what the hand holds left alone."""

from __future__ import annotations

from domain.annotation import Annotations
from domain.geometry import Points
from domain.vertebrae import VertebraeFindings
from inference.contracts import Response


def read_response(response: Response, annotations: Annotations) -> Annotations:
    """Apply the corners found to everything in `annotations` that is neither hint nor pin."""
    findings = response.findings
    if not isinstance(findings, VertebraeFindings):
        msg = f"expected VertebraeFindings, got {type(findings).__name__}"
        raise TypeError(msg)
    corners = findings.corners.copy()
    for hint in annotations.hints.values():  # also where there were no points yet to hold
        corners[hint.index] = hint.row, hint.column
    return annotations.answered(
        Points(corners),
        confidence=tuple(float(spread) for spread in findings.spread),
        origin=response.origin,
    )

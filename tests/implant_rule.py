"""A rule that stands in for the implant network: what is brighter than its surroundings heals away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid5, NAMESPACE_OID

import cv2
import numpy as np

from domain.implant import (
    SIDE,
    Implant,
    ImplantDecisions,
    ImplantFindings,
    ImplantOptions,
    Region,
    Scoring,
)
from domain.implant_heat import default_scoring, default_threshold, heat_of, score_of
from inference.contracts import PixelArray, Request

HEALTHY = tuple(np.linspace(2.0, 6.5, 48))
SPREAD = 0.05


def findings_by_rule(
    request: Request, images: Mapping[str, PixelArray], *, calibrated: bool = True
) -> ImplantFindings:
    """What the rule finds; its noise depends on the seed and the level alone."""
    options = request.options
    assert isinstance(options, ImplantOptions)
    (stack,) = (images[sha] for sha in request.images)
    real = np.stack([cv2.resize(one, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for one in stack])
    healed = np.stack([cv2.medianBlur(one, 31) for one in real])
    rng = np.random.default_rng(request.seed)
    noise = rng.normal(0, options.level / 4, real.shape)
    left = ((real.astype(float) - healed) / 255).astype(np.float16)
    heat = (left / SPREAD).astype(np.float16)
    score = float(np.sort(heat.ravel())[-20])
    findings = ImplantFindings(
        options,
        request.prompt,
        np.clip(real + noise, 0, 255).astype(np.uint8),
        healed,
        left,
        np.zeros_like(left),
    )
    if not calibrated:
        return findings
    as_high = sum(other >= score for other in HEALTHY)
    return replace(
        findings,
        standing_out=heat,
        cut=5.0,
        healthy=HEALTHY,
        score=score,
        p_value=(as_high + 1) / (len(HEALTHY) + 1),
    )


def decide_by_rule(
    findings: ImplantFindings,
    *,
    scoring: Scoring | None = None,
    threshold: float | None = None,
    keep: ImplantDecisions | None = None,
) -> ImplantDecisions:
    """An outline for every spot of heat; spots that overlap from picture to picture are one."""
    scoring = scoring or default_scoring(findings)
    threshold = default_threshold(findings, scoring) if threshold is None else threshold
    heat = heat_of(findings, scoring)
    regions: list[Region] = []
    for picture in range(findings.plan.own):
        regions += _regions(findings, heat[picture], picture, threshold, regions)
    kept = [one for one in (keep.implants if keep else ())]
    known = {one.number: one for one in kept}
    drawn = [region for region in (keep.regions if keep else ()) if region.drawn]
    held = {region.implant for region in drawn}
    regions = [region for region in regions if region.implant not in held] + drawn
    numbers = sorted({region.implant for region in regions})
    return ImplantDecisions(
        findings.options,
        scoring,
        threshold,
        tuple(regions),
        tuple(known.get(number, Implant(number)) for number in numbers),
        score_of(findings, scoring, threshold=threshold),
        findings.p_value if scoring is Scoring.CALIBRATED else float("nan"),
        findings.doubts,
    )


def _regions(findings, heat, picture, threshold, before) -> list[Region]:  # type: ignore[no-untyped-def]
    mask = (heat > threshold).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for place, contour in enumerate(sorted(contours, key=cv2.contourArea, reverse=True)[:4]):
        points = contour[:, 0, ::-1].astype(float)
        if len(points) < 3:
            continue
        outline = findings.plan.out_of(points, picture=picture, side=SIDE)
        middle = outline.mean(axis=0)
        near = [
            region
            for region in before
            if np.hypot(*(np.mean(region.outline, axis=0) - middle)) < findings.plan.rows / 8
        ]
        number = (
            near[-1].implant if near else 1 + max((r.implant for r in before + found), default=0)
        )
        rows, columns = points.astype(int).T
        found.append(
            Region(
                uuid5(NAMESPACE_OID, f"{picture} {place}").hex,
                picture,
                tuple((float(row), float(column)) for row, column in outline),
                float(heat[rows, columns].max()),
                number,
            )
        )
    return found

"""A rule in place of the implant network: what is brighter than around it heals away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np

from domain.implant import SIDE, ImplantFindings, ImplantOptions
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


def unfinished(request: Request, images: Mapping[str, PixelArray]) -> ImplantFindings:
    """What is shown on the way."""
    nothing = np.zeros((0, SIDE, SIDE), np.float16)
    return replace(
        findings_by_rule(request, images, calibrated=False), left_over=nothing, spread=nothing
    )

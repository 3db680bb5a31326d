"""The way up: a healed study becomes regions and a score, with what a person said left alone."""

from __future__ import annotations

from dataclasses import replace

from domain.annotation import Annotations
from domain.implant import ImplantDecisions, ImplantFindings, Scoring
from domain.implant_heat import default_scoring, default_threshold, score_of
from domain.implant_keeping import with_kept
from domain.implant_regions import regions_of
from inference.contracts import Response


def read_response(response: Response, annotations: Annotations) -> Annotations:
    """Apply what was found, cut out as these weights are best read."""
    findings = response.findings
    if not isinstance(findings, ImplantFindings):
        msg = f"expected ImplantFindings, got {type(findings).__name__}"
        raise TypeError(msg)
    scoring = default_scoring(findings, mode=response.origin.mode)
    decided = decide(findings, scoring=scoring, keep=annotations.implants)
    return replace(annotations, implants=decided, origin=response.origin, accepted=False)


def decide(
    findings: ImplantFindings,
    *,
    scoring: Scoring | None = None,
    threshold: float | None = None,
    keep: ImplantDecisions | None = None,
) -> ImplantDecisions:
    """Regions, implants and a score from what was found; quick enough for a slider.

    Args:
        scoring: how; the best that these findings allow where None.
        threshold: above which heat counts; the scoring's own where None.
        keep: what was decided before: what a person drew, judged or named stays as it is.
    """
    scoring = scoring or default_scoring(findings)
    threshold = default_threshold(findings, scoring) if threshold is None else threshold
    found = regions_of(findings, scoring, threshold=threshold)
    regions, implants = with_kept(found, keep, findings.plan)
    return ImplantDecisions(
        options=findings.options,
        scoring=scoring,
        threshold=threshold,
        regions=regions,
        implants=implants,
        score=score_of(findings, scoring, threshold=threshold),
        p_value=findings.p_value if scoring is Scoring.CALIBRATED else float("nan"),
        doubts=findings.doubts,
    )

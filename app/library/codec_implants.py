"""What is decided in the implant task as plain lists, and back."""

from __future__ import annotations

import math

from app.library.checked import (
    as_integer,
    as_known,
    as_list,
    as_mapping,
    as_number,
    as_text,
    as_truth,
    known,
)
from domain.implant import (
    Implant,
    ImplantDecisions,
    ImplantDoubt,
    ImplantOptions,
    Region,
    Sampler,
    Scoring,
    Verdict,
)


def fields_of(decisions: ImplantDecisions) -> dict[str, object]:
    """The fields that `decisions_of` reads; a number that nobody knows (NaN) is null."""
    options = decisions.options
    return {
        "options": None if options is None else options_items(options),
        "scoring": decisions.scoring.value,
        "threshold": known(decisions.threshold),
        "regions": [_region_items(region) for region in decisions.regions],
        "implants": [
            [one.number, one.site, one.verdict.value, one.site_is_given]
            for one in decisions.implants
        ],
        "score": known(decisions.score),
        "p": known(decisions.p_value),
        "doubts": [doubt.value for doubt in decisions.doubts],
    }


def decisions_of(fields: object) -> ImplantDecisions:
    """What `fields_of` wrote.

    Raises:
        KeyError, TypeError, ValueError: it did not write this.
    """
    said = as_mapping(fields)
    options = said["options"]
    return ImplantDecisions(
        options=None if options is None else options_of(options),
        scoring=Scoring(as_text(said["scoring"])),
        threshold=as_known(said["threshold"]),
        regions=tuple(_region(items) for items in as_list(said["regions"])),
        implants=tuple(_implant(items) for items in as_list(said["implants"])),
        score=as_known(said["score"]),
        p_value=as_known(said["p"]),
        doubts=doubts_of(said["doubts"]),
    )


def options_items(options: ImplantOptions) -> list[object]:
    """What `options_of` reads."""
    return [
        options.level,
        options.steps,
        options.sampler.value,
        options.seeds,
        options.inverted,
    ]


def options_of(items: object) -> ImplantOptions:
    """What `options_items` wrote.

    Raises:
        TypeError, ValueError: it did not write this.
    """
    level, steps, sampler, seeds, inverted = as_list(items)
    return ImplantOptions(
        as_integer(level),
        as_integer(steps),
        Sampler(as_text(sampler)),
        as_integer(seeds),
        as_truth(inverted),
    )


def doubts_of(items: object) -> tuple[ImplantDoubt, ...]:
    """Those that this Caliper knows."""
    kinds = set(ImplantDoubt)
    return tuple(ImplantDoubt(doubt) for doubt in as_list(items) if doubt in kinds)


def _region_items(region: Region) -> list[object]:
    outline = [[float(row), float(column)] for row, column in region.outline]
    score = known(region.score)
    return [region.id, region.frame, outline, score, region.implant, region.drawn]


def _region(items: object) -> Region:
    region_id, frame, outline, score, implant, drawn = as_list(items)
    return Region(
        as_text(region_id),
        as_integer(frame),
        tuple(_place(place) for place in as_list(outline)),
        as_known(score),
        as_integer(implant),
        as_truth(drawn),
    )


def _place(items: object) -> tuple[float, float]:
    row, column = (as_number(value) for value in as_list(items))
    if not (math.isfinite(row) and math.isfinite(column)):
        msg = f"no corner lies at {row}, {column}"
        raise ValueError(msg)
    return row, column


def _implant(items: object) -> Implant:
    number, site, verdict, is_given = as_list(items)
    return Implant(as_integer(number), as_text(site), Verdict(as_text(verdict)), as_truth(is_given))

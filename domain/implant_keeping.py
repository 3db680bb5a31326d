"""What a person drew, judged or named, kept through every new answer and threshold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count

import numpy as np

from domain.contours import shared
from domain.implant import Implant, ImplantDecisions, Region, Verdict
from domain.implant_plan import StudyPlan
from domain.tooth_sites import site_of

_SAME = 0.3  # of the smaller of two outlines: what shares so much is one thing

Cut = tuple[tuple[Region, ...], tuple[Implant, ...]]


def with_kept(regions: tuple[Region, ...], keep: ImplantDecisions | None, plan: StudyPlan) -> Cut:
    """Regions and implants: those a person touched as they were, and of the new ones the others.

    A new implant that shares its place with an untouched one has its number.
    """
    touched = _touched(keep) if keep is not None else set[int]()
    held = tuple(region for region in (keep.regions if keep else ()) if region.implant in touched)
    known = {implant.number: implant for implant in (keep.implants if keep else ())}
    fresh = _apart_from(held, regions, plan)
    earlier = tuple(r for r in (keep.regions if keep else ()) if r.implant not in touched)
    numbers = _numbers(fresh, earlier, plan=plan, taken={region.implant for region in held})
    new = _named(fresh, numbers, taken={region.id for region in held})
    implants = [known.get(number, Implant(number)) for number in {r.implant for r in held}]
    implants += [Implant(number, _site(new, number, plan)) for number in numbers.values()]
    by_number = sorted(implants, key=lambda implant: implant.number)
    return (*held, *new), tuple(by_number)


def site_for(outlines: Iterable[Region], plan: StudyPlan) -> str:
    """The tooth where regions of a panoramic picture lie; "" for frames, where nobody knows."""
    places = np.array([corner for region in outlines for corner in region.outline])
    if not plan.is_still or not len(places):
        return ""
    row, column = (places.min(axis=0) + places.max(axis=0) + 1) / 2 / [plan.rows, plan.columns]
    return site_of(float(row), float(column), mirrored=plan.mirrored)


def _site(regions: tuple[Region, ...], number: int, plan: StudyPlan) -> str:
    return site_for((region for region in regions if region.implant == number), plan)


def _touched(keep: ImplantDecisions) -> set[int]:
    judged = {
        implant.number
        for implant in keep.implants
        if implant.verdict is not Verdict.OPEN or implant.site_is_given
    }
    return judged | {region.implant for region in keep.regions if region.drawn}


def _apart_from(
    held: tuple[Region, ...], regions: tuple[Region, ...], plan: StudyPlan
) -> tuple[Region, ...]:
    """Regions of implants that meet nothing held."""
    met = {region.implant for region, _ in _meeting(regions, held, plan)}
    return tuple(region for region in regions if region.implant not in met)


def _meeting(
    some: tuple[Region, ...], others: tuple[Region, ...], plan: StudyPlan
) -> Iterator[tuple[Region, Region]]:
    for one in some:
        for other in others:
            if plan.is_still or one.frame == other.frame:
                outlines = (np.array(region.outline) for region in (one, other))
                if shared(*outlines) >= _SAME:
                    yield one, other


def _numbers(
    fresh: tuple[Region, ...],
    earlier: tuple[Region, ...],
    *,
    plan: StudyPlan,
    taken: set[int],
) -> dict[int, int]:
    """For each new implant the number it had before, or the first free one."""
    numbers: dict[int, int] = {}
    used = set(taken)
    for one, other in _meeting(fresh, earlier, plan):
        if one.implant not in numbers and other.implant not in used:
            numbers[one.implant] = other.implant
            used.add(other.implant)
    free = (number for number in count(1) if number not in used)
    for region in fresh:
        if region.implant not in numbers:
            numbers[region.implant] = next(free)
    return numbers


def _named(
    fresh: tuple[Region, ...], numbers: dict[int, int], *, taken: set[str]
) -> tuple[Region, ...]:
    """Under their numbers, and with names that nothing held has."""
    names: set[str] = set(taken)
    named = []
    for region in fresh:
        number = numbers[region.implant]
        wanted = f"{number}.{region.frame}"
        name = next(n for n in _variants(wanted) if n not in names)
        names.add(name)
        named.append(replace(region, id=name, implant=number))
    return tuple(named)


def _variants(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}.{number}" for number in count(2))

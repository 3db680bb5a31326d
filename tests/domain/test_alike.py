"""What nobody knows is no difference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from domain.annotation import Annotations
from domain.implant import ImplantDecisions, Region

DRAWN = Region("1.0", 3, ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0)), float("nan"), 1, drawn=True)


def test_unknown_numbers_made_apart_are_the_same() -> None:
    again = replace(DRAWN, score=float(np.float64("nan")))
    assert again == DRAWN
    assert hash(again) == hash(DRAWN)
    one, other = (ImplantDecisions(regions=(region,)) for region in (DRAWN, again))
    assert Annotations("a", implants=one) == Annotations("a", implants=other)
    assert hash(one) == hash(other)


def test_what_is_known_on_one_side_alone_is_a_difference() -> None:
    assert replace(DRAWN, score=0.0) != DRAWN
    assert replace(DRAWN, frame=4) != DRAWN
    assert ImplantDecisions(score=1.0) != ImplantDecisions()
    assert ImplantDecisions() != "nothing"

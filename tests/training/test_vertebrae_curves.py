"""Curves of both sides find their partners by the levels they share."""

from __future__ import annotations

from dataclasses import dataclass

from training.vertebrae_curves import curve_pairs


@dataclass(frozen=True)
class Curve:
    angle_deg: float
    upper: int
    lower: int


def test_partners_share_levels() -> None:
    true = [Curve(20.0, 0, 5), Curve(45.0, 5, 11)]
    found = [Curve(41.0, 6, 11), Curve(18.0, 1, 6)]
    assert sorted(curve_pairs(true, found).tolist()) == [[20, 18], [45, 41]]


def test_what_has_no_partner_stands_against_nothing() -> None:
    assert curve_pairs([Curve(20.0, 0, 5)], [Curve(30.0, 5, 11)]).tolist() == [[20, 0], [0, 30]]
    assert curve_pairs([Curve(20.0, 0, 5)], []).tolist() == [[20, 0]]
    assert curve_pairs([], []).shape == (0, 2)


def test_a_partner_is_taken_once_and_the_larger_curve_chooses_first() -> None:
    true = [Curve(12.0, 0, 8), Curve(30.0, 2, 9)]
    assert curve_pairs(true, [Curve(29.0, 1, 9)]).tolist() == [[30, 29], [12, 0]]

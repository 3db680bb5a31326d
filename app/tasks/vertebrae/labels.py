"""Words and tables of the vertebrae task: what the angles are called and how they are defined."""

from __future__ import annotations

ANGLE_TITLES = ("Main", "Second", "Third")
COBB_RULE = "AASCE"
COBB_DEFINITION = (
    "Each vertebra's tilt is the line from the middle of its left side to the middle of its right "
    "side. The main angle is the largest difference of tilt between any two vertebrae; the other "
    "two are the largest beside it, above and below, by the rule of the AASCE 2019 challenge."
)
HUMAN_REPEAT = (
    "Two readings of the same film differ by 2 to 4° on average: a difference below that is not a "
    "change."
)

"""Words and tables of the vertebrae task: what the angles are called and how they are defined."""

from __future__ import annotations

ANGLE_TITLES = ("Main", "Second", "Third")
HUMAN_REPEAT = (
    "Two readings of the same film differ by 2 to 4° on average: a difference below that is not a "
    "change."
)

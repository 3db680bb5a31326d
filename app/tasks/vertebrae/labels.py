"""Words of the vertebrae task that its panel shows beside the angles."""

from __future__ import annotations

from domain.curves import Reading

HUMAN_REPEAT = (
    "Two readings of the same film differ by 2 to 4° on average: a difference below that is not a "
    "change."
)
READING_TITLES = {Reading.CLINICAL: "Clinical", Reading.AASCE: "AASCE"}
ENDS_BY_HAND = "End vertebrae chosen by hand"

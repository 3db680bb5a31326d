"""Colours of what is drawn over a film: the film stays the brightest large thing."""

from __future__ import annotations

from PySide6.QtGui import QColor


def _rgba(text: str, alpha: int = 255) -> QColor:
    color = QColor(text)
    color.setAlpha(alpha)
    return color


BACKGROUND = _rgba("#07090c")
HALO = _rgba("#05070a", 165)
RIM = _rgba("#05070a", 225)  # round letters, which are thinner than lines
TEXT = _rgba("#dbe2ea")
TEXT_QUIET = _rgba("#aeb8c5")
LETTER = _rgba("#e6ebf2")
LETTER_ASSUMED = _rgba("#8f9aa8")

PLATE = _rgba("#58c9de")
SIDE = _rgba("#6fd6ea", 120)
CORNER = _rgba("#a6ecf8")
HINT = _rgba("#ffb454")
PIN = _rgba("#d3b4ff")
SELECTED = _rgba("#ffffff")
GHOST = _rgba("#dfe6ef", 120)
TRAIL = _rgba("#dfe6ef", 75)
LABEL = _rgba("#dfe7ef")
COBB = _rgba("#9fe6a0")
COBB_QUIET = _rgba("#9fe6a0", 120)
MEASURE = _rgba("#f3e96b")
MEASURE_QUIET = _rgba("#f3e96b", 110)
PILL = _rgba("#0c1116", 215)
SYNTHETIC = _rgba("#ffcf70")
SYNTHETIC_BAND = _rgba("#2a2110", 230)
LOUPE_RING = _rgba("#e6ebf2", 150)
LOUPE_CROSS = _rgba("#a6ecf8")

"""What a format cannot hold of a case, as sentences that are shown before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

import numpy as np

from app.io.exporters.spec import Drops, VertebraeExport
from domain.vertebrae import names_of


class Part(Enum):
    """A part of a case that some format leaves behind."""

    CORNERS = auto()
    HINTS = auto()
    PINS = auto()
    ORDER = auto()
    SPREAD = auto()
    ORIGIN = auto()
    ACCEPTED = auto()
    ANGLES = auto()
    NAMES = auto()
    SPACING = auto()
    SYNTHETIC = auto()
    DEPTH = auto()


def dropping(*parts: Part) -> Drops:
    """What a format without these parts drops of a case; silent on what a case has not."""
    return lambda export: tuple(said for part in parts if (said := _SENTENCES[part](export)))


def _hints(export: VertebraeExport) -> str:
    hints = export.annotations.hints
    return f"Which corners a hand placed ({len(hints)})." if hints else ""


def _pins(export: VertebraeExport) -> str:
    pins = export.annotations.pins
    return f"Which corners are pinned ({len(pins)})." if pins else ""


def _order(export: VertebraeExport) -> str:
    return "In which order a hand placed corners." if len(export.annotations.rounds) > 1 else ""


def _spread(export: VertebraeExport) -> str:
    return "How sure the network was of each corner." if export.annotations.confidence else ""


def _origin(export: VertebraeExport) -> str:
    return "Which weights found the corners." if export.annotations.origin else ""


def _accepted(export: VertebraeExport) -> str:
    if export.annotations.accepted:
        return "That a person accepted the corners."
    return "That no person has accepted the corners yet."


def _names(export: VertebraeExport) -> str:
    if not export.annotations.column:
        return ""
    names = names_of(export.annotations)
    return f"The names: {names[0]} to {names[-1]} are told by their place only."


def _spacing(export: VertebraeExport) -> str:
    spacing = export.image.grid.spacing_mm
    return f"The pixel spacing, {spacing[0]:g} × {spacing[1]:g} mm." if spacing else ""


def _synthetic(export: VertebraeExport) -> str:
    return "That a program drew the film." if export.image.synthetic else ""


def _depth(export: VertebraeExport) -> str:
    deep = export.image.pixels.dtype == np.uint16
    return "Grey values finer than 8 bits." if deep else ""


_SENTENCES: dict[Part, Callable[[VertebraeExport], str]] = {
    Part.CORNERS: lambda _: "The coordinates: corners can be seen but not read back.",
    Part.HINTS: _hints,
    Part.PINS: _pins,
    Part.ORDER: _order,
    Part.SPREAD: _spread,
    Part.ORIGIN: _origin,
    Part.ACCEPTED: _accepted,
    Part.ANGLES: lambda _: "The Cobb angles.",
    Part.NAMES: _names,
    Part.SPACING: _spacing,
    Part.SYNTHETIC: _synthetic,
    Part.DEPTH: _depth,
}

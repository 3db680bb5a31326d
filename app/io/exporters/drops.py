"""What a format cannot hold of a case, as sentences that are shown before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from app.io.exporters.spec import VertebraeExport
from domain.doubting import sentences
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
    MEASURES = auto()
    NAMES = auto()
    SPACING = auto()
    SYNTHETIC = auto()
    DEPTH = auto()
    DOUBTS = auto()


@dataclass(frozen=True)
class Dropping:
    """A format without these parts; silent on what a case has not."""

    parts: tuple[Part, ...]

    def __call__(self, export: VertebraeExport) -> tuple[str, ...]:
        """What it drops of one case."""
        return tuple(said for part in self.parts if (said := _SENTENCES[part](export)))

    def among(self, exports: Sequence[VertebraeExport]) -> tuple[str, ...]:
        """What it drops of many cases whose films nobody has read yet."""
        return tuple(said for part in self.parts if (said := _counted(part, exports)))


def dropping(*parts: Part) -> Dropping:
    """What a format without these parts drops of a case."""
    return Dropping(parts)


def _counted(part: Part, exports: Sequence[VertebraeExport]) -> str:
    if part in _OF_THE_FILM:
        return _OF_THE_FILM[part] if exports else ""
    count = sum(bool(_SENTENCES[part](export)) for export in exports)
    among = "" if count == len(exports) else f" ({count} of {len(exports)} cases)"
    return f"{_IN_MANY[part]}{among}." if count else ""


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


def _measures(export: VertebraeExport) -> str:
    measures = export.annotations.measures
    return f"What was measured by hand ({len(measures)})." if measures else ""


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


def _doubts(export: VertebraeExport) -> str:
    return "What speaks against the corners." if sentences(export.annotations) else ""


_SENTENCES: dict[Part, Callable[[VertebraeExport], str]] = {
    Part.CORNERS: lambda _: "The coordinates: corners can be seen but not read back.",
    Part.HINTS: _hints,
    Part.PINS: _pins,
    Part.ORDER: _order,
    Part.SPREAD: _spread,
    Part.ORIGIN: _origin,
    Part.ACCEPTED: _accepted,
    Part.ANGLES: lambda _: "The Cobb angles.",
    Part.MEASURES: _measures,
    Part.NAMES: _names,
    Part.SPACING: _spacing,
    Part.SYNTHETIC: _synthetic,
    Part.DEPTH: _depth,
    Part.DOUBTS: _doubts,
}
_IN_MANY = {
    Part.CORNERS: "The coordinates: corners can be seen but not read back",
    Part.HINTS: "Which corners a hand placed",
    Part.PINS: "Which corners are pinned",
    Part.ORDER: "In which order a hand placed corners",
    Part.SPREAD: "How sure the network was of each corner",
    Part.ORIGIN: "Which weights found the corners",
    Part.ACCEPTED: "Whether a person has accepted the corners",
    Part.ANGLES: "The Cobb angles",
    Part.MEASURES: "What was measured by hand",
    Part.NAMES: "The names: vertebrae are told by their place only",
    Part.SYNTHETIC: "That a program drew the film",
    Part.DOUBTS: "What speaks against the corners",
}
_OF_THE_FILM = {
    Part.SPACING: "The pixel spacing, where a film has one.",
    Part.DEPTH: "Grey values finer than 8 bits, where a film has them.",
}

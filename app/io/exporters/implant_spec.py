"""A case of the implant task as it leaves the program, and what formats may ask of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np

from domain.annotation import Annotations
from domain.errors import ExportFailed
from domain.image import Image, Pixels
from domain.implant import ImplantDecisions, ImplantFindings, Region, Verdict
from domain.implant_plan import StudyPlan
from domain.implant_study import study_frames
from domain.implant_words import sentences


@dataclass(frozen=True)
class ImplantExport:
    """A case of the implant task as it leaves the program.

    Args:
        study: what the library calls it.
        image: the moving or panoramic picture.
        annotations: what is decided on it; must belong to `image`.
        findings: the healed study, where it is still at hand.
        file: name of the study's file, without folders: a path can name a patient.
        seed: of the request that was answered.
        created: when it left.
    """

    study: str
    image: Image
    annotations: Annotations
    findings: ImplantFindings | None = None
    file: str = ""
    seed: int = 0
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.annotations.require_image(self.image.sha256)

    def without_pixels(self) -> ImplantExport:
        """The same case with frames of zeros that take no room, and without the healed ones."""
        image, cine = self.image, self.image.cine
        still = cine if cine is None else replace(cine, frames=_zeros(cine.frames))
        blank = replace(image, pixels=_zeros(image.pixels), cine=still)
        return replace(self, image=blank, findings=None)

    @property
    def plan(self) -> StudyPlan:
        """Which pictures of the study were looked at."""
        return study_frames(self.image).plan


def _zeros(pixels: Pixels) -> Pixels:
    return np.broadcast_to(np.zeros((), pixels.dtype), pixels.shape)


def require_decisions(export: ImplantExport) -> ImplantDecisions:
    """What is decided on the case.

    Raises:
        ExportFailed: nobody has looked for implants yet.
    """
    decided = export.annotations.implants
    if decided is None:
        raise ExportFailed(
            f"“{export.study}” has nothing to export.",
            why="Nobody has looked for implants in this study yet.",
            remedy="Localise first.",
        )
    return decided


def require_findings(export: ImplantExport) -> ImplantFindings:
    """The healed study.

    Raises:
        ExportFailed: nobody has looked, or what was healed is no longer at hand.
    """
    require_decisions(export)
    if export.findings is None:
        raise ExportFailed(
            f"“{export.study}” cannot be written in this format.",
            why="It needs the healed frames, and those of newer studies took their room.",
            remedy="Localise again, or choose another format.",
        )
    return export.findings


def standing(decided: ImplantDecisions) -> tuple[Region, ...]:
    """The regions of implants that no person rejected."""
    rejected = {i.number for i in decided.implants if i.verdict is Verdict.REJECTED}
    return tuple(region for region in decided.regions if region.implant not in rejected)


@dataclass(frozen=True)
class ImplantDrops:
    """What a format leaves behind: each part a sentence, said where the case has it."""

    parts: tuple[str, ...]

    def __call__(self, export: ImplantExport) -> tuple[str, ...]:
        """Of one case."""
        return tuple(_PARTS[part][0] for part in self.parts if _PARTS[part][1](export))

    def among(self, exports: Sequence[ImplantExport]) -> tuple[str, ...]:
        """Of many cases."""
        said = (sentence for export in exports for sentence in self(export))
        return tuple(dict.fromkeys(said))


def dropping(*parts: str) -> ImplantDrops:
    """A format without these parts; their names are those of the table below."""
    return ImplantDrops(parts)


def _decided(export: ImplantExport) -> ImplantDecisions:
    return export.annotations.implants or ImplantDecisions()


_PARTS: dict[str, tuple[str, Callable[[ImplantExport], bool]]] = {
    "outlines": ("The outlines: they can be seen but not read back.", lambda e: bool(_regions(e))),
    "sites": ("Which teeth the implants stand for.", lambda e: any(_sites(e))),
    "verdicts": ("Which implants a person accepted.", lambda e: Verdict.ACCEPTED in _verdicts(e)),
    "rejected": ("Implants that a person rejected.", lambda e: Verdict.REJECTED in _verdicts(e)),
    "origin": ("Which weights found them, and how.", lambda e: e.annotations.origin is not None),
    "doubts": ("What speaks against the answer.", lambda e: bool(sentences(_decided(e).doubts))),
    "healed": (
        "Heatmap and panels: they need the healed frames, which are not at hand.",
        lambda e: e.findings is None,
    ),
    "depth": ("Grey values finer than 8 bits.", lambda e: e.image.pixels.dtype.itemsize > 1),
}


def _regions(export: ImplantExport) -> tuple[Region, ...]:
    return _decided(export).regions


def _sites(export: ImplantExport) -> list[str]:
    return [implant.site for implant in _decided(export).implants]


def _verdicts(export: ImplantExport) -> set[Verdict]:
    return {implant.verdict for implant in _decided(export).implants}

"""The grid of an image: how large a pixel is, and how we know."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import Uncalibrated


@dataclass(frozen=True)
class Grid:
    """Pixel spacing with its source.

    Args:
        spacing_mm: (rows, columns) millimetres a pixel, or None where nobody recorded it.
        source: where the spacing comes from (a DICOM tag, a ruler drawn by hand); empty if unknown.
        aspect: height of a pixel over its width; follows from the spacing where that is known.
    """

    spacing_mm: tuple[float, float] | None = None
    source: str = ""
    aspect: float = 1.0

    def __post_init__(self) -> None:
        if self.spacing_mm is not None and not (self.source and min(self.spacing_mm) > 0):
            msg = f"spacing {self.spacing_mm} needs a source and positive values"
            raise ValueError(msg)
        if self.spacing_mm is not None:
            object.__setattr__(self, "aspect", self.spacing_mm[0] / self.spacing_mm[1])
        if not 0 < self.aspect < float("inf"):
            msg = f"pixels {self.aspect} times as high as wide"
            raise ValueError(msg)

    @property
    def calibrated(self) -> bool:
        """Whether lengths in millimetres may be shown."""
        return self.spacing_mm is not None

    def require_spacing(self) -> tuple[float, float]:
        """The spacing, or a refusal that a person understands.

        Raises:
            Uncalibrated: no source of spacing is recorded.
        """
        if self.spacing_mm is None:
            raise Uncalibrated(
                "This image has no pixel spacing.",
                why="Nobody recorded how large one of its pixels is.",
                remedy="Angles are safe; lengths need a calibration first.",
            )
        return self.spacing_mm

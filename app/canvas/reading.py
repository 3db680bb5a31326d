"""What the corners of the canvas say about the film on it, in words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from app.canvas.orientation import Letters, letters_on_screen
from app.canvas.placement import Placement
from domain.grid import Grid
from domain.image import GreyWindow, Image, LutFunction

# The first sign that a source of spacing holds, and what is said instead of the whole.
_SCALE_WORDS = (
    ("detector", "detector plane"),
    ("estimate", "magnification estimated"),
    ("scanned", "scanned film"),
    ("patient", "in the patient"),
    ("depth", "depth unknown"),
    ("hand", "set by hand"),
    ("person", "set by hand"),
    ("user", "set by hand"),
    ("ruler", "set by hand"),
    ("calibrated", "calibrated"),
    ("corrected", "calibrated"),
)


@dataclass(frozen=True)
class Reading:
    """Everything the corners say.

    Args:
        shown: False where there is no film.
        page: like "page 2 / 5", empty where a file holds one picture.
        mm_per_screen_px: None where the film is not calibrated.
        scale_source: where the millimetres come from.
    """

    shown: bool = False
    name: str = ""
    page: str = ""
    detail: str = ""
    marks: str = ""
    letters: Letters = field(default_factory=Letters)
    window: str = ""
    zoom: str = ""
    mm_per_screen_px: float | None = None
    scale_source: str = ""
    synthetic: bool = False


def reading_of(
    image: Image,
    before: Reading,
    *,
    grid: Grid,
    placement: Placement,
    window: GreyWindow,
    inverted: bool,
    letters: Letters,
) -> Reading:
    """What is said of an image, with the name and page that were said before."""
    rows, columns = image.shape
    spacing = grid.spacing_mm
    return replace(
        before,
        shown=True,
        detail=f"{columns} × {rows} px   {8 * image.pixels.dtype.itemsize} bit",
        marks=" · ".join(image.presentation.marks),
        letters=letters_on_screen(letters, placement=placement),
        window=_window_words(window, inverted=inverted),
        zoom=f"zoom {placement.zoom * 100:.0f} %",
        # The screen has as many millimetres down as across: that is what `aspect` is for.
        mm_per_screen_px=None if spacing is None else spacing[1] / placement.zoom,
        scale_source=scale_words(grid.source),
        synthetic=image.synthetic,
    )


def scale_words(source: str) -> str:
    """A source of spacing in a word or two; one that is not known as it stands."""
    lower = source.casefold()
    return next((words for sign, words in _SCALE_WORDS if sign in lower), source)


def _window_words(window: GreyWindow, *, inverted: bool) -> str:
    parts = [f"W {window.window:.0f}", f"L {window.level:.0f}"]
    parts += ["sigmoid"] if window.function is LutFunction.SIGMOID else []
    parts += ["inverted"] if inverted else []
    return "   ".join(parts)

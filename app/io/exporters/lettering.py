"""The program's letters in pictures that leave it, as on its screen."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageFont

from app.places import program_root

_LEAST_SIZE = 8.0


@lru_cache(maxsize=64)
def font(size: float, *, strong: bool = False) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels; Pillow's own where the program's is missing."""
    name = "Inter-SemiBold.otf" if strong else "Inter-Regular.otf"
    file = program_root() / "resources" / "fonts" / "inter" / name
    size = max(_LEAST_SIZE, size)
    try:
        return ImageFont.truetype(str(file), size)
    except OSError:
        return _pillows_own(size)


def _pillows_own(size: float) -> ImageFont.FreeTypeFont:
    found = ImageFont.load_default(size)
    if not isinstance(found, ImageFont.FreeTypeFont):
        msg = "this Pillow was built without FreeType"
        raise TypeError(msg)
    return found


def width_of(words: str, *, size: float, strong: bool = False) -> float:
    """How wide words are, in pixels."""
    return font(size, strong=strong).getlength(words)

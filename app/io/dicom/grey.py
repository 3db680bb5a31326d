"""From stored values to the grey values and windows that Caliper shows.

Grey values are the stored ones, moved so that the smallest possible is 0, and the file's windows
are told in them: nothing is rounded or clipped. Tables that are no straight line are applied.
docs/adr/0007-grey-values-of-dicom.md says why.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from pydicom.dataset import Dataset, FileDataset

from app.io.dicom.frames import Stored, group
from app.io.dicom.tables import GreyTable, table_in
from app.io.dicom.values import number, numbers, text, values, whole
from app.io.readers.raster import luminance
from domain.image import GreyWindow, LutFunction, Pixels

MAX_WINDOWS = 9
DEEPEST = 2**16


@dataclass(frozen=True)
class Line:
    """A straight line: value = slope · x + intercept."""

    slope: float = 1.0
    intercept: float = 0.0


@dataclass(frozen=True, eq=False)
class Greys:
    """Grey values, and the windows told in them."""

    pixels: Pixels
    windows: tuple[GreyWindow, ...] = ()
    inverted: bool = False


def greys_of(dataset: FileDataset, stored: Stored, *, page: int) -> Greys:
    """Grey values of one picture: (rows, columns) of monochrome, (rows, columns, 3) of colour."""
    if stored.ndim == 3:
        return Greys(_of_colour(stored))
    little = dataset.original_encoding[1] is not False
    voi = group(dataset, page, "FrameVOILUTSequence")
    windows = windows_in(voi)
    line, shown = _modality(dataset, page=page), stored
    modality_table = table_in(dataset, "ModalityLUTSequence", is_little=little)
    if modality_table:
        line, shown = Line(), modality_table.apply(stored)
    voi_table = None if windows else table_in(voi, "VOILUTSequence", is_little=little)
    if voi_table:
        shown = voi_table.apply(shown * line.slope + line.intercept)
        line, windows = Line(), (_whole_range(voi_table),)
    table = voi_table or modality_table
    bits = table.bits if table else whole(dataset, "BitsStored")
    pixels, place = _packed(shown, bits=bits)
    is_white_zero = text(dataset, "PhotometricInterpretation") == "MONOCHROME1"
    inverted = is_white_zero != (line.slope < 0)
    told = (_in_pixels(window, line=line, place=place) for window in windows)
    padding = _padding(dataset, stored)
    return Greys(
        _without_padding(pixels, padding, inverted=inverted),
        tuple(window for window in told if _shows_something(window, pixels)),
        inverted,
    )


def windows_in(voi: Dataset) -> tuple[GreyWindow, ...]:
    """The windows of a VOI LUT module, in its own values; those that make no sense are left out."""
    centres, widths = numbers(voi, "WindowCenter"), numbers(voi, "WindowWidth")
    names = [str(name) for name in values(voi, "WindowCenterWidthExplanation")]
    try:
        function = LutFunction(text(voi, "VOILUTFunction") or "LINEAR")
    except ValueError:
        function = LutFunction.LINEAR
    smallest = 1.0 if function is LutFunction.LINEAR else 1e-9
    names += [""] * len(centres)
    found = zip(centres, widths, names, strict=False)
    return tuple(
        GreyWindow(centre, width, name.strip(), function)
        for centre, width, name in found
        if width >= smallest
    )[:MAX_WINDOWS]


def _modality(dataset: FileDataset, *, page: int) -> Line:
    place = group(dataset, page, "PixelValueTransformationSequence")
    slope, intercept = number(place, "RescaleSlope"), number(place, "RescaleIntercept")
    return Line(slope or 1.0, intercept or 0.0)


def _whole_range(table: GreyTable) -> GreyWindow:
    low, high = int(table.entries.min()), int(table.entries.max())
    middle, width = (low + high) / 2, max(high - low, 1)
    return GreyWindow(middle, width, table.name, LutFunction.LINEAR_EXACT)


def _packed(shown: NDArray[np.integer], *, bits: int) -> tuple[Pixels, Line]:
    """Values as uint8 or uint16, and the line from them back to the values.

    The line depends on the kind of file alone, so that pages of one file compare; only values of
    more than 16 bits are moved to the smallest there is, and scaled where they still do not fit.
    """
    lowest, highest = int(shown.min()), int(shown.max())
    start = -(1 << (bits - 1)) if np.issubdtype(shown.dtype, np.signedinteger) else 0
    fits = bits <= 16 and lowest >= start and highest - start < DEEPEST
    if not fits:
        start = lowest
    span = highest - start
    if span >= DEEPEST:
        step = span / (DEEPEST - 1)
        scaled = np.rint((shown.astype(np.float64) - start) / step)
        return scaled.astype(np.uint16), Line(step, start)
    moved = shown.astype(np.int64) - start
    is_small = bits <= 8 and span < 256
    return moved.astype(np.uint8) if is_small else moved.astype(np.uint16), Line(1.0, start)


def _in_pixels(window: GreyWindow, *, line: Line, place: Line) -> GreyWindow:
    """The same window told in pixels; LINEAR counts whole steps (PS3.3 C.11.2.1.2.1)."""
    edge = 1.0 if window.function is LutFunction.LINEAR else 0.0
    slope = line.slope * place.slope
    origin = line.slope * place.intercept + line.intercept
    level = (window.level - edge / 2 - origin) / slope + edge / 2
    return replace(window, level=level, window=(window.window - edge) / abs(slope) + edge)


def _shows_something(window: GreyWindow, pixels: Pixels) -> bool:
    """Whether it leaves more than one brightness; a window far off the values would not."""
    reach = window.window / 2
    if window.function is LutFunction.SIGMOID:
        reach *= 4
    low, high = window.level - reach, window.level + reach
    return bool(low < int(pixels.max()) and high > int(pixels.min()))


def _padding(dataset: FileDataset, stored: Stored) -> NDArray[np.bool_] | None:
    """Where there is no picture: stored values that the file names as padding."""
    one = number(dataset, "PixelPaddingValue")
    if one is None:
        return None
    other = number(dataset, "PixelPaddingRangeLimit")
    bounds = [_as_stored(end, stored) for end in (one, one if other is None else other)]
    mask = (stored >= min(bounds)) & (stored <= max(bounds))
    return mask if mask.any() and not mask.all() else None


def _as_stored(padding: float, stored: Stored) -> int:
    """A signed value that was written as an unsigned one."""
    limits = np.iinfo(stored.dtype)
    whole_number = int(padding)
    return whole_number - (1 << limits.bits) if whole_number > limits.max else whole_number


def _without_padding(
    pixels: Pixels, padding: NDArray[np.bool_] | None, *, inverted: bool
) -> Pixels:
    """Padding as dark as the darkest there is: no window is chosen by it, and it does not shine."""
    if padding is None:
        return pixels
    real = pixels[~padding]
    filled = pixels.copy()
    filled[padding] = real.max() if inverted else real.min()
    return filled


def _of_colour(stored: Stored) -> Pixels:
    """Luminance by BT.601, as other colour films are read."""
    colours = stored[..., :3]
    if colours.dtype == np.uint8:
        return np.asarray(Pillow.fromarray(np.ascontiguousarray(colours)).convert("L"))
    if colours.dtype.itemsize > 2:
        colours = colours >> (8 * colours.dtype.itemsize - 16)
    red, green, blue = (colours[..., channel].astype(np.uint16) for channel in range(3))
    return luminance(red, green, blue)

"""From a moving study or a panoramic picture to the pictures that the implant network looks at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from domain.grid import Grid
from domain.image import Cine, GreyWindow, Image, LutFunction, Pixels, Presentation, image_identity
from domain.implant import CLIP, SIDE, STUDY_FRAMES
from domain.implant_plan import StudyPlan
from domain.panorama import TRUE_SHAPE, Window, arch_windows
from domain.provenance import Mode
from domain.resampling import by_area, by_line
from domain.windowing import window_table

Stack = NDArray[np.uint8]

WINDOW_SIDE = 256
"""Rows and columns of a window: so much of the network's own that its pixels are exact means."""
MOST_SIDE = 1024
"""Rows or columns of a frame that nothing is lost by drawing smaller."""
_COLOURED = 3  # dimensions of a frame with colours
_LUMINANCE = np.array((0.299, 0.587, 0.114), np.float32)
_SQUARE = 0.02  # a panoramic picture so square was stretched


@dataclass(frozen=True, eq=False)
class StudyFrames:
    """The pictures of a study.

    Args:
        pixels: (pictures, rows, columns) uint8, read-only; bright is dense.
        plan: where they lie.
        sha256: their identity.
    """

    pixels: Stack
    plan: StudyPlan
    sha256: str


_Asked = tuple[Presentation, Grid]
_KEPT: WeakKeyDictionary[Cine | Image, tuple[_Asked, StudyFrames]] = WeakKeyDictionary()


def study_frames(image: Image) -> StudyFrames:
    """The pictures: sixteen frames spread evenly, or sixteen windows along the arch.

    They are kept as long as the image is.
    """
    holder = image.cine or image
    asked = image.presentation, image.grid
    kept = _KEPT.get(holder)
    if kept is not None and kept[0] == asked:
        return kept[1]
    stack, plan = _windows_of(image) if image.cine is None else _frames_of(image, image.cine)
    stack.setflags(write=False)
    frames = StudyFrames(stack, plan, image_identity(stack))
    _KEPT[holder] = asked, frames
    return frames


def network_pictures(stack: Stack, *, mode: Mode) -> NDArray[np.float32]:
    """(pictures, SIDE, SIDE) from -1 to 1, as the network sees them.

    As published each pixel is read between its neighbours, however many there are, and rounded;
    corrected it is the mean of all that it covers.
    """
    shape = (SIDE, SIDE)
    if mode is Mode.AS_PUBLISHED or min(stack.shape[1:]) < SIDE:
        small = by_line(stack, shape=shape)
        small = np.rint(small) if mode is Mode.AS_PUBLISHED else small
    else:
        rows, columns = stack.shape[1:]
        whole = (0, rows), (0, columns)
        small = np.stack(
            [by_area(one, rows=whole[0], columns=whole[1], shape=shape) for one in stack]
        )
    return (small / 127.5 - 1).astype(np.float32)


def true_aspect(image: Image) -> float:
    """Height of a pixel over its width; a square panoramic picture was stretched, and is undone."""
    rows, columns = image.shape
    is_square = abs(rows - columns) <= _SQUARE * columns
    if image.grid.calibrated or image.grid.aspect != 1 or not is_square:
        return image.grid.aspect
    return TRUE_SHAPE[0] / TRUE_SHAPE[1] * columns / rows


def spread_evenly(count: int) -> tuple[int, ...]:
    """At most sixteen of so many frames, both ends among them."""
    places = np.linspace(0, count - 1, min(count, STUDY_FRAMES))
    return tuple(int(place) for place in np.rint(places))


def _frames_of(image: Image, cine: Cine) -> tuple[Stack, StudyPlan]:
    numbers = spread_evenly(len(cine))
    padded = -len(numbers) % CLIP
    numbers += numbers[-1:] * padded
    rows, columns = image.shape
    shape = min(rows, MOST_SIDE), min(columns, MOST_SIDE)
    stack = np.empty((len(numbers), *shape), np.uint8)
    for place, grey in enumerate(_greys([cine.frames[n] for n in numbers], image.presentation)):
        stack[place] = grey if grey.shape == shape else _shrunk(grey, shape)
    missing = tuple(place for place, number in enumerate(numbers) if number in cine.missing)
    windows = (Window(0, 0, rows, columns),) * len(numbers)
    return stack, StudyPlan(rows, columns, windows, numbers, padded=padded, missing=missing)


def _windows_of(image: Image) -> tuple[Stack, StudyPlan]:
    rows, columns = image.shape
    windows = arch_windows(rows, columns, aspect=true_aspect(image))
    (grey,), side = _greys([image.pixels], image.presentation), WINDOW_SIDE
    top, bottom = windows[0].top, windows[0].top + windows[0].rows
    band = by_area(grey, rows=(top, bottom), columns=(0, columns), shape=(side, columns))
    cut = [
        by_area(band, rows=(0, side), columns=(w.left, w.left + w.columns), shape=(side, side))
        for w in windows
    ]
    mirrored = image.presentation.left == "L"
    return _rounded(np.stack(cut)), StudyPlan(rows, columns, windows, mirrored=mirrored)


def _shrunk(grey: Stack, shape: tuple[int, int]) -> Stack:
    rows, columns = grey.shape
    return _rounded(by_area(grey, rows=(0, rows), columns=(0, columns), shape=shape))


def _greys(frames: Sequence[Pixels], asked: Presentation) -> Iterator[Stack]:
    """Frame by frame on eight bits, seen through one window; they may be too many for memory."""
    if frames[0].dtype == np.uint8:
        for frame in frames:
            grey = _rounded(frame @ _LUMINANCE) if frame.ndim == _COLOURED else frame
            shown = 255 - grey if asked.inverted else grey
            yield np.asarray(shown, dtype=np.uint8)
        return
    window = asked.windows[0] if asked.windows else _whole_range(frames)
    table = window_table(16, window, inverted=asked.inverted)
    yield from (table[frame] for frame in frames)


def _whole_range(frames: Sequence[Pixels]) -> GreyWindow:
    low = float(min(frame.min() for frame in frames))
    high = float(max(frame.max() for frame in frames))
    return GreyWindow((low + high) / 2, max(high - low, 1), function=LutFunction.LINEAR_EXACT)


def _rounded(values: NDArray[np.floating]) -> Stack:
    rounded: Stack = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return rounded

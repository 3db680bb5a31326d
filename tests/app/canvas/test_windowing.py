"""Windows against plain arithmetic on every grey value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from app.canvas.film import halved, level_for, pyramid
from app.canvas.view import ImageView
from app.canvas.windowing import distribution
from app.io.windowing import window_table
from domain.image import GreyWindow, Image, LutFunction

LINEAR, EXACT, SIGMOID = LutFunction.LINEAR, LutFunction.LINEAR_EXACT, LutFunction.SIGMOID


def exact(pixels: np.ndarray, window: float, level: float) -> np.ndarray:
    """The definition, without a table and before rounding."""
    share = (pixels.astype(np.float64) - level) / window + 0.5
    return np.minimum(np.maximum(share, 0), 1) * 255


def is_rounded(shown: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether `shown` is `wanted` rounded, ties either way."""
    return bool((np.abs(shown.astype(np.float64) - wanted) <= 0.5 + 1e-6).all())


def grey(picture: QImage) -> np.ndarray:
    """The grey values of a picture."""
    assert picture.format() == QImage.Format.Format_Grayscale8
    rows = [bytes(picture.constScanLine(row))[: picture.width()] for row in range(picture.height())]
    return np.array([list(row) for row in rows])


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize(("window", "level"), [(1.0, 100.0), (37.5, 20.0), (4000.0, 900.0)])
def test_a_table_is_the_definition(bits: int, window: float, level: float) -> None:
    values = np.arange(2**bits)
    shown = GreyWindow(level, window, function=EXACT)
    table = window_table(bits, shown)
    assert is_rounded(table, exact(values, window, level))
    assert np.array_equal(window_table(bits, shown, inverted=True), 255 - table)


def by_the_standard(x: float, shown: GreyWindow) -> float:
    """DICOM PS3.3 C.11.2.1.2.1 and C.11.2.1.3, word for word, for an output from 0 to 255."""
    c, w = shown.level, shown.window
    if shown.function is SIGMOID:
        return 255 / (1 + math.exp(-4 * (x - c) / w))
    if shown.function is LINEAR:
        if x <= c - 0.5 - (w - 1) / 2:
            return 0
        if x > c - 0.5 + (w - 1) / 2:
            return 255
        return ((x - (c - 0.5)) / (w - 1) + 0.5) * 255
    if x <= c - w / 2:
        return 0
    if x > c + w / 2:
        return 255
    return ((x - c) / w + 0.5) * 255


@pytest.mark.parametrize("function", list(LutFunction))
@pytest.mark.parametrize(("level", "window"), [(2048, 4096), (2048, 1), (600.25, 37.5), (0, 100)])
def test_each_function_is_the_standards_on_every_grey_value(
    function: LutFunction, level: float, window: float
) -> None:
    shown = GreyWindow(level, window, function=function)
    near = [x for x in range(2**16) if abs(x - level) < 100 * window][:9000]
    wanted = np.array([by_the_standard(x, shown) for x in near])
    assert is_rounded(window_table(16, shown)[near], wanted)


@pytest.mark.parametrize(
    ("shown", "golden"),
    [
        # The examples that the standard works out itself.
        (GreyWindow(2048, 4096, function=LINEAR), {0: 0, 1: 0, 2047: 127, 4095: 255, 4096: 255}),
        (GreyWindow(2048, 1, function=LINEAR), {2047: 0, 2048: 255}),
        (GreyWindow(2048, 4096, function=EXACT), {0: 0, 2048: 128, 4095: 255, 4096: 255}),
        (GreyWindow(2048, 1, function=EXACT), {2047: 0, 2048: 128, 2049: 255}),
        (GreyWindow(2048, 4096, function=SIGMOID), {0: 30, 1024: 69, 2048: 128, 4096: 225}),
    ],
)
def test_grey_values_become_these_brightnesses(shown: GreyWindow, golden: dict[int, int]) -> None:
    table = window_table(16, shown)
    assert {value: int(table[value]) for value in golden} == golden


@given(
    level=st.floats(-1e5, 1e5),
    window=st.floats(0, 1e5),
    function=st.sampled_from(LutFunction),
)
def test_any_window_of_a_file_gives_a_table_that_never_falls(
    level: float, window: float, function: LutFunction
) -> None:
    table = window_table(16, GreyWindow(level, window, function=function)).astype(int)
    assert (np.diff(table) >= 0).all()


def test_a_16_bit_film_is_shown_as_the_definition_says(view: ImageView) -> None:
    pixels = np.random.default_rng(4).integers(0, 65536, (61, 43)).astype(np.uint16)
    pixels[0, 0], pixels[0, 1] = 0, 65535
    view.show_image(Image(pixels))
    view.set_window_level(2500.0, 31000.0)
    assert is_rounded(grey(view.film_picture()), exact(pixels, 2500.0, 31000.0))
    view.invert()
    assert is_rounded(grey(view.film_picture()), 255 - exact(pixels, 2500.0, 31000.0))


def test_the_darkest_and_brightest_are_black_and_white_on_full_range(view: ImageView) -> None:
    pixels = np.full((30, 30), 1500, np.uint16)
    pixels[3, 3], pixels[4, 4] = 1000, 2000
    view.show_image(Image(pixels))
    view.preset(1)
    shown = grey(view.film_picture())
    assert (shown[3, 3], shown[4, 4], shown[0, 0]) == (0, 255, 128)


def test_a_flat_image_has_a_window(view: ImageView) -> None:
    view.show_image(Image(np.full((30, 30), 7, np.uint8)))
    for number in range(1, 8):
        view.preset(number)
        assert view.window_level()[0] >= 1
    view.drag_window(-500, 500)
    assert view.window_level()[0] >= 1


def test_a_black_border_does_not_decide_the_window() -> None:
    inner = np.random.default_rng(0).integers(80, 120, (50, 50))
    framed = np.zeros((150, 150), np.uint8)
    framed[50:100, 50:100] = inner
    spread = distribution(framed)
    assert spread.lowest == 0
    assert 80 <= spread.value_at(0.01) <= 82
    assert 98 <= spread.value_at(0.5) <= 102


def test_halving_is_the_rounded_mean_and_keeps_odd_edges() -> None:
    pixels = np.array([[1, 2, 9], [3, 5, 11], [60000, 60001, 7]], np.uint16)
    half = halved(pixels)
    assert half.dtype == np.uint16
    assert half.tolist() == [[3, 10], [60001, 7]]


def test_a_pyramid_ends_before_it_is_too_small() -> None:
    levels = pyramid(np.zeros((4000, 1500), np.uint16))
    assert [level.shape for level in levels] == [(4000, 1500), (2000, 750), (1000, 375)]
    assert len(pyramid(np.zeros((400, 3000), np.uint8))) == 1


@pytest.mark.parametrize(
    ("zoom", "level"), [(32.0, 0), (1.0, 0), (0.8, 0), (0.5, 1), (0.25, 2), (0.01, 3)]
)
def test_the_level_drawn_is_neither_blurred_nor_far_too_fine(zoom: float, level: int) -> None:
    assert level_for(zoom, count=4) == level

"""Any film becomes visible."""

from __future__ import annotations

import numpy as np
import pytest

from app.io.windowing import windowed


def test_a_narrow_range_fills_black_to_white() -> None:
    film = np.linspace(30_000, 30_400, 10_000).astype(np.uint16).reshape(100, 100)
    shown = windowed(film)
    assert shown.dtype == np.uint8
    assert (shown.min(), shown.max()) == (0, 255)
    assert (np.diff(shown.ravel().astype(int)) >= 0).all()


def test_a_few_burnt_pixels_do_not_darken_the_rest() -> None:
    film = np.tile(np.arange(100, dtype=np.uint16), (100, 1))
    film[0, :5] = 65535
    assert windowed(film)[50, 99] == 255
    assert 100 < windowed(film)[50, 50] < 155


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("value", [0, 7, 255])
def test_a_flat_film_is_no_fault(kind: type[np.generic], value: int) -> None:
    film = np.full((3, 4), value, kind)
    assert windowed(film).shape == (3, 4)
    assert len(np.unique(windowed(film))) == 1


def test_one_bright_pixel_stays_visible() -> None:
    film = np.zeros((100, 100), np.uint8)
    film[3, 4] = 9
    assert windowed(film)[3, 4] == 255


def test_low_values_are_bright_where_a_film_says_so() -> None:
    film = np.tile(np.arange(100, dtype=np.uint16), (100, 1))
    np.testing.assert_array_equal(windowed(film, inverted=True), 255 - windowed(film))

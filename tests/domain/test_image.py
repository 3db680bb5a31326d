"""The same pixels have the same name, other pixels another."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from domain.image import Image, image_identity


def test_identity_is_the_documented_hash() -> None:
    pixels = np.arange(6, dtype=np.uint16).reshape(2, 3)
    expected = hashlib.sha256(b"(2, 3)<u2" + pixels.tobytes()).hexdigest()
    assert image_identity(pixels) == Image(pixels).sha256 == expected


def test_identity_does_not_depend_on_memory_order() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert image_identity(np.asfortranarray(pixels)) == image_identity(pixels)


def test_identity_tells_value_shape_and_kind_apart() -> None:
    zeros = np.zeros((2, 6), np.uint8)
    changed = zeros.copy()
    changed[1, 1] = 1
    others = [changed, zeros.reshape(3, 4), zeros.reshape(6, 2), np.zeros((2, 3), np.uint16)]
    names = {image_identity(pixels) for pixels in (zeros, *others)}
    assert len(names) == 5


def test_pixels_are_read_only() -> None:
    image = Image(np.zeros((4, 5), np.uint8))
    assert image.shape == (4, 5)
    with pytest.raises(ValueError, match="read-only"):
        image.pixels[0, 0] = 1

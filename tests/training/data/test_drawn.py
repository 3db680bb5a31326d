"""Drawn pictures are the same for the same seed and look like what they are called."""

from __future__ import annotations

import numpy as np
import pytest

from training.data.drawn import DRAWN

SHAPE = (500, 300)


@pytest.mark.parametrize("kind", list(DRAWN))
def test_a_seed_gives_one_picture(kind):
    one, same, other = (DRAWN[kind](np.random.default_rng(seed), SHAPE) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert (one.shape, one.dtype) == (SHAPE, np.uint8)


def test_a_hand_has_five_fingers():
    picture = DRAWN["hand, drawn"](np.random.default_rng(1), SHAPE)
    across = [np.diff((row > 110).astype(int)) for row in picture[150:300]]
    assert max(int((change == 1).sum()) for change in across) >= 4  # the thumb lies lower


def test_a_blank_picture_has_no_edges():
    for seed in range(6):
        picture = DRAWN["blank"](np.random.default_rng(seed), SHAPE).astype(int)
        assert max(np.abs(np.diff(picture, axis=axis)).max() for axis in (0, 1)) <= 1

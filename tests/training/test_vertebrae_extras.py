"""A vertebra taken out and put in again is measured against where it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from domain.errors import WrongUse
from inference.preprocess import build_pyramid
from models.vertebrae.refiner import Refiner, RefinerConfig
from training.phantoms.vertebrae import draw_phantom
from training.vertebrae_extras import PLACES, before_and_after, main


@pytest.mark.parametrize("at", PLACES.values(), ids=PLACES)
def test_the_error_before_is_that_of_the_guess(at: int) -> None:
    torch.manual_seed(0)
    phantom = draw_phantom(2, rows=600, columns=300)
    corners = phantom.corners
    refiner = Refiner(RefinerConfig()).eval()
    before, after = before_and_after(refiner, build_pyramid(phantom.film), corners, at=at)
    boxes = corners.reshape(17, 4, 2)
    middles = boxes.mean(axis=1)
    guess = {0: 2 * middles[1] - middles[2], 16: 2 * middles[15] - middles[14]}.get(
        at, (middles[at - 1] + middles[(at + 1) % 17]) / 2
    )
    assert before == pytest.approx(np.linalg.norm(guess - middles[at]), abs=6.0)
    assert np.isfinite(after)
    assert after != before


def test_a_folder_without_films_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="No AASCE data"):
        main(["--data", str(tmp_path)])

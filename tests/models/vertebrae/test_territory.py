"""Where a scout is heard: about the pictures it was fitted to, in any units, and nowhere else."""

from __future__ import annotations

import pytest
import torch

from models.vertebrae.familiar import Picture
from models.vertebrae.territory import fitted

WIDTH = 6
SIDES = torch.zeros(WIDTH)


def films(scale: float = 1.0) -> torch.Tensor:
    torch.manual_seed(0)
    return scale * (torch.randn(400, WIDTH) @ torch.randn(WIDTH, WIDTH) + 5)


@pytest.mark.parametrize("scale", [1e-2, 1.0, 50.0])
def test_the_share_asked_for_lies_within_whatever_the_units(scale: float) -> None:
    means = films(scale)
    territory = fitted(means, shrink=0.01, share=0.9)
    within = [territory.holds(Picture(mean, SIDES)) for mean in means]
    assert sum(within) == pytest.approx(360, abs=2)


def test_strangers_and_what_is_no_number_lie_outside() -> None:
    means = films()
    territory = fitted(means, shrink=0.01, share=0.97)
    far = means.mean(0) + 8 * means.std(0)
    assert not territory.holds(Picture(far, SIDES))
    assert not territory.holds(Picture(torch.full((WIDTH,), torch.nan), SIDES))

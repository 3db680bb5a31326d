"""Noise, clean sample and v are three ways to say the same."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.diffusion.noising import add_noise
from models.diffusion.prediction import (
    Predicts,
    clipped,
    denoiser,
    eps_from_x0,
    guess_from_eps,
    guess_from_v,
    guess_from_x0,
    v_from,
    x0_from_eps,
)
from models.diffusion.schedule import linear_schedule

SCHEDULE = linear_schedule()
numbers = st.floats(-1, 1)


@given(st.integers(0, 999), numbers, numbers)
def test_every_way_leads_back(level, value, noise):
    at = {"level": level, "schedule": SCHEDULE}
    x0, eps = torch.full((1, 1), value).double(), torch.full((1, 1), noise).double()
    x = add_noise(x0, eps, **at)
    close = {"rtol": 0, "atol": 1e-9}
    torch.testing.assert_close(x0_from_eps(x, eps, **at), x0, **close)
    torch.testing.assert_close(eps_from_x0(x, x0, **at), eps, **close)
    for guess in (guess_from_eps(x, eps, **at), guess_from_v(x, v_from(x0, eps, **at), **at)):
        torch.testing.assert_close(guess.x0, x0, **close)
        torch.testing.assert_close(guess.eps, eps, **close)


def test_a_level_for_each_sample():
    own = torch.tensor([3, 900])
    x0, eps = torch.rand(2, 1, 2, 2), torch.rand(2, 1, 2, 2)
    x = add_noise(x0, eps, level=own, schedule=SCHEDULE)
    v = v_from(x0, eps, level=own, schedule=SCHEDULE)
    guess = guess_from_v(x, v, level=own, schedule=SCHEDULE)
    torch.testing.assert_close(guess.x0, x0, rtol=0, atol=1e-5)


def test_a_clipped_guess_still_makes_up_its_sample():
    x, at = torch.tensor([[2.0, -3.0, 0.1]]), {"level": 300, "schedule": SCHEDULE}
    guess = clipped(x, guess_from_eps(x, torch.zeros_like(x), **at), **at)
    assert guess.x0.abs().max() <= 1
    torch.testing.assert_close(add_noise(guess.x0, guess.eps, **at), x)


@pytest.mark.parametrize("predicts", list(Predicts))
def test_channels_beyond_those_of_the_sample_are_the_spread(predicts):
    asked = []

    def network(x, levels):
        asked.append(levels)
        return torch.cat([0.5 * x, torch.full_like(x, 0.25)], dim=1)

    x = torch.ones(2, 1, 4)
    guess = denoiser(network, schedule=SCHEDULE, predicts=predicts)(x, 42)
    assert asked[0].tolist() == [42, 42]
    assert torch.equal(guess.spread, torch.full_like(x, 0.25))
    read = {"eps": guess_from_eps, "x0": guess_from_x0, "v": guess_from_v}[predicts.value]
    assert torch.equal(guess.x0, read(x, 0.5 * x, level=42, schedule=SCHEDULE).x0)


def test_without_more_channels_there_is_no_spread():
    guess = denoiser(lambda x, _: x, schedule=SCHEDULE, clip=True)(torch.ones(1, 2, 4), 900)
    assert guess.spread is None
    assert guess.x0.abs().max() <= 1

"""Noise is added and taken by the book, and the same seed draws the same noise."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.diffusion.noising import (
    add_noise,
    learned_log_variance,
    noise_like,
    posterior,
    seeded,
)
from models.diffusion.schedule import linear_schedule

SCHEDULE = linear_schedule()
levels = st.integers(0, 999)


@given(levels)
def test_noise_is_mixed_in_by_variance(level):
    x0, noise = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    alpha_bar = SCHEDULE.alpha_bar(level)
    mixed = add_noise(x0, noise, level=level, schedule=SCHEDULE)
    assert mixed[0].square().tolist() == pytest.approx([alpha_bar, 1 - alpha_bar], abs=1e-6)


def test_each_sample_may_have_its_own_level():
    x0, noise = torch.rand(3, 1, 2, 2), torch.rand(3, 1, 2, 2)
    own = torch.tensor([0, 500, 999])
    together = add_noise(x0, noise, level=own, schedule=SCHEDULE)
    for n, level in enumerate(own.tolist()):
        alone = add_noise(x0[n], noise[n], level=level, schedule=SCHEDULE)
        torch.testing.assert_close(together[n], alone)


@given(st.integers(1, 999))
def test_the_posterior_is_that_of_bayes(level):
    """Product of two Gaussians: the level below from the clean sample, and this one from it."""
    x0, x = torch.tensor([[0.7]]).double(), torch.tensor([[-0.4]]).double()
    below, beta = SCHEDULE.alpha_bar(level - 1), float(SCHEDULE.betas[level])
    precision = 1 / (1 - below) + (1 - beta) / beta
    mean = (below**0.5 * x0 / (1 - below) + (1 - beta) ** 0.5 * x / beta) / precision
    found = posterior(x0, x, level=level, schedule=SCHEDULE)
    torch.testing.assert_close(found.mean, mean)
    assert found.log_variance == pytest.approx(-torch.tensor(precision).log().item(), abs=1e-6)


def test_below_the_first_level_lies_the_clean_sample():
    x0, x = torch.tensor([[0.7]]), torch.tensor([[-0.4]])
    torch.testing.assert_close(posterior(x0, x, level=0, schedule=SCHEDULE).mean, x0)


@given(levels)
def test_a_learned_variance_lies_between_the_posterior_and_beta(level):
    spread = torch.tensor([[-1.0, 0.0, 1.0]]).double()
    found = learned_log_variance(spread, level=level, schedule=SCHEDULE)[0]
    small = float(SCHEDULE.posterior_log_variance[level])
    large = float(SCHEDULE.betas[level].log())
    assert found.tolist() == pytest.approx([small, (small + large) / 2, large])


def test_a_seed_draws_the_same_noise_in_any_number_format():
    like = torch.zeros(2, 1, 3, 3)
    first = noise_like(like, seeded(5))
    assert torch.equal(first, noise_like(like, seeded(5)))
    assert not torch.equal(first, noise_like(like, seeded(6)))
    narrow = noise_like(like.bfloat16(), seeded(5))
    assert narrow.dtype == torch.bfloat16
    assert torch.equal(narrow, first.bfloat16())


def test_drawing_goes_on_where_it_stopped():
    like, generator = torch.zeros(1, 4), seeded(1)
    first, second = noise_like(like, generator), noise_like(like, generator)
    assert not torch.equal(first, second)
    both = noise_like(torch.zeros(2, 4), seeded(1))
    assert torch.equal(both[:1], first)

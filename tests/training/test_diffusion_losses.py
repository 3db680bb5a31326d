"""Losses: nothing is lost by the truth; the bound agrees with its own definition."""

from __future__ import annotations

import math

import pytest
import torch

from models.diffusion.noising import add_noise
from models.diffusion.prediction import v_from
from models.diffusion.schedule import linear_schedule
from training.diffusion_losses import bound_bits, published_loss, v_loss, x0_loss

SCHEDULE = linear_schedule()
LEVEL = torch.tensor([5, 400, 900])


def _sample() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    x0, noise = torch.rand(3, 1, 4, 8, 8) * 1.8 - 0.9, torch.randn(3, 1, 4, 8, 8)
    return x0, noise, add_noise(x0, noise, level=LEVEL, schedule=SCHEDULE)


def test_v_is_weighed_by_min_snr():
    x0, noise, _ = _sample()
    v = v_from(x0, noise, level=LEVEL, schedule=SCHEDULE)
    assert v_loss(v, x0, noise, level=LEVEL, schedule=SCHEDULE, most=5).abs().max() < 1e-10
    off = v_loss(v + 1, x0, noise, level=LEVEL, schedule=SCHEDULE, most=5)
    ratio = SCHEDULE.alpha_bars[LEVEL] / (1 - SCHEDULE.alpha_bars[LEVEL])
    assert off.tolist() == pytest.approx((ratio.clamp_max(5) / (ratio + 1)).tolist(), rel=1e-5)


def test_the_clean_sample_is_weighed_by_min_snr():
    x0, _, _ = _sample()
    known = {"level": LEVEL, "schedule": SCHEDULE, "most": 1.0}
    assert x0_loss(x0, x0, **known).max() == 0
    ratio = SCHEDULE.alpha_bars[LEVEL] / (1 - SCHEDULE.alpha_bars[LEVEL])
    assert x0_loss(x0 + 1, x0, **known).tolist() == pytest.approx(
        ratio.clamp_max(1).tolist(), rel=1e-5
    )


def test_the_bound_is_nothing_where_mean_and_variance_are_right():
    x0, noise, x = _sample()
    least = torch.full_like(x0, -1.0)  # the posterior's own variance
    bits = bound_bits(noise, least, x=x, x0=x0, level=LEVEL, schedule=SCHEDULE)
    assert bits.abs().max() < 1e-4


def test_the_bound_grows_with_a_wrong_variance_alone():
    x0, noise, x = _sample()
    most = torch.full_like(x0, 1.0)
    bits = bound_bits(noise, most, x=x, x0=x0, level=LEVEL, schedule=SCHEDULE)
    small, large = SCHEDULE.posterior_log_variance[LEVEL], SCHEDULE.betas[LEVEL].log()
    expected = 0.5 * (large - small - 1 + (small - large).exp()) / math.log(2)
    assert bits.tolist() == pytest.approx(expected.tolist(), abs=1e-4)


def test_the_last_level_counts_how_likely_the_grey_values_are():
    x0, noise, _ = _sample()
    level = torch.zeros(3, dtype=torch.long)
    x = add_noise(x0, noise, level=level, schedule=SCHEDULE)
    spread = torch.zeros_like(x0)
    right = bound_bits(noise, spread, x=x, x0=x0, level=level, schedule=SCHEDULE)
    wrong = bound_bits(noise + 5, spread, x=x, x0=x0, level=level, schedule=SCHEDULE)
    assert (right > 0).all()
    assert (wrong > right + 1).all()


def test_the_bound_teaches_the_variance_alone():
    x0, noise, x = _sample()
    said = torch.cat([noise + 0.1, torch.zeros_like(noise)], dim=1).requires_grad_()
    loss = published_loss(said, x, x0=x0, noise=noise, level=LEVEL, schedule=SCHEDULE)
    loss.sum().backward()
    assert said.grad is not None
    eps, spread = said.grad.chunk(2, dim=1)
    assert torch.allclose(eps, torch.full_like(eps, 0.2 / noise[0].numel()), rtol=1e-4)
    assert spread.abs().max() > 0

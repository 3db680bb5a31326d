"""Forward and one step back: noise drawn and added, and the distribution of the level below."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from models.diffusion.schedule import Factor, Level, Schedule


class Below(NamedTuple):
    """A Gaussian over the samples one level below."""

    mean: Tensor
    log_variance: Factor


def seeded(seed: int) -> torch.Generator:
    """A source of noise on the CPU, so that a seed means the same on every device."""
    return torch.Generator().manual_seed(seed)


def noise_like(x: Tensor, generator: torch.Generator) -> Tensor:
    """Standard normal noise of a sample's shape, where the sample is."""
    return torch.randn(x.shape, generator=generator).to(x.device, x.dtype)


def add_noise(x0: Tensor, noise: Tensor, *, level: Level, schedule: Schedule) -> Tensor:
    """A clean sample (B, ...) with the noise of a level (q_sample)."""
    picture, grain = schedule.scales(level, like=x0)
    return picture * x0 + grain * noise


def posterior(x0: Tensor, x: Tensor, *, level: Level, schedule: Schedule) -> Below:
    """The level below, given this level and the clean sample."""
    kept, below = 1 - schedule.betas, schedule.alpha_bars_below
    rest = 1 - schedule.alpha_bars
    of_x0 = schedule.factor(schedule.betas * below.sqrt() / rest, level, like=x)
    of_x = schedule.factor((1 - below) * kept.sqrt() / rest, level, like=x)
    log_variance = schedule.factor(schedule.posterior_log_variance, level, like=x)
    return Below(of_x0 * x0 + of_x * x, log_variance)


def learned_log_variance(spread: Tensor, *, level: Level, schedule: Schedule) -> Tensor:
    """The log-variance that a network chose between its smallest and largest sensible value.

    Args:
        spread: -1 for the posterior's variance, 1 for beta ("Improved DDPM", 2021).
    """
    small = schedule.factor(schedule.posterior_log_variance, level, like=spread)
    large = schedule.factor(schedule.betas.log(), level, like=spread)
    share = (spread + 1) / 2
    return share * large + (1 - share) * small

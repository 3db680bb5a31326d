"""What a diffusion network is taught by, one value for each sample."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from models.diffusion.noising import learned_log_variance, posterior
from models.diffusion.prediction import v_from, x0_from_eps
from models.diffusion.schedule import Schedule

_GREYS = 255.0


def v_loss(
    said: Tensor, x0: Tensor, noise: Tensor, *, level: Tensor, schedule: Schedule, most: float
) -> Tensor:
    """(B,) squared error of v, weighed as min-SNR does ("Efficient Diffusion Training", 2023).

    Args:
        said: what the network says.
        most: the signal-to-noise ratio above which levels count alike.
    """
    wanted = v_from(x0, noise, level=level, schedule=schedule)
    alpha_bar = schedule.alpha_bars[level.cpu()]
    ratio = alpha_bar / (1 - alpha_bar)
    weight = ratio.clamp_max(most) / (ratio + 1)
    return _mean(torch.square(said - wanted)) * weight.to(x0.device, x0.dtype)


def x0_loss(said: Tensor, x0: Tensor, *, level: Tensor, schedule: Schedule, most: float) -> Tensor:
    """(B,) squared error of the clean sample, weighed as min-SNR does.

    Args:
        most: the signal-to-noise ratio above which levels count alike.
    """
    alpha_bar = schedule.alpha_bars[level.cpu()]
    weight = (alpha_bar / (1 - alpha_bar)).clamp_max(most)
    return _mean(torch.square(said - x0)) * weight.to(x0.device, x0.dtype)


def published_loss(
    said: Tensor, x: Tensor, *, x0: Tensor, noise: Tensor, level: Tensor, schedule: Schedule
) -> Tensor:
    """(B,) squared error of the noise plus the variational bound in bits ("Improved DDPM", 2021).

    The bound teaches the variance alone: the noise in it is held fixed.

    Args:
        said: (B, 2C, ...) noise, then where the variance lies between its bounds.
        x: the noised sample.
    """
    eps, spread = said.chunk(2, dim=1)
    simple = _mean(torch.square(eps - noise))
    bound = bound_bits(eps.detach(), spread, x=x, x0=x0, level=level, schedule=schedule)
    return simple + bound


def bound_bits(
    eps: Tensor, spread: Tensor, *, x: Tensor, x0: Tensor, level: Tensor, schedule: Schedule
) -> Tensor:
    """(B,) the term of the variational bound of a level, in bits per pixel."""
    true = posterior(x0, x, level=level, schedule=schedule)
    guess = x0_from_eps(x, eps, level=level, schedule=schedule)
    mean = posterior(guess, x, level=level, schedule=schedule).mean
    log_variance = learned_log_variance(spread, level=level, schedule=schedule)
    apart = 0.5 * (
        log_variance
        - true.log_variance
        - 1
        + torch.exp(true.log_variance - log_variance)
        + torch.square(true.mean - mean) * torch.exp(-log_variance)
    )
    last = -_log_likelihood(x0, mean, 0.5 * log_variance)
    return torch.where(level == 0, _mean(last), _mean(apart)) / math.log(2)


def _log_likelihood(x0: Tensor, mean: Tensor, log_scale: Tensor) -> Tensor:
    """Of grey values on 256 steps, each a bin of a Gaussian."""
    scale = torch.exp(-log_scale)
    above = _cdf(scale * (x0 - mean + 1 / _GREYS))
    below = _cdf(scale * (x0 - mean - 1 / _GREYS))
    bright, dark = x0 > 0.999, x0 < -0.999
    share = torch.where(dark, above, torch.where(bright, 1 - below, above - below))
    return share.clamp_min(1e-12).log()


def _cdf(value: Tensor) -> Tensor:
    return 0.5 * (1 + torch.tanh(math.sqrt(2 / math.pi) * (value + 0.044715 * value**3)))


def _mean(values: Tensor) -> Tensor:
    return values.flatten(1).mean(dim=1)

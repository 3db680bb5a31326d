"""How much noise each level of a diffusion has: its tables, in float64.

Names as in "Denoising Diffusion Probabilistic Models" (2020); levels count from 0, least noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from domain.errors import WrongUse

CLEAN = -1  # the level below the first: no noise at all
Level = int | Tensor  # one for all samples, or (B,) with one for each
Factor = float | Tensor


@dataclass(frozen=True, eq=False)
class Schedule:
    """The noise of every level.

    Args:
        betas: (T,) float64, the share of variance that each level adds; between 0 and 1.
    """

    betas: Tensor

    def __post_init__(self) -> None:
        betas = self.betas
        fits = betas.ndim == 1 and len(betas) > 1 and betas.dtype == torch.float64
        if not fits or not bool(((betas > 0) & (betas < 1)).all()):
            msg = "betas must be two or more float64 numbers between 0 and 1"
            raise ValueError(msg)

    def __len__(self) -> int:
        return len(self.betas)

    @cached_property
    def alpha_bars(self) -> Tensor:
        """(T,) share of variance that is still picture."""
        return (1 - self.betas).cumprod(0)

    @cached_property
    def alpha_bars_below(self) -> Tensor:
        """(T,) the same one level below; 1 below the first."""
        return torch.cat([torch.ones_like(self.betas[:1]), self.alpha_bars[:-1]])

    @cached_property
    def posterior_variance(self) -> Tensor:
        """(T,) variance of one level below, given this level and the picture; 0 at the first."""
        return self.betas * (1 - self.alpha_bars_below) / (1 - self.alpha_bars)

    @cached_property
    def posterior_log_variance(self) -> Tensor:
        """(T,) its logarithm; at the first level that of the second, for 0 has none."""
        variance = self.posterior_variance
        return torch.cat([variance[1:2], variance[1:]]).log()

    @cached_property
    def log_snr(self) -> Tensor:
        """(T,) log of picture over noise, both as standard deviations."""
        return 0.5 * (self.alpha_bars / (1 - self.alpha_bars)).log()

    def alpha_bar(self, level: int) -> float:
        """The share of variance that is still picture at a level, or 1 where it is CLEAN."""
        return 1.0 if level == CLEAN else float(self.alpha_bars[self.require(level)])

    def scales(self, level: Level, *, like: Tensor) -> tuple[Factor, Factor]:
        """What picture and noise are multiplied with at a level, to be broadcast over `like`."""
        alpha_bar = self.at(self.alpha_bars, level)
        if isinstance(alpha_bar, float):
            return math.sqrt(alpha_bar), math.sqrt(1 - alpha_bar)
        return _over(alpha_bar.sqrt(), like), _over((1 - alpha_bar).sqrt(), like)

    def factor(self, table: Tensor, level: Level, *, like: Tensor) -> Factor:
        """A table's number at a level, to be broadcast over `like`."""
        value = self.at(table, level)
        return value if isinstance(value, float) else _over(value, like)

    def at(self, table: Tensor, level: Level) -> Factor:
        """A table's number at a level: a float, or (B,) float64 on the CPU."""
        if isinstance(level, Tensor):
            return table[level.cpu()]
        return float(table[self.require(level)])

    def require(self, level: int, *, lowest: int = 0) -> int:
        """The level itself.

        Raises:
            WrongUse: there is no such level.
        """
        if not lowest <= level < len(self):
            raise WrongUse(
                f"There is no noise level {level}.",
                why=f"The levels of this network go from {lowest} to {len(self) - 1}.",
                remedy="Choose one of them.",
            )
        return level


def linear_schedule(levels: int = 1000, *, first: float = 1e-4, last: float = 2e-2) -> Schedule:
    """Betas that grow evenly."""
    return Schedule(torch.linspace(first, last, levels, dtype=torch.float64))


def _over(values: Tensor, like: Tensor) -> Tensor:
    return values.to(like.device, like.dtype).reshape(-1, *[1] * (like.ndim - 1))

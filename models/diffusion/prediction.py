"""What a network says of a noisy sample, whichever way it says it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

import torch
from torch import Tensor

from models.diffusion.schedule import Level, Schedule


class Predicts(StrEnum):
    """What a network was taught to say."""

    EPS = "eps"  # the noise
    X0 = "x0"  # the clean sample: the easiest to learn where a network is narrow
    V = "v"  # "Progressive Distillation" (2022): noise and picture mixed, sound at every level


class Guess(NamedTuple):
    """The clean sample and the noise that a noisy one is thought to be made of.

    `spread` interpolates the variance of the level below, where the network chose it.
    """

    x0: Tensor
    eps: Tensor
    spread: Tensor | None = None


# A network as samplers know it; (noisy sample, level) -> guess.
Denoiser = Callable[[Tensor, int], Guess]


def x0_from_eps(x: Tensor, eps: Tensor, *, level: Level, schedule: Schedule) -> Tensor:
    """The clean sample, from the noise."""
    picture, grain = schedule.scales(level, like=x)
    return (x - grain * eps) / picture


def eps_from_x0(x: Tensor, x0: Tensor, *, level: Level, schedule: Schedule) -> Tensor:
    """The noise, from the clean sample."""
    picture, grain = schedule.scales(level, like=x)
    return (x - picture * x0) / grain


def v_from(x0: Tensor, eps: Tensor, *, level: Level, schedule: Schedule) -> Tensor:
    """What a v-network is taught."""
    picture, grain = schedule.scales(level, like=x0)
    return picture * eps - grain * x0


def guess_from_eps(x: Tensor, eps: Tensor, *, level: Level, schedule: Schedule) -> Guess:
    """A guess, from the noise."""
    return Guess(x0_from_eps(x, eps, level=level, schedule=schedule), eps)


def guess_from_v(x: Tensor, v: Tensor, *, level: Level, schedule: Schedule) -> Guess:
    """A guess, from v."""
    picture, grain = schedule.scales(level, like=x)
    return Guess(picture * x - grain * v, picture * v + grain * x)


def guess_from_x0(x: Tensor, x0: Tensor, *, level: Level, schedule: Schedule) -> Guess:
    """A guess, from the clean sample."""
    return Guess(x0, eps_from_x0(x, x0, level=level, schedule=schedule))


_READ = {Predicts.EPS: guess_from_eps, Predicts.X0: guess_from_x0, Predicts.V: guess_from_v}


def clipped(x: Tensor, guess: Guess, *, level: Level, schedule: Schedule) -> Guess:
    """The guess with its clean sample within [-1, 1], and the noise that fits."""
    x0 = guess.x0.clamp(-1, 1)
    return Guess(x0, eps_from_x0(x, x0, level=level, schedule=schedule), guess.spread)


def denoiser(
    network: Callable[[Tensor, Tensor], Tensor],
    *,
    schedule: Schedule,
    predicts: Predicts = Predicts.EPS,
    clip: bool = False,
) -> Denoiser:
    """A network as samplers know it.

    Args:
        network: (B, C, ...) and levels (B,) to (B, C, ...), or (B, 2C, ...) with the spread last.
            It may raise Cancelled, which ends a sampler amid a step.
        schedule: what it was trained with.
        predicts: what it says.
        clip: whether clean samples are known to lie within [-1, 1].
    """
    read = _READ[predicts]

    def ask(x: Tensor, level: int) -> Guess:
        levels = torch.full((len(x),), level, device=x.device)
        said, channels = network(x, levels), x.shape[1]
        guess = read(x, said[:, :channels], level=level, schedule=schedule)
        if said.shape[1] > channels:
            guess = guess._replace(spread=said[:, channels:])
        return clipped(x, guess, level=level, schedule=schedule) if clip else guess

    return ask

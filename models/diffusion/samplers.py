"""From a noisy sample to a clean one, step by step.

Each sampler is a generator of steps: a caller shows progress, and stops by taking no more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from models.diffusion.noising import learned_log_variance, noise_like, posterior
from models.diffusion.prediction import Denoiser, Guess
from models.diffusion.schedule import CLEAN, Schedule


class Step(NamedTuple):
    """What a sampler has after a step.

    Args:
        done: steps so far, of `total`.
        total: steps that there will be.
        level: at which the network was asked.
        x: the sample at the next level; the answer after the last step.
        x0: what the network thinks the clean sample is.
    """

    done: int
    total: int
    level: int
    x: Tensor
    x0: Tensor


def ddpm(
    x: Tensor, ask: Denoiser, *, schedule: Schedule, start: int, generator: torch.Generator
) -> Iterator[Step]:
    """Ancestral sampling, level after level ("Denoising Diffusion Probabilistic Models", 2020).

    Args:
        x: (B, ...) noised to level `start`.
        ask: the network.
        schedule: what it was trained with.
        start: where to begin.
        generator: on the CPU.
    """
    for done, level in enumerate(range(start, CLEAN, -1), start=1):
        guess = ask(x, level)
        x = _drawn(x, guess, level=level, schedule=schedule, generator=generator)
        yield Step(done, start + 1, level, x, guess.x0)


def _drawn(
    x: Tensor, guess: Guess, *, level: int, schedule: Schedule, generator: torch.Generator
) -> Tensor:
    mean, log_variance = posterior(guess.x0, x, level=level, schedule=schedule)
    if level == 0:
        return mean
    if guess.spread is not None:
        log_variance = learned_log_variance(guess.spread, level=level, schedule=schedule)
    noise = noise_like(x, generator)
    if isinstance(log_variance, Tensor):
        return mean + (0.5 * log_variance).exp() * noise
    return mean + math.exp(0.5 * log_variance) * noise


def ddim(x: Tensor, ask: Denoiser, *, schedule: Schedule, levels: Sequence[int]) -> Iterator[Step]:
    """Deterministic sampling ("Denoising Diffusion Implicit Models", 2021; eta 0).

    Args:
        x: (B, ...) noised to the first of `levels`.
        ask: the network.
        schedule: what it was trained with.
        levels: where to ask it, falling; from the last it is one step to the clean sample.
    """
    for done, (level, following) in enumerate(pairwise([*levels, CLEAN]), start=1):
        guess = ask(x, level)
        x = _mixed(guess, schedule.alpha_bar(following))
        yield Step(done, len(levels), level, x, guess.x0)


def ddim_inverted(
    x: Tensor, ask: Denoiser, *, schedule: Schedule, levels: Sequence[int]
) -> Iterator[Step]:
    """The noisy sample that `ddim` would make a clean one of: its way back.

    Args:
        x: (B, ...) clean, or at the first of `levels`.
        ask: the network.
        schedule: what it was trained with.
        levels: where to go, rising; the network is asked at each but the last.
    """
    for done, (level, following) in enumerate(pairwise(levels), start=1):
        guess = ask(x, level)
        x = _mixed(guess, schedule.alpha_bar(following))
        yield Step(done, len(levels) - 1, level, x, guess.x0)


def _mixed(guess: Guess, alpha_bar: float) -> Tensor:
    return math.sqrt(alpha_bar) * guess.x0 + math.sqrt(1 - alpha_bar) * guess.eps


def dpm_solver(
    x: Tensor, ask: Denoiser, *, schedule: Schedule, levels: Sequence[int]
) -> Iterator[Step]:
    """DPM-Solver++ (2M): deterministic, second order by the guess before ("DPM-Solver++", 2022).

    Args:
        x: (B, ...) noised to the first of `levels`.
        ask: the network.
        schedule: what it was trained with.
        levels: where to ask it, falling; from the last it is one step to the clean sample.
    """
    before: Tensor | None = None
    width_before = math.inf
    for done, (level, following) in enumerate(pairwise([*levels, CLEAN]), start=1):
        x0 = ask(x, level).x0
        width = _log_snr(schedule, following) - _log_snr(schedule, level)
        ahead = x0
        if before is not None and following != CLEAN:
            ahead = x0 + (x0 - before) * (0.5 * width / width_before)
        grain, grain_next = (1 - schedule.alpha_bar(each) for each in (level, following))
        picture_next = math.sqrt(schedule.alpha_bar(following))
        x = math.sqrt(grain_next / grain) * x - picture_next * math.expm1(-width) * ahead
        before, width_before = x0, width
        yield Step(done, len(levels), level, x, x0)


def _log_snr(schedule: Schedule, level: int) -> float:
    return math.inf if level == CLEAN else float(schedule.log_snr[level])

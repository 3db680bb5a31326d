"""Which noise levels a sampler visits, from the most noise to the least."""

from __future__ import annotations

import torch

from domain.errors import WrongUse
from domain.provenance import Mode
from models.diffusion.schedule import Schedule

Levels = tuple[int, ...]


def strided_levels(start: int, *, steps: int, schedule: Schedule, mode: Mode) -> Levels:
    """Every so many levels, as the published DDIM of the implant task goes.

    As published the stride is `start // steps`, counted from 0: the first level visited lies below
    `start`, to which the sample was noised, and there may be more steps than asked for. Corrected,
    as many levels are counted down from `start` itself, and the stride is 1 where it would be 0.

    Raises:
        WrongUse: there is no such level, no step, or as published no stride.
    """
    schedule.require(start, lowest=1)
    _require_steps(steps)
    stride = start // steps
    if mode is Mode.CORRECTED:
        return tuple(range(start, 0, -max(1, stride)))
    if stride == 0:
        raise WrongUse(
            f"Noise level {start} cannot be healed in {steps} steps as published.",
            why="The original divides the level by the steps, and stands still where that gives 0.",
            remedy=f"Choose a level of {steps} or more, fewer steps, or the corrected mode.",
        )
    return tuple(reversed(range(0, start, stride)))


def solver_levels(start: int, *, steps: int, schedule: Schedule) -> Levels:
    """Levels from `start` to 0, even in the log of picture over noise; for DPM-Solver++.

    They are fewer than `steps` where several would fall on one.

    Raises:
        WrongUse: there is no such level, or no step.
    """
    schedule.require(start, lowest=1)
    _require_steps(steps)
    falling = schedule.log_snr
    wanted = torch.linspace(float(falling[start]), float(falling[0]), steps, dtype=falling.dtype)
    nearest = (wanted[:, None] - falling[None, : start + 1]).abs().argmin(dim=1)
    return tuple(dict.fromkeys(nearest.tolist()))


def _require_steps(steps: int) -> None:
    if steps < 1:
        raise WrongUse(
            f"A sample cannot be healed in {steps} steps.",
            why="At least one step is needed.",
            remedy="Choose 1 or more.",
        )

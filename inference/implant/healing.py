"""Noises a study to a level and takes the noise away again, step by step."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from domain.errors import WrongUse
from domain.implant import ImplantOptions, Sampler
from domain.provenance import Mode
from inference.implant.batches import Batches
from models.diffusion.levels import Levels, solver_levels, strided_levels
from models.diffusion.noising import add_noise, noise_like, seeded
from models.diffusion.prediction import Denoiser, denoiser
from models.diffusion.samplers import Step, ddim, ddpm, dpm_solver
from models.diffusion.schedule import linear_schedule

SCHEDULE = linear_schedule()
MOST_SEEDS = 64


def require_possible(options: ImplantOptions, *, mode: Mode) -> Levels:
    """The levels that the network will be asked at.

    Raises:
        WrongUse: there is no such level, no step, no seed, or as published no way.
    """
    if not 1 <= options.seeds <= MOST_SEEDS:
        raise WrongUse(
            f"A study cannot be healed {options.seeds} times.",
            why=f"From 1 to {MOST_SEEDS} seeds are possible.",
            remedy="Choose one of them.",
        )
    if options.sampler is Sampler.DDPM:
        SCHEDULE.require(options.level, lowest=1)
        return tuple(range(options.level, -1, -1))
    if options.sampler is Sampler.DDIM:
        return strided_levels(options.level, steps=options.steps, schedule=SCHEDULE, mode=mode)
    return solver_levels(options.level, steps=options.steps, schedule=SCHEDULE)


class Healing:
    """A study under treatment.

    Args:
        network: the same for all its clips.
        clips: (B, 1, 4, rows, columns) from -1 to 1, on the network's device.
        options: how.
        mode: as published no guess is held within the grey range.
    """

    def __init__(
        self, network: Batches, clips: Tensor, *, options: ImplantOptions, mode: Mode
    ) -> None:
        self._clips, self._options = clips, options
        self.levels = require_possible(options, mode=mode)
        self._ask = denoiser(
            network, schedule=SCHEDULE, predicts=network.predicts, clip=mode is Mode.CORRECTED
        )

    def steps(self, seed: int) -> Iterator[Step]:
        """Steps from noise to a healed study, the noised one first, as a step that nothing did.

        Noise is drawn for the whole study on the CPU: it is the same in any batch on any device.
        """
        generator, level = seeded(seed), self._options.level
        noise = noise_like(self._clips, generator)
        noised = add_noise(self._clips, noise, level=level, schedule=SCHEDULE)
        yield Step(0, len(self.levels), level, noised, noised)
        yield from self._sampled(noised, self._ask, generator=generator)

    def _sampled(
        self, noised: Tensor, ask: Denoiser, *, generator: torch.Generator
    ) -> Iterator[Step]:
        if self._options.sampler is Sampler.DDPM:
            level = self._options.level
            return ddpm(noised, ask, schedule=SCHEDULE, start=level, generator=generator)
        sampler = ddim if self._options.sampler is Sampler.DDIM else dpm_solver
        return sampler(noised, ask, schedule=SCHEDULE, levels=self.levels)

"""Local noising: the film stands but where something was left over."""

from __future__ import annotations

import numpy as np
import torch

from inference.implant.healing import SCHEDULE
from models.diffusion.levels import solver_levels
from models.diffusion.noising import add_noise
from models.diffusion.prediction import Guess
from models.diffusion.samplers import dpm_solver
from training.implant_local import AROUND, held, unexplained


def test_the_film_stands_outside_and_the_network_answers_inside() -> None:
    generator = torch.Generator().manual_seed(1)
    clean = torch.rand(2, 1, 4, 8, 8, generator=generator) * 2 - 1
    noise = torch.randn(clean.shape, generator=generator)
    mask = torch.zeros_like(clean)
    mask[..., 2:5, 3:6] = 1

    def ask(x: torch.Tensor, level: int) -> Guess:
        return Guess(torch.full_like(x, 0.25), noise)

    levels = solver_levels(400, steps=6, schedule=SCHEDULE)
    start = add_noise(clean, noise, level=400, schedule=SCHEDULE)
    local = held(ask, clean, noise, mask=mask)
    *_, last = dpm_solver(start, local, schedule=SCHEDULE, levels=levels)
    assert torch.allclose(last.x[mask == 0], clean[mask == 0], atol=1e-6)
    assert torch.allclose(last.x[mask > 0], torch.tensor(0.25), atol=1e-6)


def test_what_was_left_over_is_free_with_its_surroundings() -> None:
    left = np.zeros((4, 64, 64), np.float16)
    assert not unexplained(left).any()
    left[1, 20:30, 30:40] = -0.5  # what is darker than the network dreams it counts, too
    free = unexplained(left)
    assert free.shape == left.shape
    assert free[1, 25, 35] == 1
    assert free[1, 20 - AROUND // 2, 35] == 1
    assert free[1, 45:].max() == 0
    assert free[[0, 2, 3]].max() == 0

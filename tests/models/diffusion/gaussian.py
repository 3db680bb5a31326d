"""A world whose perfect denoiser is known: numbers around a mean, with a spread."""

from __future__ import annotations

import math

import torch

from models.diffusion.prediction import Predicts, denoiser, v_from

MEAN, STD = 0.3, 0.4


def perfect(schedule, *, predicts=Predicts.EPS):
    """The best guess for samples of that world, by Bayes."""

    def network(x, levels):
        level = int(levels[0])
        alpha_bar = schedule.alpha_bar(level)
        noisy = STD**2 * alpha_bar + 1 - alpha_bar
        eps = math.sqrt(1 - alpha_bar) * (x - math.sqrt(alpha_bar) * MEAN) / noisy
        if predicts is Predicts.EPS:
            return eps
        x0 = MEAN + STD**2 * math.sqrt(alpha_bar) * (x - math.sqrt(alpha_bar) * MEAN) / noisy
        if predicts is Predicts.X0:
            return x0
        return v_from(x0, eps, level=level, schedule=schedule)

    return denoiser(network, schedule=schedule, predicts=predicts)


def carried(x, schedule, *, level, to=None):
    """Where the flow without noise carries a sample of a level: as many spreads from the mean."""
    here = schedule.alpha_bar(level)
    there = 1.0 if to is None else schedule.alpha_bar(to)
    spreads = (x - math.sqrt(here) * MEAN) / math.sqrt(STD**2 * here + 1 - here)
    return math.sqrt(there) * MEAN + spreads * math.sqrt(STD**2 * there + 1 - there)


def noised(schedule, *, level, n=7):
    """Samples of a level, evenly strewn."""
    alpha_bar = schedule.alpha_bar(level)
    spreads = torch.linspace(-2, 2, n, dtype=torch.float64).reshape(1, 1, n)
    return math.sqrt(alpha_bar) * MEAN + spreads * math.sqrt(STD**2 * alpha_bar + 1 - alpha_bar)

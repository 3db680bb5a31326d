"""Trains the Refiner on close-ups of single vertebrae."""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from inference.preprocess import cut
from models.vertebrae.crops import course_of, crops_around
from models.vertebrae.refiner import Refiner, RefinerConfig
from training.data.augment import Taught
from training.losses import heatmap_cross_entropy, masked_mean

FloatArray = NDArray[np.float64]
Rng = np.random.Generator
_MIRROR = np.array([1, 0, 3, 2])


@dataclass(frozen=True)
class RefinerRun:
    """A training run; the same file and seed give the same run.

    Args:
        minutes: length of the run.
        steps: the run also ends after so many, where given.
        films: films of a batch; each gives its seventeen vertebrae.
        along, across: deviation of the column found before, in levels.
        turn_deg, zoom: deviation of its direction and of its scale (log).
    """

    network: RefinerConfig = field(default_factory=RefinerConfig)
    minutes: float = 12.0
    steps: int | None = None
    films: int = 8
    rate: float = 2e-3
    weight_decay: float = 0.02
    sigma_cells: float = 1.0
    l1_weight: float = 0.1
    along: float = 0.16
    across: float = 0.10
    turn_deg: float = 5.0
    zoom: float = 0.10
    seed: int = 2026


def close_ups(
    film: Taught, config: RefinerRun, *, rng: Rng
) -> tuple[NDArray[np.uint8], FloatArray]:
    """(17, size, size) crops around a column a little wrong, and (17, 4, 2) true corners."""
    course = course_of(film.corners)
    # A column is wrong as a whole, bends away slowly, and each vertebra errs a little on its own.
    bend = np.interp(np.arange(17), [0, 8, 16], rng.normal(0, 0.5, 3))[:, None]
    error = rng.normal(0, 0.6, 2) + bend + rng.normal(0, 0.6, (17, 2))
    level = course.level[:, None]
    moved = course.centres + level * config.along * error[:, :1] * course.down
    moved = moved + level * config.across * error[:, 1:] * course.aside
    angle = np.radians(rng.normal(0, config.turn_deg, (17, 1)))
    down = np.cos(angle) * course.down + np.sin(angle) * course.aside
    side = course.side * np.exp(rng.normal(0, config.zoom, 17))
    crops = crops_around(
        replace(course, centres=moved, down=down, side=side), size=config.network.size
    )
    pictures = cut(film.pyramid, crops)
    return pictures, crops.to_crop(film.corners.reshape(17, 4, 2))


def expose(pictures: NDArray[np.uint8], *, rng: Rng) -> NDArray[np.float32]:
    """Gamma, blur and noise as other films have them; grey values 0..255."""
    grey = pictures.astype(np.float32) / 255
    gamma = np.exp(rng.normal(0, 0.25, (len(grey), 1, 1))).astype(np.float32)
    grey = grey**gamma
    if rng.random() < 0.3:
        sigma = rng.uniform(0.4, 1.2)
        grey = np.stack([cv2.GaussianBlur(one, (0, 0), sigma) for one in grey])
    if rng.random() < 0.3:
        grey = grey + grey.std() * rng.normal(0, rng.uniform(0.05, 0.3), grey.shape)
    return np.asarray(255 * grey, dtype=np.float32)


def draw(films: list[Taught], config: RefinerRun, *, step: int) -> tuple[Tensor, Tensor, Tensor]:
    """Crops (N, 1, size, size), levels (N,) and corners (N, 4, 2) of a step."""
    rng = np.random.default_rng((config.seed, step))
    crops, corners = [], []
    for index in rng.choice(len(films), config.films):
        pictures, points = close_ups(films[index], config, rng=rng)
        if rng.random() < 0.5:
            pictures = pictures[:, :, ::-1]
            points = points[:, _MIRROR]
            points[..., 1] = config.network.size - 1 - points[..., 1]
        crops.append(expose(pictures, rng=rng))
        corners.append(points)
    levels = torch.arange(17).repeat(config.films)
    greys = torch.from_numpy(np.concatenate(crops))[:, None]
    return Refiner.normalised(greys), levels, torch.from_numpy(np.concatenate(corners)).float()


def train(films: list[Taught], config: RefinerRun, *, out: Path) -> Refiner:
    """Train for the minutes given; returns the averaged network."""
    torch.manual_seed(config.seed)
    network = Refiner(config.network).to(memory_format=torch.channels_last)
    average = AveragedModel(network, avg_fn=_lean, use_buffers=True)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=config.rate, weight_decay=config.weight_decay
    )
    began, step = time.monotonic(), 0
    while (share := _share(config, seconds=time.monotonic() - began, step=step)) < 1:
        warm = min(1.0, (step + 1) / 100)
        for group in optimiser.param_groups:
            group["lr"] = config.rate * warm * (0.01 + 0.495 * (1 + math.cos(math.pi * share)))
        parts = _learn(network, optimiser, draw(films, config, step=step), config)
        average.update_parameters(network)
        step += 1
        if step % 50 == 0:
            left = config.minutes * (1 - share)
            sys.stderr.write(json.dumps({"step": step, "left_minutes": left, **parts}) + "\n")
    best = average.module
    assert isinstance(best, Refiner)
    torch.save({"network": best.state_dict(), "config": asdict(config), "step": step}, out)
    return best.eval()


def _lean(average: Tensor, now: Tensor, steps: Tensor | int) -> Tensor:
    """A running mean that is as young as the run at first."""
    keep = min(0.995, (1 + float(steps)) / (10 + float(steps)))
    return average + (now - average) * (1 - keep)


def _share(config: RefinerRun, *, seconds: float, step: int) -> float:
    """Which share of the run is done."""
    by_time = seconds / 60 / config.minutes
    return max(by_time, step / config.steps) if config.steps else by_time


def _learn(
    network: Refiner,
    optimiser: torch.optim.Optimizer,
    batch: tuple[Tensor, Tensor, Tensor],
    config: RefinerRun,
) -> dict[str, float]:
    crops, levels, corners = batch
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = network(crops.contiguous(memory_format=torch.channels_last), levels)
    stride = config.network.size / logits.shape[-1]
    inside = ((corners > -0.5) & (corners < config.network.size - 0.5)).all(-1)
    surprise = heatmap_cross_entropy(logits, corners, stride=stride, sigma=config.sigma_cells)
    found, _ = network.coordinates(logits)
    distance = (found - corners).norm(dim=-1)
    heat, off = masked_mean(surprise, inside), masked_mean(distance, inside)
    loss: Tensor = heat + config.l1_weight * off
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return {"heat": float(heat.detach()), "px": float(off.detach())}

"""Trains the Refiner on close-ups of single vertebrae: `main.py train vertebrae --stage refiner`."""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inference.preprocess import warp
from models.vertebrae.crops import Crops, column_frame, crops_around
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
        films: films of a batch; each gives its seventeen vertebrae.
        along, across: deviation of the column found before, in levels.
        turn_deg, zoom: deviation of its direction and of its scale (log).
    """

    network: RefinerConfig = field(default_factory=RefinerConfig)
    minutes: float = 12.0
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
    """(17, size, size) crops around a column that is a little wrong, and (17, 4, 2) true corners."""
    centres, steps = column_frame(film.corners)
    level = np.linalg.norm(steps, axis=1, keepdims=True)
    down = steps / level
    aside = np.stack([-down[:, 1], down[:, 0]], axis=-1)
    # A column is wrong as a whole, bends away slowly, and each vertebra errs a little on its own.
    drift = rng.normal(0, 0.6, 2) + np.interp(np.arange(17), [0, 8, 16], rng.normal(0, 0.5, 3))[
        :, None
    ]
    error = drift + rng.normal(0, 0.6, (17, 2))
    centres = centres + level * (config.along * error[:, :1] * down)
    centres = centres + level * (config.across * error[:, 1:] * aside)
    angle = np.radians(rng.normal(0, config.turn_deg, 17))
    turned = np.cos(angle)[:, None] * steps + np.sin(angle)[:, None] * aside * level
    turned = turned * np.exp(rng.normal(0, config.zoom, (17, 1)))
    network = config.network
    crops = crops_around(centres, turned, size=network.size, reach=network.reach)
    pictures = cut(film, crops)
    return pictures, crops.to_crop(film.corners.reshape(17, 4, 2))


def cut(film: Taught, crops: Crops) -> NDArray[np.uint8]:
    """(17, size, size) what the crops show of a film."""
    size = (crops.size, crops.size)
    border = cv2.BORDER_REPLICATE
    return np.stack(
        [warp(film.pyramid, matrix, size=size, border=border) for matrix in crops.matrices]
    )


def expose(pictures: NDArray[np.uint8], *, rng: Rng) -> NDArray[np.float32]:
    """Light, contrast, blur and noise as other films have them; scaled as (grey - 127) / 128."""
    grey = pictures.astype(np.float32) / 255
    gamma = np.exp(rng.normal(0, 0.25, (len(grey), 1, 1))).astype(np.float32)
    grey = grey**gamma
    gain = np.exp(rng.normal(0, 0.2, (len(grey), 1, 1)))
    grey = (grey - 0.5) * gain + 0.5 + rng.normal(0, 0.08, (len(grey), 1, 1))
    if rng.random() < 0.3:
        sigma = rng.uniform(0.4, 1.2)
        grey = np.stack([cv2.GaussianBlur(one, (0, 0), sigma) for one in grey])
    if rng.random() < 0.3:
        grey = grey + rng.normal(0, rng.uniform(0.01, 0.06), grey.shape)
    return np.asarray((255 * np.clip(grey, 0, 1) - 127) / 128, dtype=np.float32)


def draw(
    films: list[Taught], config: RefinerRun, *, step: int
) -> tuple[Tensor, Tensor, Tensor]:
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
    pictures = torch.from_numpy(np.concatenate(crops))[:, None]
    return pictures, levels, torch.from_numpy(np.concatenate(corners)).float()


def train(films: list[Taught], config: RefinerRun, *, out: Path) -> Refiner:
    """Train for the minutes given; returns the averaged network."""
    torch.manual_seed(config.seed)
    network = Refiner(config.network).to(memory_format=torch.channels_last)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995), use_buffers=True
    )
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=config.rate, weight_decay=config.weight_decay
    )
    began, step = time.monotonic(), 0
    while (share := (time.monotonic() - began) / 60 / config.minutes) < 1:
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

"""The losses a run can be taught with."""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from models.vertebrae.heatmaps import SIGMA, decode_expectation
from training.losses import heatmap_cross_entropy
from training.published.config import Loss, PublishedRun
from training.published.morphology import Shape, morphology
from training.published.rounds import Question, Taught

_MORPHOLOGY = 0.01
_BELL = 2 * math.pi * SIGMA**2  # pixels that a target's Gaussian fills


def loss_parts(
    answer: Taught, asked: Question, *, config: PublishedRun, shape: Shape
) -> dict[str, Tensor]:
    """What is summed up: the heat-maps' own loss, and that of maps half-way where there are any."""
    logits, *halfway = answer if isinstance(answer, tuple) else (answer,)
    parts = _HEAT[config.loss](logits.float(), asked, config, shape)
    if halfway:
        parts["halfway_bce"] = bce(halfway[0].float(), asked.targets)
    return parts


def _bce(logits: Tensor, asked: Question, _: PublishedRun, __: Shape) -> dict[str, Tensor]:
    return {"bce": bce(logits, asked.targets)}


def _morphology(
    logits: Tensor, asked: Question, config: PublishedRun, shape: Shape
) -> dict[str, Tensor]:
    """As published, the sigmoid is applied twice and angles are at the first of three corners."""
    if config.as_published:
        logits = logits.sigmoid()
    points = decode_expectation(logits.sigmoid())
    vertex = 0 if config.as_published else 1
    off = morphology(points, asked.centres, shape, vertex=vertex)
    return {"bce": bce(logits, asked.targets), "morphology": _MORPHOLOGY * off}


def _cross_entropy(
    logits: Tensor, asked: Question, _: PublishedRun, __: Shape
) -> dict[str, Tensor]:
    """A softmax does not see the level of the logits: BCE, a map's sum over its Gaussian's area,
    holds it where the sigmoid is read."""
    surprise = heatmap_cross_entropy(logits, asked.centres, stride=1.0, sigma=SIGMA)
    pixels = logits.shape[-2] * logits.shape[-1]
    return {"heat": surprise.mean(), "bce": pixels / _BELL * bce(logits, asked.targets)}


_HEAT = {Loss.BCE: _bce, Loss.MORPHOLOGY: _morphology, Loss.CROSS_ENTROPY: _cross_entropy}

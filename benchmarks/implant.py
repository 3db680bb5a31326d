"""What healing a study costs: the published way against the preset that comes with the weights.

Both with the shipped weights in float32. The published way is 150 DDIM steps for each of four
clips, one after the other; so many of its steps are timed and the time is scaled.
"""

from __future__ import annotations

import time
from statistics import median

import numpy as np
import torch

from benchmarks.timing import Measured
from domain.image import Image
from models.implant.space_time_unet import CLIP
from training.implant_predictor import Healer, load_healer

PUBLISHED_STEPS, TIMED_STEPS = 150, 20
CLIPS = 4
ROUNDS = 3


def measure() -> list[Measured]:
    """Seconds of a study, and how many times fewer the preset takes."""
    healer = load_healer(None, device="cpu")
    image = Image(np.random.default_rng(0).integers(0, 255, (512, 512), dtype=np.uint8))
    healer.heal(image)
    published, preset = [], []
    for _ in range(ROUNDS):
        published.append(_published(healer) * PUBLISHED_STEPS / TIMED_STEPS)
        began = time.perf_counter()
        healer.heal(image)
        preset.append(time.perf_counter() - began)
    name = f"implant: a study healed (150 DDIM steps, {TIMED_STEPS} timed and scaled, clip by clip)"
    return [Measured(name, median(published), median(preset), 20.0)]


@torch.inference_mode()
def _published(healer: Healer) -> float:
    """Seconds of so many steps of the network alone, for four clips."""
    network = healer.network.module
    side = network.config.side
    clip = torch.randn(1, 1, CLIP, side, side)
    began = time.perf_counter()
    for number in range(CLIPS):
        start = torch.tensor([CLIP * number])
        for step in range(TIMED_STEPS):
            network(clip, torch.tensor([float(step)]), start)
    return time.perf_counter() - began

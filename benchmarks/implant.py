"""What healing a study costs: the published way against the preset that comes with the weights.

Both with the shipped weights in float32. The published way is 150 DDIM steps for each of four
clips, one after the other; so many of its steps are timed and the time is scaled. What the
narrower network gains is a row of its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import numpy as np
import torch

from benchmarks.rows import Budget, Row, Times
from domain.image import Image
from models.implant.space_time_unet import CLIP, SpaceTimeUNet, SpaceTimeUNetConfig
from training.implant_predictor import Healer, load_healer

PUBLISHED_STEPS, TIMED_STEPS = 150, 20
CLIPS = 4
ROUNDS = 3


def measure() -> Iterator[Row]:
    """A study healed, with what memory that took, and one look of networks of both widths."""
    healer = load_healer(None, device="cpu")
    image = Image(np.random.default_rng(0).integers(0, 255, (512, 512), dtype=np.uint8))
    healer.heal(image)
    memory = _peak()
    published, preset = [], []
    for _ in range(ROUNDS):
        published.append(_published(healer) * PUBLISHED_STEPS / TIMED_STEPS)
        began = time.perf_counter()
        healer.heal(image)
        preset.append(time.perf_counter() - began)
    yield Row(
        "implant: a study healed",
        Times.of(preset),
        f"{PUBLISHED_STEPS} DDIM steps, {TIMED_STEPS} timed and scaled, clip by clip",
        Times.of(published),
        Budget(times=20.0),
        note=memory,
    )
    wide = SpaceTimeUNet(SpaceTimeUNetConfig()).eval()
    yield Row(
        "implant: the network looks at one clip once",
        Times.of([_look(healer.network.module) for _ in range(ROUNDS)]),
        "a network of the published width and resolution, weights by chance",
        Times.of([_look(wide) for _ in range(ROUNDS)]),
    )


def _peak() -> str:
    """The most memory that this process has held; nothing where the system does not tell."""
    if sys.platform == "win32":
        return ""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kib = peak / 1024 if sys.platform == "darwin" else peak
    return (
        f"a process that loads torch and the weights and heals holds {kib / 1024:.0f} MiB at most"
    )


@torch.inference_mode()
def _look(network: SpaceTimeUNet) -> float:
    """Seconds of a network for one clip at one level."""
    side = network.config.side
    clip = torch.randn(1, 1, CLIP, side, side)
    began = time.perf_counter()
    network(clip, torch.tensor([100.0]), torch.tensor([0]))
    return time.perf_counter() - began


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

"""A network of the implant task so small that tests can heal studies with it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from domain.image import Cine, Image
from domain.implant import ImplantOptions
from domain.implant_study import study_frames
from domain.provenance import Mode
from inference.bench import Bench, Shelf
from inference.contracts import Request
from models.implant.space_time_unet import SpaceTimeUNet, SpaceTimeUNetConfig

SMALL = SpaceTimeUNetConfig(
    width=4, multipliers=(1, 2), blocks=1, embedding=8, attention=(8,), heads=2, unshuffle=8
)
FRAMES = np.random.default_rng(5).integers(0, 256, (8, 64, 48)).astype(np.uint8)


def small_network(**changes):
    torch.manual_seed(3)
    network = SpaceTimeUNet(SpaceTimeUNetConfig(**(vars(SMALL) | changes)))
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return network.eval().requires_grad_(False)


@dataclass(frozen=True)
class Entry:
    sha256: str = "w"
    architecture: str = "space_time_unet"


@dataclass(frozen=True, eq=False)
class Network:
    module: torch.nn.Module
    entry: Entry = field(default_factory=Entry)
    dtype: str = "float32"
    healthy: object = None


def a_study(count=8):
    frames = np.tile(FRAMES, (3, 1, 1))[:count]
    return study_frames(Image(frames[0], cine=Cine(frames)))


def a_question(study, mode=Mode.CORRECTED, seed=0, prompt=None, **options):
    return Request(
        "implant",
        "w",
        (study.sha256,),
        prompt=study.plan if prompt is None else prompt,
        options=ImplantOptions(**({"level": 200, "steps": 4} | options)),
        mode=mode,
        seed=seed,
    )


def a_bench(study, network=None, healthy=None):
    held = Network(network or small_network(), healthy=healthy)
    return Bench({study.sha256: study.pixels}, lambda _: held, Shelf(2**20), device=None)

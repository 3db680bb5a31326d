"""Residuals in feature space: what is left over is judged by a network's features, not by greys.

`python -m training.implant_features --data CASES --kept DIR --out DIR --try level=400` holds it
against grey residuals, as `training.implant_choice` does. The features are those of the spine
network that ships, which has seen radiographs; real and healed frames are compared place by place
as unit vectors over the channels ("The Unreasonable Effectiveness of Deep Features", 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from domain.image import Image
from domain.implant import SIDE
from domain.implant_study import network_pictures, study_frames
from domain.provenance import Mode
from inference.device import pick_device
from inference.loader import load
from inference.manifest import catalogue, shipped_folder
from models.vertebrae.column import ColumnNet
from training import implant_choice
from training.implant_kept import LeftOver, Way
from training.implant_predictor import Healer

SCALES = slice(1, 3)
"""Of the encoder's maps: those at strides of 4 and 8 pixels."""


def by_features(healer: Healer, image: Image) -> LeftOver:
    """(frames, rows, columns) how far features of real and healed frames are apart, 0 to 1."""
    real = network_pictures(study_frames(image).pixels, mode=Mode.CORRECTED).astype(np.float64)
    healed = real - 2 * healer.heal(image).left_over.astype(np.float64)
    frames = (torch.from_numpy(each).float().unsqueeze(1) for each in (real, healed))
    return apart(_encoder(), *frames).double().numpy().astype(np.float16)


@torch.inference_mode()
def apart(encoder: nn.Module, real: Tensor, healed: Tensor) -> Tensor:
    """(N, SIDE, SIDE) of (N, 1, SIDE, SIDE) frames from -1 to 1, the mean over scales."""
    scales = zip(encoder(real)[SCALES], encoder(healed)[SCALES], strict=True)
    maps = [
        (F.normalize(own) - F.normalize(other)).pow(2).sum(1, keepdim=True) / 4
        for own, other in scales
    ]
    wide = [F.interpolate(each, size=(SIDE, SIDE), mode="bilinear") for each in maps]
    return torch.cat(wide, dim=1).mean(1)


@lru_cache(maxsize=1)
def _encoder() -> nn.Module:
    entry = catalogue((shipped_folder(),)).default_for("vertebrae")
    network = load(entry, device=pick_device("cpu")).module
    assert isinstance(network, ColumnNet)
    return network.encoder


def main(argv: Sequence[str] | None = None) -> int:
    """Heal, compare with grey residuals, write."""
    return implant_choice.main(argv, heals=by_features, first=[Way()])


if __name__ == "__main__":
    raise SystemExit(main())

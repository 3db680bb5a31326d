"""Residuals in feature space: nothing where frames are alike, most where they differ."""

from __future__ import annotations

import torch

from domain.implant import SIDE
from models.vertebrae.efficientnet_lite import EfficientNetLite
from training.implant_features import apart


def test_only_what_differs_is_apart() -> None:
    torch.manual_seed(0)
    encoder = EfficientNetLite(0).eval()
    real = torch.rand(2, 1, SIDE, SIDE) * 2 - 1
    healed = real.clone()
    healed[0, :, 40:60, 40:60] = -1
    found = apart(encoder, real, healed)
    assert found.shape == (2, SIDE, SIDE)
    assert found.min() >= 0
    assert found.max() <= 1
    assert found[0, 45:55, 45:55].mean() > 10 * found[0, 100:, 100:].mean()
    assert found[1].max() < 1e-6

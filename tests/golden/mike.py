"""How the parent system MIKE calls the tensors of HRNet + OCR."""

from __future__ import annotations

import torch
from torch import Tensor

_RENAMED = (
    ("hint_fusion_layer.image_encoder.0.", "ritm_hrnet.conv1."),
    ("hint_fusion_layer.image_encoder.1.", "ritm_hrnet.bn1."),
    ("hint_fusion_layer.last_encoder.0.", "ritm_hrnet.conv2."),
    ("hint_fusion_layer.last_encoder.1.", "ritm_hrnet.bn2."),
    ("hint_fusion_layer.scale", "hintmap_encoder.3.scale"),
    ("hint_fusion_layer.hintmap_encoder.", "hintmap_encoder."),
    ("iggnet.hintEncoder.", "ritm_hrnet.HintEncSENet.hintEncoder."),
    ("iggnet.conv", "ritm_hrnet.HintEncSENet.SENet.conv"),
    ("hrnet.", "ritm_hrnet."),
)


def as_parent(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A state dict of ours as the parent would save it: its first layer hears hints last."""
    theirs = {_parents(key): tensor for key, tensor in state.items()}
    first = theirs["hintmap_encoder.0.weight"]
    theirs["hintmap_encoder.0.weight"] = torch.cat([first[:, 68:], first[:, :68]], dim=1)
    return theirs


def _parents(key: str) -> str:
    for ours, parents in _RENAMED:
        if key.startswith(ours):
            return parents + key.removeprefix(ours)
    return f"ritm_hrnet.{key}"  # the heads

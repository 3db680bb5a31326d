"""HRNet + OCR in files of others: which of our names their tensors get."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from models.vertebrae.interaction import KEYPOINTS

State = dict[str, Tensor]
_TOLD = "hint_fusion_layer.hintmap_encoder.0.weight"  # sees hints and previous maps

# Beginnings of names -> ours; the first that fits counts, what fits none keeps its name.
_STEM = {
    "conv1.": "hint_fusion_layer.image_encoder.0.",
    "bn1.": "hint_fusion_layer.image_encoder.1.",
    "conv2.": "hint_fusion_layer.last_encoder.0.",
    "bn2.": "hint_fusion_layer.last_encoder.1.",
}
_HEADS = {name: name for name in ("aux_head.", "conv3x3_ocr.", "ocr_distri_head.", "cls_head.")}
_GATES = {
    "HintEncSENet.SENet.": "iggnet.",
    "HintEncSENet.hintEncoder.": "iggnet.hintEncoder.",
}
_PARENT = {
    **{f"ritm_hrnet.{theirs}": ours for theirs, ours in (_STEM | _HEADS | _GATES).items()},
    "ritm_hrnet.": "hrnet.",
    **_GATES,
    "hintmap_encoder.3.scale": "hint_fusion_layer.scale",
    "hintmap_encoder.": "hint_fusion_layer.hintmap_encoder.",
}
_IMAGENET = {**_STEM, "": "hrnet."}


def from_parent(state: Mapping[str, Tensor]) -> State:
    """A checkpoint of the parent system MIKE; its first layer saw previous maps before hints.

    Raises:
        ValueError: two of its tensors would get one name.
    """
    ours = _renamed(state, _PARENT)
    told = ours.get(_TOLD)
    if told is not None and told.ndim > 1 and told.shape[1] == 2 * KEYPOINTS:
        ours[_TOLD] = torch.cat([told[:, KEYPOINTS:], told[:, :KEYPOINTS]], dim=1)
    return ours


def from_imagenet(state: Mapping[str, Tensor], *, needed: Mapping[str, Tensor]) -> State:
    """What the public ImageNet file of HRNet-W32 has of a network: its stem and trunk.

    Args:
        state: the file's tensors.
        needed: the network's state dict; what is not in it, or of another shape, is left out.

    Raises:
        ValueError: nothing fits.
    """
    fitting = {
        key: tensor
        for key, tensor in _renamed(state, _IMAGENET).items()
        if key in needed and needed[key].shape == tensor.shape
    }
    if not fitting:
        msg = f"none of the file's {len(state)} tensors has a place in this network"
        raise ValueError(msg)
    return fitting


def _renamed(state: Mapping[str, Tensor], names: Mapping[str, str]) -> State:
    def ours(key: str) -> str:
        for theirs, name in names.items():
            if key.startswith(theirs):
                return name + key.removeprefix(theirs)
        return key

    renamed = {ours(key): tensor for key, tensor in state.items()}
    if len(renamed) < len(state):
        msg = f"{len(state) - len(renamed)} tensors stand in it twice"
        raise ValueError(msg)
    return renamed

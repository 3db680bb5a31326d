"""HRNet-W32 + OCR-IKEM: hints fused with the film, gates that hints open, regions as context.

Interactive keypoint estimation (MICCAI 2022) with an HRNet trunk and object-contextual
representations. Parameter names and shapes are those of the published checkpoints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor, nn

from models.vertebrae.hrnet import BRANCHES, HRNet
from models.vertebrae.interaction import (
    KEYPOINTS,
    HintFusionLayer,
    InteractionGuidedGating,
    enlarged,
)
from models.vertebrae.ocr import RegionContext, gather_regions

_WIDTH_STEP = 2


@dataclass(frozen=True)
class HrnetOcrConfig:
    """Which variant of the network.

    Args:
        width: channels at the trunk's finest resolution; the published network has 32. Even.
        gating: interaction-guided gating (IGG), by which a hint reaches the whole film.
        parent: whether the weights are the parent system's (MIKE). It computes the same, but keeps
            previous maps of hinted corners alone, and reads corners around the maximum.
    """

    width: int = 32
    gating: bool = True
    parent: bool = False

    def __post_init__(self) -> None:
        if self.width < _WIDTH_STEP or self.width % _WIDTH_STEP:
            msg = f"width must be a positive multiple of {_WIDTH_STEP}, not {self.width}"
            raise ValueError(msg)


class HeatMaps(NamedTuple):
    """Logits (B, 68, rows, columns): the answer, and the soft regions that were its context."""

    logits: Tensor
    regions: Tensor


class HrnetOcr(nn.Module):
    """The larger network of the interactive vertebrae system, and that of its parent."""

    def __init__(self, config: HrnetOcrConfig) -> None:
        super().__init__()
        self.config = config
        stem = 2 * config.width
        total = (2**BRANCHES - 1) * config.width
        self.hint_fusion_layer = HintFusionLayer(stem)
        self.hrnet = HRNet(config.width, stem=stem)
        self.iggnet = (
            InteractionGuidedGating(stem, inputs=4 * stem, gated=total) if config.gating else None
        )
        context = 8 * config.width
        self.aux_head = nn.Sequential(
            nn.Conv2d(total, total, 1),
            nn.BatchNorm2d(total),
            nn.ReLU(),
            nn.Conv2d(total, KEYPOINTS, 1),
        )
        self.conv3x3_ocr = nn.Sequential(
            nn.Conv2d(total, context, 3, padding=1), nn.BatchNorm2d(context), nn.ReLU()
        )
        self.ocr_distri_head = RegionContext(context, keys=context // 2)
        self.cls_head = nn.Conv2d(context, KEYPOINTS, 1)

    def forward(self, hint_maps: Tensor, previous_maps: Tensor, image: Tensor) -> Tensor:
        """Logits of the 68 heat-maps, as large as the input.

        Args:
            hint_maps: (B, 68, rows, columns), a Gaussian where a person placed a corner, else zero.
            previous_maps: (B, 68, rows, columns), sigmoid of the last logits, zero at first.
            image: (B, 3, rows, columns), grey three times, scaled to [-1, 1].
                Rows and columns are multiples of 32.
        """
        return enlarged(self._quarter(hint_maps, previous_maps, image).logits)

    def both(self, hint_maps: Tensor, previous_maps: Tensor, image: Tensor) -> HeatMaps:
        """The same logits, and those of the soft regions, which training scores as well."""
        small = self._quarter(hint_maps, previous_maps, image)
        return HeatMaps(enlarged(small.logits), enlarged(small.regions))

    def _quarter(self, hint_maps: Tensor, previous_maps: Tensor, image: Tensor) -> HeatMaps:
        early, features = self.hrnet(self.hint_fusion_layer(hint_maps, previous_maps, image))
        if self.iggnet is not None:
            features = features * self.iggnet(early, hint_maps)  # 1/4, 15 * width
        regions = self.aux_head(features)
        pixels = self.conv3x3_ocr(features)  # 1/4, 8 * width
        pixels = self.ocr_distri_head(pixels, gather_regions(pixels, regions))
        return HeatMaps(self.cls_head(pixels), regions)


def config_from_state(state: Mapping[str, Tensor], *, parent: bool = False) -> HrnetOcrConfig:
    """The variant that a state dict belongs to.

    Raises:
        KeyError: the state has no trunk.
        ValueError: its width fits no variant.
    """
    return HrnetOcrConfig(
        width=int(state["hrnet.transition1.0.0.weight"].shape[0]),
        gating=any(key.startswith("iggnet.") for key in state),
        parent=parent,
    )

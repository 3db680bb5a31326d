"""EfficientNet-Lite as an encoder: grey image in, feature maps at strides 2 to 32 out."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# (expansion, output channels, repeats, stride, kernel) of the seven stages, Lite0 widths.
_STAGES = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)
_SCALES = ((1.0, 1.0), (1.0, 1.1), (1.1, 1.2))  # width and depth of Lite0, Lite1 and Lite2
VARIANTS = range(len(_SCALES))
_STEM_CHANNELS = 32
_TAPS = (0, 1, 2, 4, 6)  # the last stage at strides 2, 4, 8, 16 and 32
_BN_EPS = 1e-3
_BN_MOMENTUM = 0.01


def stages_of(variant: int) -> tuple[tuple[int, int, int, int, int], ...]:
    """(expansion, channels, repeats, stride, kernel) of the stages of Lite0, Lite1 or Lite2.

    Channels are rounded to eights; the first and the last stage are not made deeper.
    """
    width, depth = _SCALES[variant]
    last = len(_STAGES) - 1
    return tuple(
        (
            expansion,
            _to_eights(channels * width),
            repeats if n in (0, last) else math.ceil(repeats * depth),
            stride,
            kernel,
        )
        for n, (expansion, channels, repeats, stride, kernel) in enumerate(_STAGES)
    )


def _to_eights(channels: float) -> int:
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


class SameConv(nn.Conv2d):
    """Convolution padded as TensorFlow's SAME: with stride 2 the odd pixel goes to the end."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, stride: int, groups: int) -> None:
        symmetric = (kernel - 1) // 2 if stride == 1 else 0
        super().__init__(
            inputs, outputs, kernel, stride=stride, padding=symmetric, groups=groups, bias=False
        )
        before = (kernel - 2) // 2
        self._pad = (before, kernel - 2 - before) * 2 if stride == 2 else None

    def forward(self, input: Tensor) -> Tensor:
        """Pad, then convolve; even heights and widths are halved exactly by stride 2."""
        return super().forward(F.pad(input, self._pad) if self._pad else input)


def _conv(
    inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    return [
        SameConv(inputs, outputs, kernel, stride=stride, groups=groups),
        nn.BatchNorm2d(outputs, eps=_BN_EPS, momentum=_BN_MOMENTUM),
    ]


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; the input is added where the shapes agree."""

    def __init__(
        self, inputs: int, outputs: int, *, expansion: int, stride: int, kernel: int
    ) -> None:
        super().__init__()
        hidden = inputs * expansion
        layers: list[nn.Module] = []
        if expansion != 1:
            layers += [*_conv(inputs, hidden, 1), nn.ReLU6(inplace=True)]
        layers += [
            *_conv(hidden, hidden, kernel, stride=stride, groups=hidden),
            nn.ReLU6(inplace=True),
        ]
        layers += _conv(hidden, outputs, 1)
        self.layers = nn.Sequential(*layers)
        self.adds_input = stride == 1 and inputs == outputs

    def forward(self, image: Tensor) -> Tensor:
        """The block's answer."""
        answer: Tensor = self.layers(image)
        return image + answer if self.adds_input else answer


class EfficientNetLite(nn.Module):
    """The trunk of EfficientNet-Lite for one-channel images scaled as (grey - 127) / 128.

    Source: TensorFlow's EfficientNet-Lite (Apache-2.0), without squeeze-and-excitation, with ReLU6.

    Args:
        variant: 0, 1 or 2.
    """

    def __init__(self, variant: int = 0) -> None:
        super().__init__()
        self.variant = variant
        table = stages_of(variant)
        self.channels = tuple(table[tap][1] for tap in _TAPS)
        self.stem = nn.Sequential(*_conv(1, _STEM_CHANNELS, 3, stride=2), nn.ReLU6(inplace=True))
        stages: list[nn.Module] = []
        inputs = _STEM_CHANNELS
        for expansion, outputs, repeats, stride, kernel in table:
            blocks = [
                InvertedResidual(
                    inputs if n == 0 else outputs,
                    outputs,
                    expansion=expansion,
                    stride=stride if n == 0 else 1,
                    kernel=kernel,
                )
                for n in range(repeats)
            ]
            stages.append(nn.Sequential(*blocks))
            inputs = outputs
        self.stages = nn.ModuleList(stages)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Feature maps at strides 2, 4, 8, 16, 32 of a (batch, 1, rows, columns) image."""
        taps: list[Tensor] = []
        features = self.stem(image)
        for n, stage in enumerate(self.stages):
            features = stage(features)
            if n in _TAPS:
                taps.append(features)
        return tuple(taps)


def load_imagenet(encoder: EfficientNetLite, state: Mapping[str, Tensor]) -> None:
    """Fill the encoder from the public EfficientNet-Lite state dict (its classifier is left out).

    The colour filters of the first layer are summed: three times the same grey gives the same.
    """
    own: dict[str, Tensor] = {}
    own["stem.0.weight"] = state["_conv_stem.weight"].sum(1, keepdim=True)
    own |= _batch_norm(state, "_bn0", "stem.1")
    index = 0
    for s, (expansion, _, repeats, _, _) in enumerate(stages_of(encoder.variant)):
        for n in range(repeats):
            own |= _block(
                state, f"_blocks.{index}", f"stages.{s}.{n}.layers", expands=expansion != 1
            )
            index += 1
    encoder.load_state_dict(own, strict=True)


def _block(
    state: Mapping[str, Tensor], theirs: str, ours: str, *, expands: bool
) -> dict[str, Tensor]:
    parts = [("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")]
    if expands:
        parts.insert(0, ("_expand_conv", "_bn0"))
    found: dict[str, Tensor] = {}
    for n, (conv, norm) in enumerate(parts):
        found[f"{ours}.{3 * n}.weight"] = state[f"{theirs}.{conv}.weight"]
        found |= _batch_norm(state, f"{theirs}.{norm}", f"{ours}.{3 * n + 1}")
    return found


def _batch_norm(state: Mapping[str, Tensor], theirs: str, ours: str) -> dict[str, Tensor]:
    found = {
        f"{ours}.{part}": state[f"{theirs}.{part}"]
        for part in ("weight", "bias", "running_mean", "running_var")
    }
    found[f"{ours}.num_batches_tracked"] = torch.zeros((), dtype=torch.long)
    return found

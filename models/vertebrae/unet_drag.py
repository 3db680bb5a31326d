"""UNet-IKEM under a hand that drags: what a moved hint does not reach is computed once.

A hint is a narrow Gaussian. On the way down it changes the features around it alone; the rest is
kept (`Ground`), as are image and previous answer, and as is the share that each of the kept
features has in the way up. Batch norms are folded into the convolutions before them. The answers
are those of the network itself within rounding.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.folding import fold_batch_norms
from models.packed import pack_inside, packed
from models.vertebrae.heatmaps import SIGMA, profile
from models.vertebrae.interaction import FRAME, KEYPOINTS, InteractionGuidedGating
from models.vertebrae.unet_ikem import DoubleConv, Down, UNetIkem, Up
from models.windows import Window, pasted, redone

_STRIDE = 4  # of the trunk's largest features
# A Gaussian has fallen to 4e-6 there: less than the rounding of what it goes into.
_REACH = round(5 * SIGMA)
Size = tuple[int, int]


class Told(NamedTuple):
    """Hints: centres (H, 2) in network pixels, and which corner each places, (H,); none twice."""

    centres: Tensor
    corner: Tensor

    def also(self, other: Told) -> Told:
        """These and others."""
        return Told(*(torch.cat(pair) for pair in zip(self, other, strict=True)))


class Ground(NamedTuple):
    """What image, previous answer and the hints that stay decide, for hints that move.

    Args:
        told: the hints that stay.
        seen: the encoded image at stride 2.
        narrow: hints and previous answer before the first activation, at stride 1.
        levels: the features on the way down, at strides 4, 8 and 16.
        shares: what each of them adds on the way up.
        gating: what the gates take the maximum of, at stride 8; empty without gates.
    """

    told: Told
    seen: Tensor
    narrow: Tensor
    levels: tuple[Tensor, ...]
    shares: tuple[Tensor, ...]
    gating: Tensor


class UNetDrag(nn.Module):
    """A UNetIkem in evaluation mode made ready for drags; it takes over that network's layers.

    Args:
        frame: rows and columns of what will be asked; others are answered as well, but slower.
    """

    def __init__(self, net: UNetIkem, *, frame: Size = FRAME) -> None:
        super().__init__()
        fold_batch_norms(net)
        net.to(memory_format=torch.channels_last)
        sizes = [(frame[0] // stride, frame[1] // stride) for stride in (4, 8, 16, 32, 64)]
        fusion = net.hint_fusion_layer
        first, *rest = fusion.hintmap_encoder
        assert isinstance(first, nn.Conv2d)
        self.hint_weight = nn.Parameter(
            first.weight[:, :KEYPOINTS, 0, 0].clone(), requires_grad=False
        )
        self.previous = _part(first, slice(KEYPOINTS, None), bias=True)
        self.hint_encoder = nn.Sequential(*rest)
        self.image_encoder, self.last_encoder = fusion.image_encoder, fusion.last_encoder
        self.scale = fusion.scale
        self.downs = nn.ModuleList(_blocks(down) for down in (net.down1, net.down2))
        self.lower = _whole(net.down3, size=sizes[3])
        self.lowest = _whole(net.down4, size=sizes[4])
        ups = (net.up4, net.up3, net.up2)
        self.ups = nn.ModuleList(_SplitUp(up, size=sizes[n]) for n, up in enumerate(ups))
        self.first_up = _SplitUp(net.up1, size=sizes[3])
        pack_inside(self.first_up, size=sizes[3])
        self.gate = None if net.iggnet is None else _Gate(net.iggnet)
        self.head = net.outc
        pack_inside(self.head, size=sizes[0])

    @torch.inference_mode()
    def ground(self, image: Tensor, previous: Tensor | None, told: Told) -> Ground:
        """What stays while other hints move.

        Args:
            image: (1, 3, rows, columns) as UNetIkem takes it.
            previous: (1, 68, rows, columns), None where there is no previous answer.
            told: the hints that stay.
        """
        whole = Window.whole(image)
        if previous is None:
            previous = image.new_zeros(1, KEYPOINTS, *image.shape[-2:])
        seen = self.image_encoder(image.contiguous(memory_format=torch.channels_last))
        narrow = self.previous(previous) + self._narrowed(told, whole, frame=whole)
        levels = [self._fused(seen, narrow)]
        for down in self.downs:
            levels.append(down(levels[-1]))
        shares = [up.skip(level) for up, level in zip(self._ups, levels, strict=True)]
        gating = levels[0][:, :0]
        if self.gate is not None:
            gating = self.gate.encoded(levels[0], told)
        return Ground(told, seen, narrow, tuple(levels), tuple(shares), gating)

    @torch.inference_mode()
    def answer(self, ground: Ground, told: Told) -> Tensor:
        """Logits (1, 68, rows / 4, columns / 4) for the ground's hints and these besides."""
        if len(told.corner):
            ground = self._renewed(ground, told)
        lower = self.lower(ground.levels[-1])
        features = self.first_up(self.lowest(lower), share=self.first_up.skip(lower))
        for up, share in zip(reversed(self.ups), reversed(ground.shares), strict=True):
            features = up(features, share=share)
        if self.gate is not None:
            features = features * self.gate(ground.gating)
        logits: Tensor = self.head(features)
        return logits

    @property
    def _downs(self) -> list[nn.Sequential]:
        return [cast("nn.Sequential", down) for down in self.downs]

    @property
    def _ups(self) -> list[_SplitUp]:
        return [cast("_SplitUp", up) for up in self.ups]

    def _renewed(self, ground: Ground, told: Told) -> Ground:
        """The ground with everything that these hints reach computed anew."""
        frame, size = Window.whole(ground.narrow), ground.levels[0].shape
        changed = _around(told, frame).strided().strided().grown(0, within=size)
        needed = changed.grown(1, within=size)
        fine = needed.times(_STRIDE)
        narrow = fine.of(ground.narrow) + self._narrowed(told, fine, frame=frame)
        fused = self._fused(needed.times(_STRIDE // 2).of(ground.seen), narrow)
        levels = [pasted(ground.levels[0], changed, changed.inside(needed).of(fused))]
        gating = ground.gating
        if self.gate is not None:
            every = ground.told.also(told)
            gating = self.gate.encoded(levels[0], every, before=gating, changed=changed)
        reaches = [changed]
        for down, before in zip(self._downs, ground.levels[1:], strict=True):
            reached = reaches[-1].strided().grown(1, within=before.shape)
            level, changed = redone([*down], levels[-1], before=before, reached=reached, stride=2)
            levels.append(level)
            reaches.append(changed)
        shares = [
            redone(
                [up.skip],
                level,
                before=share,
                reached=reach.grown(1, within=level.shape),
                stride=1,
            )[0]
            for up, level, share, reach in zip(
                self._ups, levels, ground.shares, reaches, strict=True
            )
        ]
        return ground._replace(levels=tuple(levels), shares=tuple(shares), gating=gating)

    def _narrowed(self, told: Told, part: Window, *, frame: Window) -> Tensor:
        """(1, narrow, rows, columns): what the first convolution makes of hints, in a part."""
        by_row, by_column = _profiles(told, frame)
        weight = self.hint_weight[:, told.corner]
        by_row = by_row[:, part.top : part.bottom].to(weight.dtype)
        by_column = by_column[:, part.left : part.right].to(weight.dtype)
        return torch.einsum("nh,hr,hc->nrc", weight, by_row, by_column).unsqueeze(0)

    def _fused(self, seen: Tensor, narrow: Tensor) -> Tensor:
        """The features at stride 4."""
        hinted = self.hint_encoder(narrow.contiguous(memory_format=torch.channels_last))
        fused: Tensor = self.last_encoder(seen + self.scale.abs() * hinted)
        return fused


class _Gate(nn.Module):
    """Interaction-guided gating; of the hint maps, only those that hold a hint are convolved."""

    def __init__(self, whole: InteractionGuidedGating) -> None:
        super().__init__()
        blocks, *rest = whole.hintEncoder.convs
        first, *after = cast("nn.Sequential", blocks)
        assert isinstance(first, nn.Conv2d)
        self.first, self.after = first, nn.Sequential(*after)
        self.rest = nn.ModuleList(rest)
        self.conv1, self.conv2 = whole.conv1, whole.conv2

    def encoded(
        self,
        features: Tensor,
        told: Told,
        *,
        before: Tensor | None = None,
        changed: Window | None = None,
    ) -> Tensor:
        """What the maximum is taken of; where the features did not change, as it was before."""
        frame = Window.whole(features).times(_STRIDE)
        hints = _small_maps(told, frame=frame).to(features.dtype)
        inputs = [*range(features.shape[1]), *(features.shape[1] + told.corner).tolist()]
        first = _Chosen(self.first, inputs=inputs, after=self.after)
        source, blocks = torch.cat([features, hints], dim=1), [first, *self.rest]
        if before is None or changed is None:
            for block in blocks:
                source = block(source)
            return source
        reached = changed.grown(1, within=features.shape).strided()
        return redone(blocks, source, before=before, reached=reached, stride=2)[0]

    def forward(self, encoded: Tensor) -> Tensor:
        """Gates (1, width, 1, 1) between 0 and 1."""
        strongest = encoded.amax(dim=(2, 3), keepdim=True)
        gates: Tensor = self.conv2(F.relu(self.conv1(strongest))).sigmoid()
        return gates


class _SplitUp(nn.Module):
    """An Up whose first convolution is the sum of two: over the skip, and over what comes up."""

    def __init__(self, whole: Up, *, size: Size) -> None:
        super().__init__()
        first, *rest = whole.conv.double_conv
        assert isinstance(first, nn.Conv2d)
        middle = first.in_channels // 2
        self.up, self.rest = whole.up, nn.Sequential(*rest)
        pack_inside(self.rest, size=size)
        self.skip: nn.Module = _part(first, slice(0, middle), bias=True)
        self.raised = packed(_part(first, slice(middle, None), bias=False), size=size)

    def forward(self, features: Tensor, *, share: Tensor) -> Tensor:
        """Features at twice the resolution; `share` is what `skip` makes of those there."""
        joined: Tensor = self.rest(self.raised(self.up(features)).add_(share))
        return joined


class _Chosen(nn.Module):
    """A convolution over some of its input channels, and what comes after it."""

    def __init__(self, conv: nn.Conv2d, *, inputs: list[int], after: nn.Module) -> None:
        super().__init__()
        self.conv, self.weight, self.after = conv, conv.weight[:, inputs], after

    def forward(self, maps: Tensor) -> Tensor:
        conv = self.conv
        made = F.conv2d(maps, self.weight, conv.bias, conv.stride, conv.padding)
        result: Tensor = self.after(made)
        return result


def _part(conv: nn.Conv2d, inputs: slice, *, bias: bool) -> nn.Conv2d:
    """The convolution of some of the input channels alone."""
    weight = conv.weight[:, inputs]
    count, _, size, _ = weight.shape
    part = nn.Conv2d(weight.shape[1], count, size, padding=size // 2, bias=bias)
    part.weight = nn.Parameter(weight.clone(memory_format=torch.channels_last))
    if bias and conv.bias is not None:
        part.bias = nn.Parameter(conv.bias.clone())
    return part.requires_grad_(False)


def _blocks(down: Down) -> nn.Sequential:
    """A Down as two blocks of one convolution each."""
    pool, double = down.maxpool_conv
    layers = [pool, *cast("DoubleConv", double).double_conv]
    return nn.Sequential(nn.Sequential(*layers[:4]), nn.Sequential(*layers[4:]))


def _whole(down: Down, *, size: Size) -> nn.Sequential:
    """A Down that is always computed whole: there a hint reaches everything."""
    blocks = _blocks(down)
    pack_inside(blocks, size=size)
    return blocks


def _around(told: Told, frame: Window) -> Window:
    """The part of the frame that the Gaussians of hints reach; never empty."""
    low = (told.centres.amin(0) - _REACH).floor().int().tolist()
    high = (told.centres.amax(0) + _REACH).ceil().int().tolist()
    (top, bottom), (left, right) = (
        (min(max(below, 0), length - 1), max(min(above + 1, length), 1))
        for below, above, length in zip(low, high, (frame.bottom, frame.right), strict=True)
    )
    return Window(top, bottom, left, right)


def _profiles(told: Told, frame: Window) -> tuple[Tensor, Tensor]:
    """The Gaussians of hints by row (H, rows) and by column (H, columns)."""
    by_row, by_column = told.centres.float().unbind(-1)
    return profile(by_row, frame.bottom), profile(by_column, frame.right)


def _small_maps(told: Told, *, frame: Window) -> Tensor:
    """(1, H, rows / 4, columns / 4): hint maps made smaller as the gates do, row by column."""
    by_row, by_column = _profiles(told, frame)
    if not len(told.corner):
        return by_row.new_zeros(1, 0, frame.bottom // _STRIDE, frame.right // _STRIDE)
    by_row, by_column = (
        F.interpolate(axis[None], size=axis.shape[-1] // _STRIDE, mode="linear", align_corners=True)
        for axis in (by_row, by_column)
    )
    return by_row.unsqueeze(-1) * by_column.unsqueeze(-2)

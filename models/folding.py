"""Batch norm that no longer learns is a scale and a shift: it goes into the convolution before."""

from __future__ import annotations

from itertools import pairwise

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def fold_batch_norms(module: nn.Module) -> None:
    """Fold, in place, every batch norm that directly follows a convolution in a Sequential.

    The answers stay the same within rounding; the module can no longer be trained, nor loaded from
    its old state. It has to be in evaluation mode.
    """
    for part in module.modules():
        if not isinstance(part, nn.Sequential):
            continue
        for place, (layer, after) in enumerate(pairwise(part)):
            if isinstance(layer, nn.Conv2d) and isinstance(after, nn.BatchNorm2d):
                part[place] = fuse_conv_bn_eval(layer, after)
                part[place + 1] = nn.Identity()

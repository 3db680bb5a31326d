"""Folded batch norms: the same answers from fewer layers."""

from __future__ import annotations

import torch
from torch import nn

from models.folding import fold_batch_norms


def lively(*layers):
    net = nn.Sequential(*layers).eval().requires_grad_(False)
    for part in net.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.uniform_(-1, 1)
            part.running_var.uniform_(0.5, 2)
            part.weight.uniform_(-2, 2)
            part.bias.uniform_(-1, 1)
    return net


def test_the_answer_stays_and_the_norms_go():
    torch.manual_seed(0)
    inner = nn.Sequential(nn.Conv2d(4, 4, 3, groups=4, bias=False), nn.BatchNorm2d(4))
    net = lively(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), inner, nn.ReLU())
    maps = torch.randn(2, 3, 9, 8)
    before = net(maps)
    fold_batch_norms(net)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in net.modules())
    torch.testing.assert_close(net(maps), before, rtol=0, atol=2e-6)


def test_a_norm_that_follows_no_convolution_stays():
    torch.manual_seed(0)
    net = lively(nn.BatchNorm2d(3), nn.Conv2d(3, 4, 3), nn.ReLU(), nn.BatchNorm2d(4))
    maps = torch.randn(2, 3, 9, 8)
    before = net(maps)
    fold_batch_norms(net)
    assert sum(isinstance(part, nn.BatchNorm2d) for part in net.modules()) == 2
    torch.testing.assert_close(net(maps), before, rtol=0, atol=0)

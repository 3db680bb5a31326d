"""Packed convolutions give what the convolutions themselves give, or are those."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from models import packed as packing
from models.packed import PackedConv2d, pack_inside, packed


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("size", [(8, 4), (5, 7)], ids=["as packed for", "another size"])
def test_the_answer_is_the_same(bias, size):
    torch.manual_seed(0)
    conv = nn.Conv2d(24, 40, 3, padding=1, bias=bias).requires_grad_(False)
    maps = torch.randn(1, 24, *size).contiguous(memory_format=torch.channels_last)
    again = packed(conv, size=(8, 4))
    torch.testing.assert_close(again(maps), conv(maps), rtol=0, atol=2e-6)


def test_layers_are_packed_where_they_stand():
    inner = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1))
    layers = nn.Sequential(nn.Conv2d(3, 8, 1), nn.ReLU(), inner)
    layers.requires_grad_(False)
    maps = torch.randn(1, 3, 8, 4)
    before = layers(maps)
    pack_inside(layers, size=(8, 4))
    torch.testing.assert_close(layers(maps), before, rtol=0, atol=2e-6)


def test_what_cannot_be_packed_stays_as_it_is(monkeypatch):
    narrow = nn.Conv2d(3, 4, 3).to(torch.bfloat16)
    assert packed(narrow, size=(8, 4)) is narrow
    conv = nn.Conv2d(3, 4, 3)
    monkeypatch.setattr(packing, "_MACHINES", ())
    assert packed(conv, size=(8, 4)) is conv
    assert not isinstance(conv, PackedConv2d)

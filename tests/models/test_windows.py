"""What is computed anew near a change is what the whole would be."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from models.windows import Window, redone

ROWS, COLUMNS = 24, 16
edges = st.tuples(
    st.integers(0, ROWS - 1), st.integers(1, 8), st.integers(0, COLUMNS - 1), st.integers(1, 8)
)


def blocks(*, stride):
    torch.manual_seed(1)
    first = nn.Conv2d(3, 4, 3, stride=stride, padding=1)
    return [first.double(), nn.Sequential(nn.Conv2d(4, 5, 3, padding=1), nn.ReLU()).double()]


@given(edges)
def test_a_change_anywhere_is_followed(place):
    top, high, left, wide = place
    torch.manual_seed(0)
    source = torch.randn(1, 3, ROWS, COLUMNS, dtype=torch.double)
    changed = Window(top, min(top + high, ROWS), left, min(left + wide, COLUMNS))
    after = source.clone()
    changed.of(after).add_(1)
    for stride in (1, 2):
        layers = nn.Sequential(*blocks(stride=stride))
        before, expected = layers(source), layers(after)
        size = before.shape
        reached = changed.strided() if stride == 2 else changed.grown(1, within=size)
        made, where = redone(list(layers), after, before=before, reached=reached, stride=stride)
        torch.testing.assert_close(made, expected, rtol=0, atol=1e-12)
        differs = torch.zeros(size, dtype=torch.bool)
        where.of(differs).fill_(True)
        assert torch.equal(made[~differs], before[~differs])


def test_what_is_far_from_the_change_is_not_computed():
    shapes = []

    class Watch(nn.Identity):
        def forward(self, maps):
            shapes.append(tuple(maps.shape[-2:]))
            return maps

    layers = [nn.Sequential(Watch(), nn.Conv2d(1, 1, 3, padding=1)) for _ in range(2)]
    source = torch.zeros(1, 1, 40, 40)
    redone(layers, source, before=source, reached=Window(19, 22, 19, 22), stride=1)
    assert shapes == [(9, 9), (7, 7)]


def test_windows_count_from_one_another():
    outer, inner = Window(2, 9, 3, 9), Window(4, 6, 5, 8)
    maps = torch.arange(100).view(10, 10)
    assert torch.equal(inner.inside(outer).of(outer.of(maps)), inner.of(maps))
    assert Window.whole(maps) == Window(0, 10, 0, 10)
    assert inner.times(2) == Window(8, 12, 10, 16)

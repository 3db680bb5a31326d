"""Draws come in order, from threads and from processes alike."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from training.data.ahead import ahead


class Pair(NamedTuple):
    step: Tensor
    square: Tensor


def pair(step: int) -> Pair:
    return Pair(torch.tensor([step]), torch.tensor([step**2]))


def broken(step: int) -> Pair:
    raise ValueError(str(step))


@pytest.mark.parametrize("workers", [1, 2])
def test_steps_come_in_order_from_the_first_one(workers: int) -> None:
    drawn = ahead(pair, first=5, workers=workers)
    taken = [next(drawn) for _ in range(9)]
    drawn.close()
    assert [int(one.step) for one in taken] == list(range(5, 14))
    assert [int(one.square) for one in taken] == [n**2 for n in range(5, 14)]
    assert all(isinstance(one, Pair) for one in taken)


def test_what_breaks_a_draw_is_told() -> None:
    with pytest.raises(ValueError, match="3"):
        next(ahead(broken, first=3))

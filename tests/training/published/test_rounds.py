"""Rounds of hints: how many, on which corners, and what the network then is asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from training.published.config import PublishedRun
from training.published.films import Batch
from training.published.rounds import follow_up, plan, question, with_worst

RUN = PublishedRun()


def drawn(config: PublishedRun, *, epoch: int, times: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    plans = [plan(3, epoch=epoch, config=config, rng=rng) for _ in range(times)]
    counts = np.array([one.hinted.sum(1).tolist() for one in plans])
    return counts, np.array([one.passes for one in plans])


def test_the_first_epochs_have_no_hints() -> None:
    counts, passes = drawn(RUN, epoch=20, times=50)
    assert counts.max() == 0
    assert passes.max() == 0


def test_hints_are_drawn_with_the_published_chances() -> None:
    counts, passes = drawn(RUN, epoch=21)
    assert (counts == counts[:, :1]).all()
    shares = np.bincount(counts[:, 0], minlength=11) / len(counts)
    assert shares[:4] == pytest.approx([0.2002, 0.4003, 0.2002, 0.1001], abs=0.03)
    assert counts.max() <= 10
    assert np.bincount(passes) / len(passes) == pytest.approx([1 / 3] * 3, abs=0.03)


def test_hints_before_the_first_pass_can_be_left_out() -> None:
    counts, passes = drawn(replace(RUN, first_hints=False), epoch=21, times=50)
    assert counts.max() == 0
    assert passes.max() == 2


def test_only_as_published_a_hinted_corner_is_picked_again() -> None:
    centres, found = torch.zeros(1, 68, 2), torch.zeros(1, 68, 2)
    found[0, 5], found[0, 9] = 10.0, 4.0
    hinted = torch.zeros(1, 68, dtype=torch.bool)
    hinted[0, 5] = True
    assert with_worst(hinted, found, centres, again=True)[0].nonzero().flatten().tolist() == [5]
    picked = with_worst(hinted, found, centres, again=False)[0]
    assert picked.nonzero().flatten().tolist() == [5, 9]


class Halves(nn.Module):
    """Answers with the hints it was given; remembers whether it was learning."""

    def forward(self, hint_maps: Tensor, previous_maps: Tensor, image: Tensor) -> Tensor:
        self.was_training, self.previous = self.training, previous_maps
        return 8 * hint_maps - 4


def test_a_follow_up_carries_maps_and_the_worst_corner() -> None:
    centres = torch.full((2, 68, 2), 30.0)
    centres[0, 7], centres[1, 60] = torch.tensor([100.0, 50.0]), torch.tensor([3.0, 3.0])
    batch = Batch(torch.full((2, 1, 128, 64), 255, dtype=torch.uint8), centres)
    first = question(batch, torch.zeros(2, 68, dtype=torch.bool), device=torch.device("cpu"))
    assert first.image.shape == (2, 3, 128, 64)
    assert float(first.image.min()) == 1.0
    assert float(first.hint_maps.abs().sum() + first.previous_maps.abs().sum()) == 0
    network = Halves()
    second = follow_up(first, network, as_published=True)
    assert not network.was_training
    assert second.previous_maps.eq(torch.tensor(-4.0).sigmoid()).all()
    assert second.hinted.nonzero().tolist() == [[0, 7], [1, 60]]
    assert torch.equal(second.hint_maps[0, 7], first.targets[0, 7])
    assert float(second.hint_maps[1, 7].sum()) == 0
    follow_up(second, network, as_published=True)
    assert torch.equal(network.previous, second.previous_maps)

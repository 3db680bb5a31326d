"""The heat-map loss is least where the truth is, and masked means ignore what is not known."""

from __future__ import annotations

import torch

from training.losses import heatmap_cross_entropy, masked_mean


def test_least_for_a_map_that_peaks_at_the_truth() -> None:
    truth = torch.tensor([[[21.5, 9.5]]])  # centre of cell (5, 2) at stride 4
    values = torch.zeros(16, 8)
    for row in range(16):
        for column in range(8):
            logits = torch.zeros(1, 1, 16, 8)
            logits[0, 0, row, column] = 5.0
            values[row, column] = heatmap_cross_entropy(logits, truth, stride=4.0, sigma=0.75)
    assert divmod(int(values.argmin()), 8) == (5, 2)


def test_the_target_itself_reaches_its_entropy() -> None:
    logits = torch.zeros(1, 1, 16, 8, requires_grad=True)
    truth = torch.tensor([[[30.0, 17.0]]])
    optimiser = torch.optim.Adam([logits], lr=0.3)
    for _ in range(300):
        loss = heatmap_cross_entropy(logits, truth, stride=4.0, sigma=1.0).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    # Entropy of a two-dimensional Gaussian of deviation 1: log(2 pi e).
    assert abs(float(loss) - 2.8379) < 0.05


def test_masked_mean() -> None:
    values = torch.tensor([1.0, 5.0, 100.0])
    assert float(masked_mean(values, torch.tensor([True, True, False]))) == 3.0
    assert float(masked_mean(values, torch.zeros(3, dtype=torch.bool))) == 0.0

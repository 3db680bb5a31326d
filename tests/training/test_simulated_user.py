"""The simulated user: hints at the truth, worst corners first, sometimes overruling the count."""

from __future__ import annotations

import numpy as np
import torch

from training.simulated_user import UserConfig, choose, hint_counts, overrule, settle


def truth(batch: int) -> torch.Tensor:
    return torch.arange(batch * 68 * 2, dtype=torch.float32).view(batch, 68, 2)


def test_counts_keep_their_shares() -> None:
    counts = hint_counts(4000, config=UserConfig(none=0.35, most=10), rng=np.random.default_rng(0))
    assert abs(float((counts == 0).float().mean()) - 0.35) < 0.03
    assert int(counts.max()) <= 10
    assert int((counts == 1).sum()) > int((counts == 2).sum()) > int((counts == 3).sum())


def test_without_hints_nobody_overrules() -> None:
    points, known = truth(8), torch.ones(8, 68, dtype=torch.bool)
    moved, still = overrule(
        points,
        known,
        hinted=torch.zeros(8, dtype=torch.bool),
        config=UserConfig(slips=1.0),
        rng=np.random.default_rng(0),
    )
    assert torch.equal(moved, points)
    assert torch.equal(still, known)


def test_overruled_labels_move_by_levels_and_lose_their_end() -> None:
    points, known = truth(64), torch.ones(64, 68, dtype=torch.bool)
    moved, still = overrule(
        points,
        known,
        hinted=torch.ones(64, dtype=torch.bool),
        config=UserConfig(slips=1.0),
        rng=np.random.default_rng(0),
    )
    for n in range(64):
        levels = 17 - int(still[n].sum()) // 4
        assert 1 <= levels <= 3
        there = moved[n][still[n]]
        down, up = points[n, 4 * levels :], points[n, : 68 - 4 * levels]
        assert torch.equal(there, down) or torch.equal(there, up)
    assert torch.equal(points, truth(64))  # the input is left alone


def test_hints_stand_at_known_true_corners() -> None:
    points, known = truth(16), torch.ones(16, 68, dtype=torch.bool)
    known[:, 40:] = False
    counts = torch.tensor([0, 1, 2, 10] * 4)
    hints = choose(
        points,
        known,
        points + 5,
        counts,
        config=UserConfig(jitter_px=0.0),
        rng=np.random.default_rng(0),
    )
    assert torch.equal(hints.mask.sum(1), counts)
    assert int(hints.landmarks[hints.mask].max()) < 40
    for n in range(16):
        chosen = hints.landmarks[n][hints.mask[n]]
        assert len(set(chosen.tolist())) == len(chosen)
        assert torch.equal(hints.points[n][hints.mask[n]], points[n, chosen])


def test_worst_corners_are_preferred() -> None:
    points, known = truth(200), torch.ones(200, 68, dtype=torch.bool)
    answer = points.clone()
    answer[:, 33] += 50.0
    ones = torch.ones(200, dtype=torch.long)
    hints = choose(points, known, answer, ones, config=UserConfig(), rng=np.random.default_rng(0))
    assert float((hints.landmarks[:, 0] == 33).float().mean()) > 0.5


def test_labels_without_names_take_the_level_nearest_to_what_was_found() -> None:
    points, known = truth(3), torch.ones(3, 68, dtype=torch.bool)
    found = points.clone()
    found[0] += 8.0 - 0.5  # one vertebra further on: a level is eight values here
    found[1] -= 8.0 - 0.5
    found[2] += 8.0 - 0.5
    named = torch.tensor([False, False, True])
    settled, still = settle(points, known, found, named=named)
    assert torch.equal(settled[0, :64], points[0, 4:])
    assert torch.equal(settled[1, 4:], points[1, :64])
    assert torch.equal(settled[2], points[2])
    assert still.sum(1).tolist() == [64, 64, 68]


def test_labels_of_a_film_without_any_stay() -> None:
    points, known = truth(1), torch.zeros(1, 68, dtype=torch.bool)
    settled, still = settle(points, known, points + 3, named=torch.tensor([False]))
    assert torch.equal(settled, points)
    assert not still.any()

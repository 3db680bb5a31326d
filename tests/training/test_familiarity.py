"""What is fitted tells pictures apart that were made to be so."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from domain.doubts import Doubt, DoubtKind
from models.vertebrae.column import ColumnNet, ColumnNetConfig
from models.vertebrae.familiar import terms
from training.data.odd import KINDS, Odd, Truth
from training.familiarity import CUT, Looked, Looker, auroc, best_limit, cut_at_random, fit, nearest
from training.phantoms.vertebrae import draw_phantom

WIDTH = 12
COURSE = np.random.default_rng(9).normal(size=(6, WIDTH))
PHANTOM = draw_phantom(3, rows=400, columns=200)


def looked(kind: str, *, seed: int, first: int = 0, count: int = 17) -> Looked:
    """A picture whose features follow a rule, with a column of 17 levels of 10 px."""
    rng = np.random.default_rng(seed)
    cut = terms(torch.tensor(first), torch.tensor(count)).double().numpy()
    mean, sides = cut @ COURSE + 0.1 * rng.normal(size=WIDTH), 0.1 * rng.normal(size=WIDTH)
    sides[2] -= 1.0
    if kind == "mirrored":
        sides[2] += 2.0
    elif kind in ("flat", "rods, drawn"):
        mean[3 if kind == "flat" else 4] += 0.8
    elif KINDS.get(kind) is Truth.UNLIKE:
        mean += 3 * rng.normal(size=WIDTH)
    rows = 10.0 * (np.arange(17) - first) + 4
    corners = np.repeat(np.stack([rows, np.full(17, 5.0)], axis=-1), 4, axis=0)
    truth = KINDS.get(kind, Truth.NOTHING)
    shape = (10 * count, 20)
    return Looked(
        f"{kind} {seed}",
        kind,
        "choose",
        truth,
        shape,
        corners,
        np.stack([mean, sides]),
        corners + np.array([7.0, 0.0]),
    )


def learnt() -> list[Looked]:
    some = []
    for seed in range(60):
        count = 5 + seed % 12
        some.append(looked("whole film", seed=seed))
        some.append(looked(CUT, seed=100 + seed, first=seed % (18 - count), count=count))
        some += [looked(kind, seed=200 + seed) for kind in ("flat", "rods, drawn", "mirrored")]
    return some


def listed(start: int) -> list[Looked]:
    some = []
    for seed in range(start, start + 12):
        some += [looked(kind, seed=seed) for kind in ("whole film", "brain", "mirrored", "flat")]
        some.append(looked("rods, drawn", seed=seed))
        some.append(looked("top eight", seed=seed, count=8))
    return some


WANTED = {
    Truth.NOTHING: set(),
    Truth.UNLIKE: {DoubtKind.UNLIKE},
    Truth.NEAR: {DoubtKind.UNLIKE},
    Truth.FEW: {DoubtKind.FEW},
    Truth.MIRRORED: {DoubtKind.MIRRORED},
}


def test_pictures_that_were_made_otherwise_are_told_and_others_are_not():
    familiar = fit(learnt(), listed(1000))
    told = [(one, {d.kind for d in familiar.doubts(one.picture)}) for one in listed(2000)]
    right = [WANTED[one.truth] == said for one, said in told]
    assert np.mean(right) > 0.95
    half = looked("bottom eight", seed=5, first=9, count=8)
    assert nearest(familiar, half)[1:] == (9, 8)
    assert familiar.doubts(half.picture) == (Doubt(DoubtKind.FEW, 8),)


def test_what_a_picture_shows_and_how_far_off_it_was_found():
    one = looked("top eight", seed=1, first=2, count=8)
    assert one.shown == (2, 8)
    assert one.levels_off == pytest.approx(0.7)
    unknown = replace(one, true=None)
    assert unknown.shown == (0, 17)
    assert unknown.levels_off is None


@given(
    st.lists(st.floats(-9, 9), min_size=1, max_size=20),
    st.lists(st.floats(-9, 9), min_size=1, max_size=20),
)
def test_no_other_limit_makes_fewer_mistakes(low, high):
    if len({*low, *high}) < 2:
        return

    def wrong(at: float) -> float:
        return float(np.mean(np.array(low) > at) + np.mean(np.array(high) <= at))

    found = wrong(best_limit(low, high))
    places = sorted({*low, *high})
    assert found <= min(wrong((a + b) / 2) for a, b in itertools.pairwise(places)) + 1e-9


def test_a_limit_lies_in_the_middle_of_the_gap():
    assert best_limit([0, 1, 2], [6, 7]) == 4


def test_auroc_is_the_chance_of_standing_above():
    assert auroc([0, 1], [2, 3]) == 1.0
    assert auroc([2, 3], [0, 1]) == 0.0
    assert auroc([1, 1], [1]) == 0.5


def test_a_cut_shows_some_vertebrae_but_not_all():
    for seed in range(20):
        film, corners = cut_at_random(PHANTOM.film, PHANTOM.corners, np.random.default_rng(seed))
        centres = corners.reshape(-1, 4, 2).mean(axis=1)
        inside = ((centres >= 0) & (centres < film.shape)).all(axis=1)
        assert 5 <= inside.sum() <= 16


def test_what_was_seen_once_is_kept(tmp_path: Path):
    torch.manual_seed(0)
    net = ColumnNet(ColumnNetConfig()).eval()
    odd = Odd("p", "phantom", "choose", PHANTOM.film, PHANTOM.corners)
    first = Looker(net, weights_sha256="a" * 64, cache=tmp_path).look(odd)
    assert first.features.shape == (2, ColumnNetConfig().width)
    again = Looker(torch.nn.Identity(), weights_sha256="a" * 64, cache=tmp_path).look(odd)
    assert np.array_equal(again.features, first.features)
    assert np.array_equal(again.found, first.found)
    assert Looker(net, weights_sha256="b" * 64).look(odd, find=False).found is None

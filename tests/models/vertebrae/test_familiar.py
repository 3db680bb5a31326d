"""A picture is taken for the cut of a film that it lies nearest to, or for unlike all of them."""

from __future__ import annotations

import pytest
import torch

from domain.doubts import Doubt, DoubtKind
from models.vertebrae.familiar import CUTS, PROBES, Familiar, Picture, picture_of, terms

WIDTH = 8
BLANK = torch.zeros(WIDTH)


@pytest.fixture(scope="module")
def familiar() -> Familiar:
    """Its probes look at features of their own: 5 and 6 of the mean, 7 of the sides."""
    torch.manual_seed(0)
    whiten = torch.zeros(WIDTH, WIDTH)
    whiten[:5, :5] = torch.linalg.qr(torch.randn(5, 5))[0] * 3
    tensors = {
        "whiten": whiten,
        "course": torch.cat([torch.randn(6, 5), torch.zeros(6, 3)], dim=1),
        "probes": torch.eye(WIDTH)[5:],
        "offsets": torch.tensor([-1.0, -1.0, -1.0]),
        "limits": torch.tensor([2.0, 14.5]),
    }
    return Familiar(tensors)


def at(familiar: Familiar, first: int, count: int) -> Picture:
    """Where films lie that show these vertebrae."""
    return Picture(terms(torch.tensor(first), torch.tensor(count)) @ familiar.course, BLANK)


@pytest.mark.parametrize("cut", [(0, 17), (0, 4), (13, 4), (3, 12), (0, 16)])
def test_a_picture_is_the_cut_that_it_lies_at(familiar, cut):
    found = familiar.nearest(at(familiar, *cut))
    assert (found.first, found.vertebrae) == cut
    assert found.distance == pytest.approx(0, abs=1e-5)


def test_every_cut_fits_into_the_column_once():
    assert len(set(CUTS)) == len(CUTS)
    assert all(first >= 0 and first + count <= 17 for first, count in CUTS)


def test_a_whole_film_is_not_doubted_and_a_cut_one_is_counted(familiar):
    assert familiar.doubts(at(familiar, 0, 17)) == ()
    assert familiar.doubts(at(familiar, 2, 15)) == ()
    assert familiar.doubts(at(familiar, 4, 8)) == (Doubt(DoubtKind.FEW, 8),)


@pytest.mark.parametrize("value", [1e3, float("nan"), float("inf")])
def test_what_lies_far_off_is_unlike_and_has_no_count(familiar, value):
    off = Picture(torch.full((WIDTH,), value), BLANK)
    assert familiar.doubts(off) == (Doubt(DoubtKind.UNLIKE),)


@pytest.mark.parametrize("number", range(len(PROBES)))
def test_what_a_probe_tells_is_said_where_it_lies_near_a_film(familiar, number):
    mean, sides = at(familiar, 0, 17)
    seen = mean if number < 2 else sides
    changed = seen + 2 * torch.eye(WIDTH)[5 + number]
    found = Picture(changed, sides) if number < 2 else Picture(mean, changed)
    wanted = DoubtKind.UNLIKE if number < 2 else DoubtKind.MIRRORED
    assert familiar.doubts(found) == (Doubt(wanted),)


def test_of_half_a_film_no_side_is_told(familiar):
    mean, _ = at(familiar, 4, 8)
    found = familiar.doubts(Picture(mean, 2 * torch.eye(WIDTH)[7]))
    assert found == (Doubt(DoubtKind.FEW, 8),)


def test_all_tokens_count_alike_and_the_sides_apart():
    tokens = torch.zeros(1, 8, WIDTH)
    tokens[0, [0, 5], 0] = 4.0  # rows 0 and 1, columns 0 and 1
    tokens[0, 3, 1] = 8.0  # row 0, column 3
    mean, sides = picture_of(tokens, columns=4)
    assert mean[:3].tolist() == [1.0, 1.0, 0.0]
    assert sides[:3].tolist() == [2.0, -2.0, 0.0]

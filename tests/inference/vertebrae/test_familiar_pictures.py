"""The network that ships tells drawn films from what is none, and half a film from a whole one."""

from __future__ import annotations

import numpy as np
import pytest

from domain.doubts import DoubtKind
from inference.device import pick_device
from inference.loader import load
from inference.manifest import catalogue, shipped_folder
from inference.vertebrae.column_net import known, see_whole
from training.data.aasce import read_film
from training.data.changed import CHANGES
from training.data.drawn import DRAWN
from training.phantoms.vertebrae import draw_phantom

PHANTOM = draw_phantom(9100)


@pytest.fixture(scope="module")
def net():
    entry = catalogue((shipped_folder(),)).default_for("vertebrae")
    return load(entry, device=pick_device("cpu")).module


def told(net, film) -> list[tuple[DoubtKind, int]]:
    doubts = net.familiar.doubts(known(net, see_whole(net, film)))
    return [(doubt.kind, doubt.count) for doubt in doubts]


def test_a_whole_film_is_not_doubted(net):
    assert told(net, PHANTOM.film) == []
    assert told(net, PHANTOM.film[::2, ::2]) == []


@pytest.mark.parametrize("name", ["kauh-004", "synthetic-spine"])
def test_the_samples_are_not_doubted(net, project_root, name):
    assert told(net, read_film(project_root / "resources" / "samples" / f"{name}.png")) == []


@pytest.mark.parametrize("kind", list(DRAWN))
@pytest.mark.parametrize("shape", [(1400, 620), (400, 900), (32, 32)])
def test_what_is_no_film_is_unlike(net, kind, shape):
    picture = DRAWN[kind](np.random.default_rng(77), shape)
    assert told(net, picture) == [(DoubtKind.UNLIKE, 0)]


@pytest.mark.parametrize("kind", ["upside down", "quarter turn"])
def test_a_film_that_lies_otherwise_is_unlike(net, kind):
    film, _ = CHANGES[kind](PHANTOM.film, PHANTOM.corners, np.random.default_rng(0))
    assert told(net, film) == [(DoubtKind.UNLIKE, 0)]


@pytest.mark.parametrize("kind", ["top eight", "bottom eight"])
def test_of_half_a_film_about_so_many_vertebrae_are_told_or_it_is_unlike(net, kind):
    film, _ = CHANGES[kind](PHANTOM.film, PHANTOM.corners, np.random.default_rng(0))
    ((said, count),) = told(net, film)
    assert said is DoubtKind.UNLIKE or abs(count - 8) <= 3

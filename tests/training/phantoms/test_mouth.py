"""Drawn mouths: the same for a seed, with implants where they are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from domain.tooth_sites import site_of
from training.phantoms.mouth import COLUMNS, IMPLANTS, ROWS, draw_mouth


def test_a_seed_is_a_mouth() -> None:
    one, again, other = draw_mouth(1), draw_mouth(1), draw_mouth(5)
    assert np.array_equal(one.film, again.film)
    assert not np.array_equal(one.film, other.film)
    assert one.film.shape == (ROWS, COLUMNS)
    assert not one.film.flags.writeable


def test_implants_lie_where_their_teeth_would() -> None:
    phantom = draw_mouth(1)
    assert set(phantom.implants) == set(IMPLANTS)
    for site, outline in phantom.implants.items():
        row, column = outline.mean(axis=0) / [ROWS, COLUMNS]
        assert site_of(row, column) == site


@pytest.mark.parametrize("site", ["36", "14"])
def test_an_implant_changes_its_own_place_alone(site: str) -> None:
    without, with_one = (draw_mouth(3, implants=some).film for some in ((), (site,)))
    rows, columns = np.nonzero(np.abs(with_one.astype(int) - without) > 12)
    outline = draw_mouth(3, implants=(site,)).implants[site]
    assert rows.size > 200
    assert columns.min() > outline[:, 1].min() - 40
    assert columns.max() < outline[:, 1].max() + 40


def test_the_mark_is_below_all_that_a_network_looks_at() -> None:
    plain, marked = draw_mouth(1), draw_mouth(1, mark=True)
    rows, _ = np.nonzero(plain.film != marked.film)
    assert rows.min() > 0.92 * ROWS

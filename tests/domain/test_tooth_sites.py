"""The tooth at a place of a panoramic picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tooth_sites import MEAN_PLACES, site_of

TEETH = [
    (f"{quadrant}{number}", place)
    for quadrant, places in MEAN_PLACES.items()
    for number, place in enumerate(places, start=1)
]
OTHER_SIDE = {"1": "2", "2": "1", "3": "4", "4": "3"}


def test_there_are_thirty_two():
    assert len(TEETH) == 32
    assert {len(places) for places in MEAN_PLACES.values()} == {8}


@pytest.mark.parametrize(("name", "place"), TEETH)
def test_a_tooth_lies_where_it_lies(name, place):
    assert site_of(*place) == name


@pytest.mark.parametrize(("name", "place"), TEETH)
def test_on_a_mirrored_picture_it_is_the_other_side_s(name, place):
    row, column = place
    assert site_of(row, 1 - column, mirrored=True) == name
    if name[1] != "1":  # those beside the midline lie too near to it
        assert site_of(row, 1 - column)[0] == OTHER_SIDE[name[0]]


def test_the_left_of_the_picture_is_the_patients_right():
    assert MEAN_PLACES[1][7][1] < 0.5 < MEAN_PLACES[2][7][1]
    assert MEAN_PLACES[4][7][1] < 0.5 < MEAN_PLACES[3][7][1]


@given(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2))
def test_every_place_has_a_tooth(row, column):
    assert site_of(row, column) in dict(TEETH)

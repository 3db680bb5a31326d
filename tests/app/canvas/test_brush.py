"""A brush adds and takes away area, and leaves outlines that are outlines."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from app.canvas.brush import brushed
from domain.contours import mask_of

SQUARE = ((10.0, 10.0), (10.0, 30.0), (30.0, 30.0), (30.0, 10.0))
places = st.lists(
    st.tuples(st.floats(0, 40), st.floats(0, 40)), min_size=1, max_size=6, unique=True
)


def area(outline) -> float:
    turned = (*outline[1:], *outline[:1])
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(outline, turned, strict=True))) / 2


def total(outlines) -> float:
    return sum(map(area, outlines))


def test_a_dot_on_nothing_is_a_disc():
    (disc,) = brushed((), [(20.0, 25.0)], radius=8.0, erases=False)
    assert math.isclose(area(disc), math.pi * 64, rel_tol=0.03)
    rows, columns = zip(*disc, strict=True)
    assert math.isclose((min(rows) + max(rows)) / 2, 20.0, abs_tol=0.1)
    assert math.isclose((min(columns) + max(columns)) / 2, 25.0, abs_tol=0.1)


def test_a_stroke_at_the_edge_joins_the_region():
    (joined,) = brushed([SQUARE], [(20.0, 28.0), (20.0, 44.0)], radius=4.0, erases=False)
    assert area(joined) > 400 + 80
    assert max(column for _, column in joined) > 45


def test_a_stroke_apart_is_a_second_outline():
    both = brushed([SQUARE], [(60.0, 60.0)], radius=5.0, erases=False)
    assert len(both) == 2


def test_the_eraser_cuts_a_region_in_two():
    halves = brushed([SQUARE], [(0.0, 20.0), (40.0, 20.0)], radius=3.0, erases=True)
    assert len(halves) == 2
    assert math.isclose(total(halves), 400 - 6 * 20, rel_tol=0.02)


def test_a_hole_stays_a_hole_and_can_be_filled_and_crossed():
    (ring,) = brushed([SQUARE], [(20.0, 20.0)], radius=4.0, erases=True)
    assert math.isclose(area(ring), 400 - math.pi * 16, rel_tol=0.01)
    mask = mask_of(np.array(ring), (40, 40))
    assert not mask[20, 20]
    assert mask[12, 12]
    (filled,) = brushed([ring], [(20.0, 20.0)], radius=5.0, erases=False)
    assert math.isclose(area(filled), 400, rel_tol=0.01)
    (two,) = brushed([ring], [(13.0, 13.0)], radius=1.5, erases=True)
    assert mask_of(np.array(two), (40, 40))[[20, 13, 20], [20, 13, 27]].tolist() == [0, 0, 1]
    halves = brushed([ring], [(20.0, 0.0), (20.0, 40.0)], radius=2.0, erases=True)
    assert len(halves) == 2


def test_an_island_in_a_hole_is_an_outline_of_its_own():
    (ring,) = brushed([SQUARE], [(20.0, 20.0)], radius=7.0, erases=True)
    both = brushed([ring], [(20.0, 20.0)], radius=2.0, erases=False)
    assert len(both) == 2
    assert math.isclose(total(both), 400 - math.pi * (49 - 4), rel_tol=0.02)


def test_a_hole_is_drawn_as_a_hole_without_the_way_to_it():
    (ring,) = brushed([SQUARE], [(20.0, 20.0)], radius=4.0, erases=True)
    path = QPainterPath()
    path.addPolygon([QPointF(column, row) for row, column in ring])
    path.closeSubpath()
    assert len(path.simplified().toSubpathPolygons()) == 2
    assert not path.simplified().contains(QPointF(20, 20))


def test_what_is_erased_whole_is_gone_and_crumbs_go_with_it():
    assert brushed([SQUARE], [(20.0, 20.0)], radius=40.0, erases=True) == ()
    assert brushed((), [(5.0, 5.0)], radius=0.5, erases=False) == ()


@given(places, st.floats(2, 12))
def test_adding_never_loses_area_and_erasing_never_gains_any(stroke, radius):
    more = brushed([SQUARE], stroke, radius=radius, erases=False)
    less = brushed([SQUARE], stroke, radius=radius, erases=True)
    assert total(more) >= 400 - 1
    assert total(less) <= 400 + 1
    assert all(len(outline) >= 3 for outline in (*more, *less))

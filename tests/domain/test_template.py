"""The column between two clicks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import WrongUse
from domain.template import column_between
from domain.vertebrae import cobb_angles, endplate_midpoints

far = st.floats(-1000, 1000)


@given(far, far, st.floats(50, 3000), st.floats(-3.1, 3.1))
def test_it_hangs_between_the_two_clicks(row, column, length, turn) -> None:
    end = (row + length * np.cos(turn), column + length * np.sin(turn))
    corners = column_between((row, column), end)
    plates = endplate_midpoints(corners)
    assert plates[0] == pytest.approx((row, column))
    assert plates[-1] == pytest.approx(end)
    along = (plates - plates[0]) @ (plates[-1] - plates[0])
    assert (np.diff(along) > 0).all(), "no vertebra reaches into the next"
    assert cobb_angles(corners, image_rows=3000).main.angle_deg == pytest.approx(0, abs=1e-4)


def test_left_and_right_are_those_of_the_film() -> None:
    corners = column_between((100, 50), (900, 50)).reshape(17, 4, 2)
    top_left, top_right, bottom_left, bottom_right = np.moveaxis(corners, 1, 0)
    assert (top_left[:, 1] < top_right[:, 1]).all()
    assert (bottom_left[:, 1] < bottom_right[:, 1]).all()
    assert (top_left[:, 0] < bottom_left[:, 0]).all()
    assert np.linalg.norm(top_right - top_left, axis=1)[-1] == pytest.approx(
        0.105 * 800, rel=0.02
    ), "L5 is a tenth of the column's length wide"


@pytest.mark.parametrize("end", [(0.0, 0.0), (10.0, 5.0), (float("nan"), 9.0)])
def test_ends_too_close_are_refused(end) -> None:
    with pytest.raises(WrongUse):
        column_between((0.0, 0.0), end)

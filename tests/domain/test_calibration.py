"""Which spacing counts, and whose word it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.annotation import Annotations
from domain.calibration import calibrated, grid_of
from domain.errors import WrongUse
from domain.grid import Grid
from domain.image import Image
from domain.measures import Measure, MeasureKind, reading

TOLD = Grid((0.2, 0.1), source="the file")
FILM = Image(np.zeros((9, 9), np.uint8), grid=TOLD)


def test_a_persons_calibration_wins_over_the_files() -> None:
    by_hand = Grid((0.3, 0.3), source="user: 25 mm drawn")
    decided = Annotations(FILM.sha256, calibration=by_hand)
    assert grid_of(FILM, decided) is by_hand
    assert grid_of(FILM, Annotations(FILM.sha256)) is TOLD
    assert grid_of(FILM, None) is TOLD


@given(
    st.sampled_from([Grid(), TOLD]),
    st.tuples(*[st.integers(-50, 50)] * 4).filter(lambda line: line[:2] != line[2:]),
    st.floats(0.1, 1000),
)
def test_the_drawn_line_has_the_known_length_ever_after(grid, line, length) -> None:
    ends = ((float(line[0]), float(line[1])), (float(line[2]), float(line[3])))
    found = calibrated(grid, ends, length_mm=length)
    read = reading(Measure("m", MeasureKind.LINE, ends), grid=found)
    assert read.values[0].value == pytest.approx(length)
    assert read.values[0].unit == "mm"
    rows, columns = found.require_spacing()
    old_rows, old_columns = grid.spacing_mm or (1.0, 1.0)
    assert rows / columns == pytest.approx(old_rows / old_columns)


def test_the_source_names_the_person_and_the_length() -> None:
    grid = calibrated(Grid(), ((0, 0), (0, 100)), length_mm=25)
    assert grid.source == "user: 25 mm drawn"


@pytest.mark.parametrize(("end", "length"), [((0, 0), 5.0), ((0, 9), 0.0), ((0, 9), -1.0)])
def test_nothing_is_calibrated_by_nothing(end, length) -> None:
    with pytest.raises(WrongUse):
        calibrated(Grid(), ((0, 0), end), length_mm=length)

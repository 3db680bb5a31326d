"""The levels a sampler visits: as published, corrected, and for the solver."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import WrongUse
from domain.provenance import Mode
from models.diffusion.levels import solver_levels, strided_levels
from models.diffusion.schedule import linear_schedule

SCHEDULE = linear_schedule()
starts, steps = st.integers(1, 999), st.integers(1, 300)


def strided(start, steps, mode):
    return strided_levels(start, steps=steps, schedule=SCHEDULE, mode=mode)


@pytest.mark.parametrize(
    ("start", "first", "second", "count"),
    [(600, 596, 592, 150), (300, 298, 296, 150), (400, 398, 396, 200), (500, 498, 495, 167)],
)
def test_published_levels_are_the_published_ones(start, first, second, count):
    levels = strided(start, 150, Mode.AS_PUBLISHED)
    assert (levels[0], levels[1], levels[-1], len(levels)) == (first, second, 0, count)


@given(starts, steps)
def test_published_levels_are_refused_exactly_where_the_stride_is_zero(start, steps):
    if start >= steps:
        assert strided(start, steps, Mode.AS_PUBLISHED)[-1] == 0
        return
    with pytest.raises(WrongUse, match=f"level {start}") as caught:
        strided(start, steps, Mode.AS_PUBLISHED)
    assert "0" in caught.value.why
    assert "corrected" in caught.value.remedy


@given(starts, steps)
def test_corrected_levels_begin_at_the_noise_of_the_sample(start, steps):
    levels = strided(start, steps, Mode.CORRECTED)
    assert levels[0] == start
    assert levels[-1] >= 1
    assert list(levels) == sorted(set(levels), reverse=True)
    if start >= steps:
        assert len(levels) == len(strided(start, steps, Mode.AS_PUBLISHED))
    else:
        assert len(levels) == start


@given(starts, steps)
def test_solver_levels_fall_from_start_to_the_first(start, steps):
    levels = solver_levels(start, steps=steps, schedule=SCHEDULE)
    assert levels[0] == start
    assert list(levels) == sorted(set(levels), reverse=True)
    assert len(levels) <= steps
    assert levels[-1] == 0 or steps == 1


def test_solver_levels_are_even_in_the_log_of_picture_over_noise():
    levels = solver_levels(600, steps=10, schedule=SCHEDULE)
    widths = SCHEDULE.log_snr[list(levels)].diff()
    assert len(levels) == 10
    assert widths[:-3].tolist() == pytest.approx([float(widths[0])] * 6, rel=0.05)


def solver(start, steps):
    return solver_levels(start, steps=steps, schedule=SCHEDULE)


def published(start, steps):
    return strided(start, steps, Mode.AS_PUBLISHED)


def corrected(start, steps):
    return strided(start, steps, Mode.CORRECTED)


@pytest.mark.parametrize("start", [-1, 0, 1000])
@pytest.mark.parametrize("levels", [solver, published, corrected])
def test_a_start_that_is_no_level_is_named(start, levels):
    with pytest.raises(WrongUse, match=str(start)) as caught:
        levels(start, 1)
    assert "1 to 999" in caught.value.why


@pytest.mark.parametrize("steps", [0, -5])
@pytest.mark.parametrize("levels", [solver, published, corrected])
def test_no_step_is_refused(steps, levels):
    with pytest.raises(WrongUse, match=f"in {steps} steps"):
        levels(300, steps)

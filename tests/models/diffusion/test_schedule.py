"""The tables of a diffusion hold what its equations say."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import WrongUse
from models.diffusion.schedule import CLEAN, Schedule, linear_schedule

# From the golden files: alpha-bar of the published schedule, to 1e-5.
PUBLISHED = {
    50: 0.96995,
    100: 0.89514,
    150: 0.78589,
    200: 0.65635,
    250: 0.52142,
    300: 0.39401,
    400: 0.19357,
    500: 0.07780,
    600: 0.02557,
}
schedules = st.builds(
    linear_schedule,
    st.integers(2, 1000),
    first=st.floats(1e-5, 1e-2),
    last=st.floats(1.1e-2, 5e-2),
)


@pytest.mark.parametrize(("level", "expected"), PUBLISHED.items())
def test_the_linear_schedule_is_the_published_one(level, expected):
    assert linear_schedule().alpha_bar(level) == pytest.approx(expected, abs=1e-5)


def test_the_short_schedule_is_the_published_one():
    """That of the pneumonia task: 200 levels."""
    schedule = linear_schedule(200)
    levels = (0, 50, 100, 150, 199)
    found = [schedule.alpha_bar(level) for level in levels]
    assert found == pytest.approx([0.99990, 0.87562, 0.59640, 0.31555, 0.13218], abs=1e-5)


@given(schedules)
def test_tables_agree_with_each_other(schedule):
    assert len(schedule) == len(schedule.betas)
    assert bool((schedule.alpha_bars.diff() < 0).all())
    assert bool((schedule.log_snr.diff() < 0).all())
    assert bool((schedule.posterior_variance <= schedule.betas).all())
    assert schedule.posterior_variance[0] == 0
    torch.testing.assert_close(
        schedule.alpha_bars_below * (1 - schedule.betas), schedule.alpha_bars
    )
    assert bool(schedule.posterior_log_variance.isfinite().all())
    for table in (schedule.alpha_bars, schedule.posterior_variance, schedule.log_snr):
        assert table.dtype == torch.float64


@given(schedules, st.data())
def test_scales_of_many_levels_are_those_of_each(schedule, data):
    levels = data.draw(st.lists(st.integers(0, len(schedule) - 1), min_size=1, max_size=5))
    like = torch.zeros(len(levels), 2, 3, dtype=torch.float64)
    picture, grain = schedule.scales(torch.tensor(levels), like=like)
    assert picture.shape == grain.shape == (len(levels), 1, 1)
    for n, level in enumerate(levels):
        alone = schedule.scales(level, like=like)
        assert (float(picture[n]), float(grain[n])) == pytest.approx(alone)
    torch.testing.assert_close(picture**2 + grain**2, torch.ones_like(picture))


def test_nothing_is_left_of_noise_below_the_first_level():
    assert linear_schedule().alpha_bar(CLEAN) == 1


@pytest.mark.parametrize("level", [-2, 1000, 5000])
def test_a_level_that_is_not_there_is_named(level):
    with pytest.raises(WrongUse, match=str(level)) as caught:
        linear_schedule().alpha_bar(level)
    assert "0 to 999" in caught.value.why


@pytest.mark.parametrize(
    "betas",
    [
        torch.tensor([0.1, 0.2]),  # float32
        torch.tensor([0.1], dtype=torch.float64),
        torch.tensor([0.1, 1.0], dtype=torch.float64),
        torch.tensor([0.0, 0.5], dtype=torch.float64),
        torch.tensor([0.1, float("nan")], dtype=torch.float64),
        torch.tensor([[0.1, 0.2]], dtype=torch.float64),
    ],
)
def test_impossible_betas_are_refused(betas):
    with pytest.raises(ValueError, match="betas"):
        Schedule(betas)

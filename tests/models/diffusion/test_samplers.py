"""In a world whose perfect denoiser is known, every sampler arrives where it must."""

from __future__ import annotations

import pytest
import torch

from domain.errors import Cancelled
from domain.provenance import Mode
from models.diffusion.levels import solver_levels, strided_levels
from models.diffusion.noising import seeded
from models.diffusion.prediction import Guess, Predicts
from models.diffusion.samplers import ddim, ddim_inverted, ddpm, dpm_solver
from models.diffusion.schedule import linear_schedule
from tests.models.diffusion.gaussian import MEAN, STD, carried, noised, perfect

SCHEDULE = linear_schedule()
START = 600


def last(steps):
    return list(steps)[-1].x


def error(sampler, levels, *, predicts=Predicts.EPS):
    """The largest distance from where the exact flow leads."""
    x = noised(SCHEDULE, level=levels[0])
    found = last(sampler(x, perfect(SCHEDULE, predicts=predicts), schedule=SCHEDULE, levels=levels))
    return float((found - carried(x, SCHEDULE, level=levels[0])).abs().max())


@pytest.mark.parametrize("predicts", list(Predicts))
@pytest.mark.parametrize("sampler", [ddim, dpm_solver])
def test_small_steps_reach_the_known_answer(sampler, predicts):
    every = range(START, -1, -1)
    assert error(sampler, every, predicts=predicts) < 4e-3


@pytest.mark.parametrize("start", [1, 3, 50, 149, 300, 600, 999])
def test_corrected_ddim_reaches_the_known_answer_from_any_level(start):
    levels = strided_levels(start, steps=150, schedule=SCHEDULE, mode=Mode.CORRECTED)
    assert error(ddim, levels) < 0.02


@pytest.mark.parametrize("steps", [6, 10, 15, 25, 50])
def test_the_solver_needs_fewer_steps_than_ddim(steps):
    levels = solver_levels(START, steps=steps, schedule=SCHEDULE)
    fast = error(dpm_solver, levels)
    assert fast < 0.5 * error(ddim, levels)
    strided = strided_levels(START, steps=steps, schedule=SCHEDULE, mode=Mode.CORRECTED)
    assert fast < 0.5 * error(ddim, strided)


def test_fifteen_steps_of_the_solver_do_what_a_hundred_and_fifty_of_ddim_do():
    strided = strided_levels(START, steps=150, schedule=SCHEDULE, mode=Mode.CORRECTED)
    assert error(dpm_solver, solver_levels(START, steps=15, schedule=SCHEDULE)) < error(
        ddim, strided
    )


def test_the_solver_is_of_second_order():
    """Twice the steps, about a quarter of the error, while the levels are still far apart."""
    coarse, fine = (
        error(dpm_solver, solver_levels(START, steps=steps, schedule=SCHEDULE))
        for steps in (10, 20)
    )
    assert fine < 0.4 * coarse


def test_one_step_is_the_networks_guess():
    x = noised(SCHEDULE, level=START)
    guess = perfect(SCHEDULE)(x, START).x0
    for sampler in (ddim, dpm_solver):
        found = last(sampler(x, perfect(SCHEDULE), schedule=SCHEDULE, levels=(START,)))
        torch.testing.assert_close(found, guess)


def test_ddim_and_its_way_back_cancel():
    rising = range(START + 1)
    x0 = carried(noised(SCHEDULE, level=START), SCHEDULE, level=START)
    ask = perfect(SCHEDULE)
    noisy = last(ddim_inverted(x0, ask, schedule=SCHEDULE, levels=rising))
    expected = noised(SCHEDULE, level=START)
    assert float((noisy - expected).abs().max()) < 1e-2
    back = last(ddim(noisy, ask, schedule=SCHEDULE, levels=rising[::-1]))
    assert float((back - x0).abs().max()) < 1e-2


def with_spread(ask, value):
    def spreading(x, level):
        return ask(x, level)._replace(spread=torch.full_like(x, value))

    return spreading


@pytest.mark.parametrize("spread", [None, -1.0, 1.0], ids=["posterior", "smallest", "largest"])
def test_ddpm_draws_the_world(spread):
    """From noise alone, mean and spread of what is drawn are those of the world."""
    ask = perfect(SCHEDULE) if spread is None else with_spread(perfect(SCHEDULE), spread)
    n, generator = 20_000, seeded(3)
    x = torch.randn(1, 1, n, generator=generator, dtype=torch.float64)
    steps = ddpm(x, ask, schedule=SCHEDULE, start=999, generator=generator)
    found = last(steps)
    assert float(found.mean()) == pytest.approx(MEAN, abs=5 * STD / n**0.5)
    assert float(found.std()) == pytest.approx(STD, rel=0.03)


def test_the_same_seed_draws_the_same():
    x = noised(SCHEDULE, level=20)
    one, two, other = (
        last(ddpm(x, perfect(SCHEDULE), schedule=SCHEDULE, start=20, generator=seeded(seed)))
        for seed in (1, 1, 2)
    )
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_steps_are_counted_and_say_where_they_are():
    x, levels = noised(SCHEDULE, level=30), (30, 20, 10)
    for sampler in (ddim, dpm_solver):
        steps = list(sampler(x, perfect(SCHEDULE), schedule=SCHEDULE, levels=levels))
        assert [(s.done, s.total, s.level) for s in steps] == [(1, 3, 30), (2, 3, 20), (3, 3, 10)]
        torch.testing.assert_close(steps[-1].x, steps[-1].x0)
    drawn = list(ddpm(x, perfect(SCHEDULE), schedule=SCHEDULE, start=3, generator=seeded(0)))
    assert [(s.done, s.total, s.level) for s in drawn] == [
        (1, 4, 3),
        (2, 4, 2),
        (3, 4, 1),
        (4, 4, 0),
    ]
    back = list(ddim_inverted(x, perfect(SCHEDULE), schedule=SCHEDULE, levels=levels[::-1]))
    assert [(s.done, s.total, s.level) for s in back] == [(1, 2, 10), (2, 2, 20)]


def test_no_network_is_asked_before_a_step_is_taken_nor_after_the_last():
    asked = []

    def ask(x, level):
        asked.append(level)
        return Guess(x, x)

    steps = ddim(torch.zeros(1, 1), ask, schedule=SCHEDULE, levels=(9, 6, 3))
    assert asked == []
    next(steps)
    assert asked == [9]
    steps.close()
    assert asked == [9]


def test_a_network_may_cancel_amid_a_step():
    def ask(x, level):
        raise Cancelled("Cancelled.")

    for sampler in (ddim, dpm_solver):
        with pytest.raises(Cancelled):
            next(sampler(torch.zeros(1, 1), ask, schedule=SCHEDULE, levels=(9, 6, 3)))

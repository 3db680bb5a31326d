"""What stands out is scored as published, by one cut, or against healthy studies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from domain.errors import ImageMismatch, NotForThisTask, WrongUse
from domain.implant_scoring import (
    Healthy,
    left_over,
    score_absolute,
    score_as_published,
    score_calibrated,
    smoothed,
)

SHAPE = (4, 8, 8)
frames = arrays(np.float64, SHAPE, elements=st.floats(-1, 1, width=32))


def with_metal(value, *, size=3, shape=SHAPE):
    difference = np.zeros(shape)
    difference[1, 2 : 2 + size, 4 : 4 + size] = value
    return difference


def test_what_is_left_over_is_a_signed_share_of_the_grey_range():
    real, healed = np.full(SHAPE, 1.0), np.full(SHAPE, -1.0)
    assert np.all(left_over(real, healed) == 1)
    assert np.all(left_over(healed, real) == -1)
    assert np.all(left_over(real, np.full(SHAPE, 3.0)) == 0)  # healed beyond white is white


def test_frames_of_another_study_are_refused():
    with pytest.raises(ImageMismatch, match="another study"):
        left_over(np.zeros(SHAPE), np.zeros((4, 8, 9)))


def test_the_published_score_is_the_root_of_the_count():
    scored = score_as_published(with_metal(0.3))
    assert scored.score == 3
    assert scored.regions[1, 2:5, 4:7].all()
    assert scored.heat.max() == 1
    assert scored.p_value is None


def test_the_published_way_by_hand():
    """A frame with 0.05, 0.1, 0.15, 0.2, 0.3: two vanish, the largest becomes 1, half counts."""
    difference = np.zeros((1, 1, 6))
    difference[0, 0] = [0.05, 0.1, 0.14, 0.2, 0.3, -0.9]
    scored = score_as_published(difference)
    assert scored.heat[0, 0] == pytest.approx([0, 0, 0.14 / 0.3, 0.2 / 0.3, 1, 0])
    assert scored.regions[0, 0].tolist() == [False, False, False, True, True, False]
    assert scored.score == pytest.approx(2**0.5)


def test_a_frame_that_stands_out_everywhere_is_stretched_from_its_least():
    difference = np.full((1, 1, 4), 0.2)
    difference[0, 0, 3] = 0.6
    assert score_as_published(difference).heat[0, 0].tolist() == [0, 0, 0, 1]
    assert score_as_published(np.full((1, 2, 2), 0.6)).score == 0  # nothing to stretch


@given(frames, st.floats(0.2, 1))
def test_the_published_way_forgets_how_much_stands_out(difference, factor):
    """Its map does not change with a frame's contrast, where all stays over the floor."""
    kept = np.where(np.abs(difference) > 0.6, np.abs(difference), 0)
    strong, weak = score_as_published(kept), score_as_published(kept * max(factor, 0.2))
    np.testing.assert_allclose(strong.heat, weak.heat, atol=1e-9)


@given(frames)
def test_what_is_darker_than_healed_never_counts(difference):
    for scored in (score_as_published(difference), score_absolute(difference)):
        assert not scored.regions[difference <= 0].any()
        assert scored.heat.min() >= 0
        assert scored.score == pytest.approx(scored.regions.sum() ** 0.5)


def test_an_absolute_cut_knows_how_much_stands_out():
    assert score_absolute(with_metal(0.3)).score == 3
    assert score_absolute(with_metal(0.2)).score == 0
    assert score_absolute(with_metal(0.2), cut=0.1).score == 3


@given(frames, st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_higher_cut_finds_less(difference, one, two):
    low, high = sorted((one, two))
    found = [score_absolute(difference, cut=cut).regions for cut in (low, high)]
    assert not (found[1] & ~found[0]).any()


def healthy_studies(count, *, seed=0, shape=SHAPE):
    """One place flickers in health already; the others hardly do."""
    noise = np.random.default_rng(seed).normal(size=(count, *shape))
    noise *= 0.02
    noise[:, 0, 0, 0] *= 10
    return noise + 0.05


def test_moments_and_scores_leave_one_out():
    studies = healthy_studies(5)
    healthy = Healthy.of(studies, floor=0.0)
    np.testing.assert_allclose(healthy.mean, studies.mean(axis=0))
    np.testing.assert_allclose(healthy.spread, studies.std(axis=0, ddof=1))
    expected = []
    for own in range(5):
        others = np.delete(studies, own, axis=0)
        expected.append(((studies[own] - others.mean(0)) / others.std(0, ddof=1)).max())
    np.testing.assert_allclose(healthy.scores, sorted(expected))


def test_metal_stands_out_of_health_and_usual_flicker_does_not():
    healthy = Healthy.of(healthy_studies(40))
    flicker = healthy_studies(1, seed=9)
    flicker[0, 0, 0, 0] = 0.25
    metal = flicker.copy()
    metal[0] += with_metal(0.3)
    well, ill = (score_calibrated(each, healthy, rate=0.05) for each in (flicker, metal))
    assert not well.regions.any()
    assert ill.regions.sum() == 9
    assert ill.regions[1, 2:5, 4:7].all()
    assert ill.p_value == pytest.approx(1 / 41)
    assert well.p_value > 0.05
    assert ill.cut == well.cut
    assert score_absolute(flicker[0], cut=0.2).regions.any()  # one cut for all places cannot


def test_seeds_are_averaged():
    healthy = Healthy.of(healthy_studies(10))
    seeds = np.stack([with_metal(0.1), with_metal(0.5)])
    both, mean = (
        score_calibrated(seeds, healthy, rate=0.2),
        score_calibrated(seeds.mean(axis=0, keepdims=True), healthy, rate=0.2),
    )
    np.testing.assert_allclose(both.heat, mean.heat)
    assert both.score == mean.score


def test_several_places_must_stand_out_where_asked():
    difference = with_metal(0.5, size=2)[None] + 0.05
    three, five = (Healthy.of(healthy_studies(30), places=places) for places in (3, 5))
    assert score_calibrated(difference, three).score > 10
    assert score_calibrated(difference, five).score < 1


@given(st.integers(3, 60), st.floats(0, 50))
def test_p_values_are_no_finer_than_the_number_of_studies(count, score):
    healthy = Healthy(np.zeros(SHAPE), np.ones(SHAPE), np.linspace(1, 5, count))
    p = float(healthy.p_values(score))
    assert healthy.finest == pytest.approx(1 / (count + 1))
    assert healthy.finest <= p <= 1
    assert p == pytest.approx((1 + np.sum(healthy.scores >= score)) / (count + 1))


@given(st.integers(3, 60), st.floats(0.001, 0.999), st.floats(0, 6))
def test_the_cut_and_the_p_value_agree(count, rate, score):
    """What exceeds the cut is exactly what is that rare; and no healthy study too many does."""
    healthy = Healthy(np.zeros(SHAPE), np.ones(SHAPE), np.linspace(1, 5, count))
    if rate < healthy.finest:
        with pytest.raises(WrongUse, match="rate") as caught:
            healthy.cut(rate)
        assert str(count) in caught.value.why
        return
    cut = healthy.cut(rate)
    assert (score > cut) == (float(healthy.p_values(score)) <= rate + 1e-9)
    assert np.mean(healthy.scores > cut) <= rate


def test_false_alarms_are_as_rare_as_asked():
    alarms = 0
    for seed in range(150):
        studies = healthy_studies(20, seed=seed, shape=(2, 3, 3))
        scored = score_calibrated(studies[:1], Healthy.of(studies[1:]), rate=0.2)
        alarms += bool(scored.regions.any())
    assert alarms / 150 < 0.3  # 0.2, and four standard errors


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_healthy_studies_are_refused(count):
    with pytest.raises(NotForThisTask, match=f"^{count} healthy"):
        Healthy.of(healthy_studies(count))


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.0, 2.0, float("nan")])
def test_impossible_rates_are_refused(rate):
    with pytest.raises(WrongUse, match="rate"):
        Healthy.of(healthy_studies(4)).cut(rate)


def test_a_study_of_another_size_is_refused():
    with pytest.raises(ImageMismatch, match="compared"):
        score_calibrated(np.zeros((1, 4, 9, 9)), Healthy.of(healthy_studies(4)))


def test_smoothing_keeps_what_is_even_and_spreads_a_point():
    even = np.full((2, 6, 6), 0.3)
    assert np.allclose(smoothed(even, times=3), even)
    point = np.zeros((1, 5, 5))
    point[0, 2, 2] = 16
    once = smoothed(point, times=1)
    assert once[0, 2].tolist() == [0, 2, 4, 2, 0]
    assert once.sum() == pytest.approx(16)
    assert smoothed(point, times=0) is point


def test_a_study_is_smoothed_as_those_it_is_compared_with():
    rng = np.random.default_rng(3)
    studies = rng.normal(0, 0.1, (6, 2, 16, 16))
    healthy = Healthy.of(studies, smooth=3)
    assert healthy.smooth == 3
    plain = Healthy.of(studies)
    assert healthy.spread.mean() < plain.spread.mean()
    grain, thing = rng.normal(0, 0.1, (2, 16, 16)), np.zeros((2, 16, 16))
    thing[1, 4:12, 4:8] = 0.3
    told = score_calibrated((grain + thing)[None], healthy, rate=0.2)
    assert told.score > score_calibrated(grain[None], healthy, rate=0.2).score
    assert told.heat[1, 6:10, 5:7].min() > told.cut

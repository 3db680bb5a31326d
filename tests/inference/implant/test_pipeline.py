"""Healing a study: the same answer to the same question, in any batch, until somebody cancels."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

from domain.errors import Cancelled, NotForThisTask, WeightsIncompatible, WrongUse
from domain.image import Image
from domain.implant import CLIP, LADDER, SIDE, ImplantDoubt, ImplantOptions, Sampler
from domain.implant_scoring import Healthy
from domain.implant_study import network_pictures, study_frames
from domain.provenance import Mode
from inference.healthy import Compared
from inference.implant import batches
from inference.implant.healing import MOST_SEEDS, SCHEDULE, Healing
from inference.pipelines import implant
from models.diffusion.noising import add_noise, noise_like, seeded
from models.diffusion.prediction import Predicts
from models.implant import space_time_unet
from models.implant.clips import starts, to_clips
from tests.inference.implant.small import (
    a_bench,
    a_question,
    a_study,
    small_network,
)

STUDY = a_study()


def quiet(done, total, stage):
    pass


def heal(study=STUDY, report=quiet, network=None, healthy=None, **question):
    return implant.run(a_question(study, **question), report, a_bench(study, network, healthy))


def test_a_clip_is_as_long_everywhere():
    assert CLIP == space_time_unet.CLIP


@pytest.mark.parametrize("sampler", list(Sampler))
@pytest.mark.parametrize("mode", list(Mode))
def test_the_same_question_has_the_same_answer(sampler, mode):
    options = {"sampler": sampler, "level": 12, "mode": mode, "seed": 7}
    first = heal(**options)
    assert pickle.dumps(first) == pickle.dumps(heal(**options))
    assert first.healed.shape == first.noised.shape == (8, SIDE, SIDE)
    assert first.left_over.dtype == first.spread.dtype == np.float16
    other = heal(**options | {"seed": 8})
    assert not np.array_equal(first.noised, other.noised)


@pytest.mark.parametrize("sampler", [Sampler.DDIM, Sampler.DPM_SOLVER])
@pytest.mark.parametrize("level", [1, 2, *LADDER, 999])
def test_every_level_can_be_healed(sampler, level):
    found = heal(level=level, sampler=sampler, steps=2)
    real = network_pictures(STUDY.pixels, mode=Mode.CORRECTED)
    assert np.isfinite(found.left_over).all()
    noise = np.abs(found.noised / 127.5 - 1 - real).mean()
    grain = float(np.sqrt(1 - SCHEDULE.alpha_bar(level)))
    assert noise < grain + 0.01  # clipped to what a picture can show
    assert noise > 0.4 * grain * (1 - grain) - 0.01


def test_what_is_left_over_is_real_minus_healed():
    found = heal()
    real = network_pictures(STUDY.pixels, mode=Mode.CORRECTED)
    rest = (real - (found.healed / 127.5 - 1)) / 2
    np.testing.assert_allclose(found.left_over, rest, atol=0.004)
    assert not found.spread.any()


def test_seeds_are_a_mean_and_a_spread():
    each = [heal(seed=seed).left_over.astype(float) for seed in (4, 5, 6)]
    all_of_them = heal(seed=4, seeds=3)
    np.testing.assert_allclose(all_of_them.left_over, np.mean(each, axis=0), atol=2e-3)
    np.testing.assert_allclose(all_of_them.spread, np.std(each, axis=0), atol=2e-3)
    assert np.array_equal(all_of_them.noised, heal(seed=4).noised)


@pytest.mark.parametrize("sampler", list(Sampler))
def test_batches_of_any_size_agree(sampler):
    study = a_study(16)
    clips = to_clips(torch.from_numpy(network_pictures(study.pixels, mode=Mode.CORRECTED)))
    options = ImplantOptions(level=9, steps=3, sampler=sampler)
    answers = []
    for at_once in (1, 2, 3, 4):
        network = batches.Batches(small_network(), starts(4, mode=Mode.CORRECTED), at_once=at_once)
        healing = Healing(network, clips, options=options, mode=Mode.CORRECTED)
        with torch.inference_mode():
            *_, last = healing.steps(3)
        answers.append(last.x)
    for answer in answers[1:]:
        torch.testing.assert_close(answer, answers[0], atol=1e-5, rtol=0)


class Counting:
    """A report that counts, and asks to stop after so many words."""

    def __init__(self, stops_after=10**9):
        self.told, self.shown, self.stops_after = [], [], stops_after

    def __call__(self, done, total, stage):
        if len(self.told) >= self.stops_after:
            raise Cancelled("Cancelled.")
        self.told.append((done, total, stage))

    def show(self, unfinished):
        self.shown.append(unfinished())


def test_cancel_stops_within_a_step(monkeypatch):
    asked = []
    forward = space_time_unet.SpaceTimeUNet.forward

    def counted(self, *inputs):
        asked.append(1)
        return forward(self, *inputs)

    monkeypatch.setattr(space_time_unet.SpaceTimeUNet, "forward", counted)
    whole = Counting()
    heal(report=whole, steps=6)
    steps = len(asked)
    for stops_after in (1, len(whole.told) // 2):
        asked.clear()
        with pytest.raises(Cancelled):
            heal(report=Counting(stops_after), steps=6)
        assert len(asked) <= 1 + steps * stops_after / len(whole.told)


def test_progress_counts_steps_of_all_seeds():
    report = Counting()
    heal(report=report, sampler=Sampler.DDIM, steps=4, seeds=2)
    done = sorted({done for done, _, _ in report.told})
    assert done == list(range(9))
    assert {total for _, total, _ in report.told} == {8}
    assert {stage for _, _, stage in report.told} == {"healing, 1 of 2", "healing, 2 of 2"}


def test_what_there_is_so_far_can_be_shown():
    report = Counting()
    found = heal(report=report, steps=4)
    assert len(report.shown) == 5  # the noised study, and each step
    assert np.array_equal(report.shown[0].healed, found.noised)
    assert np.array_equal(report.shown[-1].healed, found.healed)
    assert all(np.array_equal(one.noised, found.noised) for one in report.shown)
    assert not any(one.is_finished for one in report.shown)
    assert found.is_finished


class Remembering(torch.nn.Module):
    """A network that says no noise, and remembers what it was asked."""

    def __init__(self):
        super().__init__()
        self.config = small_network().config
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.asked = []

    def forward(self, clips, levels, starts):
        self.asked += [
            (int(level), int(start)) for level, start in zip(levels, starts, strict=True)
        ]
        return torch.zeros(len(clips), 2, *clips.shape[2:])


@pytest.mark.parametrize(
    ("mode", "level", "first", "stride", "count"),
    [
        (Mode.AS_PUBLISHED, 600, 596, 4, 150),
        (Mode.AS_PUBLISHED, 300, 298, 2, 150),
        (Mode.AS_PUBLISHED, 400, 398, 2, 200),
        (Mode.AS_PUBLISHED, 500, 498, 3, 167),
        (Mode.CORRECTED, 300, 300, 2, 150),
        (Mode.CORRECTED, 100, 100, 1, 100),
    ],
)
def test_levels_and_starts_are_those_of_the_mode(mode, level, first, stride, count):
    network, clips = Remembering(), torch.zeros(4, 1, 4, 8, 8)
    asked = batches.Batches(network, starts(4, mode=mode))
    options = ImplantOptions(level=level, steps=150, sampler=Sampler.DDIM)
    list(Healing(asked, clips, options=options, mode=mode).steps(0))
    levels = [level for level, _ in network.asked[::4]]
    assert (levels[0], levels[0] - levels[1], len(levels)) == (first, stride, count)
    own = [start for _, start in network.asked[:4]]
    assert own == ([0, 4, 12, 24] if mode is Mode.AS_PUBLISHED else [0, 4, 8, 12])


def test_a_study_is_noised_to_its_level_whatever_the_first_asked():
    network, clips = Remembering(), torch.rand(2, 1, 4, 8, 8)
    asked = batches.Batches(network, starts(2, mode=Mode.AS_PUBLISHED))
    options = ImplantOptions(level=600, steps=150, sampler=Sampler.DDIM)
    noised = next(Healing(asked, clips, options=options, mode=Mode.AS_PUBLISHED).steps(11))
    noise = noise_like(clips, seeded(11))
    assert torch.equal(noised.x, add_noise(clips, noise, level=600, schedule=SCHEDULE))


@pytest.mark.parametrize(
    "options",
    [
        {"level": 0},
        {"level": 1000},
        {"level": -3},
        {"steps": 0},
        {"seeds": 0},
        {"seeds": MOST_SEEDS + 1},
        {"level": 50, "steps": 150, "sampler": Sampler.DDIM, "mode": Mode.AS_PUBLISHED},
        {"level": 1000, "sampler": Sampler.DDPM},
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(options):
    with pytest.raises(WrongUse) as refused:
        heal(**options)
    assert refused.value.remedy


def test_pictures_must_be_those_of_the_plan():
    for prompt in ("no plan", a_study(4).plan):
        with pytest.raises(NotForThisTask):
            heal(prompt=prompt)


def test_other_networks_are_refused():
    with pytest.raises(WeightsIncompatible, match="find implants"):
        heal(network=torch.nn.Linear(2, 2))
    with pytest.raises(WeightsIncompatible, match="64 pixels a side"):
        heal(network=small_network(side=64, unshuffle=4))


def test_weights_that_make_no_numbers_are_refused():
    network = small_network()
    torch.nn.init.constant_(network.out[2].spatial_conv.bias, float("inf"))
    with pytest.raises(WeightsIncompatible, match="heal this study"):
        heal(network=network, mode=Mode.AS_PUBLISHED, sampler=Sampler.DDIM)


class Hungry(Remembering):
    """A network for which more than one clip is too much."""

    def forward(self, clips, levels, starts):
        if len(clips) > 1:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return super().forward(clips, levels, starts)


def test_where_memory_runs_out_fewer_clips_are_asked_at_once():
    network = Hungry()
    asked = batches.Batches(network, starts(4, mode=Mode.CORRECTED), at_once=4)
    said = asked(torch.zeros(4, 1, 4, 8, 8), torch.full((4,), 9))
    assert said.shape == (4, 2, 4, 8, 8)
    assert asked.at_once == 1
    assert network.asked == [(9, 0), (9, 4), (9, 8), (9, 12)]


def test_where_one_clip_is_too_much_it_is_said(monkeypatch):
    network = Hungry()
    monkeypatch.setattr(network, "forward", lambda *_: (_ for _ in ()).throw(MemoryError()))
    asked = batches.Batches(network, starts(4, mode=Mode.CORRECTED), at_once=4)
    with pytest.raises(MemoryError):
        asked(torch.zeros(4, 1, 4, 8, 8), torch.full((4,), 9))


def test_a_network_may_say_v_or_the_clean_sample():
    eps, x0, v = (heal(network=small_network(predicts=says), level=300) for says in Predicts)
    assert not np.array_equal(eps.healed, v.healed)
    assert not np.array_equal(x0.healed, v.healed)


def test_doubts_are_told():
    narrow = study_frames(Image(np.zeros((300, 90), np.uint8)))
    assert heal(narrow, steps=1).doubts == (ImplantDoubt.STILL,)


def test_inverted_greys_are_turned_before_they_are_healed():
    plain, turned = heal(level=1, steps=1), heal(level=1, steps=1, inverted=True)
    assert np.abs(plain.noised.astype(int) + turned.noised - 255).mean() < 10


HEALTHY = Healthy(
    np.zeros((16, SIDE, SIDE)), np.full((16, SIDE, SIDE), 0.1), np.linspace(3, 9, 39), places=10
)


def compared(**options):
    return Compared(HEALTHY, ImplantOptions(**({"level": 200, "steps": 4} | options)))


def test_a_study_is_compared_with_healthy_ones_healed_alike():
    study = a_study(16)
    found = heal(study, healthy=compared())
    assert found.standing_out.shape == (16, SIDE, SIDE)
    np.testing.assert_allclose(
        found.standing_out, np.maximum(found.left_over.astype(float) / 0.1, 0), atol=0.02
    )
    assert found.cut == HEALTHY.cut(0.05)
    assert found.healthy == tuple(HEALTHY.scores)
    assert found.score == pytest.approx(np.sort(found.standing_out, axis=None)[-10], abs=0.01)
    assert found.p_value == HEALTHY.p_values(found.score)


@pytest.mark.parametrize(
    "other",
    [
        {"healthy": None},
        {"healthy": compared(), "level": 201},
        {"healthy": compared(), "steps": 5},
        {"healthy": compared(), "sampler": Sampler.DDPM, "level": 5},
        {"healthy": compared(), "mode": Mode.AS_PUBLISHED},
        {"healthy": compared(), "study": STUDY},
    ],
)
def test_what_was_healed_otherwise_is_not_compared(other):
    found = heal(**({"study": a_study(16)} | other))
    assert found.standing_out is None
    assert np.isnan([found.cut, found.score, found.p_value]).all()
    assert found.healthy == ()


def test_a_study_that_is_off_everywhere_is_unlike():
    tight = Healthy(HEALTHY.mean - 0.5, HEALTHY.spread, HEALTHY.scores, 10)
    far = Compared(tight, compared().options)
    assert ImplantDoubt.UNLIKE in heal(a_study(16), healthy=far).doubts

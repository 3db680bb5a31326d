"""Ways to heal are compared with what is kept of them; a stopped comparison goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from domain.errors import NotForThisTask, UnreadableFile, WrongUse
from domain.implant import ImplantOptions, Sampler
from inference.loader import save_weights
from models.implant.space_time_unet import SpaceTimeUNet
from tests.training.mouths import TINY, restless, write_mouths
from training import implant_choice, implant_kept
from training.data.panoramics import read_studies
from training.implant_choice import gains, results_of, way_of
from training.implant_kept import Way, heal_all, healed

QUICK = ImplantOptions(level=200, steps=2)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_weights(restless(), path, architecture="space_time_unet", config=TINY)
    return str(path)


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    return read_studies(write_mouths(tmp_path_factory.mktemp("data"), healthy=4, with_implant=2))


def test_several_seeds_are_the_mean_that_the_pipeline_gives(weights, studies, tmp_path):
    way = Way(weights, replace(QUICK, seeds=2))
    heal_all(studies[:1], [way], kept=tmp_path, processes=1)
    both = healed(studies[0], way, kept=tmp_path)
    first = healed(studies[0], way, kept=tmp_path, seeds=slice(1)).left_over
    image = implant_kept.open_picture(studies[0].path)
    by_pipeline = replace(way.healer, options=way.options).heal(image).left_over
    np.testing.assert_allclose(both.left_over, by_pipeline.astype(float), atol=1e-3)
    assert np.abs(both.left_over - first).max() > 0.01


def test_what_is_there_is_not_healed_again(weights, studies, tmp_path, capsys):
    way = Way(weights, QUICK)
    heal_all(studies[:2], [way], kept=tmp_path, processes=1)
    (whole, cut) = sorted(tmp_path.rglob("*.npz"))
    before = whole.read_bytes()
    cut.write_bytes(cut.read_bytes()[:100])  # as by a write that was stopped
    capsys.readouterr()
    heal_all(studies[:2], [way], kept=tmp_path, processes=1)
    assert capsys.readouterr().err.count("\n") == 1
    assert whole.read_bytes() == before
    assert healed(studies[1], way, kept=tmp_path).left_over.shape == (16, 128, 128)


def test_other_weights_and_options_have_files_of_their_own(weights, studies, tmp_path):
    other = tmp_path / "other.safetensors"
    save_weights(SpaceTimeUNet(TINY), other, architecture="space_time_unet", config=TINY)
    ways = [
        Way(weights, QUICK),
        Way(weights, replace(QUICK, level=100)),
        Way(weights, replace(QUICK, sampler=Sampler.DDIM)),
        Way(str(other), QUICK),
    ]
    assert len({way.folder(tmp_path) for way in ways}) == len({way.name for way in ways}) == 4
    assert Way(weights, replace(QUICK, seeds=3)).folder(tmp_path) == ways[0].folder(tmp_path)


def test_two_processes_give_what_one_gives(weights, studies, tmp_path):
    way = Way(weights, QUICK)
    for processes in (1, 2):
        heal_all(studies[:2], [way], kept=tmp_path / str(processes), processes=processes)
    one, two = (healed(studies[1], way, kept=tmp_path / name).left_over for name in "12")
    np.testing.assert_allclose(one, two, atol=1e-3)


def test_a_file_that_is_no_picture_is_named(weights, studies, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    study = replace(studies[0], path=broken)
    with pytest.raises(UnreadableFile):
        heal_all([study], [Way(weights, QUICK)], kept=tmp_path, processes=1)


def test_a_healthy_study_is_never_compared_with_itself(weights, studies, tmp_path, monkeypatch):
    """One that alone is bright somewhere stands out there, however few the others are."""
    way = Way(weights, QUICK)
    maps = dict.fromkeys([study.path for study in studies], 0.0)
    maps[studies[0].path] = 0.5

    def planted(study, way, *, kept):
        left = np.zeros((16, 128, 128))
        left[:, 40:80, 40:80] = maps[study.path]
        return implant_kept.Healed(left, 1.0)

    monkeypatch.setattr(implant_choice, "healed", planted)
    scores = [one.score for one in results_of(studies, way, kept=tmp_path)]
    assert scores[0] > 10
    assert scores[1:4] == [0, 0, 0]


def test_too_few_healthy_studies_are_refused(weights, studies, tmp_path):
    way, few = Way(weights, QUICK), studies[2:]
    heal_all(few, [way], kept=tmp_path, processes=1)
    with pytest.raises(NotForThisTask):
        results_of(few, way, kept=tmp_path)


def test_one_command_compares(weights, studies, tmp_path, capsys):
    out = tmp_path / "out"
    folder = str(studies[0].path.parent)
    argv = ["--data", folder, "--kept", str(tmp_path / "kept"), "--out", str(out)]
    tried = ["--try", "level=200,steps=2", "--try", "level=100,steps=2,seeds=2"]
    assert implant_choice.main([*argv, "--weights", weights, *tried]) == 0
    first, second = json.loads((out / "choice.json").read_text()).values()
    assert {"auroc_study", "froc", "pixel_auprc"} <= first.keys() < second.keys()
    own = first["auroc_study"]["value"] + second["auroc_study.gain"]["value"]
    assert own == pytest.approx(second["auroc_study"]["value"])
    assert (out / "choice.md").read_text() == capsys.readouterr().out


def test_a_way_gains_nothing_over_itself(weights, studies, tmp_path):
    way = Way(weights, QUICK)
    heal_all(studies, [way], kept=tmp_path, processes=1)
    results = results_of(studies, way, kept=tmp_path)
    assert {metric.value for metric in gains(results, results).values()} == {0}


def test_studies_that_nobody_outlined_are_compared_by_their_scores(weights, studies, tmp_path):
    way, bare = Way(weights, QUICK), [replace(study, boxes=None) for study in studies]
    heal_all(bare, [way], kept=tmp_path, processes=1)
    compared = implant_choice.compare(bare, [way], kept=tmp_path)
    assert compared[way.name].keys() == {"auroc_study"}
    assert implant_choice.table(compared).count("–") == 5  # no place, and no other way


@pytest.mark.parametrize("text", ["lambda=3", "level", "level=many"])
def test_a_way_that_is_none_is_wrong_use(text):
    with pytest.raises(WrongUse):
        way_of(text, Way())


def test_the_name_says_what_is_unusual():
    usual = way_of("level=400,seeds=3", Way())
    assert usual.name == "λ 400, 6 steps, 3 seeds"
    assert "ddim" in way_of("sampler=ddim", Way(str(Path("x.safetensors")))).name

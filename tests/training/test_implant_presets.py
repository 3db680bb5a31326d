"""Presets held against the published sampler."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from domain.errors import WrongUse
from domain.implant import ImplantOptions
from domain.implant_scoring import Healthy
from domain.implant_study import network_pictures, study_frames
from domain.provenance import Mode
from inference.healthy import Compared
from tests.training.mouths import TINY, restless, write_mouths
from training import implant_kept, implant_presets
from training.data.panoramics import open_picture, read_studies
from training.implant_predictor import Healer
from training.implant_presets import against, by_published_sampler, chosen, published, spearman

OPTIONS = ImplantOptions(level=200, steps=2)


def _network(healthy=None):
    entry = SimpleNamespace(sha256="tiny", architecture="space_time_unet")
    return SimpleNamespace(module=restless(), entry=entry, dtype="float32", healthy=healthy)


@pytest.fixture
def healthy():
    rng = np.random.default_rng(0)
    return Healthy.of(rng.normal(0, 0.05, (4, 16, 128, 128)), floor=0.01, places=50)


@pytest.fixture
def studies(tmp_path):
    return read_studies(write_mouths(tmp_path / "data", healthy=4, with_implant=2))


def test_ranks_that_agree_and_that_are_turned_round():
    assert spearman(np.array([[1.0, 10], [2, 20], [3, 1000]])) == pytest.approx(1)
    assert spearman(np.array([[1.0, 3], [2, 2], [3, 1]])) == pytest.approx(-1)
    tied = np.array([[1.0, 1], [1, 2], [2, 3], [3, 4]])  # ranks 1.5 1.5 3 4 beside 1 2 3 4
    assert spearman(tied) == pytest.approx(4.5 / np.sqrt(4.5 * 5))
    assert spearman(np.array([[1.0, 1], [1, 2]])) == 0


def test_half_of_the_chosen_have_implants_where_there_are_enough(studies):
    assert [one.with_implant for one in chosen(studies, 4)] == [True, True, False, False]
    assert [one.with_implant for one in chosen(studies, 6)] == [True] * 2 + [False] * 4
    assert len({one.name for one in chosen(studies, 6)}) == 6
    assert len(chosen(studies, 100)) == 6


class _Recorder(nn.Module):
    """A network that answers black, and remembers what it was asked."""

    config = TINY

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.asked = []

    def forward(self, clips, levels, starts):
        self.asked.append((levels.tolist(), starts.tolist()))
        return torch.full_like(clips, -1)


def test_the_published_sampler_goes_as_the_original_does(studies):
    network = _Recorder()
    healer = Healer(SimpleNamespace(module=network), "", options=published(300).options)
    image = open_picture(studies[0].path)
    left = by_published_sampler(healer, image)
    assert [levels[0] for levels, _ in network.asked[::2]] == list(range(298, -1, -2))
    assert [starts for _, starts in network.asked[:2]] == [[0, 4], [8, 12]]
    grey = network_pictures(study_frames(image).pixels, mode=Mode.CORRECTED)
    np.testing.assert_allclose(left, (grey + 1) / 2, atol=2e-3)


def test_maps_are_held_against_the_noise_of_two_seeds(healthy):
    rng = np.random.default_rng(1)
    theirs = rng.normal(0, 0.1, (2, 5, 16, 128, 128)) * np.arange(1, 6)[:, None, None, None]
    people = [f"p{n}" for n in range(5)]
    same = against(theirs, theirs, healthy=healthy, people=people)
    assert same["apart"].value == 0
    assert same["apart.other_seed.share"].value == 1
    assert same["rank.calibrated"].value == same["rank.absolute.mean"].value == pytest.approx(1)
    turned = against(theirs[:, ::-1], theirs, healthy=healthy, people=people)
    assert turned["rank.calibrated"].value < 0
    assert turned["apart.share"].value > 0.9


def test_one_command_compares(studies, healthy, tmp_path, monkeypatch, capsys):
    healer = Healer(_network(Compared(healthy, OPTIONS)), "tiny", options=OPTIONS)
    for module in (implant_kept, implant_presets):
        monkeypatch.setattr(module, "load_healer", lambda weights, device: healer)
    monkeypatch.setattr(implant_presets, "STEPS", 4)
    implant_kept._loaded.cache_clear()
    implant_kept._identity.cache_clear()
    out, folder = tmp_path / "out", str(studies[0].path.parent)
    argv = ["--data", folder, "--kept", str(tmp_path / "kept"), "--out", str(out)]
    assert implant_presets.main([*argv, "--studies", "2", "--try", "steps=3,sampler=ddim"]) == 0
    implant_kept._loaded.cache_clear()
    implant_kept._identity.cache_clear()
    theirs, usual, tried = json.loads((out / "presets.json").read_text()).values()
    assert theirs["apart"]["value"] > 0
    assert usual["apart.share"]["value"] == pytest.approx(
        usual["apart"]["value"] / theirs["apart"]["value"]
    )
    assert tried["apart"]["n"] == 2
    assert (out / "presets.md").read_text() == capsys.readouterr().out


def test_weights_without_healthy_studies_are_refused(studies, tmp_path, monkeypatch):
    healer = Healer(_network(), "tiny", options=OPTIONS)
    monkeypatch.setattr(implant_presets, "load_healer", lambda weights, device: healer)
    folder = str(studies[0].path.parent)
    with pytest.raises(WrongUse):
        implant_presets.main(["--data", folder, "--kept", folder, "--out", str(tmp_path / "out")])

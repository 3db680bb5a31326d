"""Training on drawn mouths: both recipes learn, a run resumes as if it had not stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from domain.errors import WrongUse
from inference.loader import read_metadata
from models.diffusion.prediction import Predicts
from models.implant.space_time_unet import SpaceTimeUNetConfig
from tests.training.mouths import TINY, write_mouths
from training import cli
from training.data.clips import Change, Drawer
from training.implant import CHECKPOINT_NAME, ImplantRun, Places, Trainer, load, run
from training.settings import changed, read_settings

SHORT = ImplantRun(network=TINY, steps=4, frames=4, singles=0.5, warm_up=1)
OF_V = replace(SHORT, network=replace(TINY, predicts=Predicts.V))
PUBLISHED = replace(
    SHORT,
    network=replace(TINY, predicts=Predicts.EPS),
    change=Change.BY_FRAME,
    singles=0.0,
    levels=1000,
    momentum=0.0,
    cosine=False,
    young_average=False,
)
CONFIGS = Path(cli.__file__).with_name("configs")


@pytest.fixture(scope="module")
def mouths(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mouths(tmp_path_factory.mktemp("mouths"), healthy=3, with_implant=1)


@pytest.mark.parametrize("config", [SHORT, OF_V, PUBLISHED], ids=["corrected", "v", "published"])
def test_a_run_leaves_weights_that_say_what_they_are(config, mouths, tmp_path, capsys):
    path = run(config, Places(mouths, tmp_path))
    said = read_metadata(path.read_bytes())
    assert said["architecture"] == "space_time_unet"
    assert said["config"]["predicts"] == config.network.predicts.value
    assert "3 studies to learn from" in capsys.readouterr().err
    last = json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])
    assert last["step"] == 4
    assert np.isfinite(last["loss"])


def test_a_run_that_was_stopped_goes_on_to_the_same_weights(mouths, tmp_path):
    whole = run(SHORT, Places(mouths, tmp_path / "whole"))
    trainer = Trainer(SHORT, init=None, device=torch.device("cpu"))
    drawer = Drawer(load(Places(mouths, tmp_path)), seed=SHORT.seed, change=SHORT.change)
    for step in range(2):
        clips, length = SHORT.clips_at(step)
        trainer.learn(drawer.draw(step, clips=clips, length=length))
    (tmp_path / "stopped").mkdir()
    trainer.save(tmp_path / "stopped" / CHECKPOINT_NAME)
    resumed = run(SHORT, Places(mouths, tmp_path / "stopped"))
    one, other = load_file(whole), load_file(resumed)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_another_networks_checkpoint_is_refused(mouths, tmp_path):
    run(SHORT, Places(mouths, tmp_path))
    other = replace(SHORT, network=replace(TINY, width=16))
    with pytest.raises(WrongUse, match="another run"):
        run(other, Places(mouths, tmp_path))


def test_single_frames_leave_the_part_in_time_the_identity():
    trainer = Trainer(SHORT, init=None, device=torch.device("cpu"))
    first = {k: v.clone() for k, v in trainer.network.state_dict().items() if "temporal_conv" in k}
    drawer = Drawer([np.zeros((16, 128, 128), np.uint8)], seed=0, change=Change.BY_CLIP)
    trainer.learn(drawer.draw(0, clips=2, length=1))
    now = trainer.network.state_dict()
    assert all(torch.equal(now[name], value) for name, value in first.items())
    trainer.learn(drawer.draw(1, clips=1, length=4))
    trainer.learn(drawer.draw(2, clips=1, length=4))
    now = trainer.network.state_dict()
    assert not all(torch.equal(now[name], value) for name, value in first.items())


def test_nothing_to_learn_from_is_said(tmp_path):
    with pytest.raises(WrongUse, match="no studies"):
        run(SHORT, Places(tmp_path, tmp_path / "out"))
    only = write_mouths(tmp_path / "only", healthy=0, with_implant=2)
    with pytest.raises(WrongUse, match="nothing to learn from"):
        run(SHORT, Places(only, tmp_path / "out"))


@pytest.mark.parametrize("name", ["implant", "implant-published"])
def test_the_recipes_that_come_along_can_be_read(name):
    config = changed(ImplantRun(), read_settings(CONFIGS / f"{name}.yaml"))
    assert config.network.predicts is (Predicts.X0 if name == "implant" else Predicts.EPS)


def test_the_published_recipe_is_the_published_network():
    config = changed(ImplantRun(), read_settings(CONFIGS / "implant-published.yaml"))
    assert config.network == SpaceTimeUNetConfig()


def test_the_verb_trains(mouths, tmp_path, capsys):
    told = [
        "network.width=8",
        "network.multipliers=[1,1]",
        "network.unshuffle=8",
        "network.attention=[]",
        "network.heads=2",
        "network.embedding=8",
        "frames=4",
    ]
    options = [part for text in told for part in ("--set", text)]
    argv = ["train", "implant", "--data", str(mouths), "--out", str(tmp_path), "--steps", "1"]
    assert cli.run([*argv, "--limit", "2", "--device", "cpu", *options]) == 0
    assert capsys.readouterr().out.strip().endswith("implant.safetensors")

"""Training: a tiny run learns, resumes where it was, and starts from given weights."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from domain.errors import WeightsIncompatible, WrongUse
from models.vertebrae.column import ColumnNetConfig
from tests.training.folder import write_aasce
from training import vertebrae
from training.cli import run as command
from training.vertebrae import CHECKPOINT_NAME, Places, RunConfig, Trainer, run

TINY = RunConfig(
    network=ColumnNetConfig(
        rows=64, columns=32, width=48, heads=4, image_layers=1, joint_layers=1, pixel_width=16
    ),
    steps=3,
    batch=2,
    phantom_share=0.0,
    warm_up=1,
    bfloat16=False,
    seed=3,
)


@pytest.fixture(autouse=True)
def from_scratch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vertebrae, "imagenet_state", lambda variant: None)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_aasce(tmp_path / "data", count=3)
    return tmp_path / "data"


def test_a_run_writes_weights_and_resumes(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    weights = run(TINY, Places(data, out))
    assert "starts from scratch" in capsys.readouterr().err
    assert torch.load(out / CHECKPOINT_NAME, weights_only=True)["step"] == 3
    first = {name: value.clone() for name, value in load_file(weights).items()}
    run(replace(TINY, steps=5), Places(data, out))
    assert "step 3" in capsys.readouterr().err
    assert torch.load(out / CHECKPOINT_NAME, weights_only=True)["step"] == 5
    later = load_file(weights)
    assert any(not torch.equal(first[name], later[name]) for name in first)


def test_stopping_half_way_changes_nothing(data: Path, tmp_path: Path) -> None:
    whole = load_file(run(TINY, Places(data, tmp_path / "whole")))
    halves = Places(data, tmp_path / "halves")
    batches = vertebrae.stream(TINY, halves, rank=0)
    trainer = Trainer(TINY, init=None, device=torch.device("cpu"))
    trainer.learn(batches.draw(0))
    halves.out.mkdir()
    trainer.save(halves.out / CHECKPOINT_NAME)
    rest = load_file(run(TINY, halves))
    assert all(torch.allclose(whole[name], rest[name], atol=1e-2) for name in whole)


def test_another_network_s_folder_is_refused(data: Path, tmp_path: Path) -> None:
    run(TINY, Places(data, tmp_path / "out"))
    other = replace(TINY, network=replace(TINY.network, width=32))
    with pytest.raises(WrongUse, match="another run"):
        run(other, Places(data, tmp_path / "out"))


def test_the_error_falls(data: Path, tmp_path: Path) -> None:
    config = replace(TINY, batch=4, steps=60)
    trainer = Trainer(config, init=None, device=torch.device("cpu"))
    batches = vertebrae.stream(config, Places(data, tmp_path), rank=0)
    parts = [trainer.learn(batches.draw(n))["heat"] for n in range(30)]
    assert sum(parts[-5:]) < 0.9 * sum(parts[:5])


def test_given_weights_are_where_it_starts(data: Path, tmp_path: Path) -> None:
    weights = run(TINY, Places(data, tmp_path / "one"))
    trainer = Trainer(TINY, init=weights, device=torch.device("cpu"))
    stored = load_file(weights)
    for name, value in trainer.network.state_dict().items():
        assert torch.equal(value, stored[name].to(value.dtype)), name


def test_weights_of_another_network_are_refused_in_words(tmp_path: Path) -> None:
    other, none = tmp_path / "other.pth", tmp_path / "none.safetensors"
    torch.save({"features.0.weight": torch.zeros(8)}, other)
    with pytest.raises(WeightsIncompatible, match="no network that Caliper knows"):
        Trainer(TINY, init=other, device=torch.device("cpu"))
    with pytest.raises(WrongUse, match="There is no such file"):
        Trainer(TINY, init=none, device=torch.device("cpu"))


def test_unknown_settings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"steps": 5, "network": {"width": 96}, "user": {"slips": 0.1}}))
    config = RunConfig.read(path)
    assert (config.steps, config.network.width, config.user.slips) == (5, 96, 0.1)
    path.write_text(json.dumps({"stepz": 5}))
    with pytest.raises(WrongUse, match="stepz"):
        RunConfig.read(path)


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["train", "vertebrae", "--data", str(tmp_path), "--out", str(tmp_path / "o")]
    assert command(arguments) == 2
    assert "No AASCE data" in capsys.readouterr().err

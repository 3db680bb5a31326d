"""The airlock turns a checkpoint into a weights file, value for value, or says what is wrong."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
import torch
from safetensors.torch import load_file

from domain.errors import WeightsIncompatible
from inference import airlock
from inference.airlock import convert
from inference.loader import read_metadata
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig

CONFIG = UNetIkemConfig(width=4, gating=False)


@pytest.fixture(scope="module")
def state():
    torch.manual_seed(9)
    return UNetIkem(CONFIG).state_dict()


def test_values_are_kept(state, tmp_path):
    source, target = tmp_path / "x.pth", tmp_path / "x.safetensors"
    torch.save({"model": state}, source)
    found = convert(source, target)
    assert (found.architecture, found.config) == ("unet_ikem", asdict(CONFIG))
    written = load_file(target)
    assert written.keys() == state.keys()
    assert all(torch.equal(written[key], state[key]) for key in state)
    assert read_metadata(target.read_bytes())["config"] == asdict(CONFIG)


@pytest.mark.parametrize("wrong", ["missing", "unexpected", "shape"])
def test_what_does_not_fit_is_named(state, wrong, tmp_path):
    changed = dict(state)
    key = "up4.conv.double_conv.3.weight"
    if wrong == "missing":
        del changed[key]
    elif wrong == "unexpected":
        key = "up4.more"
        changed[key] = torch.zeros(2)
    else:
        changed[key] = torch.zeros(2, 2, 3, 3)
    torch.save(changed, tmp_path / "x.pth")
    with pytest.raises(WeightsIncompatible) as caught:
        convert(tmp_path / "x.pth", tmp_path / "y")
    assert key in caught.value.why
    assert wrong in caught.value.why
    assert not (tmp_path / "y").exists()


def test_what_a_reader_must_not_need_is_reported(monkeypatch, capsys, tmp_path):
    def greedy(source, target):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(airlock, "convert", greedy)
    monkeypatch.setattr(airlock, "lock_down", lambda **_: None)  # this process lives on
    (tmp_path / "x.pth").touch()
    assert airlock.main([str(tmp_path / "x.pth"), str(tmp_path / "y")]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["error"] == "UnreadableFile"
    assert "RuntimeError" in answer["why"]

"""The airlock turns a checkpoint into a weights file, value for value, or says what is wrong."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
import torch
from safetensors.torch import load_file

from domain.errors import WeightsIncompatible
from inference import airlock
from inference.airlock import convert, shapes_alone
from inference.loader import build, read_metadata
from inference.manifest import shipped_folder
from inference.upkeep import run_airlock
from models.implant.space_time_unet import SpaceTimeUNet, SpaceTimeUNetConfig
from models.vertebrae.hrnet_ocr import HrnetOcr, HrnetOcrConfig
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig
from tests.golden.mike import as_parent

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


@pytest.mark.slow
def test_a_network_of_our_own_passes_the_locked_door(tmp_path):
    source, target = shipped_folder() / "vertebrae-column.safetensors", tmp_path / "x.tmp"
    assert run_airlock(source, target)["architecture"] == "column_net"
    before, after = load_file(source), load_file(target)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)


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


@pytest.fixture(scope="module")
def mike():
    """A checkpoint of the parent system, and the same weights under our names."""
    torch.manual_seed(2)
    ours = HrnetOcr(HrnetOcrConfig(width=2)).state_dict()
    return {f"module.{key}": tensor for key, tensor in as_parent(ours).items()}, ours


def test_the_parents_values_are_kept_under_our_names(mike, tmp_path):
    theirs, ours = mike
    torch.save({"model": theirs, "epoch": 88, "metric": {"MRE": 8.8}}, tmp_path / "x.pth")
    found = convert(tmp_path / "x.pth", tmp_path / "y")
    assert found.config == {"width": 2, "gating": True, "parent": True}
    written = load_file(tmp_path / "y")
    assert written.keys() == ours.keys()
    assert all(torch.equal(written[key], ours[key]) for key in ours)


@pytest.mark.parametrize(
    ("key", "change", "said"),
    [
        ("ritm_hrnet.cls_head.bias", None, "1 missing (cls_head.bias)"),
        ("hintmap_encoder.0.weight", (1, 68, 1, 1), "has [1, 68, 1, 1], needs [1, 136, 1, 1]"),
        ("ritm_hrnet.more", (1,), "1 unexpected (hrnet.more)"),
    ],
)
def test_what_does_not_fit_of_the_parent_is_named(mike, key, change, said, tmp_path):
    changed = dict(mike[0])
    if change is None:
        del changed[f"module.{key}"]
    else:
        changed[f"module.{key}"] = torch.zeros(change)
    torch.save({"model": changed}, tmp_path / "x.pth")
    with pytest.raises(WeightsIncompatible) as caught:
        convert(tmp_path / "x.pth", tmp_path / "y")
    assert said in caught.value.why
    assert not (tmp_path / "y").exists()


@pytest.fixture(scope="module")
def implant():
    """A checkpoint of the implant network, narrow, as its trainer saves it."""
    torch.manual_seed(2)
    state = SpaceTimeUNet(SpaceTimeUNetConfig(width=4, embedding=8, side=16)).state_dict()
    worse = {f"module.{key}": torch.zeros_like(tensor) for key, tensor in state.items()}
    return {"model": worse, "model_ema": state, "optimizer": {}, "scheduler": {}}


def test_of_the_implant_network_the_averaged_values_are_kept(implant, tmp_path):
    torch.save(implant, tmp_path / "x.pt")
    found = convert(tmp_path / "x.pt", tmp_path / "y")
    assert found.architecture == "space_time_unet"
    written = load_file(tmp_path / "y")
    assert all(torch.equal(written[key], implant["model_ema"][key]) for key in written)
    assert written.keys() == implant["model_ema"].keys()


def test_without_averaged_values_the_others_are_taken_and_lose_their_prefix(implant, tmp_path):
    state = {f"module.{key}": tensor for key, tensor in implant["model_ema"].items()}
    torch.save({"model": state}, tmp_path / "x.pt")
    convert(tmp_path / "x.pt", tmp_path / "y")
    assert load_file(tmp_path / "y").keys() == implant["model_ema"].keys()


@pytest.mark.parametrize(
    ("key", "change", "said"),
    [
        ("out.2.temporal_conv.bias", None, "1 missing (out.2.temporal_conv.bias)"),
        ("input_blocks.1.1.more", (1,), "1 unexpected (input_blocks.1.1.more)"),
        ("out.0.weight", (5,), "out.0.weight: has [5], needs [4]"),
    ],
)
def test_what_does_not_fit_of_the_implant_network_is_named(implant, key, change, said, tmp_path):
    changed = dict(implant["model_ema"])
    if change is None:
        del changed[key]
    else:
        changed[key] = torch.zeros(change)
    torch.save({"model_ema": changed}, tmp_path / "x.pt")
    with pytest.raises(WeightsIncompatible) as caught:
        convert(tmp_path / "x.pt", tmp_path / "y")
    assert said in caught.value.why
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


@pytest.mark.parametrize(
    "architecture", ["unet_ikem", "hrnet_ocr", "column_net", "space_time_unet"]
)
def test_shapes_are_known_without_numbers(architecture):
    drawn = torch.get_rng_state()
    with shapes_alone():
        needed = build(architecture, {}).state_dict()
    assert torch.equal(torch.get_rng_state(), drawn)
    assert all(tensor.is_meta for tensor in needed.values())
    real = build(architecture, {}).state_dict()
    assert {key: (v.shape, v.dtype) for key, v in needed.items()} == {
        key: (v.shape, v.dtype) for key, v in real.items()
    }
    assert not any(torch.isnan(tensor).any() for tensor in real.values())

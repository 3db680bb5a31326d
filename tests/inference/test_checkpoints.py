"""Checkpoints of other programs: unwrapped, and never run."""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import asdict

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from domain.errors import UnreadableFile, WeightsIncompatible
from inference.checkpoints import plain_state, read_checkpoint
from inference.loader import save_weights
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig

CONFIG = UNetIkemConfig(width=4)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(5)
    return UNetIkem(CONFIG)


@pytest.fixture
def state(network):
    return OrderedDict(network.state_dict())


def published(network):
    """What the original's training loop saves."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    network.train()
    maps = torch.zeros(2, 68, 64, 64)
    network(maps, maps, torch.zeros(2, 3, 64, 64)).mean().backward()
    optimizer.step()
    return {
        "model": network.state_dict(),
        "epoch": 225,
        "optimizer": optimizer.state_dict(),
        "train_loss": [0.1, np.float64(0.05)],
        "val_MRE": np.float32(9.47),
        "lowest_MRE": np.array([7.06]).min(),
        "epoch_count": 36,
    }


def test_the_published_layout_loads(tmp_path):
    network = UNetIkem(CONFIG)
    path = tmp_path / "last.pth"
    torch.save(published(network), path)
    state, found = read_checkpoint(path)
    assert (found.architecture, found.config) == ("unet_ikem", asdict(CONFIG))
    expected = network.state_dict()
    assert state.keys() == expected.keys()
    assert all(torch.equal(state[key], expected[key]) for key in state)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"state_dict": state, "epoch": 3},
        lambda state: {"model": {"model_state_dict": state}},
        lambda state: [state, {"other": torch.zeros(1)}],
        lambda state: {"model": {"wrong": torch.zeros(1)}, "model_ema": state},
        lambda state: {f"module.{key}": value for key, value in state.items()},
        lambda state: {"model": {f"module.module.{k}": v for k, v in state.items()}},
        lambda state: {key: torch.nn.Parameter(v) if v.ndim > 3 else v for key, v in state.items()},
        lambda state: {key: v.double() if v.is_floating_point() else v for key, v in state.items()},
    ],
    ids=[
        "bare",
        "state_dict",
        "twice",
        "list",
        "ema first",
        "module",
        "modules",
        "param",
        "double",
    ],
)
def test_wrappers_and_prefixes_come_off(state, wrap, tmp_path):
    path = tmp_path / "x.pt"
    torch.save(wrap(state), path)
    found, recognised = read_checkpoint(path)
    assert recognised.config == asdict(CONFIG)
    assert found.keys() == state.keys()
    assert all(torch.equal(found[key], state[key]) for key in state)


def test_legacy_files_load(state, tmp_path):
    torch.save(state, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    assert read_checkpoint(tmp_path / "old.pth")[1].architecture == "unet_ikem"


def test_safetensors_load_with_and_without_our_words(network, state, tmp_path):
    save_file(dict(state), tmp_path / "theirs.safetensors")
    assert read_checkpoint(tmp_path / "theirs.safetensors")[1].config == asdict(CONFIG)
    told = {**asdict(CONFIG), "activation": "relu"}  # not to be seen in any key
    save_weights(network, tmp_path / "ours", architecture="unet_ikem", config=told)
    assert read_checkpoint(tmp_path / "ours")[1].config == told


@pytest.mark.parametrize("tree", [{}, [], {"model": {}}, {"model": 3}, {"a": "b"}, 7, None])
def test_a_file_without_a_network_is_refused(tree, tmp_path):
    torch.save(tree, tmp_path / "x.pt")
    with pytest.raises(WeightsIncompatible, match="no network"):
        read_checkpoint(tmp_path / "x.pt")


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor([float("inf")]),
        torch.tensor([1.0, float("nan")]),
        torch.zeros(2, 2).to_sparse(),
        torch.zeros(2, dtype=torch.complex64),
        torch.zeros(1).expand(100_000, 100_000),
    ],
    ids=["infinite", "no number", "sparse", "complex", "inflated"],
)
def test_odd_tensors_are_refused(tensor):
    with pytest.raises(WeightsIncompatible, match="odd"):
        plain_state({"odd": tensor})


def test_a_small_file_does_not_become_a_giant(state, tmp_path):
    """Many views of one tensor: each is honest, together they would fill the memory."""
    large = torch.zeros(1000, 1000)
    torch.save({**state, **{f"layer{n}": large for n in range(500)}}, tmp_path / "x.pt")
    assert (tmp_path / "x.pt").stat().st_size < 8 * 2**20
    with pytest.raises(WeightsIncompatible, match="far more"):
        read_checkpoint(tmp_path / "x.pt")


def test_tied_weights_may_share_their_numbers(state, tmp_path):
    key = "down1.maxpool_conv.1.double_conv.3.weight"
    state["down1.maxpool_conv.1.double_conv.1.weight"] = state[key][:, 0, 0, 0]
    torch.save(state, tmp_path / "x.pt")
    assert read_checkpoint(tmp_path / "x.pt")[1].architecture == "unet_ikem"


class Trap:
    """Runs a command when unpickled by whoever trusts pickles."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize("new", [True, False])
def test_code_in_a_file_is_named_and_not_run(state, new, tmp_path):
    mark = tmp_path / "ran"
    tree = {"model": state, "args": Trap(mark)}
    torch.save(tree, tmp_path / "trap.pt", _use_new_zipfile_serialization=new)
    with pytest.raises(UnreadableFile, match="mkdir"):
        read_checkpoint(tmp_path / "trap.pt")
    assert not mark.exists()


def test_a_whole_pickled_network_is_refused(network, tmp_path):
    torch.save(network, tmp_path / "whole.pt")
    with pytest.raises(UnreadableFile, match="UNetIkem"):
        read_checkpoint(tmp_path / "whole.pt")


@pytest.mark.parametrize("damage", ["cut", "noise", "text", "empty"])
def test_broken_files_are_refused(state, damage, tmp_path):
    path = tmp_path / "x.pt"
    torch.save(state, path)
    content = path.read_bytes()
    half = len(content) // 2
    broken = {
        "cut": content[:half],
        "noise": bytes(range(256)) * 40,
        "text": b"hello",
        "empty": b"",
    }
    path.write_bytes(broken[damage])
    with pytest.raises(UnreadableFile):
        read_checkpoint(path)


def test_a_broken_safetensors_file_is_refused(state, tmp_path):
    path = tmp_path / "x.safetensors"
    save_file(dict(state), path)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(UnreadableFile, match="safetensors"):
        read_checkpoint(path)


def test_a_file_of_a_newer_caliper_is_refused(network, tmp_path, monkeypatch):
    monkeypatch.setattr("inference.loader.SCHEMA", 2)
    save_weights(network, tmp_path / "x", architecture="unet_ikem", config=CONFIG)
    monkeypatch.undo()
    with pytest.raises(WeightsIncompatible, match="newer Caliper"):
        read_checkpoint(tmp_path / "x")

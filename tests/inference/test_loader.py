"""Weights files: the same bytes for the same weights, strictly loaded, refused in words."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, replace

import pytest
import torch

from domain.errors import WeightsCorrupt, WeightsIncompatible
from inference.device import pick_device
from inference.entry import ARCHITECTURE_TASKS, WeightsEntry, canonical_json
from inference.loader import (
    ARCHITECTURES,
    build,
    load,
    read_metadata,
    save_weights,
    split_parts,
    to_bytes,
)
from models.implant.space_time_unet import SpaceTimeUNet, SpaceTimeUNetConfig
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig

CONFIG = UNetIkemConfig(width=4)
CPU = pick_device("cpu")


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    network = UNetIkem(CONFIG).eval()
    for name, buffer in network.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_()
    return network


def listed(path, *, config=CONFIG, parts=None):
    parts = parts or split_parts(path)
    whole = b"".join((path.parent / part.file).read_bytes() for part in parts)
    import hashlib

    return WeightsEntry(
        "unet", "vertebrae", "U-Net", architecture="unet_ikem",
        config_json=canonical_json(asdict(config)), parts=parts, bytes=len(whole),
        sha256=hashlib.sha256(whole).hexdigest(), folder=path.parent,
    )  # fmt: skip


def saved(network, path, **options):
    save_weights(network, path, architecture="unet_ikem", config=CONFIG, **options)
    return path


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_there_and_back(network, tmp_path, dtype):
    entry = listed(saved(network, tmp_path / "u.safetensors", dtype=dtype))
    loaded = load(entry, device=CPU)
    assert loaded.entry is entry
    assert loaded.dtype == "float32"
    assert not loaded.module.training
    assert not any(p.requires_grad for p in loaded.module.parameters())
    assert loaded.module.config == CONFIG
    state = loaded.module.state_dict()
    for key, tensor in network.state_dict().items():
        stored = tensor.to(dtype) if tensor.ndim >= 2 else tensor  # vectors are kept whole
        assert torch.equal(state[key], stored.to(tensor.dtype)), key


def test_the_same_weights_give_the_same_bytes(network, tmp_path):
    first = saved(network, tmp_path / "a").read_bytes()
    shuffled = dict(reversed(network.state_dict().items()))
    other = UNetIkem(CONFIG)
    other.load_state_dict(shuffled)
    assert saved(other.to(memory_format=torch.channels_last), tmp_path / "b").read_bytes() == first


def test_the_file_says_what_it_is_under_one_key(network, tmp_path):
    content = saved(network, tmp_path / "a").read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    assert list(json.loads(content[8 : 8 + length])["__metadata__"]) == ["caliper"]
    said = {"schema": 1, "architecture": "unet_ikem", "config": asdict(CONFIG)}
    assert read_metadata(content) == said


def test_parts_are_joined(network, tmp_path):
    path = saved(network, tmp_path / "u.safetensors")
    content = path.read_bytes()
    (tmp_path / "u.safetensors.99").write_bytes(b"left from a longer file")
    limit = len(content) // 3
    parts = split_parts(path, limit=limit)
    assert sum(part.bytes for part in parts) == len(content)
    assert max(part.bytes for part in parts) == limit
    assert {file.name for file in tmp_path.iterdir()} == {part.file for part in parts}
    entry = listed(path, parts=parts)
    assert torch.equal(
        load(entry, device=CPU).module.outc.aux_head[3].bias, network.outc.aux_head[3].bias
    )
    with pytest.raises(WeightsCorrupt):
        load(replace(entry, parts=entry.parts[::-1]), device=CPU)


def test_a_small_file_stays_one(network, tmp_path):
    path = saved(network, tmp_path / "u.safetensors")
    (part,) = split_parts(path)
    assert (part.file, part.bytes) == ("u.safetensors", path.stat().st_size)


def test_damage_is_found(network, tmp_path):
    path = saved(network, tmp_path / "u.safetensors")
    entry = listed(path)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsCorrupt, match="sha256"):
        load(entry, device=CPU)


def test_file_and_manifest_must_agree(network, tmp_path):
    path = saved(network, tmp_path / "u.safetensors")
    for config in (replace(CONFIG, width=8), replace(CONFIG, activation="relu")):
        with pytest.raises(WeightsCorrupt, match="manifest"):
            load(listed(path, config=config), device=CPU)


@pytest.mark.parametrize("content", [b"", b"PK\3\4 a zip", b"\xff" * 64, b"\2" + b"\0" * 7 + b"{}"])
def test_no_safetensors_file(tmp_path, content):
    path = tmp_path / "u.safetensors"
    path.write_bytes(content)
    with pytest.raises(WeightsCorrupt, match="safetensors"):
        load(listed(path), device=CPU)


@pytest.mark.parametrize("wrong", ["missing", "unexpected", "shape"])
def test_what_does_not_fit_is_named(network, tmp_path, wrong):
    state = dict(network.state_dict())
    key = "down1.maxpool_conv.1.double_conv.0.weight"
    if wrong == "missing":
        del state[key]
    elif wrong == "unexpected":
        key = "extra.weight"
        state[key] = torch.zeros(1)
    else:
        state[key] = state[key][:1]
    path = tmp_path / "u.safetensors"
    path.write_bytes(to_bytes(state, architecture="unet_ikem", config=CONFIG))
    with pytest.raises(WeightsIncompatible) as caught:
        load(listed(path), device=CPU)
    assert wrong in caught.value.why
    assert key in caught.value.why


@pytest.mark.parametrize(
    ("architecture", "config"),
    [("later", {}), ("unet_ikem", {"width": 5}), ("unet_ikem", {"colour": 1})],
)
def test_what_cannot_be_built_is_refused(architecture, config):
    with pytest.raises(WeightsIncompatible):
        build(architecture, config)


def test_a_network_in_space_and_time_loads(tmp_path):
    """Some of its convolutions have a layout over channels, others have none."""
    config = SpaceTimeUNetConfig(width=4, embedding=8, side=16)
    network, path = SpaceTimeUNet(config).eval(), tmp_path / "s.safetensors"
    save_weights(network, path, architecture="space_time_unet", config=config, dtype=torch.float32)
    entry = replace(listed(path, config=config), architecture="space_time_unet", task="implant")
    loaded = load(entry, device=CPU).module
    spatial = loaded.input_blocks[1][0].in_layers[2].spatial_conv.weight
    assert spatial.is_contiguous(memory_format=torch.channels_last)
    clips, one = torch.rand(1, 1, 4, 16, 16), torch.tensor([1])
    with torch.inference_mode():
        torch.testing.assert_close(loaded(clips, one, one), network(clips, one, one))


def test_every_known_network_can_be_built():
    assert set(ARCHITECTURES) == set(ARCHITECTURE_TASKS)
    with torch.device("meta"):
        for architecture in ARCHITECTURES:
            assert list(build(architecture, {}).parameters())


@pytest.mark.parametrize(("value", "dtype"), [(1e6, torch.float16), (float("nan"), torch.bfloat16)])
def test_what_the_format_cannot_hold_is_refused(tmp_path, value, dtype):
    network = UNetIkem(CONFIG)
    with torch.no_grad():
        network.up1.up.weight[0, 0, 0, 0] = value
    with pytest.raises(WeightsIncompatible, match=r"up1\.up\.weight"):
        saved(network, tmp_path / "u", dtype=dtype)
    assert not (tmp_path / "u").exists()


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(network, tmp_path, number):
    """Even where the file is the very one that the manifest lists."""
    state = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    state["hint_fusion_layer.scale"] = torch.full((1,), number)
    path = tmp_path / "u.safetensors"
    path.write_bytes(to_bytes(state, architecture="unet_ikem", config=CONFIG))
    with pytest.raises(WeightsCorrupt, match="no number"):
        load(listed(path), device=CPU)


@pytest.mark.parametrize("schema", [2, "1"])
def test_a_file_of_a_newer_form_is_refused(network, tmp_path, monkeypatch, schema):
    monkeypatch.setattr("inference.loader.SCHEMA", schema)
    path = saved(network, tmp_path / "u.safetensors")
    monkeypatch.undo()
    with pytest.raises(WeightsIncompatible, match="newer Caliper"):
        load(listed(path), device=CPU)

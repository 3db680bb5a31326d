"""A foreign network is recognised by its keys; what cannot be used is named."""

from __future__ import annotations

from dataclasses import asdict

import pytest
import torch

from domain.errors import WeightsIncompatible
from inference.families import recognise
from models.implant.space_time_unet import SpaceTimeUNet, SpaceTimeUNetConfig
from models.vertebrae.hrnet_ocr import HrnetOcr, HrnetOcrConfig
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig
from tests.golden.mike import as_parent

UNET = UNetIkemConfig(width=4)
HRNET = HrnetOcrConfig(width=2)
IMPLANT = SpaceTimeUNetConfig(width=8, embedding=16, side=64, unshuffle=2)


def shapes(network, config):
    with torch.device("meta"):
        return network(config).state_dict()


@pytest.mark.parametrize(
    ("architecture", "network", "config"),
    [
        ("unet_ikem", UNetIkem, UNET),
        ("unet_ikem", UNetIkem, UNetIkemConfig(width=8, head="single", activation="relu")),
        ("hrnet_ocr", HrnetOcr, HRNET),
        ("hrnet_ocr", HrnetOcr, HrnetOcrConfig(width=4, gating=False)),
        ("space_time_unet", SpaceTimeUNet, SpaceTimeUNetConfig()),
        ("space_time_unet", SpaceTimeUNet, IMPLANT),
    ],
)
def test_published_networks_are_told_apart(architecture, network, config):
    given = shapes(network, config)
    state, found = recognise(given)
    assert (found.architecture, found.config) == (architecture, asdict(config))
    assert state.keys() == given.keys()


@pytest.mark.parametrize("gating", [True, False])
def test_the_parent_gets_our_names_and_keeps_its_habits(gating):
    ours = shapes(HrnetOcr, HrnetOcrConfig(width=2, gating=gating))
    state, found = recognise(as_parent(ours))
    assert found.architecture == "hrnet_ocr"
    assert found.config == {"width": 2, "gating": gating, "parent": True}
    assert state.keys() == ours.keys()


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("prior_gen.dense_map_gen.distance_matrix", "MediScope"),
        ("mapping.img_embed.weight", "CLIP-IVP"),
    ],
)
def test_known_but_unsupported_systems_are_named(key, name):
    with pytest.raises(WeightsIncompatible, match=name) as caught:
        recognise({key: torch.zeros(1), "hint_fusion_layer.scale": torch.zeros(1)})
    assert "not supported yet" in caught.value.why


def test_an_initialisation_is_no_network_of_ours():
    given = shapes(HrnetOcr, HRNET)
    trunk = {k.removeprefix("hrnet."): v for k, v in given.items() if k.startswith("hrnet.")}
    with pytest.raises(WeightsIncompatible, match="ImageNet") as caught:
        recognise(trunk)
    assert "training" in caught.value.why


def test_an_unknown_network_is_refused():
    with pytest.raises(WeightsIncompatible, match=r"fc\.weight"):
        recognise({"fc.weight": torch.zeros(1)})


@pytest.mark.parametrize("width", [0, 5])
@pytest.mark.parametrize(
    ("network", "config", "key"),
    [
        (UNetIkem, UNET, "hint_fusion_layer.last_encoder.0.weight"),
        (HrnetOcr, HRNET, "hrnet.transition1.0.0.weight"),
        (SpaceTimeUNet, IMPLANT, "input_blocks.0.0.spatial_conv.weight"),
    ],
)
def test_an_impossible_width_is_refused(network, config, key, width):
    state = shapes(network, config)
    state[key] = torch.zeros(width, 4, 3, 3)
    with pytest.raises(WeightsIncompatible, match="width"):
        recognise(state)


@pytest.mark.parametrize("key", ["hrnet.x", "ritm_hrnet.x"])
def test_a_fragment_is_named_after_what_it_looks_like(key):
    with pytest.raises(WeightsIncompatible, match="HRNet") as caught:
        recognise({key: torch.zeros(1)})
    assert "transition1" in caught.value.why


def test_a_scalar_for_a_width_is_refused():
    state = {"hrnet.transition1.0.0.weight": torch.tensor(2.0)}
    with pytest.raises(WeightsIncompatible, match="fits none"):
        recognise(state)


def test_a_parent_with_a_tensor_twice_is_refused():
    state = as_parent(shapes(HrnetOcr, HRNET))
    state["HintEncSENet.SENet.conv1.weight"] = torch.zeros(1)
    with pytest.raises(WeightsIncompatible, match="twice"):
        recognise(state)

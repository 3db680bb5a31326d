"""Tensors of other people's files find their places, or are left out."""

from __future__ import annotations

import pytest
import torch

from models.vertebrae.hrnet_names import from_imagenet, from_parent
from models.vertebrae.hrnet_ocr import HrnetOcr, HrnetOcrConfig
from tests.golden.mike import as_parent
from tests.models.vertebrae.recipe import ask, telling, telling_question

CONFIG = HrnetOcrConfig(width=2)
STEM = {
    "hint_fusion_layer.image_encoder.0": "conv1",
    "hint_fusion_layer.image_encoder.1": "bn1",
    "hint_fusion_layer.last_encoder.0": "conv2",
    "hint_fusion_layer.last_encoder.1": "bn2",
}


@pytest.fixture(scope="module")
def network():
    return telling(HrnetOcr(CONFIG))


def test_every_tensor_of_the_parent_finds_its_place(network):
    state = network.state_dict()
    found = from_parent(as_parent(state))
    assert found.keys() == state.keys()
    assert all(torch.equal(found[key], state[key]) for key in state)


def test_the_parents_first_layer_hears_hints_as_hints(network):
    """Fed as the parent fed it, its own layer says what ours says with the same weights."""
    theirs = telling(HrnetOcr(CONFIG)).hint_fusion_layer
    raw = as_parent(network.state_dict())["hintmap_encoder.0.weight"]
    with torch.no_grad():
        theirs.hintmap_encoder[0].weight.copy_(raw)
    hints, previous, image = telling_question()
    ours = ask(network.hint_fusion_layer, hints, previous, image)
    torch.testing.assert_close(ask(theirs, previous, hints, image), ours)
    assert (ask(theirs, hints, previous, image) - ours).abs().max() > 0.02


def test_gates_beside_the_trunk_are_found_as_well(network):
    state = as_parent(network.state_dict())
    lifted = {key.replace("ritm_hrnet.HintEncSENet", "HintEncSENet"): state[key] for key in state}
    assert lifted.keys() != state.keys()
    assert from_parent(lifted).keys() == network.state_dict().keys()


def test_a_tensor_that_comes_twice_is_refused(network):
    state = as_parent(network.state_dict())
    state["HintEncSENet.SENet.conv1.weight"] = state["ritm_hrnet.HintEncSENet.SENet.conv1.weight"]
    with pytest.raises(ValueError, match="twice"):
        from_parent(state)


@pytest.mark.parametrize("shape", [(4, 68, 1, 1), (136,), ()])
def test_a_first_layer_of_another_kind_is_left_for_the_comparison(shape):
    """Such as that of a parent without rounds."""
    odd = torch.rand(shape)
    found = from_parent({"hintmap_encoder.0.weight": odd})
    assert torch.equal(found["hint_fusion_layer.hintmap_encoder.0.weight"], odd)


def imagenet(state):
    """The public file, as far as a network has it, and what else stands in it."""
    file = {key.removeprefix("hrnet."): state[key] for key in state if key.startswith("hrnet.")}
    for ours, theirs in STEM.items():
        parts = [key for key in state if key.startswith(f"{ours}.")]
        file |= {key.replace(ours, theirs): state[key] for key in parts}
    file["incre_modules.0.0.conv1.weight"] = torch.zeros(128, 32, 1, 1)
    file["classifier.weight"] = torch.zeros(1000, 2048)
    return file


def test_stem_and_trunk_start_from_imagenet(network):
    state = network.state_dict()
    found = from_imagenet(imagenet(state), needed=state)
    trunk = {key for key in state if key.startswith("hrnet.")}
    stem = {key for key in state if key.rpartition(".")[0] in STEM}
    assert len(stem) == 12
    assert found.keys() == trunk | stem
    assert all(torch.equal(found[key], state[key]) for key in found)


def test_what_does_not_fit_is_left_out(network):
    state = network.state_dict()
    file = imagenet(state)
    file["conv1.weight"] = torch.zeros(64, 1, 3, 3)
    found = from_imagenet(file, needed=state)
    assert "hint_fusion_layer.image_encoder.0.weight" not in found
    assert "hint_fusion_layer.image_encoder.1.weight" in found


def test_another_networks_file_is_refused(network):
    with pytest.raises(ValueError, match="none of the file's 1"):
        from_imagenet({"features.0.weight": torch.zeros(8)}, needed=network.state_dict())

"""UNet-IKEM computes what the published network computes, and its hints matter."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from models.vertebrae.heatmaps import decode_expectation
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig, config_from_state
from tests.golden.fill import filled, vertebrae_question
from tests.models.vertebrae.recipe import Recipe, ask, telling, telling_question

TOLERANCE = 2e-5  # ten times the network's float32 noise
GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture(scope="module")
def golden():
    return json.loads((GOLDEN / "unet_ikem.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def published():
    """The published network, filled by the rule."""
    network = UNetIkem(UNetIkemConfig()).eval()
    network.load_state_dict(filled(network.state_dict()))
    return network


def test_keys_and_shapes_are_those_of_the_original(published, golden):
    shapes = {key: list(tensor.shape) for key, tensor in published.state_dict().items()}
    assert shapes == golden["keys"]
    lines = sorted(f"{key} {shape}" for key, shape in shapes.items())
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == golden["state"]["sha256"]


def test_logits_are_those_of_the_original(published, golden):
    logits = ask(published, *vertebrae_question())
    expected = golden["logits"][0]
    assert list(logits.shape) == expected["shape"]
    flat = logits.flatten().double()
    values = torch.tensor(expected["vals"], dtype=torch.float64)
    torch.testing.assert_close(flat[expected["idx"]], values, rtol=0, atol=TOLERANCE)
    assert flat.mean().item() == pytest.approx(expected["mean"], abs=TOLERANCE)
    assert flat.std().item() == pytest.approx(expected["std"], abs=TOLERANCE)
    assert flat.abs().max().item() == pytest.approx(expected["absmax"], abs=TOLERANCE)
    corners = decode_expectation(logits.sigmoid())[0, :3]
    torch.testing.assert_close(corners, torch.tensor(golden["coord_first"]), rtol=0, atol=2e-4)


@pytest.mark.parametrize(
    ("config", "parameters", "tensors"),
    [
        (UNetIkemConfig(), 32_548_261, 152),
        (UNetIkemConfig(gating=False), 31_057_749, 130),
        (UNetIkemConfig(activation="relu", head="single"), 32_543_973, 145),
    ],
    ids=["published", "no gating", "August 2023"],
)
def test_parameters_of_the_variants(config, parameters, tensors):
    with torch.device("meta"):
        network = UNetIkem(config)
    assert sum(p.numel() for p in network.parameters()) == parameters
    assert len(network.state_dict()) == tensors


class UNetRecipe(Recipe):
    """The forward pass written down once more, flat, from the state dict alone."""

    def __init__(self, state, *, slope):
        super().__init__(state)
        self.slope = slope

    def act(self, x):
        return torch.where(x > 0, x, self.slope * x)

    def double(self, x, key):
        for conv, norm in ((0, 1), (3, 4)):
            x = self.act(self.norm(self.conv(x, f"{key}.{conv}"), f"{key}.{norm}"))
        return x

    def __call__(self, hints, previous, image):
        levels = [self.fused(hints, previous, image)]
        for n in range(1, 5):
            pooled = functional.max_pool2d(levels[-1], 2)
            levels.append(self.double(pooled, f"down{n}.maxpool_conv.1.double_conv"))
        x = levels[4]
        for n in range(1, 5):
            raised = functional.conv_transpose2d(
                x, self.state[f"up{n}.up.weight"], self.state[f"up{n}.up.bias"], stride=2
            )
            x = self.double(torch.cat([levels[4 - n], raised], 1), f"up{n}.conv.double_conv")
        if "iggnet.conv1.weight" in self.state:
            x = x * self.gates(levels[0], hints)
        if "outc.conv.weight" in self.state:
            x = self.conv(x, "outc.conv")
        else:
            x = self.act(self.norm(self.conv(x, "outc.aux_head.0"), "outc.aux_head.1"))
            x = self.conv(x, "outc.aux_head.3")
        return self.sized(x, (4 * x.shape[-2], 4 * x.shape[-1]))


@pytest.mark.parametrize("gating", [True, False])
@pytest.mark.parametrize(("activation", "slope"), [("leaky_relu", 0.01), ("relu", 0.0)])
@pytest.mark.parametrize("head", ["two_layer", "single"])
def test_every_variant_agrees_with_the_recipe(gating, activation, slope, head):
    config = UNetIkemConfig(width=8, gating=gating, activation=activation, head=head)
    network = telling(UNetIkem(config)).double()
    maps = [each.double() for each in telling_question()]
    expected = UNetRecipe(network.state_dict(), slope=slope)(*maps)
    torch.testing.assert_close(ask(network, *maps), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    "config",
    [
        UNetIkemConfig(),
        UNetIkemConfig(width=16, gating=False),
        UNetIkemConfig(width=8, head="single", activation="relu"),
    ],
)
def test_the_variant_is_read_off_the_state(config):
    with torch.device("meta"):
        assert config_from_state(UNetIkem(config).state_dict()) == config


@pytest.mark.parametrize(
    "wrong", [{"width": 0}, {"width": 6}, {"activation": "gelu"}, {"head": "triple"}]
)
def test_a_wrong_configuration_is_refused(wrong):
    with pytest.raises(ValueError, match=r"width|called"):
        UNetIkemConfig(**wrong)

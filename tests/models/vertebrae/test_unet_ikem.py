"""UNet-IKEM computes what the published network computes, and its hints matter."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from models.vertebrae.heatmaps import decode_expectation, hint_maps
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig, config_from_state
from tests.golden.fill import filled, input_numbers

TOLERANCE = 2e-5  # ten times the network's float32 noise
SMALL = (64, 64)
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


@pytest.fixture(scope="module")
def question():
    """Hints, previous answer and image of the golden fixture."""
    index = torch.arange(68, dtype=torch.float64)
    rows = torch.linspace(40, 470, 68, dtype=torch.float64)
    centres = torch.stack([rows, 128 + 60 * torch.sin(0.7 * index)], dim=-1).float()
    hints = hint_maps(centres[[5, 40]], index=torch.tensor([5, 40]))
    previous = torch.sigmoid(0.1 * input_numbers((1, 68, 512, 256), k=1001))
    return hints, previous, input_numbers((1, 3, 512, 256), k=1000).clamp(-1, 1)


def ask(network, *maps):
    with torch.no_grad():
        return network(*maps)


def test_keys_and_shapes_are_those_of_the_original(published, golden):
    shapes = {key: list(tensor.shape) for key, tensor in published.state_dict().items()}
    assert shapes == golden["keys"]
    lines = sorted(f"{key} {shape}" for key, shape in shapes.items())
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == golden["state"]["sha256"]


def test_logits_are_those_of_the_original(published, golden, question):
    logits = ask(published, *question)
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


# The golden weights hardly let the hints through. With these they decide the answer.


def telling(config):
    """A narrow network whose hint path and gates are strong."""
    network = UNetIkem(config).eval()
    state = filled(network.state_dict())
    state["hint_fusion_layer.scale"] = torch.tensor([-2.0])  # its absolute value counts
    state["hint_fusion_layer.hintmap_encoder.0.weight"] *= 8
    if config.gating:
        state["iggnet.hintEncoder.convs.0.0.weight"][:, config.width :] *= 8
        state["iggnet.conv1.bias"] += 4  # awake, so that the maximum comes through
        state["iggnet.conv2.weight"] *= 2
    network.load_state_dict(state)
    return network


def telling_question(*, batch=2):
    centres = torch.tensor([[12.3, 40.7], [50.1, 20.2]])
    hints = hint_maps(centres, index=torch.tensor([3, 60]), frame=SMALL, sigma=5.0)
    hints = torch.cat([hints, hints.flip(1)])[:batch]
    previous = torch.sigmoid(2 * input_numbers((batch, 68, *SMALL), k=1001))
    image = input_numbers((batch, 3, *SMALL), k=1000).clamp(-1, 1)
    return hints, previous, image


class Recipe:
    """The forward pass written down once more, flat, from the state dict alone."""

    def __init__(self, state, *, slope):
        self.state, self.slope = state, slope

    def conv(self, x, key, *, stride=1):
        weight = self.state[f"{key}.weight"]
        pad = weight.shape[-1] // 2
        bias = self.state.get(f"{key}.bias")
        return functional.conv2d(x, weight, bias, stride=stride, padding=pad)

    def norm(self, x, key):
        mean, var, weight, bias = (
            self.state[f"{key}.{name}"].view(1, -1, 1, 1)
            for name in ("running_mean", "running_var", "weight", "bias")
        )
        return (x - mean) / torch.sqrt(var + 1e-5) * weight + bias

    def act(self, x):
        return torch.where(x > 0, x, self.slope * x)

    def double(self, x, key):
        for conv, norm in ((0, 1), (3, 4)):
            x = self.act(self.norm(self.conv(x, f"{key}.{conv}"), f"{key}.{norm}"))
        return x

    def fused(self, hints, previous, image):
        key = "hint_fusion_layer"
        told = self.conv(torch.cat([hints, previous], 1), f"{key}.hintmap_encoder.0")
        told = torch.where(told > 0, told, 0.2 * told)
        told = self.conv(told, f"{key}.hintmap_encoder.2", stride=2)
        seen = self.conv(image, f"{key}.image_encoder.0", stride=2)
        seen = self.norm(seen, f"{key}.image_encoder.1").clamp_min(0)
        joined = seen + self.state[f"{key}.scale"].abs() * told
        x = self.conv(joined, f"{key}.last_encoder.0", stride=2)
        return self.norm(x, f"{key}.last_encoder.1").clamp_min(0)

    def gates(self, x, hints):
        small = functional.interpolate(hints, x.shape[-2:], mode="bilinear", align_corners=True)
        x = torch.cat([x, small], 1)
        for n, stride in enumerate((2, 1, 1)):
            x = self.conv(x, f"iggnet.hintEncoder.convs.{n}.0", stride=stride)
            x = self.norm(x, f"iggnet.hintEncoder.convs.{n}.1").clamp_min(0)
        x = x.flatten(2).max(dim=2).values[:, :, None, None]
        return torch.sigmoid(self.conv(self.conv(x, "iggnet.conv1").clamp_min(0), "iggnet.conv2"))

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
        size = (4 * x.shape[-2], 4 * x.shape[-1])
        return functional.interpolate(x, size, mode="bilinear", align_corners=True)


@pytest.mark.parametrize("gating", [True, False])
@pytest.mark.parametrize(("activation", "slope"), [("leaky_relu", 0.01), ("relu", 0.0)])
@pytest.mark.parametrize("head", ["two_layer", "single"])
def test_every_variant_agrees_with_the_recipe(gating, activation, slope, head):
    config = UNetIkemConfig(width=8, gating=gating, activation=activation, head=head)
    network = telling(config).double()
    maps = [each.double() for each in telling_question()]
    expected = Recipe(network.state_dict(), slope=slope)(*maps)
    torch.testing.assert_close(ask(network, *maps), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("gating", [True, False])
def test_hints_order_and_previous_answer_matter(gating):
    network = telling(UNetIkemConfig(width=8, gating=gating))
    hints, previous, image = telling_question()
    logits = ask(network, hints, previous, image)
    masked = previous * (hints.amax((2, 3), keepdim=True) > 0)  # as the parent system does
    for other in (
        (torch.zeros_like(hints), previous, image),  # hints ignored
        (previous, hints, image),  # the other order
        (hints, masked, image),
        (hints, torch.zeros_like(previous), image),
    ):
        assert (ask(network, *other) - logits).abs().max() > 1e3 * TOLERANCE


def test_concat_order_is_hints_first():
    network = telling(UNetIkemConfig(width=8, gating=False))
    hints, previous, image = telling_question()
    logits = ask(network, hints, previous, image)
    weight = network.hint_fusion_layer.hintmap_encoder[0].weight
    with torch.no_grad():
        weight[:, 68:] = 0
    deaf = ask(network, hints, previous, image)
    assert torch.equal(deaf, ask(network, hints, torch.zeros_like(previous), image))
    assert (deaf - logits).abs().max() > 1e3 * TOLERANCE


def test_gating_lets_a_hint_reach_the_whole_film():
    """With the fused path closed, a hint still changes the answer everywhere: through the gates."""
    network = telling(UNetIkemConfig(width=8))
    with torch.no_grad():
        network.hint_fusion_layer.scale.zero_()
    hints, previous, image = telling_question(batch=1)
    gates = ask(network.iggnet, ask(network.hint_fusion_layer, hints, previous, image), hints)
    assert ((gates > 0.05) & (gates < 0.95)).any()  # not all shut or open, whatever is asked
    logits = ask(network, hints, previous, image)
    unhinted = ask(network, torch.zeros_like(hints), previous, image)
    changed = (logits - unhinted).abs().amax(dim=1) > TOLERANCE
    assert changed.float().mean() > 0.99
    ungated = UNetIkem(UNetIkemConfig(width=8, gating=False)).eval()
    state = {k: v for k, v in network.state_dict().items() if not k.startswith("iggnet.")}
    ungated.load_state_dict(state)
    assert (ask(ungated, hints, previous, image) - logits).abs().max() > 1e3 * TOLERANCE


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

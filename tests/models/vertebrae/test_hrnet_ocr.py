"""HRNet-W32 + OCR-IKEM computes what the published network computes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch

from models.vertebrae.heatmaps import decode_expectation
from models.vertebrae.hrnet_ocr import HrnetOcr, HrnetOcrConfig, config_from_state
from tests.golden.fill import filled, vertebrae_question
from tests.models.vertebrae.recipe import Recipe, ask, telling, telling_question

TOLERANCE = 2e-5  # of the logits, as for UNet-IKEM
GOLDEN = Path(__file__).parents[2] / "golden"
MODULES = {2: 1, 3: 4, 4: 3}  # of each stage


@pytest.fixture(scope="module")
def golden():
    return json.loads((GOLDEN / "hrnetocr_ikem.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def published():
    """The published network, filled by the rule."""
    network = HrnetOcr(HrnetOcrConfig()).eval()
    network.load_state_dict(filled(network.state_dict(), gain=0.5))
    return network


def test_keys_and_shapes_are_those_of_the_original(published, golden):
    shapes = {key: list(tensor.shape) for key, tensor in published.state_dict().items()}
    assert shapes == golden["keys"]
    lines = sorted(f"{key} {shape}" for key, shape in shapes.items())
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == golden["state"]["sha256"]


def test_logits_are_those_of_the_original(published, golden):
    maps = ask(published.both, *vertebrae_question())
    for logits, expected in zip(maps, golden["logits"], strict=True):
        assert list(logits.shape) == expected["shape"]
        flat = logits.flatten().double()
        values = torch.tensor(expected["vals"], dtype=torch.float64)
        torch.testing.assert_close(flat[expected["idx"]], values, rtol=0, atol=TOLERANCE)
        assert flat.mean().item() == pytest.approx(expected["mean"], abs=TOLERANCE)
        assert flat.std().item() == pytest.approx(expected["std"], abs=TOLERANCE)
        assert flat.abs().max().item() == pytest.approx(expected["absmax"], abs=TOLERANCE)
    corners = decode_expectation(maps.logits.sigmoid())[0, :3]
    torch.testing.assert_close(corners, torch.tensor(golden["coord_first"]), rtol=0, atol=2e-4)


@pytest.mark.parametrize(
    ("config", "parameters", "tensors"),
    [
        (HrnetOcrConfig(), 32_942_889, 1917),
        (HrnetOcrConfig(gating=False), 31_002_937, 1895),
        (HrnetOcrConfig(parent=True), 32_942_889, 1917),
    ],
    ids=["published", "no gating", "parent"],
)
def test_parameters_of_the_variants(config, parameters, tensors):
    with torch.device("meta"):
        network = HrnetOcr(config)
    assert sum(p.numel() for p in network.parameters()) == parameters
    assert len(network.state_dict()) == tensors


class HrnetRecipe(Recipe):
    """The forward pass written down once more, flat, from the state dict alone."""

    def unit(self, x, conv, norm, *, stride=1):
        return self.norm(self.conv(x, conv, stride=stride), norm)

    def pair(self, x, key, *, stride=1):
        return self.unit(x, f"{key}.0", f"{key}.1", stride=stride)

    def residual(self, x, key, *, convs):
        kept = self.pair(x, f"{key}.downsample") if self.has(f"{key}.downsample.0") else x
        for n in range(1, convs + 1):
            x = self.unit(x, f"{key}.conv{n}", f"{key}.bn{n}")
            x = x.clamp_min(0) if n < convs else (x + kept).clamp_min(0)
        return x

    def has(self, key):
        return f"{key}.weight" in self.state

    def link(self, x, key, *, source, target):
        if source > target:
            return self.pair(x, key)
        for n in range(target - source):
            x = self.pair(x, f"{key}.{n}", stride=2)
            x = x.clamp_min(0) if n < target - source - 1 else x
        return x

    def exchange(self, maps, key):
        own = []
        for b, x in enumerate(maps):
            for r in range(4):
                x = self.residual(x, f"{key}.branches.{b}.{r}", convs=2)
            own.append(x)
        fused = []
        for i, mine in enumerate(own):
            total = mine
            for j, other in enumerate(own):
                if j != i:
                    told = self.link(other, f"{key}.fuse_layers.{i}.{j}", source=j, target=i)
                    total = total + self.sized(told, mine.shape[-2:])
            fused.append(total.clamp_min(0))
        return fused

    def trunk(self, x):
        for n in range(4):
            x = self.residual(x, f"hrnet.layer1.{n}", convs=3)
        maps = [
            self.pair(x, "hrnet.transition1.0").clamp_min(0),
            self.pair(x, "hrnet.transition1.1.0", stride=2).clamp_min(0),
        ]
        for stage, modules in MODULES.items():
            if stage > 2:
                key = f"hrnet.transition{stage - 1}.{stage - 1}.0"
                maps.append(self.pair(maps[-1], key, stride=2).clamp_min(0))
            for m in range(modules):
                maps = self.exchange(maps, f"hrnet.stage{stage}.{m}")
        return x, torch.cat([self.sized(each, maps[0].shape[-2:]) for each in maps], 1)

    def mixed(self, x, key, *, layers=1):
        for n in range(0, 2 * layers, 2):
            x = self.unit(x, f"{key}.{n}", f"{key}.{n + 1}.0").clamp_min(0)
        return x

    def in_context(self, x, regions):
        key = "ocr_distri_head.object_context_block"
        share = regions.flatten(2).softmax(2)
        looks = torch.einsum("bkn,bcn->bck", share, x.flatten(2)).unsqueeze(3)
        query = self.mixed(x, f"{key}.f_pixel", layers=2)
        known = self.mixed(looks, f"{key}.f_object", layers=2).squeeze(3)
        value = self.mixed(looks, f"{key}.f_down").squeeze(3)
        likeness = torch.einsum("bchw,bck->bhwk", query, known) / query.shape[1] ** 0.5
        context = torch.einsum("bhwk,bck->bchw", likeness.softmax(3), value)
        context = self.mixed(context, f"{key}.f_up")
        return self.mixed(torch.cat([context, x], 1), "ocr_distri_head.conv_bn_dropout")

    def __call__(self, hints, previous, image):
        early, x = self.trunk(self.fused(hints, previous, image))
        if self.has("iggnet.conv1"):
            x = x * self.gates(early, hints)
        regions = self.conv(self.pair(x, "aux_head").clamp_min(0), "aux_head.3")
        x = self.in_context(self.pair(x, "conv3x3_ocr").clamp_min(0), regions)
        return self.sized(self.conv(x, "cls_head"), image.shape[-2:])


@pytest.mark.parametrize("gating", [True, False])
def test_every_variant_agrees_with_the_recipe(gating):
    network = telling(HrnetOcr(HrnetOcrConfig(width=4, gating=gating))).double()
    maps = [each.double() for each in telling_question()]
    expected = HrnetRecipe(network.state_dict())(*maps)
    torch.testing.assert_close(ask(network, *maps), expected, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(ask(network.both, *maps).logits, expected, rtol=1e-9, atol=1e-9)


def test_training_reaches_every_weight():
    """Answer and regions together depend on all that can be learned."""
    network = HrnetOcr(HrnetOcrConfig(width=2)).train()
    maps = network.both(*telling_question())
    sum(each.square().mean() for each in maps).backward()
    assert [name for name, p in network.named_parameters() if p.grad is None] == []


@pytest.mark.parametrize("config", [HrnetOcrConfig(), HrnetOcrConfig(width=4, gating=False)])
def test_the_variant_is_read_off_the_state(config):
    with torch.device("meta"):
        assert config_from_state(HrnetOcr(config).state_dict()) == config


@pytest.mark.parametrize("width", [0, -2, 3])
def test_a_wrong_configuration_is_refused(width):
    with pytest.raises(ValueError, match="width"):
        HrnetOcrConfig(width=width)

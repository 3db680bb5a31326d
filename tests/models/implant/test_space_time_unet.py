"""The space-time U-Net computes what the published network computes, in any size."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from models.implant.space_time_unet import (
    SpaceTimeUNet,
    SpaceTimeUNetConfig,
    config_from_state,
    level_waves,
)
from tests.golden.fill import filled, input_numbers
from tests.models.implant.recipe import SpaceTimeRecipe

TOLERANCE = 2e-5  # ten times the float32 noise here; a tanh in the GELU makes 4e-5
GOLDEN = Path(__file__).parents[2] / "golden"
PUBLISHED = SpaceTimeUNetConfig()
SMALL = SpaceTimeUNetConfig(width=32, embedding=256, unshuffle=2)
TINY = SpaceTimeUNetConfig(
    width=8, multipliers=(1, 2), blocks=1, embedding=12, attention=(8,), side=16, frames=6
)


def on_paper(config):
    with torch.device("meta"):
        return SpaceTimeUNet(config)


@pytest.fixture(scope="module")
def golden():
    return json.loads((GOLDEN / "xray_unet.json").read_text(encoding="utf-8"))


def test_keys_and_shapes_are_those_of_the_original(golden):
    network = on_paper(PUBLISHED)
    shapes = {key: list(tensor.shape) for key, tensor in network.state_dict().items()}
    assert shapes == golden["keys"]
    lines = sorted(f"{key} {shape}" for key, shape in shapes.items())
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == golden["state"]["sha256"]
    assert sum(each.numel() for each in network.parameters()) == golden["params"] == 30_047_968


@pytest.mark.slow
def test_noise_and_variance_are_those_of_the_original(golden):
    network = SpaceTimeUNet(PUBLISHED).eval()
    network.load_state_dict(filled(network.state_dict()))
    clip = 0.5 * input_numbers((1, 1, 4, 128, 128), k=1000)
    with torch.inference_mode():
        answer = network(clip, torch.tensor([300]), torch.tensor([8]))
    for channel, name in enumerate(("eps", "var")):
        expected, found = golden[name], answer[:, channel]
        assert list(found.shape) == expected["shape"]
        flat = found.flatten().double()
        values = torch.tensor(expected["vals"], dtype=torch.float64)
        torch.testing.assert_close(flat[expected["idx"]], values, rtol=0, atol=TOLERANCE)
        assert flat.mean().item() == pytest.approx(expected["mean"], abs=TOLERANCE)
        assert flat.std().item() == pytest.approx(expected["std"], abs=TOLERANCE)
        assert flat.abs().max().item() == pytest.approx(expected["absmax"], abs=TOLERANCE)


def tiny(config=TINY):
    """A network in which everything matters, and two clips that begin elsewhere."""
    network = SpaceTimeUNet(config).double().eval()
    network.load_state_dict(filled(network.state_dict()))
    clips = 0.5 * input_numbers((2, 1, 3, config.side, config.side), k=1000).double()
    return network, clips, torch.tensor([300, 41]), torch.tensor([1, 5])


@pytest.mark.parametrize(
    "config",
    [
        TINY,
        SpaceTimeUNetConfig(**{**vars(TINY), "unshuffle": 2, "attention": (4,), "heads": 2}),
        SpaceTimeUNetConfig(**{**vars(TINY), "blocks": 2, "multipliers": (2, 1, 3)}),
        SpaceTimeUNetConfig(**{**vars(TINY), "attention": ()}),
    ],
    ids=["tiny", "unshuffled", "deep", "middle alone attends"],
)
def test_every_size_agrees_with_the_recipe(config):
    network, *question = tiny(config)
    with torch.inference_mode():
        answer = network(*question)
        expected = SpaceTimeRecipe(network.state_dict(), config)(*question)
    torch.testing.assert_close(answer, expected, rtol=0, atol=1e-10)


def test_clips_of_a_batch_do_not_know_of_each_other():
    """Four clips as one batch, each with its own start, answer as they do alone."""
    network, clips, level, start = tiny()
    with torch.inference_mode():
        together = network(clips, level, start)
        for n in range(2):
            own = slice(n, n + 1)
            alone = network(clips[own], level[own], start[own])
            torch.testing.assert_close(together[own], alone, rtol=0, atol=1e-12)


def test_the_start_matters_until_the_last_frame_that_has_a_map():
    network, clips, level, _ = tiny()
    with torch.inference_mode():
        first, second, last, beyond = (
            network(clips, level, torch.tensor([start, start])) for start in (0, 1, 5, 24)
        )
    assert float((first - second).abs().max()) > 1e-3
    assert torch.equal(last, beyond)


def test_channels_last_changes_the_layout_alone():
    network, clips, level, start = tiny()
    with torch.inference_mode():
        expected = network(clips, level, start)
        for parameter in network.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.to(memory_format=torch.channels_last)
        found = network(clips, level, start)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def test_it_runs_in_bfloat16():
    network, clips, level, start = tiny()
    with torch.inference_mode():
        expected = network(clips, level, start)
        narrow = network.bfloat16()(clips.bfloat16(), level, start)
    assert narrow.dtype == torch.bfloat16
    assert float((narrow - expected).abs().mean()) < 0.2 * float(expected.std())


def test_training_reaches_every_weight():
    network, clips, level, start = tiny()
    network.train()(clips, level, start).square().mean().backward()
    assert [name for name, each in network.named_parameters() if each.grad is None] == []


@pytest.mark.parametrize(
    ("config", "giga"), [(PUBLISHED, 315), (SMALL, 22.6)], ids=["published", "small"]
)
def test_the_work_for_a_clip(config, giga):
    """Additions and multiplications, counted on paper; the published ones as was measured."""
    with FlopCounterMode(display=False) as counter, torch.device("meta"), torch.no_grad():
        one = torch.zeros(1, dtype=torch.long)
        on_paper(config).eval()(torch.zeros(1, 1, 4, 128, 128), one, one)
    assert counter.get_total_flops() / 1e9 == pytest.approx(giga, rel=0.05)


def test_waves_are_cosines_then_sines():
    waves = level_waves(torch.tensor([0, 7]), 6)
    assert waves[0].tolist() == [1, 1, 1, 0, 0, 0]
    angles = 7 / 10000 ** (torch.arange(3) / 3)
    torch.testing.assert_close(waves[1], torch.cat([angles.cos(), angles.sin()]))
    assert level_waves(torch.tensor([7]), 5).shape == (1, 5)


@pytest.mark.parametrize(
    "config",
    [
        PUBLISHED,
        SMALL,
        SpaceTimeUNetConfig(width=4, embedding=8, side=64, frames=20, heads=2),
    ],
    ids=["published", "small", "narrow"],
)
def test_the_variant_is_read_off_the_state(config):
    assert config_from_state(on_paper(config).state_dict()) == config


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"width": 0}, "1 or more"),
        ({"multipliers": ()}, "1 or more"),
        ({"multipliers": (1, -2)}, "1 or more"),
        ({"unshuffle": 0}, "1 or more"),
        ({"width": 62}, "width 62"),
        ({"heads": 3}, "3 heads"),
        ({"side": 100}, "side 100"),
        ({"unshuffle": 3}, "side 128"),
    ],
)
def test_a_wrong_configuration_is_refused(change, said):
    with pytest.raises(ValueError, match=said):
        SpaceTimeUNetConfig(**change)


def test_a_configuration_may_come_from_json():
    told = json.loads(json.dumps(vars(SMALL)))
    assert SpaceTimeUNetConfig(**told) == SMALL

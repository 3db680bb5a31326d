"""A network answers the golden question before it is listed; what imports computes as published."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
import torch

from domain.errors import WeightsIncompatible
from inference.airlock import convert
from inference.loader import ARCHITECTURES, build, load_strictly
from inference.manifest import catalogue, shipped_folder
from inference.smoke import _QUESTIONS, require_answer
from models.vertebrae.heatmaps import hint_maps
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig
from tests.golden.fill import filled, input_numbers

SMALL = UNetIkemConfig(width=4)


def test_every_network_has_its_question():
    assert _QUESTIONS.keys() == ARCHITECTURES.keys()


def test_what_ships_answers():
    for entry in catalogue((shipped_folder(),)).entries:
        require_answer(build(entry.architecture, entry.config), architecture=entry.architecture)


@pytest.mark.parametrize(("value", "said"), [(0.0, "same number"), (1e30, "no number")])
def test_a_network_that_cannot_answer_is_not_imported(tmp_path, value, said):
    """Every number in the file is finite, the answer is none."""
    network = UNetIkem(SMALL)
    state = {
        key: torch.full_like(tensor, value) if tensor.ndim > 1 else tensor
        for key, tensor in network.state_dict().items()
    }
    torch.save(state, tmp_path / "x.pth")
    with pytest.raises(WeightsIncompatible, match=said):
        convert(tmp_path / "x.pth", tmp_path / "y")
    assert not (tmp_path / "y").exists()


def test_the_golden_network_imports_and_answers_as_published(tmp_path, project_root):
    """From a checkpoint through the airlock to the published numbers."""
    from safetensors.torch import load_file

    golden = json.loads((project_root / "tests/golden/unet_ikem.json").read_text(encoding="utf-8"))
    config = UNetIkemConfig()
    with torch.device("meta"):
        shapes = UNetIkem(config).state_dict()
    state = filled(
        {key: torch.ones(tensor.shape, dtype=tensor.dtype) for key, tensor in shapes.items()}
    )
    state["hint_fusion_layer.scale"] = UNetIkem(SMALL).state_dict()["hint_fusion_layer.scale"]
    torch.save(
        {"model": {f"module.{key}": tensor for key, tensor in state.items()}}, tmp_path / "x"
    )
    found = convert(tmp_path / "x", tmp_path / "y")
    assert (found.architecture, found.config) == ("unet_ikem", asdict(config))
    network = build(found.architecture, found.config).eval()
    load_strictly(network, load_file(tmp_path / "y"), title="golden")
    rows = torch.linspace(40, 470, 68, dtype=torch.float64)
    across = 128 + 60 * torch.sin(0.7 * torch.arange(68, dtype=torch.float64))
    centres = torch.stack([rows, across], dim=-1).float()
    hints = hint_maps(centres[[5, 40]], index=torch.tensor([5, 40]))
    previous = torch.sigmoid(0.1 * input_numbers((1, 68, 512, 256), k=1001))
    with torch.no_grad():
        logits = network(hints, previous, input_numbers((1, 3, 512, 256), k=1000).clamp(-1, 1))
    expected = golden["logits"][0]
    values = torch.tensor(expected["vals"], dtype=torch.float64)
    flat = logits.flatten().double()
    torch.testing.assert_close(flat[expected["idx"]], values, rtol=0, atol=2e-5)

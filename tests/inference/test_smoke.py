"""A network answers the golden question before it is listed; what imports computes as published."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
import torch
from safetensors.torch import load_file

from domain.errors import WeightsIncompatible
from inference.airlock import convert
from inference.loader import ARCHITECTURES, build, load_strictly
from inference.manifest import catalogue, shipped_folder
from inference.smoke import _QUESTIONS, require_answer
from models.implant.space_time_unet import SpaceTimeUNet, SpaceTimeUNetConfig
from models.vertebrae.hrnet_ocr import HrnetOcr, HrnetOcrConfig
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig
from tests.golden.fill import filled, input_numbers, vertebrae_question

SMALL = UNetIkemConfig(width=4)


def test_every_network_has_its_question():
    assert _QUESTIONS.keys() == ARCHITECTURES.keys()


def test_what_ships_answers():
    for entry in catalogue((shipped_folder(),)).entries:
        require_answer(build(entry.architecture, entry.config), architecture=entry.architecture)


@pytest.mark.parametrize(
    "network",
    [
        UNetIkem(SMALL),
        HrnetOcr(HrnetOcrConfig(width=2)),
        SpaceTimeUNet(SpaceTimeUNetConfig(width=4, embedding=8, side=16)),
    ],
    ids=["unet", "hrnet", "space-time unet"],
)
@pytest.mark.parametrize(("value", "said"), [(0.0, "same number"), (1e30, "no number")])
def test_a_network_that_cannot_answer_is_not_imported(network, tmp_path, value, said):
    """Every number in the file is finite, the answer is none."""
    state = {
        key: torch.full_like(tensor, value) if tensor.ndim > 1 else tensor
        for key, tensor in network.state_dict().items()
    }
    torch.save(state, tmp_path / "x.pth")
    with pytest.raises(WeightsIncompatible, match=said):
        convert(tmp_path / "x.pth", tmp_path / "y")
    assert not (tmp_path / "y").exists()


@pytest.mark.parametrize(
    ("name", "make", "gain"),
    [
        ("unet_ikem", lambda: UNetIkem(UNetIkemConfig()), 1.0),
        ("hrnetocr_ikem", lambda: HrnetOcr(HrnetOcrConfig()), 0.5),
    ],
    ids=["unet", "hrnet"],
)
def test_golden_networks_import_and_answer_as_published(name, make, gain, tmp_path, project_root):
    """From a checkpoint through the airlock to the published numbers."""
    network = make()
    golden = json.loads((project_root / f"tests/golden/{name}.json").read_text(encoding="utf-8"))
    state = filled(network.state_dict(), gain=gain)
    torch.save(
        {"model": {f"module.{key}": tensor for key, tensor in state.items()}}, tmp_path / "x"
    )
    found = convert(tmp_path / "x", tmp_path / "y")
    assert found.config == asdict(network.config)
    ours = build(found.architecture, found.config).eval()
    load_strictly(ours, load_file(tmp_path / "y"), title="golden")
    with torch.no_grad():
        logits = ours(*vertebrae_question())
    expected = golden["logits"][0]
    values = torch.tensor(expected["vals"], dtype=torch.float64)
    flat = logits.flatten().double()
    torch.testing.assert_close(flat[expected["idx"]], values, rtol=0, atol=2e-5)


@pytest.mark.slow
def test_the_golden_implant_network_imports_and_answers_as_published(tmp_path, project_root):
    """The averaged weights of the published layout, not those beside them."""
    network = SpaceTimeUNet(SpaceTimeUNetConfig())
    state = filled(network.state_dict())
    tree = {
        "model": {f"module.{key}": torch.zeros_like(tensor) for key, tensor in state.items()},
        "model_ema": state,
        "optimizer": {"state": {}, "param_groups": [{"lr": 2e-5}]},
        "scheduler": {"last_epoch": 3},
    }
    torch.save(tree, tmp_path / "latest_checkpoint.pt")
    found = convert(tmp_path / "latest_checkpoint.pt", tmp_path / "y")
    assert (found.architecture, found.config) == ("space_time_unet", asdict(network.config))
    ours = build(found.architecture, found.config).eval()
    load_strictly(ours, load_file(tmp_path / "y"), title="golden")
    with torch.inference_mode():
        clip = 0.5 * input_numbers((1, 1, 4, 128, 128), k=1000)
        answer = ours(clip, torch.tensor([300]), torch.tensor([8]))[0]
    golden = json.loads((project_root / "tests/golden/xray_unet.json").read_text(encoding="utf-8"))
    for said, name in zip(answer, ("eps", "var"), strict=True):
        values = torch.tensor(golden[name]["vals"], dtype=torch.float64)
        flat = said.flatten().double()[golden[name]["idx"]]
        torch.testing.assert_close(flat, values, rtol=0, atol=2e-5)

"""Where a published network's learning may begin."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from domain.errors import WeightsIncompatible, WrongUse
from training.published.config import PublishedRun
from training.published.morphology import Shape
from training.published.trainer import Trainer

HRNET = PublishedRun(architecture="hrnet_ocr", network={"width": 2})
TRUNK = "hrnet."
SHAPE = Shape(torch.tensor([[0, 1]]), torch.tensor([[0, 1, 2]]))


def trainer(config: PublishedRun) -> Trainer:
    return Trainer(config, shape=SHAPE, epoch_steps=1, device=torch.device("cpu"))


def imagenet_file(folder: Path, state: dict[str, torch.Tensor]) -> Path:
    """As the public file names the tensors, with other numbers, and layers of its own beside."""
    trunk = {key.removeprefix(TRUNK): state[key] + 1 for key in state if key.startswith(TRUNK)}
    path = folder / "hrnetv2_w32_imagenet_pretrained.pth"
    torch.save({**trunk, "classifier.weight": torch.zeros(1000, 2048)}, path)
    return path


def test_hrnet_begins_from_what_was_learnt_on_imagenet(tmp_path: Path) -> None:
    ours = trainer(HRNET)
    before = {key: value.clone() for key, value in ours.network.state_dict().items()}
    ours.start_from(imagenet_file(tmp_path, before))
    for key, now in ours.network.state_dict().items():
        expected = before[key] + 1 if key.startswith(TRUNK) else before[key]
        torch.testing.assert_close(now, expected)


def test_files_of_other_networks_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.pth"
    torch.save({"features.0.weight": torch.zeros(8)}, other)
    with pytest.raises(WrongUse, match="none of the file's 1 tensors"):
        trainer(HRNET).start_from(other)
    narrow = trainer(PublishedRun(network={"width": 4}))
    with pytest.raises(WeightsIncompatible, match="no network that Caliper knows"):
        narrow.start_from(other)
    narrow.write(tmp_path / "narrow.safetensors")
    with pytest.raises(WrongUse, match="They hold 'unet_ikem', not 'hrnet_ocr'"):
        trainer(HRNET).start_from(tmp_path / "narrow.safetensors")


def test_a_checkpoint_of_its_authors_is_gone_on_from_as_it_is(tmp_path: Path) -> None:
    theirs = trainer(PublishedRun(network={"width": 4}, seed=1)).network.state_dict()
    torch.save({"model_ema": {f"module.{k}": v for k, v in theirs.items()}}, tmp_path / "best.pth")
    ours = trainer(PublishedRun(network={"width": 4}, seed=2))
    ours.start_from(tmp_path / "best.pth")
    for name, value in ours.network.state_dict().items():
        assert torch.equal(value, theirs[name]), name

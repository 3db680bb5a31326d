"""Where a published network's learning may begin."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from domain.errors import WrongUse
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
    with pytest.raises(WrongUse, match="nothing that it knows"):
        trainer(PublishedRun(network={"width": 4})).start_from(other)

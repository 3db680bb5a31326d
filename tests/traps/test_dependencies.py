"""Traps in the dependencies: mismatched builds, a second OpenCV, pins that drift."""

from __future__ import annotations

import importlib.metadata
import re

import pytest


def test_torch_and_torchvision_are_one_build():
    import torch  # a process of its own would say the same, and take half a minute to
    import torchvision

    assert len(torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)) == 1


def test_there_is_one_opencv():
    names = [d.metadata["Name"].lower() for d in importlib.metadata.distributions()]
    assert [name for name in names if name.startswith("opencv")] == ["opencv-python-headless"]


def test_pyside_is_a_sound_version():
    version = tuple(int(part) for part in importlib.metadata.version("PySide6").split(".")[:2])
    assert (6, 8) <= version < (6, 12)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_and_installed(project_root, name):
    lines = (project_root / name).read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line.strip() and not line.startswith(("#", "-r "))]
    assert pins
    for pin in pins:
        match = re.fullmatch(r"([A-Za-z0-9_.\-]+)==([0-9][\w.]*)", pin.strip())
        assert match, f"not pinned to one version: {pin!r}"
        installed = importlib.metadata.version(match.group(1))
        assert installed.split("+")[0] == match.group(2), f"{match.group(1)} is {installed}"


def test_training_initialisations_are_pinned_by_hash(project_root):
    text = (project_root / "requirements-train.txt").read_text(encoding="utf-8")
    joined = re.sub(r"\\\n\s*", " ", text)
    pins = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    assert pins
    for pin in pins:
        assert re.fullmatch(r"[\w\-]+==[\w.]+ +--hash=sha256:[0-9a-f]{64}", pin), pin

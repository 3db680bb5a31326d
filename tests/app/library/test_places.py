"""The folder of a person's own data, by operating system."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.library import places


@pytest.fixture(autouse=True)
def plain_surrounding(monkeypatch):
    for name in ("CALIPER_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)


def on(monkeypatch, platform: str) -> None:
    monkeypatch.setattr(places.sys, "platform", platform)


def test_linux_follows_the_desktop_s_specification(monkeypatch, tmp_path):
    on(monkeypatch, "linux")
    assert places.home_folder() == Path.home() / ".local" / "share" / "Caliper"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert places.home_folder() == tmp_path / "Caliper"
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")
    assert places.home_folder() == Path.home() / ".local" / "share" / "Caliper"


def test_windows_and_macos_have_their_own_folders(monkeypatch, tmp_path):
    on(monkeypatch, "darwin")
    assert places.home_folder() == Path.home() / "Library" / "Application Support" / "Caliper"
    on(monkeypatch, "win32")
    assert places.home_folder() == Path.home() / "AppData" / "Local" / "Caliper"
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert places.home_folder() == tmp_path / "Caliper"


def test_the_variable_moves_everything(monkeypatch, tmp_path):
    monkeypatch.setenv("CALIPER_HOME", str(tmp_path / "elsewhere"))
    assert places.library_folder() == tmp_path / "elsewhere" / "library"
    assert places.weights_folder() == tmp_path / "elsewhere" / "weights"
    monkeypatch.setenv("CALIPER_HOME", "~/films")
    assert places.home_folder() == Path.home() / "films"

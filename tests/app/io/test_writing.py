"""A file is the old one or the new one, never half of either."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from app.io.writing import write_atomically, write_together
from domain.errors import ExportFailed


def test_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "Ergebnis Ω.json"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "result.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(ExportFailed, match="disk is full") as caught:
        write_atomically(path, b"new")
    assert caught.value.remedy
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["result.json"]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportFailed, match="folder does not exist"):
        write_atomically(tmp_path / "gone" / "result.json", b"x")


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "result.json").mkdir()
    with pytest.raises(ExportFailed):
        write_atomically(tmp_path / "result.json", b"x")
    assert os.listdir(tmp_path) == ["result.json"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_bytes(b"old")
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("this system allows no links")
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("name", ["a\0b.json", "n" * 300])
def test_impossible_names_are_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportFailed):
        write_atomically(tmp_path / name, b"x")
    assert os.listdir(tmp_path) == []


def test_files_that_belong_together_are_all_new_or_all_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / name for name in ("a", "b", "c")]
    write_together(dict.fromkeys(paths, b"old"))
    real, calls = os.fsync, []

    def fail_at_last(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", fail_at_last)
    with pytest.raises(ExportFailed, match="“c” could not be written"):
        write_together(dict.fromkeys(paths, b"new"))
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == dict.fromkeys(paths, b"old")

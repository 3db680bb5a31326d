"""What is installed, missing, corrupt or too new, in the program's folder and the person's."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from domain.errors import WeightsCorrupt, WeightsIncompatible, WeightsMissing
from inference import integrity
from inference.entry import Part, WeightsEntry
from inference.integrity import read_weights
from inference.manifest import (
    MANIFEST_NAME,
    Manifest,
    WeightsState,
    catalogue,
    quick_state,
    shipped_folder,
    state_of,
)


def sha(content):
    return hashlib.sha256(content).hexdigest()


def install(folder, *pieces, weights_id="one", **changes):
    """Weights of some parts in a folder, listed in its manifest."""
    folder.mkdir(exist_ok=True)
    parts = []
    for number, piece in enumerate(pieces):
        name = f"{weights_id}.{number}"
        (folder / name).write_bytes(piece)
        parts.append(Part(name, len(piece), sha(piece)))
    whole = b"".join(pieces)
    entry = WeightsEntry(
        weights_id, "vertebrae", f"Title {weights_id}", architecture="column_net",
        parts=tuple(parts), sha256=sha(whole), bytes=len(whole), folder=folder,
    )  # fmt: skip
    entry = replace(entry, **changes)
    listing = folder / MANIFEST_NAME
    Manifest.read(listing).with_entry(entry).write(listing)
    return entry


def test_no_manifest_is_an_empty_one(tmp_path):
    assert Manifest.read(tmp_path / MANIFEST_NAME) == Manifest()
    assert catalogue([tmp_path, tmp_path / "absent"]).entries == ()


def test_written_and_read_again(tmp_path):
    entry = install(tmp_path, b"abc", b"de")
    assert Manifest.read(tmp_path / MANIFEST_NAME).entries == (entry,)
    assert [path.name for path in tmp_path.glob("*.tmp")] == []
    install(tmp_path, b"xyz")  # the same id again
    assert [e.bytes for e in Manifest.read(tmp_path / MANIFEST_NAME).entries] == [3]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 1}', "\xff", "[" * 100_000])
def test_a_broken_manifest_is_named(tmp_path, text):
    path = tmp_path / MANIFEST_NAME
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(WeightsCorrupt) as caught:
        Manifest.read(path)
    assert str(path) in caught.value.what
    assert caught.value.remedy


def test_a_newer_manifest_is_listed_and_never_overwritten(tmp_path):
    path = tmp_path / MANIFEST_NAME
    path.write_text(json.dumps({"schema": 7, "weights": [{"id": "x", "task": "vertebrae"}]}))
    manifest = Manifest.read(path)
    assert quick_state(manifest.find("x")) is WeightsState.TOO_NEW
    with pytest.raises(WeightsIncompatible, match="newer"):
        manifest.write(path)
    with pytest.raises(WeightsIncompatible, match="newer"):
        read_weights(manifest.find("x"))


def test_states(tmp_path):
    entry = install(tmp_path, b"abc", b"de")
    assert state_of(entry) is WeightsState.INSTALLED
    assert read_weights(entry) == b"abcde"
    entry.paths[1].write_bytes(b"dx")
    assert quick_state(entry) is WeightsState.INSTALLED  # sizes alone cannot tell
    assert state_of(entry) is WeightsState.CORRUPT
    with pytest.raises(WeightsCorrupt, match=r"one\.1"):
        read_weights(entry)
    entry.paths[1].write_bytes(b"dex")
    assert quick_state(entry) is WeightsState.CORRUPT
    entry.paths[1].unlink()
    assert state_of(entry) is WeightsState.MISSING
    with pytest.raises(WeightsMissing, match=r"one\.1"):
        read_weights(entry)
    assert state_of(replace(entry, parts=())) is WeightsState.MISSING
    assert state_of(replace(entry, architecture="later")) is WeightsState.TOO_NEW


def test_right_parts_of_a_wrong_whole_are_corrupt(tmp_path):
    entry = replace(install(tmp_path, b"abc", b"de"), sha256="0" * 64)
    assert state_of(entry) is WeightsState.CORRUPT
    with pytest.raises(WeightsCorrupt, match="whole"):
        read_weights(entry)


def test_unchanged_files_are_read_once(tmp_path, monkeypatch):
    entry = install(tmp_path, b"abc")
    looks = []
    compare = integrity._hashes_agree
    monkeypatch.setattr(
        integrity, "_hashes_agree", lambda entry: looks.append(entry.id) or compare(entry)
    )
    state_of(entry)
    state_of(entry)  # a file so young may change without its time showing it
    assert len(looks) == 2
    os.utime(entry.paths[0], ns=(10**9, 10**9))
    looks.clear()
    assert [state_of(entry) for _ in range(3)] == [WeightsState.INSTALLED] * 3
    assert len(looks) == 1
    assert state_of(entry, again=True) is WeightsState.INSTALLED
    assert len(looks) == 2
    entry.paths[0].write_bytes(b"abd")
    os.utime(entry.paths[0], ns=(1, 1))
    assert state_of(entry) is WeightsState.CORRUPT
    assert len(looks) == 3


def test_folders_are_merged_and_the_first_wins(tmp_path):
    install(tmp_path / "shipped", b"abc", weights_id="one")
    install(tmp_path / "mine", b"defg", weights_id="one")
    install(tmp_path / "mine", b"h", weights_id="two", task="brain")
    both = catalogue([tmp_path / "shipped", tmp_path / "mine"])
    assert [(entry.id, entry.bytes) for entry in both.entries] == [("one", 3), ("two", 1)]
    assert [entry.id for entry in both.entries_for("vertebrae")] == ["one"]
    assert both.find("two").paths[0].read_bytes() == b"h"
    with pytest.raises(WeightsMissing, match="three"):
        both.find("three")


def test_the_default_is_what_is_marked_and_there(tmp_path):
    first = install(tmp_path, b"abc", weights_id="first")
    marked = install(tmp_path, b"de", weights_id="marked", default=True)
    manifest = catalogue([tmp_path])
    assert manifest.default_for("vertebrae") == marked
    marked.paths[0].unlink()
    assert manifest.default_for("vertebrae") == first
    first.paths[0].unlink()
    with pytest.raises(WeightsMissing, match="vertebrae"):
        manifest.default_for("vertebrae")
    with pytest.raises(WeightsMissing, match="brain"):
        manifest.default_for("brain")


def test_a_damaged_default_is_called_damaged(tmp_path):
    entry = install(tmp_path, b"abc")
    entry.paths[0].write_bytes(b"a")
    with pytest.raises(WeightsCorrupt, match="damaged"):
        catalogue([tmp_path]).default_for("vertebrae")
    newer = install(tmp_path / "other", b"abc", architecture="later")
    with pytest.raises(WeightsIncompatible, match="newer"):
        catalogue([newer.folder]).default_for("vertebrae")


def test_what_ships_is_whole(project_root):
    assert shipped_folder() == project_root / "weights"
    for entry in catalogue([shipped_folder()]).entries:
        assert state_of(entry) is WeightsState.INSTALLED, entry.id
        assert entry.card_path is not None, entry.id
        assert entry.card_path.is_file(), entry.id
        assert entry.licence, entry.id


def test_manifest_and_upkeep_bring_no_torch(project_root):
    source = (
        "import sys, inference.manifest, inference.upkeep, inference.lockdown\n"
        "sys.exit('torch' in sys.modules or 'numpy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", source], cwd=project_root, check=False)
    assert done.returncode == 0

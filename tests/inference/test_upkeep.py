"""List, import, verify, remove: the weights verb without its words."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch

from domain.errors import (
    UnreadableFile,
    WeightsCorrupt,
    WeightsIncompatible,
    WeightsMissing,
    WrongUse,
)
from inference import upkeep
from inference.device import pick_device
from inference.loader import load
from inference.manifest import (
    MANIFEST_NAME,
    Manifest,
    WeightsState,
    catalogue,
    shipped_folder,
)
from inference.upkeep import (
    ImportOrder,
    import_weights,
    list_weights,
    remove_weights,
    run_airlock,
    verify_weights,
)
from models.vertebrae.hrnet_ocr import HrnetOcr, HrnetOcrConfig
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig
from tests.golden.mike import as_parent

CONFIG = UNetIkemConfig(width=4)


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "shipped").mkdir()
    return {"shipped": tmp_path / "shipped", "imported": tmp_path / "home" / "weights"}


@pytest.fixture
def checkpoint(tmp_path):
    """A checkpoint in a folder whose name is not plain."""
    torch.manual_seed(1)
    network = UNetIkem(CONFIG)
    path = tmp_path / "mappe é 1" / "best `x`.pth"
    path.parent.mkdir()
    torch.save({"model": network.state_dict(), "epoch": 3}, path)
    return path, network


@pytest.fixture
def quick_airlock(monkeypatch):
    """The airlock without its process, for what happens around it."""
    from inference.airlock import convert

    monkeypatch.setattr(upkeep, "run_airlock", lambda source, target: vars(convert(source, target)))


def test_an_import_is_installed_and_loads(checkpoint, folders):
    """The real thing, with the process."""
    path, network = checkpoint
    entry = import_weights(ImportOrder(path), **folders)
    assert (entry.task, entry.architecture, entry.config["width"]) == ("vertebrae", "unet_ikem", 4)
    assert entry.title == "best `x`"
    assert path.name in entry.origin
    assert catalogue(folders.values()).find(entry.id) == entry
    assert catalogue(folders.values()).default_for("vertebrae") == entry
    loaded = load(entry, device=pick_device("cpu"))
    for key, tensor in network.state_dict().items():
        assert torch.equal(loaded.module.state_dict()[key], tensor), key
    card = entry.card_path.read_text(encoding="utf-8")
    assert "nothing was measured" in card
    assert card.splitlines()[0] == "# best  x "
    assert {file.suffix for file in folders["imported"].iterdir()} == {
        ".safetensors",
        ".md",
        ".json",
    }


def test_the_parent_system_imports_in_the_process_too(folders, tmp_path):
    torch.manual_seed(2)
    state = as_parent(HrnetOcr(HrnetOcrConfig(width=2)).state_dict())
    torch.save({"model": {f"module.{key}": state[key] for key in state}}, tmp_path / "mike.pth")
    entry = import_weights(ImportOrder(tmp_path / "mike.pth"), **folders)
    assert (entry.task, entry.architecture, entry.config["parent"]) == (
        "vertebrae", "hrnet_ocr", True,
    )  # fmt: skip
    assert load(entry, device=pick_device("cpu")).module.config == HrnetOcrConfig(2, parent=True)


def test_the_same_file_twice_is_one_entry(checkpoint, folders, quick_airlock):
    first = import_weights(ImportOrder(checkpoint[0]), **folders)
    second = import_weights(ImportOrder(checkpoint[0]), **folders)
    assert first == second
    assert len(list_weights(**folders)) == 1


def test_list_and_verify_tell_states(checkpoint, folders, quick_airlock):
    entry = import_weights(ImportOrder(checkpoint[0], weights_id="mine", licence="MIT"), **folders)
    (status,) = list_weights(**folders)
    assert (status.entry, status.state, status.imported) == (entry, WeightsState.INSTALLED, True)
    content = bytearray(entry.paths[0].read_bytes())
    content[-1] ^= 1
    entry.paths[0].write_bytes(content)
    assert verify_weights(**folders, weights_id="mine")[0].state is WeightsState.CORRUPT
    assert verify_weights(**folders)[0].state is WeightsState.CORRUPT
    with pytest.raises(WeightsMissing, match="other"):
        verify_weights(**folders, weights_id="other")


def test_the_passport_stays_with_the_weights(checkpoint, folders, quick_airlock):
    told = {"origin": "a paper", "training_data": "films of one site", "intended_use": "research"}
    entry = import_weights(ImportOrder(checkpoint[0], weights_id="told", **told), **folders)
    listed = catalogue(folders.values()).find("told")
    assert listed == entry
    passport = dict(listed.passport)
    assert passport.pop("Source").startswith("a paper (imported from best `x`.pth, sha256 ")
    assert passport == {
        "Licence": "unknown", "Training data": "films of one site", "Intended use": "research",
    }  # fmt: skip
    silent = import_weights(ImportOrder(checkpoint[0], weights_id="silent"), **folders)
    assert dict(silent.passport)["Source"].startswith("unknown (imported from")
    assert {words for label, words in silent.passport if label != "Source"} == {"unknown"}


def test_what_ships_has_a_whole_passport():
    for entry in catalogue((shipped_folder(),)).entries:
        assert "unknown" not in dict(entry.passport).values()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows bounds no processor time")
def test_an_airlock_that_computes_for_ever_is_ended_by_the_system(monkeypatch, tmp_path):
    stand_in(monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGXCPU)")
    with pytest.raises(UnreadableFile, match="processor time"):
        run_airlock(tmp_path / "x.pt", tmp_path / "y")


def test_removed_is_gone_and_the_rest_stays(checkpoint, folders, quick_airlock):
    gone = import_weights(ImportOrder(checkpoint[0], weights_id="gone"), **folders)
    kept = import_weights(ImportOrder(checkpoint[0], weights_id="kept"), **folders)
    assert remove_weights("gone", **folders) == gone
    assert [status.entry for status in list_weights(**folders)] == [kept]
    assert not gone.paths[0].exists()
    assert not gone.card_path.exists()
    assert verify_weights(**folders)[0].state is WeightsState.INSTALLED
    with pytest.raises(WeightsMissing, match="gone"):
        remove_weights("gone", **folders)


def test_what_ships_is_not_touched(checkpoint, folders, quick_airlock):
    mine = import_weights(ImportOrder(checkpoint[0], weights_id="one"), **folders)
    folders["imported"].rename(folders["shipped"].parent / "moved")
    folders = {**folders, "shipped": folders["shipped"].parent / "moved"}
    with pytest.raises(WrongUse, match="one"):
        remove_weights("one", **folders)
    with pytest.raises(WrongUse, match="one"):
        import_weights(ImportOrder(checkpoint[0], weights_id="one"), **folders)
    assert list(folders["imported"].iterdir()) == []
    assert (folders["shipped"] / mine.parts[0].file).exists()


@pytest.mark.parametrize("weights_id", ["../up", "", "Größe", "a b"])
def test_a_bad_id_is_refused(checkpoint, folders, quick_airlock, weights_id):
    with pytest.raises(WrongUse):
        import_weights(ImportOrder(checkpoint[0], weights_id=weights_id), **folders)
    assert list(folders["imported"].iterdir()) == []


def test_an_absent_or_giant_file_is_refused(folders, tmp_path, monkeypatch):
    with pytest.raises(UnreadableFile, match=r"absent\.pt"):
        import_weights(ImportOrder(tmp_path / "absent.pt"), **folders)
    with pytest.raises(UnreadableFile):
        import_weights(ImportOrder(tmp_path), **folders)
    (tmp_path / "large.pt").write_bytes(b"1234")
    monkeypatch.setattr(upkeep, "MAX_BYTES", 3)
    with pytest.raises(UnreadableFile, match="GiB"):
        import_weights(ImportOrder(tmp_path / "large.pt"), **folders)


def test_a_broken_list_is_not_overwritten(checkpoint, folders, quick_airlock):
    folders["imported"].mkdir(parents=True)
    listing = folders["imported"] / MANIFEST_NAME
    listing.write_text("{", encoding="utf-8")
    with pytest.raises(WeightsCorrupt):
        import_weights(ImportOrder(checkpoint[0]), **folders)
    assert listing.read_text(encoding="utf-8") == "{"


class Trap:
    """Makes a folder when unpickled by whoever trusts pickles."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.mkdir, (self.mark,)


def test_the_process_hands_refusals_on(folders, tmp_path):
    torch.save({"model": {}, "x": Trap(tmp_path / "ran")}, tmp_path / "trap.pt")
    with pytest.raises(UnreadableFile, match="code would have to run") as caught:
        import_weights(ImportOrder(tmp_path / "trap.pt"), **folders)
    assert caught.value.remedy
    assert not (tmp_path / "ran").exists()
    torch.save({"hrnet.x": torch.zeros(1)}, tmp_path / "hrnet.pt")
    with pytest.raises(WeightsIncompatible, match="HRNet"):
        import_weights(ImportOrder(tmp_path / "hrnet.pt"), **folders)
    assert Manifest.read(folders["imported"] / MANIFEST_NAME) == Manifest()
    assert list(folders["imported"].iterdir()) == []


def stand_in(monkeypatch, source):
    monkeypatch.setattr(upkeep, "airlock_command", lambda: (sys.executable, "-c", source))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import os; os.abort()", "ended"),
        ("import sys; sys.exit('no such thing')", "no such thing"),
        ("print('[1]')", "ended"),
        ('print(\'{"architecture": "later", "config": {}}\')', "ended"),
    ],
)
def test_an_airlock_that_dies_or_babbles_is_a_failure(monkeypatch, tmp_path, source, said):
    stand_in(monkeypatch, source)
    with pytest.raises(UnreadableFile, match=said):
        run_airlock(tmp_path / "x.pt", tmp_path / "y")


def test_an_airlock_that_hangs_is_ended(monkeypatch, tmp_path):
    stand_in(monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(upkeep, "AIRLOCK_SECONDS", 0.2)
    with pytest.raises(UnreadableFile, match="more than"):
        run_airlock(tmp_path / "x.pt", tmp_path / "y")


def test_the_airlock_inherits_no_secrets(monkeypatch, tmp_path):
    monkeypatch.setenv("SOME_TOKEN", "secret")
    stand_in(
        monkeypatch,
        "import os, json\n"
        "print(json.dumps({'architecture': 'unet_ikem', 'config': dict(os.environ)}))",
    )
    told = json.dumps(dict(run_airlock(tmp_path / "x.pt", tmp_path / "y")))
    assert "secret" not in told
    assert "PATH" in told


def test_a_frozen_program_starts_the_airlock_by_its_verb(monkeypatch):
    assert upkeep.airlock_command()[-2:] == ("-m", "inference.airlock")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert upkeep.airlock_command() == (sys.executable, "airlock")

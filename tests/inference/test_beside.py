"""What lies beside weights is read where it is what the list says, and refused in words else."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from domain.errors import WeightsCorrupt, WeightsMissing
from inference.beside import fitted_bytes, read_beside
from inference.device import pick_device
from inference.entry import Ally, Part, WeightsEntry, canonical_json
from inference.entry_json import entry_to_json, manifest_from_json
from inference.integrity import WeightsState, quick_state, state_of
from inference.loader import load, save_weights
from models.vertebrae.column import ColumnNet, ColumnNetConfig
from models.vertebrae.familiar import Familiar, Picture, shapes
from models.vertebrae.territory import Territory, fitted

CONFIG = ColumnNetConfig(encoder=0)
WIDTH = CONFIG.width


@pytest.fixture(scope="module")
def familiar() -> Familiar:
    torch.manual_seed(0)
    return Familiar({name: torch.randn(shape) for name, shape in shapes(WIDTH).items()})


@pytest.fixture
def entry(tmp_path: Path, familiar: Familiar) -> WeightsEntry:
    """A network with a file beside it."""

    torch.manual_seed(0)
    save_weights(
        ColumnNet(CONFIG), tmp_path / "n.safetensors", architecture="column_net", config=CONFIG
    )
    content = (tmp_path / "n.safetensors").read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return WeightsEntry(
        id="n",
        task="vertebrae",
        title="N",
        architecture="column_net",
        config_json=canonical_json(asdict(CONFIG)),
        parts=(Part("n.safetensors", len(content), sha256),),
        sha256=sha256,
        bytes=len(content),
        folder=tmp_path,
        familiar=beside(tmp_path, fitted_bytes(familiar, weights_sha256=sha256)),
    )


def beside(folder: Path, content: bytes) -> Part:
    (folder / "n.familiar").write_bytes(content)
    return Part("n.familiar", len(content), hashlib.sha256(content).hexdigest())


def test_the_network_comes_with_what_lies_beside_it(entry, familiar):
    net = load(entry, device=pick_device("cpu")).module
    picture = Picture(torch.randn(WIDTH), torch.randn(WIDTH))
    assert net.familiar.nearest(picture) == familiar.nearest(picture)
    assert net.familiar.probed(picture) == familiar.probed(picture)
    assert not [name for name in net.state_dict() if "familiar" in name]  # no part of the weights
    assert load(replace(entry, familiar=None), device=pick_device("cpu")).module.familiar is None


def test_the_same_values_give_the_same_bytes(familiar):
    one, other = (fitted_bytes(familiar, weights_sha256="a") for _ in range(2))
    assert one == other


def test_an_entry_says_so_only_where_there_is_such_a_file(entry):
    def again(one: WeightsEntry) -> WeightsEntry:
        tree = {"schema": 1, "weights": [entry_to_json(one)]}
        return manifest_from_json(tree, folder=one.folder)[0][0]

    assert again(entry).familiar == entry.familiar
    bare = replace(entry, familiar=None)
    assert "familiar" not in entry_to_json(bare)
    assert again(bare).familiar is None


def test_a_file_that_is_damaged_gone_or_anothers_is_refused_in_words(entry, familiar, tmp_path):
    assert state_of(entry) is WeightsState.INSTALLED
    other = beside(tmp_path, fitted_bytes(familiar, weights_sha256="0" * 64))
    with pytest.raises(WeightsCorrupt, match="other weights"):
        read_beside(entry, other, Familiar)
    assert state_of(entry) is WeightsState.CORRUPT  # as long, but not the same
    with pytest.raises(WeightsCorrupt, match="sha256"):
        read_beside(entry, entry.familiar, Familiar)
    for junk in (b"", b"\x08\0\0\0\0\0\0\0{}      ", b"junk" * 100):
        with pytest.raises(WeightsCorrupt):
            read_beside(entry, beside(tmp_path, junk), Familiar)
    assert quick_state(entry) is WeightsState.CORRUPT
    (tmp_path / "n.familiar").unlink()
    assert quick_state(entry) is WeightsState.MISSING
    with pytest.raises(WeightsMissing, match="not installed whole"):
        read_beside(entry, entry.familiar, Familiar)


@pytest.mark.parametrize("name", list(shapes(1)))
def test_values_that_are_no_numbers_are_refused(entry, familiar, tmp_path, name):
    tensors = {key: getattr(familiar, key).clone() for key in shapes(1)}
    tensors[name].view(-1)[0] = torch.nan
    content = fitted_bytes(Familiar(tensors), weights_sha256=entry.sha256)
    with pytest.raises(WeightsCorrupt, match="no number"):
        read_beside(entry, beside(tmp_path, content), Familiar)


@pytest.fixture
def advised(entry: WeightsEntry, tmp_path: Path) -> WeightsEntry:
    """A network that asks a scout of pictures near zero."""
    territory = fitted(torch.randn(300, WIDTH), shrink=0.5, share=0.9)
    content = fitted_bytes(territory, weights_sha256=entry.sha256)
    (tmp_path / "n.territory").write_bytes(content)
    part = Part("n.territory", len(content), hashlib.sha256(content).hexdigest())
    return replace(entry, scout=Ally("first", "f" * 64, part))


def test_the_territory_of_a_scout_comes_along(advised):
    territory = load(advised, device=pick_device("cpu")).module.territory
    sides = torch.zeros(WIDTH)
    assert territory.holds(Picture(torch.zeros(WIDTH), sides))
    assert not territory.holds(Picture(torch.full((WIDTH,), 9.0), sides))
    tree = {"schema": 1, "weights": [entry_to_json(advised)]}
    assert manifest_from_json(tree, folder=advised.folder)[0][0].scout == advised.scout


def test_a_territory_that_is_gone_or_a_familiar_in_its_place_is_refused(advised, tmp_path):
    assert state_of(advised) is WeightsState.INSTALLED
    with pytest.raises(WeightsCorrupt, match="it holds"):
        read_beside(advised, advised.familiar, Territory)
    (tmp_path / "n.territory").unlink()
    assert quick_state(advised) is WeightsState.MISSING
    with pytest.raises(WeightsMissing, match="not installed whole"):
        load(advised, device=pick_device("cpu"))

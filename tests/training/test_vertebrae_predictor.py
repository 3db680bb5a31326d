"""The predictor: weights from a file, hints held exactly, one film remembered."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from domain.annotation import Hint
from domain.errors import CaliperError, WeightsMissing, WrongUse
from domain.provenance import Mode
from inference.entry import Part, WeightsEntry, canonical_json
from inference.loader import save_weights
from inference.manifest import MANIFEST_NAME, Manifest
from models.vertebrae.column import ColumnNet, ColumnNetConfig
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig
from tests.training.folder import write_aasce
from training.cli import run as command
from training.phantoms.vertebrae import draw_phantom
from training.vertebrae_predictor import load_predictor

SMALL = ColumnNetConfig(
    rows=64, columns=32, width=48, heads=4, image_layers=1, joint_layers=1, pixel_width=16
)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "small.safetensors"
    save_weights(ColumnNet(SMALL), path, architecture="column_net", config=SMALL)
    return path


def test_hinted_corners_hold_and_others_answer(weights: Path) -> None:
    loaded = load_predictor(str(weights), device="cpu")
    predictor = loaded.predictor
    assert (loaded.name, loaded.mode) == ("small.safetensors", Mode.CORRECTED)
    film = draw_phantom(0, rows=400, columns=200).film
    alone, spread = predictor.predict(film, ())
    assert alone.shape == (68, 2)
    assert (spread > 0).all()
    told, _ = predictor.predict(film, (Hint(20, 123.25, 77.5),))
    assert told[20].tolist() == [123.25, 77.5]
    assert np.abs(np.delete(told - alone, 20, axis=0)).max() > 0
    again, _ = predictor.predict(film, ())
    assert np.array_equal(alone, again)


def test_another_film_is_not_mistaken_for_the_last(weights: Path) -> None:
    predictor = load_predictor(str(weights), device="cpu").predictor
    one, other = (draw_phantom(n, rows=400, columns=200).film for n in (0, 1))
    first, _ = predictor.predict(one, ())
    second, _ = predictor.predict(other, ())
    assert not np.array_equal(first, second)
    assert np.array_equal(first, predictor.predict(one, ())[0])


def test_weights_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no weights at"):
        load_predictor(str(tmp_path / "none.safetensors"), device="cpu")
    (tmp_path / "bad.safetensors").write_bytes(b"nothing")
    with pytest.raises(CaliperError):
        load_predictor(str(tmp_path / "bad.safetensors"), device="cpu")


def test_imported_weights_answer_in_both_modes(tmp_path: Path) -> None:
    torch.manual_seed(0)
    folder = tmp_path / "weights"
    folder.mkdir()
    config = UNetIkemConfig(width=4)
    save_weights(
        UNetIkem(config), folder / "net.safetensors", architecture="unet_ikem", config=config
    )
    content = (folder / "net.safetensors").read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    entry = WeightsEntry(
        id="mine",
        task="vertebrae",
        title="Mine",
        architecture="unet_ikem",
        config_json=canonical_json(asdict(config)),
        parts=(Part("net.safetensors", len(content), sha256),),
        sha256=sha256,
        bytes=len(content),
        mode=Mode.AS_PUBLISHED,
        folder=folder,
    )
    Manifest((entry,)).write(folder / MANIFEST_NAME)
    film = draw_phantom(0, rows=400, columns=200).film
    found = {}
    for mode in (None, Mode.CORRECTED):
        loaded = load_predictor("mine", device="cpu", mode=mode, folders=(folder,))
        assert loaded.mode == (mode or Mode.AS_PUBLISHED)
        hints = (Hint(20, 123.25, 77.5), Hint(3, 50.0, 80.0))
        found[mode], _ = loaded.predictor.predict(film, hints)
        assert found[mode][[20, 3]].tolist() == [[123.25, 77.5], [50.0, 80.0]]
    assert np.abs(found[None] - found[Mode.CORRECTED]).max() > 1
    with pytest.raises(WeightsMissing, match="mine"):
        load_predictor("mine", device="cpu")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [(("--weights", "nobodys"), 1), (("--weights", "none.safetensors"), 2), (("--limit", "0"), 2)],
)
def test_wrong_use_and_failures_have_their_codes(
    wrong: tuple[str, str],
    code: int,
    weights: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_aasce(tmp_path / "data", count=1)
    arguments = ["evaluate", "vertebrae", "--data", str(tmp_path / "data")]
    arguments += ["--out", str(tmp_path / "out"), "--weights", str(weights), *wrong]
    assert command(arguments) == code
    assert capsys.readouterr().err


def test_the_command_measures(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_aasce(tmp_path / "data", count=2)
    arguments = ["evaluate", "vertebrae", "--data", str(tmp_path / "data"), "--json"]
    arguments += ["--out", str(tmp_path / "out"), "--weights", str(weights), "--clicks", "1"]
    assert command(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert told["mre_px.1"]["n"] == 2

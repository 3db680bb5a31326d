"""The predictor: weights from a file, hints held exactly, one film remembered."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from domain.annotation import Hint
from domain.errors import CaliperError, WrongUse
from domain.provenance import Mode
from inference.loader import save_weights
from models.vertebrae.column import ColumnNet, ColumnNetConfig
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

"""Figures on drawn mouths; what is measured is what a person would count."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from domain.errors import WrongUse
from domain.implant import ImplantOptions
from domain.implant_regions import PlacedHeat
from domain.panorama import Window
from inference.healthy import healthy_from
from tests.training.mouths import write_mouths, write_weights
from training import cli, implant_calibration, implant_ladder
from training.data.panoramics import Outlines, Study
from training.implant_figures import all_metrics
from training.implant_protocol import Pointed, StudyResult, pointed_at
from training.metrics import auroc, average_precision

QUICK = ["--set", "steps=2", "--set", "level=200"]
NEEDED = {
    "auroc_study",
    "auroc_matched",
    "auroc_brightness",
    "auroc_teeth",
    "auroc_over_brightness",
    "pixel_auprc",
    "froc",
    "count_error",
    "seconds_per_study",
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_weights(tmp_path_factory.mktemp("weights"))


def test_the_verb_leaves_figures_and_a_table(weights, tmp_path, capsys):
    data = write_mouths(tmp_path / "data", healthy=3, with_implant=2)
    (data / "film1.png").write_bytes(b"no picture")
    argv = ["evaluate", "implant", "--data", str(data), "--out", str(tmp_path / "out")]
    code = cli.run([*argv, "--weights", str(weights), "--device", "cpu", "--json", *QUICK])
    said = capsys.readouterr()
    metrics = json.loads(said.out)
    assert code == 1
    assert "failed: film1.png" in said.err
    assert metrics.keys() >= NEEDED
    assert metrics["auroc_brightness"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 4} or (
        metrics["auroc_brightness"]["value"] == 1.0
    )
    assert (tmp_path / "out" / "studies.csv").read_text().count("\n") == 5


def test_a_folder_without_studies_is_wrong_use(weights, tmp_path, capsys):
    argv = ["evaluate", "implant", "--data", str(tmp_path), "--out", str(tmp_path / "out")]
    assert cli.run([*argv, "--weights", str(weights), "--device", "cpu"]) == 2
    assert "no studies" in capsys.readouterr().err


def test_a_setting_that_is_none_is_wrong_use(weights, tmp_path):
    argv = ["evaluate", "implant", "--data", str(tmp_path), "--out", str(tmp_path / "out")]
    told = ["--weights", str(weights), "--device", "cpu", "--set", "lambda=3"]
    assert cli.run([*argv, *told]) == 2


def test_healthy_studies_are_stored_for_these_weights_alone(weights, tmp_path):
    data = write_mouths(tmp_path / "data", healthy=4, with_implant=1)
    out = tmp_path / "tiny.healthy.safetensors"
    argv = ["--weights", str(weights), "--data", str(data), "--out", str(out), "--places", "5"]
    assert implant_calibration.main([*argv, "--level", "200", "--steps", "2"]) == 0
    sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
    compared = healthy_from(out.read_bytes(), weights_sha256=sha256)
    assert compared.options == replace(ImplantOptions(), level=200, steps=2)
    assert len(compared.healthy.scores) == 4
    assert compared.healthy.places == 5
    with pytest.raises(ValueError, match="other weights"):
        healthy_from(out.read_bytes(), weights_sha256="0")


def test_summits_hit_implants_or_are_alarms():
    values = np.zeros((64, 64))
    values[20, 20], values[50, 50], values[10, 50] = 5, 3, 4
    heat = PlacedHeat(values[None], Window(0, 0, 128, 128))  # twice as large in the picture
    square = np.array([[36.0, 36], [36, 46], [46, 46], [46, 36]])
    elsewhere = square + np.array([60, 0])
    pin = np.array([[16.0, 96], [16, 104], [26, 104], [26, 96]])
    found = pointed_at(heat, Outlines((square, elsewhere), (pin,)))
    assert found.hits.tolist() == [5, 0]
    assert found.alarms.tolist() == [3]
    assert found.right.max() == 5
    assert found.wrong.max() == 3  # what lies on the pin is neither


def _result(n: int, *, score: float, with_implant: bool, pointed: Pointed | None = None):
    study = Study(None, f"p{n}", with_implant, teeth=20)  # type: ignore[arg-type]
    return StudyResult(study, score, 0.5, 0.1 * n, 1.0, 1, False, pointed)


def test_figures_are_those_of_a_hand_count():
    heat = np.array([1.0, 2.0])
    nothing = np.zeros(0)
    healthy = Pointed(nothing, np.array([1.5]), nothing, heat)
    marked = Pointed(np.array([3.0, 0.0]), np.array([2.0]), np.array([3.0, 3.0]), heat)
    results = [
        _result(1, score=1, with_implant=False, pointed=healthy),
        _result(2, score=3, with_implant=False, pointed=healthy),
        _result(3, score=2, with_implant=True, pointed=marked),
    ]
    metrics = {name: metric.value for name, metric in all_metrics(results).items()}
    assert metrics["auroc_study"] == 0.5
    assert metrics["auroc_brightness"] == 1
    assert metrics["auroc_over_brightness"] == -0.5
    assert metrics["count_error"] == pytest.approx(1)  # one found each; two, none and none there
    assert metrics["froc.4"] == 0.5  # one of two implants, whatever is allowed
    assert metrics["pixel_auprc"] == pytest.approx(1)
    assert metrics["alarm_share"] == 1


def test_ties_count_half_and_one_kind_tells_nothing():
    assert auroc(np.array([[1.0, 0], [1, 1]])) == 0.5
    assert auroc(np.array([[1.0, 1], [2, 1]])) == 0.5
    assert auroc(np.array([[1.0, 0], [2, 1]])) == 1


def test_precision_falls_with_wrong_places_above():
    right, wrong = [0.0, 0, 1], [0.0, 0, 0]
    assert average_precision(np.array([right + wrong])) == 1
    assert average_precision(np.array([[1.0, 0, 0, 0, 0, 1.0]])) == 0.5
    assert average_precision(np.zeros((1, 6))) == 0


def test_no_study_is_no_figure():
    assert all_metrics([]) == {}
    assert issubclass(WrongUse, Exception)


@pytest.mark.parametrize(("healthy", "scorings"), [(2, 2), (3, 3)])
def test_the_ladder_is_drawn_by_one_command(weights, tmp_path, healthy, scorings, capsys):
    data = write_mouths(tmp_path / "data", healthy=healthy, with_implant=1)
    out = tmp_path / "out"
    argv = ["--weights", str(weights), "--data", str(data), "--out", str(out)]
    assert implant_ladder.main([*argv, "--levels", "100"]) == 0
    capsys.readouterr()
    assert implant_ladder.main([*argv, "--levels", "100,300"]) == 0
    assert capsys.readouterr().err.count("\n") == healthy + 1  # level 100 is kept
    figures = json.loads((out / "ladder.json").read_text())
    names = ("absolute", "as_published", "calibrated")[:scorings]
    assert figures.keys() == {f"auroc.{name}.{level}" for name in names for level in (100, 300)}
    assert (out / "ladder.svg").read_text().count("<polyline") == scorings

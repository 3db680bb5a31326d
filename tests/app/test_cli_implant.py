"""`main.py analyse implant`: studies in, implants and scores out, by a tiny network."""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from jsonschema import Draft202012Validator

from app.cli import ALL_WELL, SOME_FAILED
from app.cli.implant import DESK, SCORES_NAME, Studies
from app.cli.ledger import Line, State
from domain.annotation import Annotations
from domain.image import Image
from domain.implant import ImplantOptions, Sampler, Scoring
from domain.provenance import Mode
from inference.manifest import Part, WeightsEntry
from main import main
from tests.implant_weights import WEIGHTS, install_tiny

HAS_TORCH = importlib.util.find_spec("torch") is not None
FAST = ("--level", "60", "--steps", "2", "--weights", WEIGHTS, "--device", "cpu")


@pytest.fixture
def studies(tmp_path, monkeypatch):
    """Two panoramic pictures and a file that is none, and a home with a tiny network."""
    monkeypatch.setenv("CALIPER_HOME", str(tmp_path / "home"))
    install_tiny(tmp_path / "home" / "weights")
    folder = tmp_path / "studies"
    folder.mkdir()
    for seed, name in enumerate(("first", "second")):
        grain = np.random.default_rng(seed).integers(20, 220, (90, 160)).astype(np.uint8)
        (folder / f"{name}.png").write_bytes(cv2.imencode(".png", grain)[1].tobytes())
    (folder / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n and nothing more")
    return folder


def analyse(out, *arguments):
    return main(["analyse", "implant", "--out", str(out), *map(str, arguments)])


@pytest.mark.slow
@pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")
def test_studies_are_analysed_once_and_one_bad_file_stops_nothing(
    studies, tmp_path, capsys, project_root
):
    out = tmp_path / "out"
    every = [name for spec in DESK.formats for name in ("--format", spec.name)]
    assert analyse(out, studies, *FAST, "--seed", 5, *every) == SOME_FAILED
    told = capsys.readouterr()
    assert "torn.png\tFAILED" in told.out
    names = {path.name for path in out.iterdir()}
    for stem in ("first", "second"):
        assert {f"{stem}.implant{spec.ending}" for spec in DESK.formats} <= names
    schema = json.loads((project_root / "docs/schema/implant-1.json").read_text("utf-8"))
    document = json.loads((out / "first.implant.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    assert document["healed"] == {
        "level": 60,
        "steps": 2,
        "sampler": "dpm_solver",
        "seeds": 1,
        "inverted": False,
        "seed": 5,
    }
    scores = list(csv.DictReader((out / SCORES_NAME).open(encoding="utf-8")))
    assert [row["filename"] for row in scores] == ["first.png", "second.png"]
    assert float(scores[0]["score"]) == document["score"]
    before = (out / "first.implant.json").read_bytes()
    assert analyse(out, studies, *FAST, "--seed", 5, "--json") == SOME_FAILED
    rows = json.loads(capsys.readouterr().out)
    assert [row["state"] for row in rows] == ["skipped", "skipped", "failed"]
    assert rows[0]["score"] == document["score"]
    assert (out / "first.implant.json").read_bytes() == before
    # Another question is another answer, and one that these weights cannot give is refused.
    first = studies / "first.png"
    assert analyse(out, first, *FAST, "--scoring", "as_published", "--threshold", 0.4) == ALL_WELL
    document = json.loads((out / "first.implant.json").read_text("utf-8"))
    assert (document["scoring"], document["threshold"]) == ("as_published", 0.4)
    assert analyse(out, first, *FAST, "--scoring", "calibrated") == SOME_FAILED
    assert "healthy" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        ("--level", "0"),
        ("--level", "1000"),
        ("--level", "much"),
        ("--steps", "0"),
        ("--seeds", "-1"),
        ("--sampler", "best"),
        ("--scoring", "none"),
        ("--threshold", "nan"),
        ("--hint", "T7.TL=1,2"),
    ],
)
def test_wrong_options_are_refused_at_once(tmp_path, wrong):
    with pytest.raises(SystemExit) as ended:
        analyse(tmp_path / "out", "a.png", *wrong)
    assert ended.value.code == 2
    assert not (tmp_path / "out").exists()


def options(*arguments, mode=Mode.CORRECTED, folder=Path("nowhere")):
    parser = argparse.ArgumentParser()
    DESK.add_options(parser)
    healthy = Part("small.healthy", 0, "") if (folder / "small.healthy").is_file() else None
    weights = WeightsEntry("small", "implant", "Small", folder=folder, healthy=healthy)
    return DESK.ask(parser.parse_args(arguments), weights, mode)


def test_what_nobody_chose_is_as_the_mode_has_it():
    assert options() == Studies(ImplantOptions())
    published = options(mode=Mode.AS_PUBLISHED).options
    assert (published.level, published.steps, published.sampler) == (300, 150, Sampler.DDIM)
    chosen = options("--level", "90", "--sampler", "ddpm", "--seeds", "3", "--scoring", "absolute")
    assert chosen.options == ImplantOptions(level=90, sampler=Sampler.DDPM, seeds=3)
    assert chosen.scoring is Scoring.ABSOLUTE


@pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")
def test_a_study_is_healed_as_those_it_is_compared_with(tmp_path):
    from inference.healthy import healthy_bytes
    from tests.inference.test_healthy import COMPARED

    content = healthy_bytes(COMPARED, weights_sha256="")
    (tmp_path / "small.healthy").write_bytes(content)
    assert options(folder=tmp_path).options == COMPARED.options
    assert options("--steps", "3", folder=tmp_path).options.steps == 3
    published = options(mode=Mode.AS_PUBLISHED, folder=tmp_path).options
    assert published.sampler is Sampler.DDIM
    assert published.level == 300


def test_all_that_decides_the_answer_is_told():
    plain = options()
    others = [("--level", "9"), ("--threshold", "1"), ("--scoring", "absolute"), ("--seeds", "2")]
    told = [json.dumps(options(*other).told) for other in others]
    assert len({json.dumps(plain.told), *told}) == 5


def test_a_line_holds_what_people_ask_for():
    line = Line("a.png", "", "implant", State.DONE)
    study = Image(np.zeros((40, 40), np.uint8))
    blank = options().decisions(study)
    assert isinstance(blank, Annotations)
    filled = options().line(line, None, blank)
    assert (filled.score, filled.p_value, filled.implants) == (None, None, 0)
    assert DESK.figure(filled) == "0 implants"
    assert DESK.figure(
        Line("a", "", "implant", State.DONE, score=3.5, p_value=0.02, implants=1)
    ) == ("1 implant, score 3.5, p = 0.02")
    assert DESK.figure(line) == ""

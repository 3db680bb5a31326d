"""`analyse` again: what is done is skipped, what changed is done, and nothing is overwritten."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.cli import ALL_WELL, SOME_FAILED
from domain.image import image_identity
from main import main
from tests.e2e.rule_engine import DEADLY

Draw = Callable[..., Path]
Status = dict[str, dict[str, object]]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Draws a film below the test's folder, of a grain that a number decides."""

    def make(name: str, *, grain: int, deadly: bool = False) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(grain).integers(40, 200, (700, 240)).astype(np.uint8)
        if deadly:
            pixels[0, : len(DEADLY)] = DEADLY
        path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
        return path

    return make


def analyse(out: Path, *arguments: object) -> int:
    return main(["analyse", "vertebrae", "--out", str(out), *map(str, arguments)])


def status(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "status.jsonl").read_text().splitlines()]


def states(out: Path) -> dict[object, object]:
    return {line["file"]: line["state"] for line in status(out)}


def test_each_file_has_a_line_that_says_enough(
    home: Path, draw: Draw, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw("in/film 10.png", grain=1)
    film = draw("in/deep/film 2.png", grain=2)
    (tmp_path / "in" / "deep" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    out = tmp_path / "out"
    assert analyse(out, tmp_path / "in", "--json", "--seed", 3) == SOME_FAILED
    printed = json.loads(capsys.readouterr().out)
    wanted = ["film 10.png", "deep/broken.png", "deep/film 2.png"]
    assert [row["file"] for row in printed] == wanted
    assert [line["file"] for line in status(out)] == wanted
    assert [line["state"] for line in status(out)] == ["done", "failed", "done"]
    good, bad = status(out)[2], status(out)[1]
    assert good["pixels_sha256"] == image_identity(cv2.imread(str(film), cv2.IMREAD_GRAYSCALE))
    assert (good["weights_id"], good["mode"], good["seed"]) == ("rule", "corrected", 3)
    assert len(str(good["weights_sha256"])) == 64
    assert good["formats"] == "json,picture"
    assert isinstance(good["main_angle_deg"], float)
    assert isinstance(good["seconds"], float)
    assert "broken.png" in str(bad["reason"])
    assert (bad["pixels_sha256"], bad["output"]) == ("", "")
    with (out / "results.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["file"] for row in rows] == wanted
    assert (
        str(tmp_path) not in (out / "status.jsonl").read_text() + (out / "results.csv").read_text()
    )


def test_the_same_question_is_not_asked_again(
    home: Path, draw: Draw, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw("in/a.png", grain=1)
    out = tmp_path / "out"
    assert analyse(out, tmp_path / "in") == ALL_WELL
    first = status(out)[0]
    before = (out / "a.vertebrae.json").stat().st_mtime_ns
    draw("in/b.png", grain=2)
    for _ in range(2):
        assert analyse(out, tmp_path / "in", "--json") == ALL_WELL
    rows = json.loads(capsys.readouterr().out.split("\n]\n")[1] + "]")
    assert [row["state"] for row in rows] == ["skipped", "skipped"]
    assert (out / "a.vertebrae.json").stat().st_mtime_ns == before
    again = next(line for line in status(out) if line["file"] == "a.png")
    assert again == {**first, "state": "skipped", "reason": again["reason"]}
    assert "done before" in str(again["reason"])


def test_a_changed_question_is_asked_again(home: Path, draw: Draw, tmp_path: Path) -> None:
    manifest = home / "weights" / "manifest.json"
    told = json.loads(manifest.read_text())
    told["weights"].append({**told["weights"][0], "id": "other", "default": False})
    manifest.write_text(json.dumps(told))
    film, out = draw("a.png", grain=1), tmp_path / "out"
    assert analyse(out, film) == ALL_WELL
    asked = {status(out)[0]["question"]}
    for changed in (
        ("--seed", 1),
        ("--mode", "as_published"),
        ("--hint", "T7.TL=300,100"),
        ("--weights", "other"),
    ):
        before = (out / "a.vertebrae.json").stat().st_mtime_ns
        assert analyse(out, film, *changed) == ALL_WELL
        assert states(out) == {"a.png": "done"}
        assert (out / "a.vertebrae.json").stat().st_mtime_ns > before
        asked.add(status(out)[0]["question"])
    assert len(asked) == 5
    assert len(list(out.glob("*.json"))) == 1  # the same film's result is renewed, not doubled


def test_what_somebody_took_away_is_made_again(home: Path, draw: Draw, tmp_path: Path) -> None:
    film, out = draw("a.png", grain=1), tmp_path / "out"
    assert analyse(out, film) == ALL_WELL
    (out / "a.vertebrae.png").unlink()
    assert analyse(out, film) == ALL_WELL
    assert states(out) == {"a.png": "done"}
    assert (out / "a.vertebrae.png").is_file()


def test_other_pixels_under_an_old_name_overwrite_nothing(
    home: Path, draw: Draw, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert analyse(out, draw("monday/scan.png", grain=1)) == ALL_WELL
    first = (out / "scan.vertebrae.json").read_bytes()
    assert analyse(out, draw("tuesday/scan.png", grain=2)) == ALL_WELL
    assert analyse(out, draw("monday/scan.png", grain=3)) == ALL_WELL
    assert (out / "scan.vertebrae.json").read_bytes() == first
    assert len(list(out.glob("scan*.vertebrae.json"))) == 3
    assert len({line["output"] for line in status(out)}) == 3


def test_names_that_differ_by_case_alone_stay_apart(home: Path, draw: Draw, tmp_path: Path) -> None:
    films = [draw("x/Film.png", grain=1), draw("y/film.png", grain=2)]
    assert analyse(tmp_path / "out", *films) == ALL_WELL
    names = {path.name.casefold() for path in (tmp_path / "out").glob("*.vertebrae.json")}
    assert len(names) == 2


def test_results_that_no_list_knows_are_left_alone(home: Path, draw: Draw, tmp_path: Path) -> None:
    film, out = draw("a.png", grain=1), tmp_path / "out"
    out.mkdir()
    (out / "a.vertebrae.json").write_text("mine")
    assert analyse(out, film) == ALL_WELL
    assert (out / "a.vertebrae.json").read_text() == "mine"
    assert (out / "a-2.vertebrae.json").is_file()


def test_twins_have_a_result_each_and_a_moved_folder_is_known(
    home: Path, draw: Draw, tmp_path: Path
) -> None:
    films = [draw(f"{folder}/film.png", grain=1) for folder in ("in/a", "in/b")]
    out = tmp_path / "out"
    assert analyse(out, *films) == ALL_WELL
    assert len(list(out.glob("*.vertebrae.json"))) == 2
    (tmp_path / "in").rename(tmp_path / "moved")
    moved = [tmp_path / "moved" / folder / "film.png" for folder in "ab"]
    assert analyse(out, *moved) == ALL_WELL
    assert [line["state"] for line in status(out)] == ["skipped", "skipped"]
    assert len(list(out.glob("*.vertebrae.json"))) == 2


def test_results_among_the_films_are_no_films(home: Path, draw: Draw, tmp_path: Path) -> None:
    film = draw("in/a.png", grain=1)
    for _ in range(2):
        assert analyse(film.parent, film.parent) == ALL_WELL
    assert states(film.parent) == {"a.png": "skipped"}


def test_a_failed_file_is_tried_again(home: Path, draw: Draw, tmp_path: Path) -> None:
    out, film = tmp_path / "out", draw("in/a.png", grain=1)
    content = film.read_bytes()
    film.write_bytes(content[:100])
    assert analyse(out, film) == SOME_FAILED
    film.write_bytes(content)
    assert analyse(out, film) == ALL_WELL
    assert states(out) == {"a.png": "done"}
    assert len(status(out)) == 1
    assert (out / "a.vertebrae.json").is_file()


def test_a_film_that_kills_the_engine_is_told_and_the_rest_is_answered(
    home: Path, draw: Draw, tmp_path: Path
) -> None:
    films = [draw("a.png", grain=1), draw("b.png", grain=2, deadly=True), draw("c.png", grain=3)]
    out = tmp_path / "out"
    assert analyse(out, *films) == SOME_FAILED
    assert states(out) == {"a.png": "done", "b.png": "failed", "c.png": "done"}
    assert "engine ended" in str(status(out)[1]["reason"])
    assert not (out / "b.vertebrae.json").exists()


def test_a_damaged_list_is_passed_over(home: Path, draw: Draw, tmp_path: Path) -> None:
    out, film = tmp_path / "out", draw("a.png", grain=1)
    assert analyse(out, film) == ALL_WELL
    line = {"file": "b", "source": "s", "task": "vertebrae", "state": "done"}
    damage = [
        b"\xff\xfe",
        b"[]",
        b"7",
        b'{"output": "x"}',
        json.dumps({**line, "state": "unheard of"}).encode(),
        json.dumps({**line, "output": 5}).encode(),
        json.dumps({**line, "output": "../x"}).encode(),
        b'{"file": "a.p',  # torn off
    ]
    with (out / "status.jsonl").open("ab") as file:
        file.write(b"\n".join(damage))
    assert analyse(out, film, draw("b.png", grain=2)) == ALL_WELL
    assert states(out) == {"a.png": "skipped", "b.png": "done"}

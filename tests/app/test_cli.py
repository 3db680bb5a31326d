"""`main.py analyse` and `main.py weights`: files in, results out, words and codes for the rest."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from jsonschema import Draft202012Validator

from app.cli import ALL_WELL, SOME_FAILED, WRONG_USE, analyst
from app.cli.options import parse_hint
from domain.annotation import Hint
from domain.vertebrae import CORNERS, corner_index, corner_name
from main import main
from tests.app.rule_home import environment, program_without_qt
from tests.app.session.sitting import column

Draw = Callable[[str], Path]
TOLD = {"status.jsonl", "results.csv"}


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Draws small films below "films"; the name decides the grain."""

    def make(name: str) -> Path:
        path = tmp_path / "films" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        seed = int.from_bytes(name.encode(), "little") % 2**32
        grain = np.random.default_rng(seed).integers(40, 200, (700, 240))
        encoded = cv2.imencode(".png", grain.astype(np.uint8))[1]
        path.write_bytes(encoded.tobytes())
        return path

    return make


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "results" / "today"


def analyse(out: Path, *arguments: object) -> int:
    return main(["analyse", "vertebrae", "--out", str(out), *map(str, arguments)])


def corners_in(path: Path) -> np.ndarray:
    """(68, 2) rows and columns of a result."""
    document = json.loads(path.read_text(encoding="utf-8"))
    found = [level["corners"][name] for level in document["vertebrae"] for name in CORNERS]
    return np.array([(corner["row"], corner["column"]) for corner in found])


def test_files_and_folders_become_json_and_pictures(
    home: Path, draw: Draw, out: Path, project_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    single = draw("single.png")
    draw("folder é/film 2.png")
    draw("folder é/film 10.png")
    (single.parent / "folder é" / "notes.txt").write_text("no film")
    (single.parent / "nothing").mkdir()
    assert analyse(out, single, single.parent / "nothing", single.parent / "folder é") == ALL_WELL
    stems = ["single", "film 2", "film 10"]
    made = {f"{stem}.vertebrae{ending}" for stem in stems for ending in (".json", ".png")}
    assert {path.name for path in out.iterdir()} == made | TOLD
    schema = json.loads((project_root / "docs/schema/vertebrae-1.json").read_text("utf-8"))
    for stem in stems:
        document = json.loads((out / f"{stem}.vertebrae.json").read_text("utf-8"))
        Draft202012Validator(schema).validate(document)
        assert document["study"]["file"] == f"{stem}.png"
        assert np.allclose(corners_in(out / f"{stem}.vertebrae.json"), column())
        picture = cv2.imdecode(np.fromfile(out / f"{stem}.vertebrae.png", np.uint8), 1)
        assert (picture.max(axis=2) > picture.min(axis=2) + 60).any()  # colours on a grey film
    said = capsys.readouterr()
    assert [line.split("\t")[0] for line in said.out.splitlines()] == [f"{s}.png" for s in stems]
    assert said.err.count("    done in ") == 3
    assert "[3/3] film 10.png" in said.err
    assert "“nothing” holds no film." in said.err
    assert "to go" in said.err


def test_hints_hold_exactly_in_their_order_and_the_others_follow(
    home: Path, draw: Draw, out: Path
) -> None:
    first, second = corner_index("T7.TL"), corner_index("L5.BR")
    hints = ("--hint", "T7.TL=300.123456789,101.25", "--hint", "l5.br=610.5,120")
    assert analyse(out, draw("film.png"), *hints) == ALL_WELL
    found = corners_in(out / "film.vertebrae.json")
    assert found[first].tolist() == [300.123456789, 101.25]
    assert found[second].tolist() == [610.5, 120.0]
    ways = [[300.123456789, 101.25] - column()[first], [610.5, 120] - column()[second]]
    others = np.setdiff1d(np.arange(68), [first, second])
    assert np.allclose((found - column())[others], np.sum(ways, axis=0) / 10)
    document = json.loads((out / "film.vertebrae.json").read_text("utf-8"))
    rounds = [[hint["corner"] for hint in hints] for hints in document["hints"]]
    assert rounds == [["T7.TL"], ["L5.BR"]]


@pytest.mark.parametrize(
    "text",
    ["T7.TL", "T7.TL=1", "T7.TL=1,2,3", "T13.TL=1,2", "T7=1,2", "=", "T7.TL=nan,2", "L1.BL=1,inf"],
)
def test_what_is_no_hint_is_refused_in_words(
    text: str, home: Path, draw: Draw, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        analyse(out, draw("film.png"), f"--hint={text}")
    assert ended.value.code == WRONG_USE
    assert repr(text) in capsys.readouterr().err
    assert not out.exists()


def test_a_hint_outside_the_film_is_refused_in_words(
    home: Path, draw: Draw, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert analyse(out, draw("film.png"), "--hint", "T7.TL=100,9999") == SOME_FAILED
    assert "T7.TL=100,9999 lies outside the film" in capsys.readouterr().out
    assert not (out / "film.vertebrae.json").exists()


def test_hints_that_contradict_each_other_are_told_everywhere(
    home: Path, draw: Draw, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hints = ("--hint", "T1.TL=600,90", "--hint", "L5.TL=100,90", "--hint", "T2.TL=100,90")
    assert analyse(out, draw("film.png"), *hints, "--format", "json", "--format", "csv") == ALL_WELL
    printed = capsys.readouterr()
    told = (
        "T2.TL and L5.TL were placed on one spot",
        "T1.TL was placed below T2.TL: they cannot both be right. So it is with 1 more pair",
    )
    for name in ("film.vertebrae.json", "film.vertebrae.csv", "results.csv", "status.jsonl"):
        text = (out / name).read_text(encoding="utf-8")
        assert all(words in text for words in told), name
    assert all(words in printed.out and words in printed.err for words in told)
    assert analyse(out, draw("film.png"), *hints, "--json") == ALL_WELL
    (row,) = json.loads(capsys.readouterr().out)
    assert all(words in row["doubts"] for words in told)


def test_all_68_corners_may_be_hints(
    home: Path, draw: Draw, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = zip(map(corner_name, range(68)), column() + 0.25, strict=True)
    hints = [f"--hint={name}={row},{across}" for name, (row, across) in places]
    assert analyse(out, draw("film.png"), *hints, "--json") == ALL_WELL
    assert np.array_equal(corners_in(out / "film.vertebrae.json"), column() + 0.25)
    assert json.loads(capsys.readouterr().out)[0]["doubts"] == ""


def test_formats_are_chosen_and_a_folder_takes_all_films(home: Path, draw: Draw, out: Path) -> None:
    formats = ("--format", "aasce", "--format", "csv", "--format", "report")
    assert analyse(out, draw("a.png"), draw("b.png"), *formats) == ALL_WELL
    assert {path.name for path in out.iterdir()} == {
        "aasce",
        "results.csv",
        "status.jsonl",
        *(f"{stem}.vertebrae{ending}" for stem in "ab" for ending in (".csv", ".pdf")),
    }
    assert (out / "aasce" / "filenames.csv").read_text() == "a.png\nb.png\n"


def test_a_format_that_nobody_knows_is_refused(
    home: Path, draw: Draw, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        analyse(out, draw("film.png"), "--format", "docx")
    assert ended.value.code == WRONG_USE
    assert "csvlong" in capsys.readouterr().err


def test_a_hint_reads_as_it_is_written() -> None:
    assert parse_hint("t1.tl=-0.5,1e2") == Hint(0, -0.5, 100.0)


def test_one_broken_file_does_not_stop_the_rest(
    home: Path, draw: Draw, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = [draw("a.png"), draw("c.png")]
    broken = good[0].with_name("b.png")
    broken.write_bytes(good[0].read_bytes()[:200])
    small = draw("small.png")
    small.write_bytes(cv2.imencode(".png", np.zeros((9, 9), np.uint8))[1].tobytes())
    missing = good[0].with_name("missing.png")
    inputs = (good[0], broken, missing, small, good[1])
    assert analyse(out, *inputs, "--json") == SOME_FAILED
    assert {path.name for path in out.glob("*.json")} == {"a.vertebrae.json", "c.vertebrae.json"}
    said = capsys.readouterr()
    rows = json.loads(said.out)
    assert [Path(row["input"]).name for row in rows] == [path.name for path in inputs]
    assert [row["error"] is None for row in rows] == [True, False, False, False, True]
    assert all(isinstance(rows[at]["main_angle_deg"], float) for at in (0, 4))
    assert "b.png" in rows[1]["error"]
    assert "missing.png" in rows[2]["error"]
    assert "9 x 9" in rows[3]["error"]


def test_failures_are_named_for_people_too(
    home: Path, draw: Draw, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert analyse(out, draw("a.png"), "nowhere.png") == SOME_FAILED
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("a.png\t")
    assert lines[0].endswith("°")
    assert lines[1].startswith("nowhere.png\tFAILED\t")


def test_unknown_weights_are_named(
    home: Path, draw: Draw, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert analyse(out, draw("film.png"), "--weights", "nobodys") != ALL_WELL
    said = capsys.readouterr().err
    assert "nobodys" in said
    assert "rule" in said
    assert "Traceback" not in said


def test_no_weights_at_all_ends_in_words(
    home: Path, draw: Draw, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(home / "weights")
    assert analyse(out, draw("film.png")) == SOME_FAILED
    assert "No network is installed" in capsys.readouterr().err


def test_nothing_to_read_ends_in_words(
    home: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert analyse(out, tmp_path / "empty") != ALL_WELL
    assert "empty" in capsys.readouterr().err


def test_a_place_that_is_no_folder_ends_in_words(
    home: Path, draw: Draw, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    for place in ("file", "file/below"):
        assert analyse(tmp_path / place, draw("film.png")) == WRONG_USE
        assert "file" in capsys.readouterr().err


def test_films_of_one_name_do_not_overwrite_each_other(home: Path, draw: Draw, out: Path) -> None:
    films = [draw(f"{folder}/film.png") for folder in "abc"] + [draw("d/film-2.png")]
    assert analyse(out, *films) == ALL_WELL
    results = [json.loads(path.read_text("utf-8")) for path in out.glob("*.json")]
    assert len({result["image"]["sha256"] for result in results}) == 4
    assert len(list(out.glob("*.png"))) == 4


def test_an_engine_that_cannot_start_is_told_for_each_file(
    home: Path,
    draw: Draw,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = (sys.executable, "-c", "import sys; sys.exit('nothing is installed here')")
    monkeypatch.setattr(analyst, "engine_command", lambda **_: command)
    assert analyse(out, draw("a.png"), draw("b.png"), "--json") == SOME_FAILED
    rows = json.loads(capsys.readouterr().out)
    assert all("engine" in row["error"] for row in rows)
    assert "nothing is installed here" in rows[0]["error"]


def test_it_runs_where_qt_is_missing(
    home: Path, draw: Draw, out: Path, tmp_path: Path, project_root: Path
) -> None:
    film = draw("film.png")
    command = program_without_qt(tmp_path / "program.py")
    options = ("analyse", "vertebrae", str(film), "--out", str(out), "--weights", "rule")
    ended = subprocess.run(
        [*command, *options],
        env=environment(home, root=project_root),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == ALL_WELL, ended.stderr
    assert (out / "film.vertebrae.json").is_file()
    assert (out / "film.vertebrae.png").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing there")
def test_ctrl_c_leaves_what_is_finished_and_says_how_to_go_on(
    home: Path, draw: Draw, out: Path, tmp_path: Path, project_root: Path
) -> None:
    films = [draw(f"film {number}.png") for number in range(1, 4)]
    command = program_without_qt(tmp_path / "program.py", seconds=2.0)
    options = ("analyse", "vertebrae", *map(str, films), "--out", str(out), "--weights", "rule")
    running = subprocess.Popen(
        [*command, *options],
        env=environment(home, root=project_root),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    said = ""
    while "[2/3]" not in said:
        line = running.stderr.readline()
        assert line, said
        said += line
    # A terminal tells the whole group: the engine and the reader of files hear it as well.
    os.killpg(running.pid, signal.SIGINT)
    printed, rest = running.communicate(timeout=60)
    assert running.returncode == SOME_FAILED
    assert "film 1.png" in printed
    assert "2 left" in rest
    assert "film 2.png" in rest
    assert "Traceback" not in rest
    made = {"film 1.vertebrae.json", "film 1.vertebrae.png"}
    assert {path.name for path in out.iterdir()} == made | TOLD
    before = (out / "film 1.vertebrae.json").stat().st_mtime_ns
    ended = subprocess.run(
        [*command, *options],
        env=environment(home, root=project_root),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "skipped, done before" in ended.stderr
    assert ended.stderr.count("    done in ") == 2
    assert (out / "film 1.vertebrae.json").stat().st_mtime_ns == before


def test_weights_are_imported_listed_verified_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig

    monkeypatch.setenv("CALIPER_HOME", str(tmp_path / "home"))
    checkpoint = tmp_path / "last.pth"
    torch.save({"model": UNetIkem(UNetIkemConfig(width=4)).state_dict()}, checkpoint)
    named = ["--id", "mine", "--title", "My net", "--training-data", "one site"]
    assert main(["weights", "import", str(checkpoint), *named]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("mine\tunet_ikem\t")
    assert "--weights mine" in said.err
    assert _weights(capsys, "list")["mine"] == "installed"
    assert main(["weights", "list"]) == ALL_WELL
    _, _, mine = capsys.readouterr().out.partition("mine\t")
    assert "    Training data: one site\n    Intended use: unknown\n" in mine
    (file,) = (tmp_path / "home" / "weights").glob("*.safetensors")
    assert main(["weights", "verify", "mine"]) == ALL_WELL
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert main(["weights", "verify", "mine"]) == SOME_FAILED
    capsys.readouterr()
    assert _weights(capsys, "list")["mine"] == "corrupt"
    assert main(["weights", "remove", "mine", "--json"]) == ALL_WELL
    assert json.loads(capsys.readouterr().out) == {"removed": "mine"}
    assert "mine" not in _weights(capsys, "list")
    assert not file.exists()
    assert main(["weights", "remove", "mine"]) != ALL_WELL
    assert "mine" in capsys.readouterr().err


def _weights(capsys: pytest.CaptureFixture[str], verb: str) -> dict[str, str]:
    main(["weights", verb, "--json"])
    return {row["id"]: row["state"] for row in json.loads(capsys.readouterr().out)}


def test_what_holds_no_network_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALIPER_HOME", str(tmp_path / "home"))
    wrong = tmp_path / "wrong.pt"
    wrong.write_bytes(b"\x80\x04cos\nsystem\n.")
    assert main(["weights", "import", str(wrong)]) == SOME_FAILED
    assert "wrong.pt" in capsys.readouterr().err
    assert list((tmp_path / "home" / "weights").glob("*.safetensors")) == []

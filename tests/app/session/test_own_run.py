"""The program's own verbs in a process of their own: heard, refused in words, really learning."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.places import own_command
from app.session.own_run import Ending, Outcome, OwnRun
from app.session.run_news import News
from app.session.run_order import TRAINABLE, TrainOrder
from inference.manifest import shipped_folder
from tests.e2e.hands import PATIENCE_MS
from tests.training.folder import write_aasce

TINY = ("batch=1", "workers=1", "bfloat16=false", "phantom_share=0.0")


def end_of(run: OwnRun, command: tuple[str, ...], qtbot: QtBot) -> Ending:
    with qtbot.waitSignal(run.ended, timeout=8 * PATIENCE_MS) as ended:
        run.start(command)
    return ended.args[0]


def test_a_bad_folder_is_refused_by_the_program_itself(tmp_path: Path, qtbot: QtBot) -> None:
    order = TrainOrder(tmp_path, tmp_path / "out", TRAINABLE[0])
    ending = end_of(OwnRun(), own_command(*order.arguments), qtbot)
    assert ending.outcome is Outcome.FAILED
    assert "No AASCE data" in ending.said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("event", "lines"), [("trouble", ("a.png: no file",)), ("checked", ()), ("step", ())]
)
def test_only_a_refusal_tells_what_is_wrong_with_single_films(
    event: str, lines: tuple[str, ...], qtbot: QtBot
) -> None:
    told = json.dumps({"event": event, "what": "No.", "lines": ["a.png: no file"]})
    ending = end_of(OwnRun(), (sys.executable, "-c", f"print('{told}'); exit(1)"), qtbot)
    assert (ending.outcome, ending.lines) == (Outcome.FAILED, lines)


@pytest.mark.slow
def test_a_real_run_learns_on_from_the_weights_that_ship(tmp_path: Path, qtbot: QtBot) -> None:
    write_aasce(tmp_path / "data", count=1)
    order = TrainOrder(
        tmp_path / "data",
        tmp_path / "out",
        TRAINABLE[0],
        init=shipped_folder() / "vertebrae-column.safetensors",
        steps=1,
        settings=TINY,
    )
    run, heard = OwnRun(), list[News]()
    run.told.connect(heard.append)
    ending = end_of(run, own_command(*order.arguments), qtbot)
    assert ending.outcome is Outcome.DONE, (ending, run.tail)
    assert heard[-1].result == tmp_path / "out" / "vertebrae-column.safetensors"
    assert heard[-1].result.is_file()
    assert [news.numbers["heat"] > 0 for news in heard if news.event == "losses"] == [True]


def test_one_that_minds_nothing_ends_with_the_window(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.session.own_run.CLOSE_MS", 300)
    run = OwnRun()
    run.start((sys.executable, "-c", "import time; time.sleep(600)"))
    qtbot.waitUntil(lambda: run.process_id != 0, timeout=PATIENCE_MS)
    run.close()
    assert not run.is_running


def test_a_second_stop_waits_for_nothing(qtbot: QtBot) -> None:
    run = OwnRun()
    run.start((sys.executable, "-c", "import time; time.sleep(600)"))
    run.stop()
    assert run.is_running
    with qtbot.waitSignal(run.ended, timeout=PATIENCE_MS) as ended:
        run.stop()
    assert ended.args[0].outcome is Outcome.STOPPED

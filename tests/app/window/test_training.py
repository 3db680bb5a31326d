"""Training and evaluation beside the window: told, drawn, stopped, resumed, never left behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTableWidget,
)
from pytestqt.qtbot import QtBot

from app.session.run_news import ERRORS, LOSSES
from app.window.main_window import MainWindow
from app.window.training import Training
from inference.manifest import Manifest
from tests.e2e.hands import PATIENCE_MS, is_on_screen, show_film
from tests.training.folder import write_aasce

Films = Callable[[str], Path]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(
    open_window: Callable[..., MainWindow],
    project_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> MainWindow:
    monkeypatch.setenv("FAKE_S", "0.05")
    monkeypatch.setenv("CALIPER_HOME", str(tmp_path / "home"))
    opened = open_window()
    program = (sys.executable, str(project_root / "tests" / "fake_trainer.py"))
    opened.commands.training.command = lambda *arguments: (*program, *arguments)
    return opened


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_aasce(tmp_path / "data", count=2)
    return tmp_path / "data"


def fill(training: Training, name: str, text: str) -> None:
    field = next(f for f in training.dialog.findChildren(QLineEdit) if f.accessibleName() == name)
    field.setText(text)


def choose(training: Training, name: str, text: str) -> None:
    combos = training.dialog.findChildren(QComboBox)
    next(c for c in combos if c.accessibleName() == name).setCurrentText(text)


def show(window: MainWindow, data: Path, out: Path, *, steps: int = 0) -> Training:
    window.actions_by_name["Model/Train and evaluate…"].trigger()
    training = window.commands.training
    fill(training, "Folder with films", str(data))
    fill(training, "Folder for results", str(out))
    fill(training, "Steps", str(steps or ""))
    return training


def press(training: Training, words: str) -> None:
    """Press the button that begins with these words."""
    buttons = training.dialog.findChildren(QPushButton)
    button = next(b for b in buttons if b.text().startswith(words) and b.isVisible())
    QTest.mouseClick(button, LEFT)


def asked_of(training: Training) -> list[list[str]]:
    """What the program's verbs are asked from now on."""
    asked: list[list[str]] = []
    command = training.command
    training.command = lambda *words: (asked.append(list(words)), command(*words))[1]
    return asked


def start(training: Training) -> None:
    QTest.mouseClick(training.dialog.go, LEFT)
    assert training.run.is_running


def wait(training: Training, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not training.run.is_running, timeout=PATIENCE_MS)


def test_a_run_is_drawn_and_told_while_the_window_lives(
    window: MainWindow, data: Path, film: Films, tmp_path: Path, qtbot: QtBot
) -> None:
    training = show(window, data, tmp_path / "out", steps=4000)
    assert not training.dialog.isModal()
    start(training)
    qtbot.waitUntil(lambda: "of 4000" in training.dialog.said, timeout=PATIENCE_MS)
    show_film(window, film("a"), qtbot)  # the engine answers
    assert training.run.is_running
    assert "left" in training.dialog.said
    assert "Training: step" in training.job.text
    qtbot.waitUntil(
        lambda: len(training.dialog.curves.points(ERRORS, "mre_px")) > 1, timeout=PATIENCE_MS
    )
    steps, _ = zip(*training.dialog.curves.points(LOSSES, "heat"), strict=True)
    assert list(steps) == list(range(1, len(steps) + 1))
    QTest.mouseClick(training.dialog.stop, LEFT)
    wait(training, qtbot)
    assert "stopped at" in training.dialog.said
    assert training.job.isHidden()


def test_a_stopped_run_is_resumed_with_the_curves_of_before(
    window: MainWindow, data: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    out = tmp_path / "out"
    training = show(window, data, out, steps=4000)
    assert training.dialog.go.text() == "Start"
    start(training)
    qtbot.waitUntil(lambda: training._step > 3, timeout=PATIENCE_MS)
    QTest.mouseClick(training.dialog.stop, LEFT)
    wait(training, qtbot)
    stopped = int((out / "checkpoint.pt").read_text())
    assert training.dialog.go.text() == "Resume"
    fill(training, "Steps", str(stopped + 3))
    start(training)
    wait(training, qtbot)
    assert "Training is done." in training.dialog.said
    steps, _ = zip(*training.dialog.curves.points(LOSSES, "heat"), strict=True)
    assert list(steps) == list(range(1, stopped + 4))


def test_failures_are_plain_words_with_the_log_behind_a_fold(
    window: MainWindow, data: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    training = show(window, data, tmp_path / "out")
    (data / "refuse").write_text("")
    start(training)
    wait(training, qtbot)
    assert "Training failed." in training.dialog.said
    assert "2 of 3 rows (a.png, b.png) have left and right exchanged" in training.dialog.said
    assert training.dialog.faults.isVisible()
    press(training, "Copy the list")
    listed = ["a.png: left and right exchanged", "b.png: left and right exchanged"]
    assert QApplication.clipboard().text().splitlines() == listed
    (data / "refuse").unlink()
    (data / "crash").write_text("")
    start(training)
    wait(training, qtbot)
    assert "ended with code 1" in training.dialog.said
    assert not training.dialog.faults.isVisible()
    assert "MemoryError" not in training.dialog.said
    assert training.dialog.log.endswith("MemoryError: too much")
    training.command = lambda *_: ("/nowhere/program",)
    QTest.mouseClick(training.dialog.go, LEFT)
    wait(training, qtbot)
    assert "could not be started" in training.dialog.said


def test_nothing_starts_without_films_or_a_place(
    window: MainWindow, data: Path, tmp_path: Path
) -> None:
    training = show(window, data, tmp_path / "out")
    for name, said in (("Folder with films", "No films"), ("Folder for results", "No place")):
        kept = tmp_path / "out" if "results" in name else data
        fill(training, name, "")
        QTest.mouseClick(training.dialog.go, LEFT)
        assert not training.run.is_running
        assert said in training.dialog.said
        fill(training, name, str(kept))
    choose(training, "Network to train", "Close-ups of a ColumnNet (ours)")
    choose(training, "Start from", "A weights file…")
    QTest.mouseClick(training.dialog.go, LEFT)
    assert "belong to a ColumnNet" in training.dialog.said


def test_an_evaluation_shows_figures_and_its_worst_films_open(
    window: MainWindow, data: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    training = show(window, data, tmp_path / "out")
    choose(training, "What to do", "Evaluate")
    start(training)
    wait(training, qtbot)
    assert "Evaluation is done." in training.dialog.said
    rows = training.dialog.results.cells
    assert [row[0] for row in rows] == ["0", "1", "5", "10"]
    assert rows[3] == ("10", "12.3  [10.0, 15.5]", "12.3  [10.0, 15.5]", "–")
    wall = training.dialog.results.findChild(QListWidget)
    assert wall.count() == 2
    at = wall.visualItemRect(wall.item(1)).center()
    QTest.mouseClick(wall.viewport(), LEFT, pos=at)
    name = wall.item(1).text()
    qtbot.waitUntil(lambda: is_on_screen(window, name), timeout=PATIENCE_MS)


def test_quitting_stops_the_run_with_its_checkpoint(
    window: MainWindow, data: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    training = show(window, data, tmp_path / "out", steps=4000)
    start(training)
    qtbot.waitUntil(lambda: training._step > 3, timeout=PATIENCE_MS)
    pid = training.run.process_id
    window.close()
    window.shut_down()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert int((tmp_path / "out" / "checkpoint.pt").read_text()) > 3


def test_closing_its_window_stops_nothing_and_escape_neither(
    window: MainWindow, data: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    training = show(window, data, tmp_path / "out", steps=4000)
    start(training)
    qtbot.waitUntil(lambda: training._step > 1, timeout=PATIENCE_MS)
    QTest.keyClick(training.dialog, Qt.Key.Key_Escape)
    assert training.dialog.isHidden()
    before = training._step
    qtbot.waitUntil(lambda: training._step > before, timeout=PATIENCE_MS)
    assert training.job.isVisible()
    training.job._ask_cancel()
    wait(training, qtbot)
    assert any("stopped at" in message.heading for message in window.messages)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_own_cases_teach_and_new_weights_are_offered_never_taken(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    before = window.asking.weights_id
    (rule,) = window.catalogue.entries
    mine = replace(rule, id="mine-1", title="Mine")
    window.commands.networks._read = lambda: Manifest((rule, mine))
    window.actions_by_name["Model/Fine-tune on my cases…"].trigger()
    training = window.commands.training
    assert training.dialog.form.out == tmp_path / "home" / "fine-tune"
    asked = asked_of(training)
    start(training)
    wait(training, qtbot)
    assert asked[0][:2] == ["fine-tune", "vertebrae"]
    assert "--data" not in asked[0]
    assert "30.1 px before, 28.0 px now" in training.dialog.said
    assert window.asking.weights_id == before
    assert any(message.heading == "New weights are at hand." for message in window.messages)
    press(training, "Use them")
    assert window.asking.weights_id == "mine-1"


@pytest.mark.parametrize(
    ("network", "recipe", "said"),
    [
        ("Close-ups of a ColumnNet (ours)", "", "vertebrae --stage refiner --config refiner"),
        ("UNet-IKEM", "As published", "vertebrae --stage published --config unet-ikem"),
        (
            "HRNet-W32 + OCR-IKEM",
            "As published, its mistakes mended",
            "vertebrae --stage published --config hrnet-ocr --set mode=corrected",
        ),
        ("Space-time U-Net (implants)", "Ours, for two cores", "implant --config implant"),
    ],
)
def test_every_network_is_trained_from_here_from_a_file(
    window: MainWindow,
    data: Path,
    tmp_path: Path,
    qtbot: QtBot,
    network: str,
    recipe: str,
    said: str,
) -> None:
    training = show(window, data, tmp_path / "out", steps=1)
    choose(training, "Network to train", network)
    if recipe:
        choose(training, "Recipe", recipe)
    choose(training, "Start from", "A weights file…")
    fill(training, "Weights file", str(tmp_path / "best.pth"))
    training.dialog.close()
    training.show()  # what is chosen stays
    asked = asked_of(training)
    start(training)
    wait(training, qtbot)
    assert "Training is done." in training.dialog.said
    told = " ".join(asked[0])
    assert all(f" {part}" in told for part in said.split(" --")[0:1])
    assert all(f"--{part}" in told for part in said.split(" --")[1:])
    assert f"--init {tmp_path / 'best.pth'}" in told


def test_results_have_a_place_of_their_own_each_time(
    window: MainWindow, data: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window.actions_by_name["Model/Train and evaluate…"].trigger()
    training, runs = window.commands.training, tmp_path / "home" / "runs"
    assert training.dialog.form.out == runs / "columnnet-1"
    choose(training, "Network to train", "UNet-IKEM")
    fill(training, "Folder with films", str(data))
    fill(training, "Steps", "1")
    start(training)
    wait(training, qtbot)
    assert f"{runs / 'unet-ikem-1'}" in training.dialog.said
    assert training.dialog.form.out == runs / "unet-ikem-2"
    assert training.dialog.go.text() == "Start"
    fill(training, "Folder for results", str(tmp_path / "mine"))
    choose(training, "What to do", "Evaluate")
    assert training.dialog.form.out == tmp_path / "mine"


def test_what_was_trained_is_added_measured_and_compared(
    window: MainWindow, data: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    networks, training = window.commands.networks, show(window, data, tmp_path / "out", steps=1)
    choose(training, "Network to train", "UNet-IKEM")
    start(training)
    wait(training, qtbot)
    (rule,) = window.catalogue.entries
    mine = replace(rule, id="mine-1", title="Mine", architecture="unet_ikem", sha256="5" * 64)
    networks._read = lambda: Manifest((rule, mine))
    asked: list[str] = []
    script = "print('mine-1\\tunet_ikem\\t555')"
    full = "import sys; sys.exit('The disk is full.')"
    networks.command = lambda *_: (sys.executable, "-c", full)
    press(training, "Add them to my networks")
    qtbot.waitUntil(lambda: "The disk is full." in training.dialog.said, timeout=PATIENCE_MS)
    networks.command = lambda *words: (asked.extend(words), (sys.executable, "-c", script))[1]
    press(training, "Add them to my networks")
    qtbot.waitUntil(lambda: "among your networks" in training.dialog.said, timeout=PATIENCE_MS)
    assert asked[:3] == [
        "weights",
        "import",
        str(tmp_path / "out" / "vertebrae-column.safetensors"),
    ]
    assert "--mode=as_published" in asked
    assert "--training-data=“data”: 3 to learn from, 1 kept back to be checked on" in asked
    press(training, "Measure them")
    choose(training, "Mode", "corrected")
    measured = asked_of(training)
    start(training)
    wait(training, qtbot)
    assert " ".join(measured[0][-2:]) == "--mode corrected"
    told = networks.show().text
    assert "before any click: 12.3 [10.0, 15.5] px" in told
    assert "“data”, corrected, " in told


def test_a_stopped_training_is_gone_on_with_another_day(
    open_window: Callable[..., MainWindow],
    window: MainWindow,
    data: Path,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    training = show(window, data, tmp_path / "out", steps=4000)
    choose(training, "Network to train", "HRNet-W32 + OCR-IKEM")
    choose(training, "Recipe", "As published, its mistakes mended")
    begun = training.dialog.form.order
    start(training)
    qtbot.waitUntil(lambda: training._step > 3, timeout=PATIENCE_MS)
    QTest.mouseClick(training.dialog.stop, LEFT)
    wait(training, qtbot)
    again = open_window()
    again.actions_by_name["Model/Train and evaluate…"].trigger()
    training = again.commands.training
    press(training, "Go on with HRNet-W32 + OCR-IKEM, stopped in out")
    assert training.dialog.form.order == begun
    assert training.dialog.go.text() == "Resume"


def test_an_evaluation_of_implants_has_other_figures(
    window: MainWindow, data: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    (rule,) = window.catalogue.entries
    other = replace(rule, id="healer", title="Healer", task="implant")
    window.commands.networks._read = lambda: Manifest((rule, other))
    training = show(window, data, tmp_path / "out")
    choose(training, "What to do", "Evaluate")
    choose(training, "Network to measure", "Healer")
    asked = asked_of(training)
    start(training)
    wait(training, qtbot)
    assert asked[0][:2] == ["evaluate", "implant"]
    assert "--clicks" not in asked[0]
    shown = [label.text() for label in training.dialog.results.findChildren(QLabel)]
    assert any("AUROC: 0.90  [0.80, 0.95]" in text for text in shown)
    assert not training.dialog.results.findChild(QTableWidget).isVisible()

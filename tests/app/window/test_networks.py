"""Networks side by side: what is known, what is not, and which one is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.tasks.vertebrae.panel import VertebraePanel
from app.widgets.network_cards import NetworkCards
from app.window.main_window import MainWindow
from app.window.network_columns import column_of, columns_of, parameters
from domain.provenance import Mode
from inference.manifest import Manifest, Metric, WeightsEntry, catalogue, shipped_folder
from tests.e2e.hands import PATIENCE_MS

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(open_window: Callable[..., MainWindow]) -> MainWindow:
    return open_window()


def more(window: MainWindow) -> WeightsEntry:
    """A published network under other words, as if it had come since."""
    (rule,) = window.catalogue.entries
    return replace(rule, id="theirs", title="Theirs", architecture="unet_ikem", licence="", card="")


def show_with(window: MainWindow, *entries: WeightsEntry) -> NetworkCards:
    networks = window.commands.networks
    networks._read = lambda: Manifest((*window.catalogue.entries, *entries))
    return networks.show()


def test_what_ships_is_told_in_full() -> None:
    entry = catalogue((shipped_folder(),)).default_for("vertebrae")
    told = "\n".join(column_of(entry).lines)
    assert "before any click: 23.6 [17.2, 31.4] px" in told
    assert "after 10 clicks: 6.6 [5.9, 7.6] px" in told
    assert "on 97 films" in told
    assert "7.3 million" in told
    assert "One film in ten slips" in told
    assert entry.licence in told
    assert "unknown" not in told


def test_what_nobody_told_is_unknown(tmp_path: Path) -> None:
    entry = WeightsEntry("some-1", "vertebrae", "Some", architecture="hrnet_ocr", folder=tmp_path)
    column = column_of(entry)
    assert column.lines.count("unknown") == 8
    assert column.lines[0] == "HRNet-W32 + OCR-IKEM (published)"
    assert column_of(replace(entry, config_json='{"parent":true}')).lines[0].startswith("MIKE")
    assert "its card has no figures" in "\n".join(column.lines)
    assert "not there" in column.why_not
    (tmp_path / "x").write_bytes(b"\xff" * 40)
    assert parameters(tmp_path / "x") is None
    assert (
        column_of(replace(entry, metrics=(Metric("mre_px.0", 20.0),))).lines[3].endswith("20.0 px")
    )


def test_they_stand_side_by_side_and_one_is_taken(window: MainWindow) -> None:
    window.actions_by_name["Model/Compare networks…"].trigger()
    window.findChild(NetworkCards).close()
    dialog = show_with(window, more(window))
    assert dialog.text.count("Licence:") == 3  # and HRNet, whose weights are not there
    modes = next(m for m in dialog.findChildren(QComboBox) if "Theirs" in m.accessibleName())
    modes.setCurrentText("as_published")
    button = next(b for b in dialog.findChildren(QPushButton) if b.accessibleName() == "Use Theirs")
    QTest.mouseClick(button, LEFT)
    assert window.asking.weights_id == "theirs"
    assert window.asking.weights_of("vertebrae")[1] is Mode.AS_PUBLISHED
    panel = window.findChild(VertebraePanel)
    assert panel._weights.box.currentText() == "Theirs"
    panel._weights.box.activated.emit(0)
    assert window.asking.weights_id == window.catalogue.entries[0].id


@pytest.mark.parametrize(("code", "said"), [(0, "are brought in."), (1, "were not brought in.")])
def test_a_file_is_brought_in_by_a_process_of_its_own(
    window: MainWindow,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    said: str,
) -> None:
    networks, asked = window.commands.networks, list[str]()
    told = "print('theirs\\tunet_ikem\\t1234')"
    script = f"import sys; {told}; sys.stderr.write('It holds no network.'); sys.exit({code})"
    networks.command = lambda *words: (asked.extend(words), (sys.executable, "-c", script))[1]
    file = tmp_path / "unet.pth"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    dialog = show_with(window, more(window))
    buttons = dialog.findChildren(QPushButton)
    QTest.mouseClick(next(b for b in buttons if b.text() == "Bring weights in…"), LEFT)
    qtbot.waitUntil(lambda: any(said in m.heading for m in window.messages), timeout=PATIENCE_MS)
    assert asked == ["weights", "import", str(file)]
    if code:
        assert "It holds no network." in window.messages[-1].more
    else:
        message = window.messages[-1]
        assert "“Theirs” is UNet-IKEM (published)." in message.more
        message.offer.run()
        assert window.asking.weights_id == "theirs"


def test_published_networks_are_known_before_their_weights_are_there() -> None:
    entries = catalogue((shipped_folder(),)).entries_for("vertebrae")
    columns = columns_of(entries, task="vertebrae", used=None, measured=())
    absent = {column.title: column for column in columns if not column.id}
    assert set(absent) == {"UNet-IKEM", "HRNet-W32 + OCR-IKEM"}
    assert "before any click: 59.5 px" in "\n".join(absent["UNet-IKEM"].lines)
    assert all("bring them in, or train it" in column.why_not for column in absent.values())
    unet = WeightsEntry("u", "vertebrae", "U", architecture="unet_ikem")
    columns = columns_of([unet], task="vertebrae", used=None, measured=())
    assert [column.title for column in columns] == ["U", "HRNet-W32 + OCR-IKEM"]
    assert columns_of([], task="implant", used=None, measured=()) == []


def test_quitting_gives_up_what_is_brought_in(window: MainWindow, tmp_path: Path) -> None:
    networks = window.commands.networks
    networks.command = lambda *_: (sys.executable, "-c", "import time; time.sleep(600)")
    networks.bring_in(tmp_path / "unet.pth")
    networks.bring_in(tmp_path / "other.pth")
    assert "Wait" in window.messages[-1].more
    window.close()
    window.shut_down()  # and the fixture finds nobody left behind
    assert networks._bringing is None

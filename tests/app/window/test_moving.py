"""The window on what moves: one case a film, asked for in the menu, and told how far it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.widgets.job_status import JobStatus
from app.window.main_window import MainWindow
from tests.app.io.videos import moving, video
from tests.e2e.hands import PATIENCE_MS

Windows = Callable[..., MainWindow]
FRAMES = moving(5)


def test_a_folder_is_one_study_where_the_menu_is_asked(
    open_window: Windows, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "clip"
    folder.mkdir()
    for number, frame in enumerate(FRAMES):
        Pillow.fromarray(frame).save(folder / f"{number}.png")
    window = open_window()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    with qtbot.waitSignal(window.session.case_shown, timeout=PATIENCE_MS):
        window.commands.choose_whole_folder()
    assert [case.name for case in window.session.cases] == ["clip"]
    assert window.session.image is not None
    assert window.session.image.cine is not None
    np.testing.assert_array_equal(window.session.image.cine.frames, FRAMES)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    window.commands.choose_whole_folder()
    assert len(window.session.cases) == 1


def test_frames_of_a_long_film_are_counted_until_it_is_there(
    open_window: Windows, tmp_path: Path, qtbot: QtBot
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (256, 256), dtype=np.uint8)
    frames = [np.roll(noise, number) for number in range(600)]  # noise is slow to read anywhere
    path = video(tmp_path / "long.avi", frames, codec="ffv1")
    window = open_window()
    job = window.status.findChild(JobStatus)
    said: list[str] = []
    window.session._opening.frames_read.connect(lambda _: said.append(job.text))
    with qtbot.waitSignal(window.session.reading_finished, timeout=PATIENCE_MS):
        window.session.open_paths([path])
    assert [len(case.name) for case in window.session.cases] == [4]
    assert any(words.startswith("Reading frame") for words in said)
    assert not job.isVisible()

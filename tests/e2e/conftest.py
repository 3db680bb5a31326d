"""The real window over a fresh library, with an engine process that answers by a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.library.library import Library
from app.window.main import compose
from app.window.main_window import MainWindow
from inference.manifest import Manifest
from tests.e2e.rule_engine import rule_engine_command
from tests.rule_weights import install_rule


@pytest.fixture
def rule(tmp_path: Path) -> Manifest:
    """A manifest that lists the rule as a network."""
    return Manifest((install_rule(tmp_path),))


@pytest.fixture
def film(tmp_path: Path) -> Callable[[str], Path]:
    """Writes films of 700 x 240 pixels, each with its own grain."""

    def draw(name: str) -> Path:
        grain = np.random.default_rng(sum(name.encode())).integers(40, 200, (700, 240))
        path = tmp_path / f"{name}.png"
        assert cv2.imwrite(str(path), grain.astype(np.uint8))
        return path

    return draw


@pytest.fixture
def open_window(
    tmp_path: Path, rule: Manifest, qtbot: QtBot
) -> Iterator[Callable[..., MainWindow]]:
    """Opens windows over one library, one after another: the former is closed first."""
    open_now: list[MainWindow] = []

    def close() -> None:
        while open_now:
            window = open_now.pop()
            window.close()
            window.shut_down()
            window.deleteLater()

    def make(*, seconds: float = 0.0, command: Sequence[str] = ()) -> MainWindow:
        close()
        library = Library.open(tmp_path / "library")
        command = command or rule_engine_command(seconds=seconds)
        window = compose(library, weights=rule, command=command)
        window.resize(1200, 800)
        window.show()
        qtbot.waitExposed(window)
        open_now.append(window)
        return window

    yield make
    close()

"""The real window over a fresh library, with an engine process that answers by a rule."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.library.library import Library
from app.window.main import compose
from app.window.main_window import MainWindow
from inference.entry import Part, WeightsEntry
from inference.manifest import Manifest
from tests.e2e.rule_engine import rule_engine_command

WEIGHTS = b"no weights, a rule"


@pytest.fixture
def rule(tmp_path: Path) -> Manifest:
    """A manifest that lists the rule as a network."""
    (tmp_path / "rule.safetensors").write_bytes(WEIGHTS)
    sha256 = hashlib.sha256(WEIGHTS).hexdigest()
    entry = WeightsEntry(
        id="rule",
        task="vertebrae",
        title="A rule",
        architecture="column_net",
        parts=(Part("rule.safetensors", len(WEIGHTS), sha256),),
        sha256=sha256,
        bytes=len(WEIGHTS),
        default=True,
        folder=tmp_path,
    )
    return Manifest((entry,))


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

    def make(*, seconds: float = 0.0) -> MainWindow:
        close()
        library = Library.open(tmp_path / "library")
        window = compose(library, weights=rule, command=rule_engine_command(seconds=seconds))
        window.resize(1200, 800)
        window.show()
        qtbot.waitExposed(window)
        open_now.append(window)
        return window

    yield make
    close()

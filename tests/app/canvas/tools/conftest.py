"""A canvas over a sitting without an engine, and a hand that measures on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from app.canvas.tools.corners import CornersTool
from app.canvas.tools.measuring import MeasuringTool
from app.canvas.tools.placing import Placing
from app.canvas.view import ImageView
from app.session.curves import CurveReading
from app.session.measuring import Measuring
from domain.measures import Measure
from tests.app.canvas.conftest import Mouse
from tests.app.session.sitting import Sitting


@dataclass
class Bench:
    """Everything that measuring on the canvas needs."""

    sitting: Sitting
    view: ImageView
    measuring: Measuring
    corners: CornersTool
    tool: MeasuringTool
    placing: Placing
    mouse: Mouse

    def at(self, row: float, column: float) -> QPointF:
        """The screen pixel of a place on the film."""
        return QPointF(self.view.map_from_image(row, column).toPoint())

    def click(self, row: float, column: float) -> None:
        """Press and release there."""
        self.mouse.press(self.at(row, column))
        self.mouse.release(self.at(row, column))

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Carry something from one place to another."""
        self.mouse.drag(self.at(*start), self.at(*end))

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What is kept."""
        decisions = self.sitting.session.decisions
        return decisions.measures if decisions else ()

    @property
    def step(self) -> float:
        """The hand's precision in image pixels: the mouse knows whole screen pixels."""
        return 0.75 / self.view.placement.zoom


@pytest.fixture
def bench(tmp_path: Path, qtbot: QtBot) -> Iterator[Bench]:
    """A film of 700 x 240 on screen, nothing found, no network asked."""
    sitting = Sitting(tmp_path / "library")
    sitting.session.settings.network_follows = False
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(640, 760)
    sitting.session.case_shown.connect(lambda: view.show_image(sitting.session.image))
    measuring = Measuring(sitting.session, sitting.editing)
    curves = CurveReading(sitting.session, sitting.editing)
    corners = CornersTool(view, sitting.session, sitting.editing, curves)
    tool = MeasuringTool(view, sitting.session, measuring)
    placing = Placing(tool, sitting.session, sitting.editing)
    view.show()
    qtbot.waitExposed(view)
    with qtbot.waitSignal(sitting.session.reading_finished):
        sitting.session.open_paths([Path("/films/one.png")])
    yield Bench(sitting, view, measuring, corners, tool, placing, Mouse(view))
    sitting.close()

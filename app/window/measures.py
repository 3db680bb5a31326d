"""What menus, keys and the list do with measures; owns what measuring needs in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QInputDialog

from app.canvas.tools.measuring import MeasuringTool, Series
from app.canvas.tools.placing import Placing
from app.session.editing import Editing
from app.session.measuring import Measuring
from app.session.session import Session
from app.widgets.measure_list import MeasureList, MeasureRow
from domain.measures import TITLES, Measure, MeasureKind, Place

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

LONGEST_MM = 2000.0
LENGTH_PROMPTS = ("Calibrate: one end of a known length", "Calibrate: its other end")


class MeasureCommands(QObject):
    """The verbs of measuring, with the list that the panel shows."""

    def __init__(self, window: MainWindow, *, session: Session, editing: Editing) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self.measuring = Measuring(session, editing)
        self.tool = MeasuringTool(window.view, session, self.measuring)
        self.placing: Placing = Placing(self.tool, session, editing)
        self._lists: list[MeasureList] = []
        self.list = self.make_list()
        self.tool.rename_wanted.connect(self.rename)
        self.measuring.changed.connect(self._refresh)
        self.measuring.selection_changed.connect(self._refresh)

    def make_list(self) -> MeasureList:
        """A list of what is measured, for a panel."""
        made = MeasureList()
        made.chosen.connect(self.measuring.select)
        made.remove_requested.connect(self.measuring.remove)
        made.rename_requested.connect(self.rename)
        made.copy_requested.connect(self.copy)
        self._lists.append(made)
        return made

    def start(self, kind: MeasureKind) -> None:
        """Let the next clicks measure."""
        self.tool.measure(kind)

    def calibrate(self) -> None:
        """Two clicks along something of known length, then its length."""
        self.tool.arm(Series(LENGTH_PROMPTS, MeasureKind.LINE, self._ask_length))

    def forget_calibration(self) -> None:
        """Read lengths by the film's own grid again."""
        self.measuring.forget_calibration()

    def cancel(self) -> bool:
        """Esc: the measure in the hand, else the clicks under way; False where there is neither."""
        if self.measuring.is_holding:
            self._window.view.cancel_gesture()
            self.measuring.drop()
            return True
        return self.tool.disarm()

    def delete(self) -> bool:
        """Remove the selected measure; False where none is selected."""
        selected = self.measuring.selected
        if selected is not None:
            self.measuring.remove(selected)
        return selected is not None

    def walk(self, step: int) -> bool:
        """Select the next point or measure; False where none is selected: Tab is for corners."""
        was_walked = self.measuring.walk(step)
        chosen, point = self.measuring.chosen, self.measuring.point
        if chosen is not None and point is not None:
            self._window.view.ensure_visible(*chosen.handles[point])
        return was_walked

    def rename_selected(self) -> None:
        """Ask for the name of the selected measure."""
        if self.measuring.selected is not None:
            self.rename(self.measuring.selected)

    @Slot(str)
    def rename(self, measure_id: str) -> None:
        """Ask for a measure's name."""
        old = next((m for m in self.measuring.measures if m.id == measure_id), None)
        if old is None:
            return
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle("Name")
        dialog.setLabelText(f"Name of this {TITLES[old.kind]}:")
        dialog.setTextValue(old.label)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.measuring.rename(measure_id, dialog.textValue().strip())

    @Slot()
    def copy(self) -> None:
        """Put what was measured on the clipboard: a line each, tabs between name and numbers."""
        lines = [
            "\t".join(
                [_title(measure), *(f"{v.name} {v.value:.6g} {v.unit}" for v in found.values)]
            )
            for measure, found in self.measuring.readings
        ]
        if lines:
            grid = self.measuring.grid
            lines.append(f"spacing\t{grid.source or 'uncalibrated, lengths in pixels'}")
            QGuiApplication.clipboard().setText("\n".join(lines))
            self._window.say("Measures copied.", "Paste them where you need them.")

    def _ask_length(self, ends: tuple[Place, ...]) -> None:
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle("Calibrate")
        dialog.setInputMode(QInputDialog.InputMode.DoubleInput)
        dialog.setLabelText("Length of the line in millimetres:")
        dialog.setDoubleDecimals(2)
        dialog.setDoubleRange(0.01, LONGEST_MM)
        dialog.setDoubleValue(25.0)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.measuring.calibrate((ends[0], ends[1]), length_mm=dialog.doubleValue())

    @Slot()
    def _refresh(self) -> None:
        rows = [
            MeasureRow(measure.id, _title(measure), found.text, found.detail)
            for measure, found in self.measuring.readings
        ]
        decisions = self._session.decisions
        by_hand = decisions is not None and decisions.calibration is not None
        said = f"Spacing by {self.measuring.grid.source}" if by_hand else ""
        for each in self._lists:
            each.set_rows(rows, selected=self.measuring.selected, grid=said)


def _title(measure: Measure) -> str:
    title = TITLES[measure.kind]
    return measure.label or title[0].upper() + title[1:]

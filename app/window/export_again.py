"""The second film of a sitting leaves by one key: as the film before it, and unasked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMessageBox

from app.io.exporters.spec import ExporterSpec
from app.window.exporting import Exporting
from domain.errors import CaliperError

if TYPE_CHECKING:
    from app.window.main_window import MainWindow


class ExportAgain(QObject):
    """Remembers in which formats and where the last film left by the dialog."""

    def __init__(self, window: MainWindow, exporting: Exporting) -> None:
        super().__init__(window)
        self._window, self._exporting = window, exporting
        self._case = ""
        self._places: dict[str, tuple[ExporterSpec, Path]] = {}
        exporting.exported.connect(self._remember)

    def run(self) -> None:
        """Write the case on screen in those formats; the dialog asks where there are none yet."""
        session = self._window.session
        self._window.editing.finish()
        if not self._places or session.current is None or not self._exporting.is_something_decided:
            self._exporting.export()
            return
        stem = Path(session.current.case.path).stem
        targets = [
            (spec, place if spec.is_folder else spec.path_for(place / stem))
            for spec, place in self._places.values()
        ]
        there = [path.name for spec, path in targets if path.exists() and not spec.is_folder]
        if there and not self._replaces(there):
            return
        export = self._exporting.of_screen()
        assert export is not None
        try:
            for spec, path in targets:
                spec.write(export, path)
        except CaliperError as error:
            self._window.show_trouble(error)
            return
        kinds = ", ".join(spec.ending or path.name for spec, path in targets)
        self._window.say(f"Exported {stem}.", f"{kinds}, in {targets[0][1].parent}.")

    @Slot(object, object)
    def _remember(self, spec: ExporterSpec, path: Path) -> None:
        """What leaves by the dialog while one case is on screen belongs together."""
        current = self._window.session.current
        if current is not None and current.case.id != self._case:
            self._case, self._places = current.case.id, {}
        self._places[spec.name] = (spec, path if spec.is_folder else path.parent)

    def _replaces(self, names: list[str]) -> bool:
        are = "is" if len(names) == 1 else "are"
        text = f"{', '.join(names)} {are} there already. Replace?"
        answer = QMessageBox.question(self._window, "Export again", text)
        return answer == QMessageBox.StandardButton.Yes

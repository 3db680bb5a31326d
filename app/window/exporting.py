"""Results out and corners in, for the case on screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.io.exporters.look import Look
from app.io.exporters.spec import ExporterSpec, VertebraeExport
from app.session.editing import Editing
from app.session.pinning import pin_all
from app.session.session import Session
from app.widgets.export_dialog import ExportDialog, FormatChoice
from app.widgets.toast import Offer
from app.window.exporting_many import ExportingMany
from app.window.look import look_of
from domain.errors import CaliperError, ExportFailed

if TYPE_CHECKING:
    from app.window.main_window import MainWindow


class Exporting(QObject):
    """Asks where to, writes, reads, and says what became of it.

    `many` is set by who puts the program together.
    """

    many: ExportingMany

    exported = Signal(object, object)  # ExporterSpec, Path

    def __init__(self, window: MainWindow, *, session: Session, editing: Editing) -> None:
        super().__init__(window)
        self._window, self._session, self._editing = window, session, editing

    def export(self) -> None:
        """Export the cases chosen in the list where they are several, else the one on screen."""
        chosen = self._window.worklist.list.selected
        if len(chosen) > 1:
            self.many.export(chosen)
        else:
            self.export_screen()

    def export_cases(self, case_ids: list[str]) -> None:
        """Export these cases."""
        current = self._session.current
        if current is not None and case_ids == [current.case.id]:
            self.export_screen()
        else:
            self.many.export(case_ids)

    def export_shown(self) -> None:
        """Export every case that search and filter leave in the list."""
        shown = self._window.worklist.list.visible_cases
        if shown:
            self.many.export(shown)
        else:
            self._window.say("Nothing to export.", "The list shows no case.")

    def export_screen(self) -> None:
        """Write what is decided on the case on screen in a format and to a place a person names."""
        if self._window.commands.is_implant:
            self._window.commands.implants.export()
            return
        # With them come OpenCV and Pillow: without, the window opens a tenth of a second sooner.
        from app.io.exporters.table import EXPORTERS

        self._editing.finish()
        export, current, settings = self.of_screen(), self._session.current, self._session.settings
        if export is None or current is None or not self.is_something_decided:
            self._window.say("Nothing to export yet.", "Find corners or measure something first.")
            return
        film = Path(current.case.path)
        folder = Path(settings.export_folder)
        start = (folder if settings.export_folder and folder.is_dir() else film.parent) / film.stem
        choices = [_choice(spec, export) for spec in EXPORTERS]
        dialog = ExportDialog(self._window, choices, start=start, chosen=settings.export_format)
        if dialog.exec() == ExportDialog.DialogCode.Accepted:
            self.export_to(dialog.path, spec=dialog.spec)

    def export_to(self, path: Path, *, spec: ExporterSpec) -> None:
        """Write the case on screen."""
        export, settings = self.of_screen(), self._session.settings
        if export is None:
            return
        try:
            spec.write(export, path)
        except CaliperError as error:
            self._window.show_trouble(error)
            return
        if not self._session.library.read_only:
            settings.export_format, settings.export_folder = spec.name, str(path.parent)
        self._window.say(f"Exported {path.name}.", f"{spec.title}, in {path.parent}.")
        self.exported.emit(spec, path)

    @property
    def is_something_decided(self) -> bool:
        """Whether the case on screen has anything to export."""
        decisions = self._session.decisions
        return decisions is not None and bool(decisions.points or decisions.measures)

    def of_screen(self) -> VertebraeExport | None:
        """The case on screen as it stands and as it is looked at; None where there is none."""
        current, decisions = self._session.current, self._session.decisions
        image = self._session.image
        if current is None or image is None or decisions is None:
            return None
        file = Path(current.case.path).name
        view = self._window.view
        look = look_of(view) if view.image is image else Look()
        reading = self._window.commands.curves.reading
        return VertebraeExport(
            current.case.name, image, decisions, file=file, look=look, reading=reading
        )

    def choose_corners(self) -> None:
        """Ask for a file of corners and put them on the film on screen."""
        if self._session.current is None:
            self._window.say("No film is open.", "Open the film that the corners were made on.")
            return
        from app.io.readers.annotations_table import IMPORTERS  # late, as the exporters

        endings = " ".join(sorted({f"*{ending}" for spec in IMPORTERS for ending in spec.endings}))
        folder = str(Path(self._session.current.case.path).parent)
        kinds = f"Corners ({endings});;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self._window, "Import corners", folder, kinds)
        if name:
            self.import_corners(Path(name))

    def import_corners(self, path: Path) -> None:
        """Replace the corners of the film on screen by those of a file; one gesture to undo."""
        from app.io.readers.annotations_table import read_corners

        current, image = self._session.current, self._session.image
        if current is None or image is None:
            return
        try:
            corners = read_corners(path, image=image, file=Path(current.case.path).name)
            changed = self._editing.replace_with(corners, f"Imported corners from {path.name}")
        except CaliperError as error:
            self._window.show_trouble(error)
            return
        if changed:
            self._window.say(
                f"Imported corners from {path.name}.",
                "They are free: the network moves them when you move one.",
                offer=Offer("Pin all", lambda: self._pin_all(current.case.id)),
            )

    def _pin_all(self, case_id: str) -> None:
        """Pin the corners that have just come in, while their film is still on screen."""
        current = self._session.current
        if current is not None and current.case.id == case_id:
            pin_all(self._editing)


def _choice(spec: ExporterSpec, export: VertebraeExport) -> FormatChoice:
    try:
        spec.require(export)
    except ExportFailed as error:
        return FormatChoice(spec, (), count=0, left_out=(f"{error.what} {error.why}",))
    return FormatChoice(spec, spec.drops(export))

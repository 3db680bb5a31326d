"""What menus and keys do that takes more than one call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox

from app.canvas.tools.corners import most_worth_checking, next_corner
from app.canvas.view import ImageView
from app.io.exporters.spec import VertebraeExport
from app.io.exporters.table import EXPORTERS
from app.library.cases import Case
from app.session.asking import Asking
from app.session.editing import Editing
from app.session.session import Session
from app.tasks.vertebrae.labels import ANGLE_TITLES
from app.tasks.vertebrae.panel import find_or_accept
from app.widgets.shortcut_sheet import ShortcutSheet
from app.widgets.theme import apply_theme
from app.window import dialogs
from app.window.measures import MeasureCommands
from domain.errors import CaliperError
from domain.vertebrae import MAX_LABEL_SHIFT, cobb_angles, level_names

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

IMAGE_FILTER = "Images (*.jpg *.jpeg *.png *.tif *.tiff *.bmp);;All files (*)"


class Commands(QObject):
    """The verbs of the menu table."""

    def __init__(
        self, window: MainWindow, *, session: Session, asking: Asking, editing: Editing
    ) -> None:
        super().__init__(window)
        self._window, self.session, self.asking, self.editing = window, session, asking, editing
        self.measures = MeasureCommands(window, session=session, editing=editing)

    @property
    def view(self) -> ImageView:
        """The canvas."""
        return self._window.view

    def choose_files(self) -> None:
        """Ask for files and open them."""
        names, _ = QFileDialog.getOpenFileNames(self._window, "Open films", "", IMAGE_FILTER)
        self.open_paths([Path(name) for name in names])

    def choose_folder(self) -> None:
        """Ask for a folder; each film in it becomes a case."""
        name = QFileDialog.getExistingDirectory(self._window, "Open a folder of films")
        self.open_paths([Path(name)] if name else [])

    def open_paths(self, paths: list[Path]) -> None:
        """Open files and folders."""
        if paths:
            self.session.open_paths(paths)

    def export(self) -> None:
        """Write what is decided on the case on screen to a file the person names."""
        self.editing.finish()
        current, decisions, image = self.session.current, self.session.decisions, self.session.image
        if (
            current is None
            or image is None
            or decisions is None
            or not (decisions.points or decisions.measures)
        ):
            self._window.say("Nothing to export yet.", "Find corners or measure something first.")
            return
        filters = ";;".join(f"{spec.title} (*{spec.ending})" for spec in EXPORTERS)
        start = str(Path(current.case.path).with_suffix(EXPORTERS[0].ending))
        name, chosen = QFileDialog.getSaveFileName(self._window, "Export", start, filters)
        if not name:
            return
        self.export_to(Path(name), title=chosen.rpartition(" (")[0])

    def export_to(self, path: Path, *, title: str) -> None:
        """Write the case on screen in the format of the path's ending, else of that title."""
        current, decisions, image = self.session.current, self.session.decisions, self.session.image
        if current is None or image is None or decisions is None:
            return
        typed = next((spec for spec in EXPORTERS if spec.ending == path.suffix.lower()), None)
        spec = typed or next((spec for spec in EXPORTERS if spec.title == title), EXPORTERS[0])
        path = path if typed else path.with_name(path.name + spec.ending)
        try:
            file = Path(current.case.path).name
            spec.write(VertebraeExport(current.case.name, image, decisions, file=file), path)
        except CaliperError as error:
            self._window.show_trouble(error)
            return
        self._window.say(f"Exported {path.name}.", f"{spec.title}, in {path.parent}.")

    def find(self) -> None:
        """Ask for a fresh proposal."""
        self.editing.finish()
        self.asking.find()

    def find_or_accept(self) -> None:
        """The primary verb."""
        find_or_accept(self.session, self.asking, self.editing)

    def walk(self, step: int) -> None:
        """Select the next landmark by `step`, or the next measure where one is selected."""
        if self.measures.walk(step):
            return
        decisions = self.session.decisions
        if decisions is not None and decisions.points is not None:
            self.editing.select(next_corner(self.editing.selected, step=step))
            self._keep_in_view()

    def select_worst(self) -> None:
        """Select the corner most worth checking."""
        decisions = self.session.decisions
        worst = most_worth_checking(decisions) if decisions is not None else None
        if worst is not None:
            self.editing.select(worst)
            self._keep_in_view()

    def nudge(self, rows: float, columns: float) -> None:
        """Move the selected landmark by a step as seen on screen."""
        self.editing.nudge(*self.view.screen_step_to_image(rows, columns))

    def shift_labels(self, levels: int) -> None:
        """Rename the column."""
        self.editing.shift_labels(levels, limit=MAX_LABEL_SHIFT)

    def cancel(self) -> None:
        """Esc: the gesture in the hand, else the job, else the selection."""
        if self.editing.is_holding:
            self.view.cancel_gesture()
            self.editing.drop()
        elif self.measures.cancel():
            return
        elif self.asking.is_busy:
            self.asking.cancel()
        elif not self._window.dismiss_message():
            self.editing.select(None)
            self.measures.measuring.select(None)

    def delete(self) -> None:
        """Remove the selected measure, else give the selected corner back."""
        if not self.measures.delete():
            self.editing.give_back()

    def take_back(self) -> None:
        """Backspace: the last click of a series, else as Delete."""
        if not self.measures.tool.take_back():
            self.delete()

    def toggle_follows(self) -> None:
        """Let the network follow the hand, or only the hand act; remembered."""
        settings = self.session.settings
        settings.network_follows = not settings.network_follows
        if settings.network_follows:
            self._window.say("The network follows.", "It is asked as the hand moves.")
        else:
            self._window.say("The network is off.", "A gesture is only the hand's; Enter asks it.")

    def copy_angles(self) -> None:
        """Put the Cobb angles on the clipboard as text."""
        decisions, image = self.session.decisions, self.session.image
        if decisions is None or decisions.points is None or image is None:
            return
        angles = cobb_angles(decisions.points.coordinates, image_rows=image.shape[0])
        names = level_names(decisions.label_shift)
        lines = (
            f"{title}\t{angle.angle_deg:.1f}°\t{names[angle.upper]}–{names[angle.lower]}"
            for title, angle in zip(
                ANGLE_TITLES, (angles.main, angles.second, angles.third), strict=True
            )
        )
        QGuiApplication.clipboard().setText("\n".join(lines))
        self._window.say("Cobb angles copied.", "Paste them where you need them.")

    def step_case(self, step: int) -> None:
        """Show the next or previous case of the list."""
        ids = [case.id for case in self.session.cases]
        if not ids or self.session.current is None:
            return
        place = ids.index(self.session.current.case.id) + step
        if 0 <= place < len(ids):
            self.session.show(ids[place])

    def remove_case(self, case_id: str) -> None:
        """Take a case out of the library after asking; the file stays where it is."""
        case: Case = self.session.opened(case_id).case
        answer = QMessageBox.question(
            self._window,
            "Remove case",
            f"Remove {case.name} and its history from the library? The film itself stays.",
        )
        if answer != QMessageBox.StandardButton.Yes:
            return
        try:
            self.session.remove(case_id)
        except CaliperError as error:
            self._window.show_trouble(error)

    def show_welcome(self) -> None:
        """The first page."""
        self._window.show_welcome()

    def toggle_library(self) -> None:
        """Show or hide the list of cases."""
        dock = self._window.library_dock
        dock.setVisible(not dock.isVisible())

    def toggle_panel(self) -> None:
        """Show or hide the task's controls."""
        dock = self._window.panel_dock
        dock.setVisible(not dock.isVisible())

    def toggle_full_screen(self) -> None:
        """Fill the screen or give it back."""
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def use_theme(self, name: str) -> None:
        """Change the colours of the program."""
        self.session.settings.theme = name
        apply_theme(QGuiApplication.instance(), name)

    def show_preferences(self) -> None:
        """What a person can prefer."""
        dialogs.Preferences(self._window, self.session.settings).exec()
        self.view.vertical_down_brighter = self.session.settings.down_is_brighter

    def show_card(self) -> None:
        """The model card of the weights in use."""
        dialogs.show_card(self._window, self._window.catalogue, self.asking.weights_id)

    def show_keys(self) -> None:
        """Every key there is."""
        from app.window.actions import key_table

        ShortcutSheet(key_table(), self._window).exec()

    def show_about(self) -> None:
        """What this program is, and is not."""
        dialogs.show_about(self._window)

    def quit(self) -> None:
        """Close the window."""
        self._window.close()

    def _keep_in_view(self) -> None:
        shown, selected = self.editing.shown, self.editing.selected
        if shown is not None and shown.points is not None and selected is not None:
            row, column = shown.points.coordinates[selected]
            self.view.ensure_visible(float(row), float(column))

"""What menus and keys do that takes more than one call."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app.canvas.cine_view import CineView
from app.canvas.tools.corners import most_worth_checking, next_corner
from app.session.asking import Asking
from app.session.curves import CurveReading
from app.session.editing import Editing
from app.session.healing import Healing
from app.session.pinning import pin_all
from app.session.repairing import Repairing
from app.session.session import Session
from app.widgets.messages import MessagesSheet
from app.widgets.shortcut_sheet import ShortcutSheet
from app.widgets.theme import apply_theme
from app.window import dialogs
from app.window.browsing import Browsing
from app.window.engine_news import EngineNews
from app.window.export_again import ExportAgain
from app.window.exporting import Exporting
from app.window.film_details import pages_of
from app.window.find_films import FindFilms
from app.window.measures import MeasureCommands
from domain.angles import read_angles
from domain.geometry import turned
from domain.implant import Verdict

if TYPE_CHECKING:
    from app.window.cine import CineRoom
    from app.window.compare import Compare
    from app.window.implants import Implants
    from app.window.localising_many import LocalisingMany
    from app.window.main_window import MainWindow
    from app.window.networks import Networks
    from app.window.training import Training
    from app.window.worklist import Worklist

IMAGE_FILTER = (
    "Films (*.dcm *.dicom *.jpg *.jpeg *.png *.tif *.tiff *.bmp *.pdf"
    " *.mp4 *.m4v *.mov *.avi *.nii *.nii.gz);;"
    "All files, DICOM without an ending too (*)"
)


class Commands(QObject):
    """The verbs of the menu table.

    `browsing`, `engine`, `find_films`, `localising`, `networks` and `training` are set by who puts
    the program together, `cine` by the window.
    """

    cine: CineRoom
    browsing: Browsing
    engine: EngineNews
    find_films: FindFilms
    localising: LocalisingMany
    networks: Networks
    training: Training

    def __init__(
        self, window: MainWindow, *, session: Session, asking: Asking, editing: Editing
    ) -> None:
        super().__init__(window)
        self._window, self.session, self.asking, self.editing = window, session, asking, editing
        self.exporting = Exporting(window, session=session, editing=editing)
        self.export_again = ExportAgain(window, self.exporting)
        self.curves = CurveReading(session, editing)
        self.repairing = Repairing(session, editing)
        self.healing = Healing(session, asking)  # keeps what the queue has healed, too
        self.measures = MeasureCommands(window, session=session, editing=editing)

    @property
    def view(self) -> CineView:
        """The canvas."""
        return self._window.view

    @cached_property
    def implants(self) -> Implants:
        """What is done in the implant task; made when its first study comes."""
        from app.window.implants import Implants

        return Implants(self._window)

    @property
    def is_implant(self) -> bool:
        """Whether the case on screen is of the implant task."""
        return self.session.task == "implant"

    @property
    def worklist(self) -> Worklist:
        """The cases, one after the other."""
        return self._window.worklist

    @property
    def compare(self) -> Compare:
        """Two films side by side."""
        return self._window.compare

    def choose_files(self) -> None:
        """Ask for files and open them."""
        names, _ = QFileDialog.getOpenFileNames(self._window, "Open films", "", IMAGE_FILTER)
        self.open_paths([Path(name) for name in names])

    def choose_folder(self) -> None:
        """Ask for a folder; each film in it becomes a case."""
        name = QFileDialog.getExistingDirectory(self._window, "Open a folder of films")
        self.open_paths([Path(name)] if name else [])

    def choose_whole_folder(self) -> None:
        """Ask for a folder that is one study: frames of a moving picture, or slices of a CT."""
        title = "A folder with the frames of one film, or the slices of one CT"
        name = QFileDialog.getExistingDirectory(self._window, title)
        if name:
            self.session.open_whole(Path(name))

    def browse_folder(self) -> None:
        """Ask for a folder or disc and let a person choose among its DICOM films."""
        title = "A folder with DICOM films, or with a DICOMDIR"
        name = QFileDialog.getExistingDirectory(self._window, title)
        if name:
            self.browsing.browse(Path(name))

    def open_paths(self, paths: list[Path]) -> None:
        """Open files and folders; of folders with many DICOM films a person chooses."""
        self.browsing.open(paths)

    def find(self) -> None:
        """Ask for a fresh proposal."""
        self.editing.finish()
        if self.is_implant:
            self.implants.localise()
        else:
            self.asking.find()

    def go_on(self) -> None:
        """The primary verb: find on an empty film, then accept its corners, then the next case."""
        decisions = self.session.decisions
        if self.is_implant:
            self.implants.go_on()
        elif decisions is None or decisions.points is None:
            self.asking.find()
        elif not decisions.accepted:
            self.editing.accept()
        else:
            self.worklist.show_next_unreviewed()

    def walk(self, step: int) -> None:
        """Select the next landmark by `step`, or the next point where a measure is selected."""
        if self.measures.walk(step):
            return
        if self.is_implant:
            self.implants.walk(1 if step > 0 else -1)
            return
        decisions = self.session.decisions
        if decisions is not None and decisions.points is not None:
            selected, total = self.editing.selected, len(decisions.points)
            self.editing.select(next_corner(selected, step=step, total=total))
            self._keep_in_view()

    def select_worst(self) -> None:
        """Select the corner most worth checking."""
        decisions = self.session.decisions
        worst = most_worth_checking(decisions) if decisions is not None else None
        if worst is not None:
            self.editing.select(worst)
            self._keep_in_view()

    def pin_all(self) -> None:
        """Pin all corners, or unpin them where all are pinned."""
        pin_all(self.editing, unpins=True)

    def nudge(self, rows: float, columns: float) -> None:
        """Move what is selected, landmarks or a measure, by a step as seen on screen.

        Where nothing is and the film moves: one frame on or back.
        """
        measuring = self.measures.measuring
        if measuring.selected is None and self.is_implant:
            self.cine.step(int(columns) or int(rows))
            return
        hand = self.editing if measuring.selected is None else measuring
        hand.nudge(*self.view.screen_step_to_image(rows, columns))

    def toggle_whole(self) -> None:
        """Handle the selected vertebra as a whole, or corner by corner again."""
        if self.editing.whole or self.repairing.require_selected():
            self.editing.handle_whole(not self.editing.whole)
            self._keep_in_view()

    def turn_whole(self, degrees: float, *, scale: float = 1.0) -> None:
        """Turn the vertebra that is handled as a whole, clockwise on the film, or resize it."""
        image = self.session.image
        if self.editing.whole and image is not None:
            aspect = image.grid.aspect
            self.editing.adjust(lambda p: turned(p, degrees, scale=scale, aspect=aspect))

    def name_vertebra(self) -> None:
        """Ask what the selected vertebra is called."""
        at, repairing = self.repairing.require_selected(), self.repairing
        if at is None:
            return
        name, choices = repairing.names[at], list(repairing.choices)
        said = f"Call {name} (those below it count on):"
        chosen = dialogs.choose(
            self._window, title="Name vertebra", said=said, choices=choices, current=name
        )
        if chosen is not None:
            repairing.rename(chosen)

    def cancel(self) -> None:
        """Esc: the gesture in the hand, else the job, else the selection."""
        if self.editing.is_holding:
            self.view.cancel_gesture()
            self.editing.drop()
        elif self.curves.is_holding:
            self.view.cancel_gesture()
        elif self.measures.cancel() or (self.is_implant and self.implants.screen.drawing.stop()):
            return
        elif self.asking.is_busy:
            self.asking.cancel()
        elif self.editing.whole:
            self.editing.handle_whole(False)
        elif self.is_implant and self.implants.cancel():
            return
        elif not self._window.dismiss_message() and not self.compare.end():
            self.editing.select(None)
            self.curves.select(None)
            self.measures.measuring.select(None)

    def delete(self) -> None:
        """Remove the selected measure, else give the selected corner back or reject the region."""
        if self.measures.delete():
            return
        if self.is_implant:
            self.implants.judge(Verdict.REJECTED)
        else:
            self.editing.give_back()

    def take_back(self) -> None:
        """Backspace: the last click of a series, else as Delete."""
        if self.is_implant and self.implants.screen.drawing.layer.take_back():
            return
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
        """Put the Cobb angles on the clipboard as text, as they are shown."""
        shown, image = self.curves.shown, self.session.image
        if shown is None or shown.points is None or image is None:
            return
        rows = read_angles(shown, image, reading=self.curves.reading)
        QGuiApplication.clipboard().setText("\n".join(row.columns for row in rows))
        self._window.say("Cobb angles copied.", "Paste them where you need them.")

    def step_page(self, step: int) -> None:
        """Show the next or previous page of the file on screen."""
        pages, current = pages_of(self.session), self.session.current
        if current is not None:
            place = [case.id for case in pages].index(current.case.id) + step
            if 0 <= place < len(pages):
                self.session.show(pages[place].id)

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

        ShortcutSheet(key_table(self.session.task), self._window).exec()

    def show_messages(self) -> None:
        """All that was said this sitting."""
        MessagesSheet(self._window.messages, self._window).exec()

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

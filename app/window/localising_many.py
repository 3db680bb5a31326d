"""Many studies localised at once: asks where that would surprise, and hands them to the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox

from app.session.localising import Batch, Localising
from app.session.queue import Queue
from domain.errors import CaliperError, LibraryReadOnly

if TYPE_CHECKING:
    from app.window.main_window import MainWindow


class LocalisingMany:
    """What the list of cases and the menu do with chosen studies."""

    def __init__(self, window: MainWindow, queue: Queue) -> None:
        self._window, self._session = window, window.session
        self._localising = Localising(
            window.session, window.asking, healing=window.commands.healing, queue=queue
        )
        window.worklist.list.localise_requested.connect(self.localise)

    def localise_chosen(self) -> None:
        """Localise the studies that are chosen in the list."""
        chosen = self._window.worklist.list.selected
        if chosen:
            self.localise(chosen)
        else:
            self._window.say("No case is chosen.", "Choose some in the list with Ctrl or Shift.")

    def localise(self, case_ids: Sequence[str]) -> None:
        """Localise these studies one after the other, as the panel's controls say."""
        library = self._session.library
        if library.read_only:
            what = "The library cannot be changed here."
            self._window.show_trouble(LibraryReadOnly(what, why=library.why))
            return
        self._window.editing.finish()
        try:
            batch = self._localising.look_at(case_ids)
        except CaliperError as error:
            self._window.show_trouble(error)
            return
        if not batch.fresh:
            self._window.say("Localised in this way already.", "Choose another λ, or other cases.")
        elif not (said := questions(batch)) or self._agrees(said):
            self._window.worklist.queue_dock.show()
            self._localising.begin(batch)

    def _agrees(self, text: str) -> bool:
        answer = QMessageBox.question(self._window, "Localise implants", text)
        return answer == QMessageBox.StandardButton.Yes


def questions(batch: Batch) -> str:
    """What a person is asked before; "" for nothing."""
    said = []
    if batch.others:
        count = len(batch.others)
        are = "1 case is a spine film" if count == 1 else f"{count} cases are spine films"
        said.append(f"{are} so far. Look for implants instead? What was found on them stays.")
    if batch.reviewed:
        are = "1 case is" if batch.reviewed == 1 else f"{batch.reviewed} cases are"
        said.append(
            f"{are} reviewed. Localise anew? What you drew, judged or named stays; "
            "undo in the case brings all of it back."
        )
    return "\n\n".join(said)

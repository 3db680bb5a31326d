"""Asks where films that are no longer in their place may lie, and says what was found there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from app.session.missing import MissingFilms, Search
from app.widgets.export_dialog import listed
from app.widgets.toast import Offer
from domain.errors import CaliperError, FileMissing

if TYPE_CHECKING:
    from app.window.main_window import MainWindow


MOST_NAMED = 5


class FindFilms(QObject):
    """The way from the menu to a search and back to a message; the status line shows how far."""

    def __init__(self, window: MainWindow, films: MissingFilms) -> None:
        super().__init__(window)
        self._window, self._films = window, films
        films.progressed.connect(window.status.tell_reading)
        films.finished.connect(window.status.tell_reading_finished)
        films.trouble.connect(window.show_trouble)
        films.searched.connect(self._tell)
        window.status.cancelled.connect(films.cancel)
        window.ended.connect(films.close)

    def offer_for(self, error: CaliperError) -> Offer | None:
        """What the message of a failure offers to do: to look for a film that is not there."""
        return Offer("Look for it…", self.choose_folder) if isinstance(error, FileMissing) else None

    def choose_folder(self) -> None:
        """Ask for a folder and look through it and all below it."""
        title = "Where to look for films that were moved"
        name = QFileDialog.getExistingDirectory(self._window, title, self._likely_place())
        if name:
            self._films.search(Path(name))

    def _likely_place(self) -> str:
        """The nearest folder that is still there above the film that keys act on."""
        case_id = self._window.worklist.list.current
        if case_id is None:
            return ""
        above = Path(self._window.session.case(case_id).path).parents
        return next((str(folder) for folder in above if folder.is_dir()), "")

    @Slot(object)
    def _tell(self, search: Search) -> None:
        self._window.say(*words_of(search))


def words_of(search: Search) -> tuple[str, str]:
    """What a search came to: a sentence, and what else a person should know."""
    if not search.missing:
        return "No film is missing.", "Every case has its film where it was."
    films = "1 missing film" if search.missing == 1 else f"{search.missing} missing films"
    what = f"{search.found} of {films} found in “{search.folder.name or search.folder}”."
    more = []
    if search.cancelled:
        more.append(f"The search was stopped after {_files(search.looked)}.")
    elif search.left:
        more.append(f"Nothing else in the folder ({_files(search.looked)} read) has their pixels.")
    if search.left:
        more.append(f"Still missing: {listed(search.left, most=MOST_NAMED)}.")
    if search.refused:
        more.append(f"{_files(search.refused)} could not be read.")
    return what, " ".join(more)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"

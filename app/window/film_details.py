"""What a film's file brings to canvas and menus: its page, and the windows it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.canvas.presets import PRESETS
from app.library.cases import Case
from app.session.session import Session
from domain.image import FramesFrom, GreyWindow

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

WITH_KEYS = 2
"""So many windows of a film's own have a key, those after the program's presets."""


class FilmDetails(QObject):
    """Follows the case on screen."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._view, self._session = window.view, window.session
        self._actions = [
            window.actions_by_name[f"View/Presets/{film_window_title(number)}"]
            for number in range(1, WITH_KEYS + 1)
        ]
        menus = (widget for widget in self._actions[0].associatedObjects())
        self._menu = next(widget for widget in menus if isinstance(widget, QMenu))
        self._session.case_shown.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Offer the windows of the film on screen, and say which page it is."""
        image = self._session.image
        windows = image.presentation.windows if image is not None else ()
        while len(self._actions) < len(windows):
            self._actions.append(self._made(len(PRESETS) + len(self._actions) + 1))
        for place, action in enumerate(self._actions):
            action.setVisible(place < len(windows))
            if place < len(windows):
                action.setText(window_words(windows[place]))
        current = self._session.current
        if current is not None:
            self._view.set_case_name(current.case.name, page=page_words(self._session))

    def _made(self, number: int) -> QAction:
        action = self._menu.addAction("")
        action.triggered.connect(lambda: self._view.preset(number))
        return action


def film_window_title(number: int) -> str:
    """What an action for a window of the film's own is called while no film is on screen."""
    return f"Film's window {number}"


def window_words(asked: GreyWindow) -> str:
    """A window of the film's own as the menu names it."""
    return f"Film: {asked.name or f'W {asked.window:g} L {asked.level:g}'}"


def pages_of(session: Session) -> list[Case]:
    """The cases made from the file on screen, in the order of its pages."""
    if session.current is None:
        return []
    here = session.current.case
    pages = {case.page: case for case in reversed(session.listing.of_file(here.path))}
    return [here if page == here.page else pages[page] for page in sorted(pages)]


def page_words(session: Session) -> str:
    """Like "page 2 / 5", and "frame 7 / 96" of a film that moves; empty for a single picture."""
    if session.current is None:
        return ""
    here = session.current.case
    count = session.page_counts.get(here.path, 1)
    page = f"page {here.page + 1} / {count}" if count > 1 else ""
    return "   ".join(part for part in (page, frame_words(session)) if part)


def frame_words(session: Session) -> str:
    """Which frame is in sight, counted as people count; empty where nothing moves."""
    cine = None if session.image is None else session.image.cine
    if cine is None:
        return ""
    is_drawn = cine.made_from in (FramesFrom.PEX, FramesFrom.VOLUME)
    words = f"{'angle' if is_drawn else 'frame'} {session.frame + 1} / {len(cine)}"
    return f"{words}, missing in its source" if session.frame in cine.missing else words

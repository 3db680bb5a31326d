"""Two films of one patient side by side: the one on screen, and another to look at."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Slot
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from app.canvas.layers.corners import CornersLayer
from app.canvas.layers.corners_data import CornersData, lines_of
from app.canvas.pair import Pair
from app.canvas.state import ViewState
from app.canvas.view import ImageView
from app.io.names import natural_key
from app.library.cases import Case
from app.session.session import Session
from app.tasks.vertebrae.change import change_rows, curves_of
from app.widgets.compare_panel import Choice, ComparePanel, Line
from domain.angles import read_angles
from domain.annotation import Annotations
from domain.curves import Reading
from domain.image import Image
from domain.vertebrae import names_of

if TYPE_CHECKING:
    from app.window.main_window import MainWindow


class StillCorners(CornersLayer):
    """Corners and angles that the hand cannot take."""

    def press(self, at: QPointF) -> bool:
        return False

    def hover(self, at: QPointF | None) -> bool:
        return False


class Compare(QObject):
    """Holds the page with the canvas; while it compares, a second one lies beside it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self._other: str | None = None
        self.view, self._layer = ImageView(), StillCorners()
        self.view.add_layer(self._layer)
        self.panel = ComparePanel()
        self.pair = Pair(window.view, self.view, parent=self)
        films = QSplitter()
        films.setChildrenCollapsible(False)
        for view in (window.view, self.view):
            films.addWidget(view)
            films.setStretchFactor(films.count() - 1, 1)
        self.page = QWidget()
        box = self.column = QVBoxLayout(self.page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(films, 1)
        box.addWidget(self.panel)
        self._films = films
        self.end()
        self._session.case_shown.connect(self._follow_case)
        self._session.cases_changed.connect(self._follow_group)
        self._session.film_read.connect(self._take_film)
        window.editing.shown_changed.connect(self._refresh)
        window.asking.ended.connect(self._refresh_other)
        self.panel.chosen.connect(self._show_other)
        self.panel.linked.connect(self.pair.set_linked)
        self.panel.ended.connect(self.end)

    @property
    def is_on(self) -> bool:
        """Whether two films are compared."""
        return self._other is not None

    def toggle(self) -> None:
        """Compare the film on screen with the one before it, or end that."""
        if not self.end():
            self._begin()

    @Slot()
    def end(self) -> bool:
        """One film again; False where there was only one."""
        was_on, self._other = self.is_on, None
        self.panel.hide()
        self.view.hide()
        self.view.show_image(None)
        return was_on

    def _begin(self) -> None:
        current = self._session.current
        others = _others(current.case, self._session) if current else ()
        if current is None or not others:
            self._window.say(
                "No other film of this patient is known.",
                "Choose two films in the list, then “Films of one patient” in their menu.",
            )
            return
        self.panel.show_choices([_choice(case, current.case) for case in others])
        self.panel.show()
        self.view.show()
        self._films.setSizes([1, 1])
        self._show_other(others[0].id)

    @Slot(str)
    def _show_other(self, case_id: str) -> None:
        self._other = case_id
        self.panel.set_current(case_id)
        self.view.show_image(None)
        self._refresh()
        self._session.fetch(case_id)

    @Slot(str)
    def _take_film(self, case_id: str) -> None:
        if case_id != self._other:
            return
        case = self._session.opened(case_id).case
        self.view.show_image(self._session.image_of(case))
        self.view.set_case_name(f"{case.name}  {case.taken}".strip())
        with suppress(ValueError):
            stored = self._session.library.view_state(case_id)
            self.view.apply_view_state(ViewState.from_json(stored or ""))
        self.view.fit()
        self.pair.align()
        self._refresh_other()

    @Slot()
    def _follow_case(self) -> None:
        """Another case came on screen: compare it with its own films, or end."""
        if self.is_on:
            self.end()
            current = self._session.current
            if current is not None and _others(current.case, self._session):
                self._begin()

    @Slot()
    def _follow_group(self) -> None:
        """The films may no longer be of one patient, or one may be gone."""
        current = self._session.current
        if self.is_on and current is not None:
            others = _others(current.case, self._session)
            if self._other not in [case.id for case in others]:
                self.end()

    @Slot()
    def _refresh_other(self) -> None:
        image = self.view.image
        decisions = self._decisions_of_other()
        if image is None or decisions is None or decisions.points is None:
            self._layer.set_data(None)
        else:
            self._layer.set_data(_still(decisions, image))
        self._refresh()

    def _decisions_of_other(self) -> Annotations | None:
        return self._session.opened(self._other).history.current if self._other else None

    @Slot()
    def _refresh(self) -> None:
        """The angles of both films; the film on screen as the hand has it now."""
        current, image = self._session.current, self._session.image
        if self._other is None or current is None or image is None:
            return
        other = self._session.opened(self._other).case
        now, then = self._window.editing.shown, self._decisions_of_other()
        there_is = self.view.image or image
        here = curves_of(now, aspect=image.grid.aspect) if now else ()
        there = curves_of(then, aspect=there_is.grid.aspect) if then else ()
        lines = [
            Line(
                title=(row.now or row.before or here[0]).title,
                now=f"{row.now.angle_deg:.1f}°  {row.now.between}" if row.now else "–",
                other=f"{row.before.angle_deg:.1f}°  {row.before.between}" if row.before else "–",
                change=row.words,
            )
            for row in change_rows(here, there)
        ]
        self.panel.show_lines(
            lines, missing=then is None or then.points is None, when=_when(other, current.case)
        )


def _others(case: Case, session: Session) -> tuple[Case, ...]:
    """The other films of this person: the one just before this first, the later ones last.

    By the dates of the pictures where all are known, by the names of the files otherwise.
    """
    if not case.person:
        return ()
    same = (one.id for one in session.listing.shown() if one.person == case.person)
    films = [session.case(case_id) for case_id in same]
    if all(one.taken for one in films):
        films.sort(key=lambda one: (one.taken, natural_key(one.name)))
    else:
        films.sort(key=lambda one: natural_key(one.name))
    place = [one.id for one in films].index(case.id)
    return (*reversed(films[:place]), *films[place + 1 :])


def _choice(other: Case, case: Case) -> Choice:
    named = ", ".join(part for part in (other.taken, _when(other, case)) if part)
    return Choice(other.id, f"{other.name}  ({named})" if named else other.name)


def _when(other: Case, case: Case) -> str:
    """Earlier or later, said only where both dates are known."""
    if not other.taken or not case.taken or other.taken == case.taken:
        return ""
    return "earlier" if other.taken < case.taken else "later"


def _still(decisions: Annotations, image: Image) -> CornersData:
    assert decisions.points is not None
    angles = read_angles(decisions, image, reading=Reading.CLINICAL)
    return CornersData(
        coordinates=decisions.points.coordinates,
        image_sha256=decisions.image_sha256,
        labels=names_of(decisions),
        hints=frozenset(decisions.hints),
        cobb=lines_of(angles),
    )

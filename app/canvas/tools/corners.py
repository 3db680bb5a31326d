"""Joins the corners on the canvas with the hand's editing: gestures in, what is shown out."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Slot

from app.canvas.layers.corners import CornersLayer
from app.canvas.layers.corners_data import CornersData, lines_of
from app.canvas.view import ImageView
from app.session.curves import CurveReading
from app.session.editing import Editing
from app.session.session import Session
from domain.angles import read_angles
from domain.annotation import Annotations
from domain.image import Image
from domain.vertebrae import names_of


class CornersTool(QObject):
    """Draws what `Editing.shown` says and turns drags and clicks into its gestures."""

    def __init__(
        self, view: ImageView, session: Session, editing: Editing, curves: CurveReading
    ) -> None:
        super().__init__(view)
        self._view, self._session, self._editing = view, session, editing
        self._curves = curves
        self.layer = CornersLayer()
        view.add_layer(self.layer)
        self.layer.drag_started.connect(self._take)
        self.layer.dragged.connect(self._move)
        self.layer.drag_finished.connect(self._let_go)
        self.layer.drag_cancelled.connect(self._drop)
        self.layer.selected.connect(self._select)
        editing.shown_changed.connect(self.refresh)
        editing.following.landmarks_due.connect(self._carry)
        editing.selection_changed.connect(self.refresh)
        session.case_shown.connect(self.refresh)
        curves.changed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Draw the decisions of the case on screen, once its film is on the canvas."""
        shown, image = self._editing.shown, self._view.image
        is_there = image is not None and shown is not None and shown.image_sha256 == image.sha256
        if shown is None or shown.points is None or image is None or not is_there:
            self.layer.set_data(None)
            return
        self.layer.set_data(self._data(shown, image))

    @Slot()
    def _carry(self) -> None:
        """Draw where the landmarks are now; what is written about them follows."""
        shown = self._editing.shown
        if shown is not None and shown.image_sha256 == self.layer.image_sha256 and shown.points:
            self.layer.carry_to(shown.points.coordinates)

    def _data(self, shown: Annotations, image: Image) -> CornersData:
        assert shown.points is not None
        reading = self._curves.reading
        return CornersData(
            coordinates=shown.points.coordinates,
            labels=names_of(shown),
            hints=frozenset(shown.hints),
            pins=shown.pins,
            selected=self._editing.selected,
            ghosts=self._editing.ghosts,
            pulse=most_worth_checking(shown),
            cobb=lines_of(read_angles(self._curves.shown or shown, image, reading=reading)),
            image_sha256=shown.image_sha256,
        )

    @Slot(int)
    def _select(self, index: int) -> None:
        self._editing.handle_whole(False)
        self._editing.select(index if index >= 0 else None)

    @Slot(int)
    def _take(self, index: int) -> None:
        if not self._editing.grasp(index):
            self._view.cancel_gesture()

    @Slot(int, float, float)
    def _move(self, _index: int, row: float, column: float) -> None:
        if self._editing.is_holding:
            self._editing.move((row, column), is_drawn=True)
        else:  # taken out of the hand, by an undo for one
            self._view.cancel_gesture()

    @Slot(int, float, float)
    def _let_go(self, _index: int, row: float, column: float) -> None:
        if self._editing.is_holding:
            self._editing.move((row, column))
            self._editing.release()
        else:
            self.refresh()

    @Slot(int)
    def _drop(self, _index: int) -> None:
        self._editing.drop()


def most_worth_checking(shown: Annotations) -> int | None:
    """The free corner the network is least sure of; None where nothing is left to check."""
    if shown.accepted or not shown.confidence:
        return None
    spread = np.array(shown.confidence)
    spread[list(shown.held)] = -np.inf
    return int(spread.argmax()) if spread.max() > -np.inf else None


def next_corner(selected: int | None, *, step: int, total: int) -> int:
    """The landmark after (or before) the selected one, around the end."""
    if selected is None:
        return 0 if step > 0 else total - 1
    return (selected + step) % total

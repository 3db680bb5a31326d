"""Joins the handles of curve ends with the hand: a drag changes what is measured between."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from app.canvas.layers.curve_ends import CurveEndsData, CurveEndsLayer
from app.canvas.view import ImageView
from app.session.curves import CurveReading
from app.session.editing import Editing
from domain.curves import Reading
from domain.vertebrae import names_of


class CurveEndsTool(QObject):
    """Shows handles while angles are read as surgeons do, and turns drags into gestures."""

    def __init__(self, view: ImageView, editing: Editing, curves: CurveReading) -> None:
        super().__init__(view)
        self._view, self._editing, self._curves = view, editing, curves
        self._is_shown = True
        self.layer = CurveEndsLayer()
        view.add_layer(self.layer)
        self.layer.selected.connect(self._select)
        self.layer.drag_started.connect(curves.grasp)
        self.layer.dragged.connect(self._move)
        self.layer.drag_finished.connect(self._let_go)
        self.layer.drag_cancelled.connect(curves.drop)
        editing.shown_changed.connect(self.refresh)
        curves.changed.connect(self.refresh)

    def set_shown(self, shown: bool) -> None:
        """Show the handles or leave them out, as the lines they belong to."""
        self._is_shown = shown
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Draw the handles of the curves on screen."""
        shown, image = self._editing.shown, self._view.image
        is_there = image is not None and shown is not None and shown.image_sha256 == image.sha256
        is_clinical = self._curves.reading is Reading.CLINICAL
        if not (is_there and is_clinical and self._is_shown) or shown is None or not shown.points:
            self.layer.set_data(None)
            return
        self.layer.set_data(
            CurveEndsData(
                corners=shown.points.coordinates,
                ends=tuple(curve.ends for curve in self._curves.curves),
                labels=names_of(shown),
                selected=self._curves.selected,
            )
        )

    @Slot(int)
    def _select(self, end: int) -> None:
        self._curves.select(end if end >= 0 else None)

    @Slot(int, int)
    def _move(self, _end: int, vertebra: int) -> None:
        if self._curves.is_holding:
            self._curves.move(vertebra)
        else:  # taken out of the hand, by an undo for one
            self._view.cancel_gesture()

    @Slot(int)
    def _let_go(self, _end: int) -> None:
        self._curves.release()

"""Joins the corners on the canvas with the hand's editing: gestures in, what is shown out."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Slot

from app.canvas.layers.corners import CornersLayer
from app.canvas.layers.corners_data import CobbLine, CornersData
from app.canvas.view import ImageView
from app.session.curves import CurveReading
from app.session.editing import Editing
from app.session.session import Session
from domain.annotation import Annotations
from domain.curves import LEAST_CURVE_DEG, Curve, Reading
from domain.geometry import FloatArray
from domain.image import Image
from domain.vertebrae import CobbAngles, cobb_angles, names_of


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

    def _data(self, shown: Annotations, image: Image) -> CornersData:
        assert shown.points is not None
        return CornersData(
            coordinates=shown.points.coordinates,
            labels=names_of(shown),
            hints=frozenset(shown.hints),
            pins=shown.pins,
            selected=self._editing.selected,
            ghosts=self._editing.ghosts,
            pulse=most_worth_checking(shown),
            cobb=self._cobb(shown.points.coordinates, image),
            image_sha256=shown.image_sha256,
        )

    def _cobb(self, corners: FloatArray, image: Image) -> tuple[CobbLine, ...]:
        if self._curves.reading is Reading.CLINICAL:
            return _curve_lines(self._curves.curves)
        aspect = image.grid.aspect
        return _cobb_lines(cobb_angles(corners, image_rows=image.shape[0], aspect=aspect))

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
            self._editing.move((row, column))
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


def _curve_lines(curves: tuple[Curve, ...]) -> tuple[CobbLine, ...]:
    """Every curve with its region, the largest one drawn strongest."""
    largest = max(curves, key=lambda curve: curve.angle_deg, default=None)
    return tuple(
        CobbLine(
            curve.upper,
            curve.lower,
            curve.angle_deg,
            name=curve.region or "",
            main=curve is largest,
            plates=True,
        )
        for curve in curves
    )


def _cobb_lines(angles: CobbAngles) -> tuple[CobbLine, ...]:
    """The main angle, and those beside it that are a curve at all."""
    main = angles.main
    lines = [CobbLine(main.upper, main.lower, main.angle_deg)]
    lines += [
        CobbLine(angle.upper, angle.lower, angle.angle_deg, main=False)
        for angle in (angles.second, angles.third)
        if angle.angle_deg >= LEAST_CURVE_DEG
    ]
    return tuple(lines)


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

"""Joins the frame around a vertebra with the hand's editing: one drag, one gesture of four."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from app.canvas.layers.vertebra_frame import VertebraFrame
from app.canvas.view import ImageView
from app.session.editing import Editing
from domain.measures import Place


class VertebraTool(QObject):
    """Shows the frame only where a person asked for the whole vertebra: nothing moves by chance."""

    def __init__(self, view: ImageView, editing: Editing) -> None:
        super().__init__(view)
        self._view, self._editing = view, editing
        self.layer = VertebraFrame()
        view.add_layer(self.layer)
        self.layer.drag_started.connect(self._take)
        self.layer.dragged.connect(self._move)
        self.layer.drag_finished.connect(editing.release)
        self.layer.drag_cancelled.connect(editing.drop)
        self.layer.left.connect(self._leave)
        editing.shown_changed.connect(self.refresh)
        editing.selection_changed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Frame the selected vertebra of the film on the canvas."""
        shown, image, targets = self._editing.shown, self._view.image, self._editing.targets
        corners = None
        if shown is not None and shown.points is not None and image is not None:
            is_there = shown.image_sha256 == image.sha256
            if is_there and self._editing.whole and targets:
                corners = shown.points.coordinates[list(targets)]
        self.layer.set_corners(corners)

    @Slot()
    def _take(self) -> None:
        if not self._editing.grasp(*self._editing.targets):
            self._view.cancel_gesture()

    @Slot(object)
    def _move(self, places: tuple[Place, ...]) -> None:
        if self._editing.is_holding:
            self._editing.move(*places)
        else:  # taken out of the hand, by an undo for one
            self._view.cancel_gesture()

    @Slot()
    def _leave(self) -> None:
        self._editing.handle_whole(False)

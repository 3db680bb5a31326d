"""Joins what the hand draws on the canvas with the regions of a study."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.canvas.brush import brushed
from app.canvas.layers.drawing import Drawing, DrawingLayer
from app.canvas.view import ImageView
from app.session.healing import Healing
from app.session.judging import Judging
from app.session.session import Session
from app.tasks.implant.panel_pictures import frame_of, picture_at
from domain.implant_plan import StudyPlan
from domain.implant_study import study_frames
from domain.measures import Place

BRUSH_SHARE = 1 / 80
"""Radius of the first brush, as a share of the image's longer side."""


class DrawingTool(QObject):
    """Each polygon and each stroke is one gesture on the selected implant, or on a new one."""

    frame_wanted = Signal(int)  # only frames that the network looked at have regions
    said = Signal(str, str)

    def __init__(
        self, view: ImageView, session: Session, *, healing: Healing, judging: Judging
    ) -> None:
        super().__init__(view)
        self._view, self._session = view, session
        self._healing, self._judging = healing, judging
        self._sized_for = ""
        self.layer = DrawingLayer()
        view.add_layer(self.layer)
        self.layer.drawn.connect(self._take_polygon)
        self.layer.stroked.connect(self._take_stroke)
        self.layer.ended.connect(lambda: view.show_cursor(Qt.CursorShape.ArrowCursor))
        session.leaving.connect(self.stop)

    @property
    def armed(self) -> bool:
        """Whether presses on the canvas draw."""
        return self.layer.kind is not None

    def start(self, kind: Drawing) -> None:
        """Draw from now on; a moving study goes to the nearest frame that has regions."""
        plan, image = self.plan, self._session.image
        if plan is None or image is None:
            return
        if kind is Drawing.ERASER and not self._judging.selected:
            self.said.emit("Choose a region first.", "The eraser takes away from one.")
            return
        if self._sized_for != image.sha256:
            self._sized_for = image.sha256
            self.layer.radius = max(image.shape) * BRUSH_SHARE
        frame = frame_of(plan, picture_at(plan, self._session.frame))
        if not plan.is_still and frame != self._session.frame:
            self.frame_wanted.emit(frame)
            self.said.emit(f"Frame {frame + 1}.", "It is the nearest that has regions.")
        self.layer.arm(kind)
        self._view.show_cursor(Qt.CursorShape.CrossCursor)

    @Slot()
    def stop(self) -> bool:
        """Draw no more; False where nothing was drawn."""
        return self.layer.disarm()

    @property
    def plan(self) -> StudyPlan | None:
        """Which pictures the study on screen has."""
        result, image = self._healing.shown, self._session.image
        if result is not None:
            return result.findings.plan
        return study_frames(image).plan if image is not None and self._healing.is_on else None

    @Slot(object)
    def _take_polygon(self, places: tuple[Place, ...]) -> None:
        plan = self.plan
        if plan is not None:
            picture = self._picture(plan, places)
            self._judging.redraw(picture, (places,), whole=plan.is_still)

    @Slot(object)
    def _take_stroke(self, places: tuple[Place, ...]) -> None:
        plan = self.plan
        if plan is None:
            return
        erases = self.layer.kind is Drawing.ERASER
        picture, number = self._picture(plan, places), self._judging.selected
        shown = self._judging.shown
        before = [
            region.outline
            for region in (shown.regions if shown else ())
            if region.implant == number and (plan.is_still or region.frame == picture)
        ]
        after = brushed(before, places, radius=self.layer.radius, erases=erases)
        if erases and set(after) == set(before):
            return
        self._judging.redraw(picture, after, whole=plan.is_still)
        if erases and not self._judging.selected:
            self.stop()

    def _picture(self, plan: StudyPlan, places: tuple[Place, ...]) -> int:
        """The picture in sight; of a still one the window whose middle is nearest."""
        if not plan.is_still:
            return picture_at(plan, self._session.frame)
        middle = float(np.mean([column for _, column in places]))
        windows = plan.windows[: plan.own]
        return int(np.argmin([abs(w.left + w.columns / 2 - middle) for w in windows]))

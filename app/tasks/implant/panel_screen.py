"""What the implant task draws: heat and regions on the canvas, the five pictures below it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from app.canvas.cine_view import CineView
from app.canvas.colour_maps import NAMES
from app.canvas.layers.pictures import PictureData, PictureLayer
from app.canvas.layers.regions import Look, RegionsData, RegionShape, RegionsLayer
from app.canvas.picture_row import PictureRow, SmallPicture
from app.session.asking import Asking
from app.session.healing import Healing
from app.session.judging import Judging
from app.session.session import Session
from app.tasks.implant.labels import PICTURES, SPREAD, implant_label
from app.tasks.implant.panel_drawing import DrawingTool
from app.tasks.implant.panel_pictures import (
    Cut,
    Piece,
    five_pictures,
    frame_of,
    heat_or_none,
    heat_piece,
    picture_at,
)
from domain.implant import ImplantDecisions, ImplantFindings, Scoring
from domain.implant_heat import default_scoring, default_threshold, frame_counts
from domain.implant_study import study_frames
from domain.measures import Place

UNDER_HEAT = 0.5


@dataclass(frozen=True)
class Bars:
    """What stands below the frames of the strip, by frame."""

    shares: dict[int, float]
    words: dict[int, str]


class ImplantScreen(QObject):
    """Follows what is looked at; of a case of another task nothing is drawn."""

    bars_changed = Signal()

    def __init__(
        self,
        view: CineView,
        session: Session,
        asking: Asking,
        *,
        judging: Judging,
        healing: Healing,
    ) -> None:
        super().__init__(view)
        self._view, self._session, self._asking = view, session, asking
        self._healing, self._judging = healing, judging
        self.shows_heat, self.opacity, self.colours = True, 0.6, NAMES[0]
        self._on_canvas = 0
        self._sketch: ImplantFindings | None = None
        self._heat: tuple[object, Scoring, np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None]
        self._heat = (None, Scoring.CALIBRATED, None)
        self._pieces: tuple[Piece | None, ...] = ()
        self._picture = -1  # the one that `_pieces` are of
        self.row = PictureRow()
        self.row.hide()
        self._large, self._warm = PictureLayer(height=UNDER_HEAT), PictureLayer()
        self.regions = RegionsLayer()
        for layer in (self._large, self._warm, self.regions):
            view.add_layer(layer)
        self.drawing = DrawingTool(view, session, healing=healing, judging=judging)
        self.row.chosen.connect(self.maximise)
        self.regions.selected.connect(judging.select)
        healing.sketched.connect(self._take_sketch)
        asking.busy_changed.connect(self._end_sketch)
        judging.changed.connect(self.refresh)
        session.case_shown.connect(self._forget)
        session.task_changed.connect(self._forget)
        session.frame_changed.connect(self._follow_frame)
        view.view_changed.connect(lambda: self.row.place(view.placement))
        view.window_level_changed.connect(lambda *_: self._refresh_pictures())

    @property
    def findings(self) -> ImplantFindings | None:
        """What is looked at, unfinished while it is being made."""
        result = self._healing.shown
        return self._sketch or (None if result is None else result.findings)

    @property
    def on_canvas(self) -> int:
        """Which of the five pictures the canvas shows."""
        return self._on_canvas

    def maximise(self, number: int) -> None:
        """Show one of the five pictures on the canvas; the same one again shows the film."""
        if self._healing.is_on and self.findings is not None:
            self._on_canvas = 0 if number == self._on_canvas else number
            self.row.tell_chosen(self._on_canvas)
            self.refresh()

    def look(
        self, *, heat: bool | None = None, opacity: float | None = None, colours: str = ""
    ) -> None:
        """Show heat otherwise; nothing is computed."""
        self.shows_heat = self.shows_heat if heat is None else heat
        self.opacity = self.opacity if opacity is None else opacity
        self.colours = colours or self.colours
        self._refresh_heat()

    def bars(self) -> Bars | None:
        """How much stands out on each frame; None where nothing was computed."""
        findings, cut = self.findings, self._cut()
        if findings is None or cut is None:
            return None
        shown = self._judging.shown
        scoring = shown.scoring if shown else default_scoring(findings)
        counts = frame_counts(findings, scoring, threshold=cut.threshold)
        most = max(int(counts.max(initial=0)), 1)
        frames = [frame_of(findings.plan, picture) for picture in range(len(counts))]
        shares = {frame: int(n) / most for frame, n in zip(frames, counts, strict=True)}
        words = {
            frame: f"{int(n)} of {cut.heat[0].size} pixels stand out"
            for frame, n in zip(frames, counts, strict=True)
        }
        return Bars(shares, words)

    @Slot()
    def refresh(self) -> None:
        """Draw anew whatever is looked at."""
        if not self._asking.is_busy:
            self._sketch = None
        self._refresh_regions()
        self._refresh_pictures()
        self._refresh_heat()
        self.bars_changed.emit()

    @Slot()
    def _follow_frame(self) -> None:
        """Another frame is in sight; its pictures may be those of the frame before."""
        self._refresh_regions()
        findings = self.findings
        if findings is not None and self._picture != picture_at(findings.plan, self._session.frame):
            self._refresh_pictures()
            self._refresh_heat()

    @property
    def _is_here(self) -> bool:
        """Whether the film on the canvas is a study of this task."""
        image, film = self._session.image, self._view.image
        is_same = image is not None and film is not None and image.sha256 == film.sha256
        return is_same and self._healing.is_on

    def _cut(self) -> Cut | None:
        """What stands out by the scoring and threshold in use."""
        findings, shown = self.findings, self._judging.shown
        if findings is None or not findings.is_finished:
            return None
        scoring = shown.scoring if shown else default_scoring(findings)
        if (self._heat[0], self._heat[1]) != (findings, scoring):
            self._heat = findings, scoring, heat_or_none(findings, scoring)
        heat = self._heat[2]
        threshold = shown.threshold if shown else default_threshold(findings, scoring)
        return None if heat is None or np.isnan(threshold) else Cut(heat, threshold)

    def _refresh_pictures(self) -> None:
        findings, image = self.findings, self._session.image
        if findings is None or image is None or not self._is_here:
            self.row.hide()
            self._large.set_data(None)
            return
        self._picture = picture = picture_at(findings.plan, self._session.frame)
        self._pieces = five_pictures(
            findings,
            study_frames(image).pixels,
            picture=picture,
            cut=self._cut(),
            table=self._view.picture_table,
        )
        self.row.set_pictures(
            [
                _small(title, piece)
                for title, piece in zip(self._titles(findings), self._pieces, strict=True)
            ]
        )
        self.row.place(self._view.placement)
        self.row.show()
        self._on_canvas = min(self._on_canvas, len(self._pieces) - 1)
        large = self._pieces[self._on_canvas] if self._on_canvas else None
        title = f"{self._titles(findings)[self._on_canvas]}, at the network's size"
        data = None if large is None else _over_film(large, image.sha256, title=title)
        self._large.set_data(data)

    def _titles(self, findings: ImplantFindings) -> tuple[str, ...]:
        level = findings.options.level
        titles = tuple(f"{t} at λ {level}" if t == "Noised" else t for t in PICTURES)
        return (*titles, SPREAD)[: len(self._pieces)]

    def _refresh_heat(self) -> None:
        findings, cut, image = self.findings, self._cut(), self._session.image
        is_wanted = self.shows_heat and self._on_canvas == 0 and self._is_here
        if findings is None or cut is None or image is None or not is_wanted:
            self._warm.set_data(None)
            return
        picture = picture_at(findings.plan, self._session.frame)
        piece = heat_piece(findings.plan, cut, picture=picture, colours=self.colours)
        self._warm.set_data(_over_film(piece, image.sha256, opacity=self.opacity))

    def _refresh_regions(self) -> None:
        shown, image = self._judging.shown, self._session.image
        plan = self.drawing.plan if shown is not None and shown.regions else None
        if shown is None or image is None or plan is None or not self._is_here:
            self.regions.set_data(None)
            return
        frame = self._session.frame
        picture = picture_at(plan, frame)
        is_here = plan.is_still or frame_of(plan, picture) == frame
        shapes = tuple(
            RegionShape(
                implant.number,
                outlines,
                implant_label(implant, among=len(shown.implants)),
                Look(implant.verdict.value),
                is_here=is_here,
            )
            for implant in shown.implants
            if (outlines := _outlines(shown, implant.number, None if plan.is_still else picture))
        )
        self.regions.set_data(RegionsData(image.sha256, shapes, self._judging.selected))

    @Slot(object)
    def _take_sketch(self, findings: ImplantFindings) -> None:
        self._sketch = findings
        self._refresh_pictures()
        self._refresh_heat()

    @Slot(bool)
    def _end_sketch(self, busy: bool) -> None:
        if not busy and self._sketch is not None:
            self._sketch = None
            self.refresh()

    @Slot()
    def _forget(self) -> None:
        self._sketch, self._on_canvas = None, 0
        self._heat = (None, Scoring.CALIBRATED, None)
        self.row.tell_chosen(0)
        self.refresh()


def _small(title: str, piece: Piece | None) -> SmallPicture:
    return SmallPicture(title) if piece is None else SmallPicture(title, piece.picture, piece.room)


def _over_film(piece: Piece, sha256: str, *, opacity: float = 1.0, title: str = "") -> PictureData:
    return PictureData(sha256, piece.picture, piece.room, opacity, title)


def _outlines(
    shown: ImplantDecisions, number: int, picture: int | None
) -> tuple[tuple[Place, ...], ...]:
    """An implant's outlines on a picture, or on all of them."""
    return tuple(
        region.outline
        for region in shown.regions
        if region.implant == number and picture in (None, region.frame)
    )

"""What menus and keys do on studies of the implant task, and all that it needs in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage

from app.canvas.colour_maps import grey_image
from app.canvas.layers.drawing import Drawing
from app.session.healing import TASK
from app.session.judging import Judging
from app.session.ladder import Ladder
from app.tasks.implant.findings import decide
from app.tasks.implant.labels import SITES
from app.tasks.implant.panel import ImplantContext, ImplantPanel
from app.tasks.implant.panel_pictures import frame_of
from app.tasks.implant.panel_screen import ImplantScreen
from app.window import dialogs
from app.window.exporting_implants import export_study
from domain.implant import Verdict
from domain.implant_study import study_frames

if TYPE_CHECKING:
    from app.window.main_window import MainWindow


class Implants(QObject):
    """Made when the first study of this task comes on screen."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        asking = window.asking
        self.healing = window.commands.healing
        self.ladder = Ladder(self._session, asking, asking.jobs, healing=self.healing)
        self.judging = Judging(self._session, self.healing, decide=decide)
        self.screen = ImplantScreen(
            window.view, self._session, asking, judging=self.judging, healing=self.healing
        )
        column = window.compare.column
        column.insertWidget(column.indexOf(window.commands.cine.strip), self.screen.row)
        self.panel = ImplantPanel(self._context())
        self.screen.bars_changed.connect(self._tell_bars)
        self.screen.drawing.frame_wanted.connect(window.commands.cine.seek)
        self.screen.drawing.said.connect(window.say)
        self.judging.accepted.connect(window.editing.accepted)
        window.editing.finishing.connect(self.judging.finish)
        window.commands.cine.window_sought.connect(self._go_to_window)
        self.screen.refresh()

    def _context(self) -> ImplantContext:
        commands = self._window.commands
        return ImplantContext(
            session=self._session,
            asking=self._window.asking,
            editing=self._window.editing,
            healing=self.healing,
            ladder=self.ladder,
            judging=self.judging,
            screen=self.screen,
            weights=self._window.catalogue.entries_for(TASK),
            show_card=commands.show_card,
            primary=self.go_on,
            look_at=self.show_picture,
            measures=commands.measures.make_list(),
        )

    def go_on(self) -> None:
        """The primary verb: localise, then accept the study, then the next case."""
        if self.screen.drawing.layer.close_polygon():
            return
        decisions = self._session.decisions
        if self._window.asking.is_busy:
            return
        level = self.healing.wish.options.level
        if self.healing.is_asked_anew and level in self.healing.rungs:  # computed: decide on it
            self.healing.look_at(level)
            self.judging.commit(f"Localised at λ {level}")
        elif self.healing.is_asked_anew:
            self.localise()
        elif decisions is not None and not decisions.accepted:
            self.judging.accept_all()
        else:
            self._window.worklist.show_next_unreviewed()

    def localise(self) -> None:
        """Have the study healed as wished."""
        self.healing.localise()

    def judge(self, verdict: Verdict) -> None:
        """Accept or reject the selected implant."""
        if self.judging.selected:
            self.judging.judge(verdict)
        else:
            self._window.say("Choose a region first.", "Click it, or walk through them with Tab.")

    def walk(self, step: int) -> None:
        """Select the next implant and go where it is."""
        self.judging.walk(step)
        shown, number = self.judging.shown, self.judging.selected
        own = [region for region in (shown.regions if shown else ()) if region.implant == number]
        if own:
            self.show_picture(own[len(own) // 2].frame)

    def name_site(self) -> None:
        """Ask which tooth the selected implant stands for."""
        chosen = self.judging.chosen
        if chosen is None:
            self._window.say("Choose a region first.")
            return
        said = f"Implant {chosen.number} stands for tooth (FDI):"
        choices = ["unknown", *SITES]
        current = chosen.site or choices[0]
        site = dialogs.choose(
            self._window, title="Site", said=said, choices=choices, current=current
        )
        if site is not None:
            self.judging.name(chosen.number, "" if site == choices[0] else site)

    def draw(self, kind: Drawing) -> None:
        """Draw on the canvas from now on."""
        self.screen.drawing.start(kind)

    def resize_brush(self, factor: float) -> None:
        """A wider or narrower brush."""
        self.screen.drawing.layer.resize_brush(factor)

    def maximise(self, number: int) -> None:
        """Show one of the five pictures on the canvas."""
        if number != self.screen.on_canvas:
            self.screen.maximise(number)

    def toggle_heat(self) -> None:
        """Show heat on the canvas, or not."""
        self.panel.look.heat.toggle()

    def toggle_ladder(self) -> None:
        """Compute the ladder in the background, or stop."""
        if self.ladder.is_climbing:
            self.ladder.cancel()
        else:
            self.ladder.climb()

    def export(self) -> None:
        """Write the study on screen in a format and to a place a person names."""
        export_study(self._window, self.healing)

    def cancel(self) -> bool:
        """Esc: what is drawn, the chosen region, a picture on the canvas; False for none."""
        if self.screen.drawing.stop():
            return True
        if self.judging.selected:
            self.judging.select(0)
            return True
        if self.screen.on_canvas:
            self.screen.maximise(self.screen.on_canvas)
            return True
        return False

    def show_picture(self, picture: int) -> None:
        """Go to a picture of the study."""
        plan = self.screen.drawing.plan
        if plan is not None:
            self._window.commands.cine.seek(frame_of(plan, picture))

    @Slot()
    def _tell_bars(self) -> None:
        cine, image, findings = (
            self._window.commands.cine,
            self._session.image,
            self.screen.findings,
        )
        if not self.healing.is_on:
            cine.show_windows(0, lambda number: QImage())
            return
        if image is not None and findings is not None and findings.plan.is_still:
            windows = study_frames(image).pixels
            cine.show_windows(findings.plan.own, lambda number: grey_image(windows[number]))
        bars = self.screen.bars()
        cine.show_bars(bars.shares if bars else {}, bars.words if bars else {})

    @Slot(int)
    def _go_to_window(self, number: int) -> None:
        """Bring a window of a still film into sight; the zoom stays."""
        plan = self.screen.drawing.plan
        if plan is not None and plan.is_still:
            room = plan.windows[number]
            row, column = room.top + room.rows / 2, room.left + room.columns / 2
            self._window.view.ensure_visible(row, column)

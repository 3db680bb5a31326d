"""Train and evaluate: a window beside the main one, over a run in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.library.places import home_folder
from app.places import own_command
from app.session.own_run import Ending, Outcome, OwnRun
from app.session.run_news import ERRORS, LOSSES, News, read_log
from app.session.run_order import TASK, Order, goes_on
from app.widgets.fit import Scrolled, resize_on_screen
from app.widgets.fold import Fold
from app.widgets.job_status import JobStatus, in_words
from app.widgets.pieces import quiet_label
from app.widgets.run_form import RunForm, WeightsChoice
from app.widgets.run_results import RunResults
from app.widgets.toast import Offer
from domain.errors import CaliperError
from domain.provenance import Mode
from inference.manifest import Manifest, WeightsState, quick_state

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

FORM_PX = 360
DETAILS_PX = 130
TITLE = "Train and evaluate"


class TrainingDialog(QDialog):
    """What to do on the left, what becomes of it on the right; closing it stops nothing."""

    def __init__(self, parent: QWidget, run: OwnRun) -> None:
        # pyqtgraph, which draws the curves, takes as long to load as the whole of the program.
        from app.canvas.run_curves import RunCurves

        super().__init__(parent)
        self.setWindowTitle(TITLE)
        resize_on_screen(self, 1120, 780)
        self.form, self.curves, self.results = RunForm(), RunCurves(), RunResults()
        self.go, self.stop = QPushButton("Start"), QPushButton("Stop")
        self.go.setObjectName("primary")
        self.go.setAutoDefault(False)
        self.stop.setAutoDefault(False)
        self.words, self._more = QLabel(), quiet_label()
        self.words.setObjectName("heading")
        self.words.setWordWrap(True)
        self.bar = QProgressBar(textVisible=False)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.curves)
        self._pages.addWidget(self.results)
        self._log = QPlainTextEdit(readOnly=True)
        self._log.setAccessibleName("Details")
        self._log.setFixedHeight(DETAILS_PX)
        self.details = Fold("Details", self._log)
        self._run = run
        self._lay_out()
        self.form.changed.connect(self.refresh)
        self.refresh()

    @property
    def said(self) -> str:
        """What is told of the run, in one line."""
        return f"{self.words.text()} {self._more.text()}".strip()

    @property
    def log(self) -> str:
        """What stands behind Details."""
        return self._log.toPlainText()

    def tell(self, words: str, more: str = "") -> None:
        """What is going on."""
        self.words.setText(words)
        self._more.setText(more)
        self._more.setVisible(bool(more))

    def show_page(self, *, trains: bool) -> None:
        """Curves of a training, or figures of an evaluation."""
        self._pages.setCurrentWidget(self.curves if trains else self.results)

    @Slot()
    def refresh(self) -> None:
        """Which buttons can be pressed, and what they do."""
        is_running, form = self._run.is_running, self.form
        goes = form.trains and form.out != Path() and goes_on(form.out)
        self.go.setText("Resume" if goes else "Start")
        self.go.setEnabled(not is_running)
        form.setEnabled(not is_running)
        self.stop.setEnabled(is_running)
        self.stop.setText("Stop now" if self._run.is_stopping and is_running else "Stop")
        self._log.setPlainText(self._run.tail)
        self.details.setVisible(bool(self._run.tail))
        if not is_running:
            self.show_page(trains=form.trains)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        scrolled = Scrolled(self.form, keeps=Qt.Orientation.Horizontal)
        scrolled.setFixedWidth(FORM_PX)
        buttons = QHBoxLayout()
        for button in (self.go, self.stop):
            buttons.addWidget(button, 1)
        left.addWidget(scrolled, 1)
        left.addLayout(buttons)
        right = QVBoxLayout()
        right.setSpacing(10)
        for widget in (self.words, self._more, self.bar):
            right.addWidget(widget)
        right.addWidget(self._pages, 1)
        right.addWidget(self.details)
        box = QHBoxLayout(self)
        box.setContentsMargins(20, 18, 20, 16)
        box.setSpacing(20)
        box.addLayout(left)
        box.addLayout(right, 1)


class Training(QObject):
    """Between that window, the process, and the line at the bottom of the main window.

    Args:
        command: how to start the program with a verb; the program itself by default.
    """

    def __init__(
        self, window: MainWindow, *, command: Callable[..., Sequence[str]] = own_command
    ) -> None:
        super().__init__(window)
        self._window, self.command = window, command
        self.run = OwnRun(self)
        self._order: Order | None = None
        self._step = self._of = 0
        self.job = JobStatus()
        window.status.addWidget(self.job, 1)
        self.job.cancelled.connect(self.run.stop)
        self.run.told.connect(self._hear)
        self.run.ended.connect(self._tell_end)
        window.ended.connect(self.run.close)

    @cached_property
    def dialog(self) -> TrainingDialog:
        """The window, made when it is first wanted."""
        dialog = TrainingDialog(self._window, self.run)
        dialog.go.clicked.connect(self.start)
        dialog.stop.clicked.connect(self._stop)
        dialog.results.film_chosen.connect(self._open)
        return dialog

    def show(self) -> None:
        """Bring the window up, with the weights that are there now."""
        if not self.run.is_running:
            self._window.commands.networks.reload()
            self.dialog.form.offer(weights_choices(self._window.catalogue))
            self.dialog.refresh()
        if not self.dialog.said:
            self.dialog.tell("Nothing is under way.", "Choose films and a network, and start.")
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def fine_tune(self) -> None:
        """Bring it up for learning from this person's own cases."""
        if not self.run.is_running:
            self.dialog.form.tune(out=home_folder() / "fine-tune")
        self.show()

    @Slot()
    def start(self) -> None:
        """Begin what is filled in, or go on with it."""
        dialog, order = self.dialog, self.dialog.form.order
        try:
            order.require()
        except CaliperError as error:
            dialog.tell(error.what, f"{error.why} {error.remedy}".strip())
            return
        self._order, self._step, self._of = order, 0, 0
        dialog.curves.clear()
        dialog.results.clear()
        for news in read_log(order.out) if dialog.form.trains and goes_on(order.out) else ():
            self._draw(news)
        dialog.bar.setRange(0, 0)
        dialog.show_page(trains=dialog.form.trains)
        dialog.tell("Starting…", "The films and the network are read first.")
        self.run.start(self.command(*order.arguments))
        dialog.refresh()

    @Slot()
    def _stop(self) -> None:
        self.run.stop()
        if self.run.is_running:
            what = "It ends after the step under way, with what it has learnt so far."
            self.dialog.tell("Stopping…", what)
        self.dialog.refresh()

    @Slot(object)
    def _hear(self, news: News) -> None:
        dialog = self.dialog
        self._draw(news)
        if news.event == "figures":
            dialog.results.show_figures(news.figures)
        elif news.event == "worst":
            dialog.results.show_worst(news.worst)
        elif news.event == "stopped" and news.step:
            self._step = news.step
        elif news.event in {"begin", "step"} and not self.run.is_stopping:
            self._step, self._of = news.step, news.of
            left = "" if news.seconds_left is None else in_words(news.seconds_left)
            dialog.bar.setRange(0, max(news.of, 1))
            dialog.bar.setValue(news.step)
            unit = "Step" if dialog.form.trains else "Film"
            words = f"{news.stage or unit} {news.step} of {news.of}"
            dialog.tell(words, left)
            verb = "Training" if dialog.form.trains else "Evaluating"
            self.job.show_progress(news.step, news.of, f"{verb}: {words[0].lower()}{words[1:]}")

    def _draw(self, news: News) -> None:
        if news.event in (LOSSES, ERRORS):
            self.dialog.curves.add(news.event, news.step, news.numbers)

    @Slot(object)
    def _tell_end(self, ending: Ending) -> None:
        dialog, order = self.dialog, self._order
        assert order is not None
        self.job.clear()
        dialog.bar.setRange(0, 1)
        dialog.bar.setValue(int(ending.outcome is Outcome.DONE))
        trains = dialog.form.trains
        what = "Training" if trains else "Evaluation"
        if ending.outcome is Outcome.FAILED:
            dialog.tell(f"{what} failed.", ending.said)
        elif ending.outcome is Outcome.STOPPED:
            rest = "Resume goes on from there." if trains and goes_on(order.out) else ""
            dialog.tell(f"{what} stopped at {self._step} of {self._of}.", rest)
        else:
            dialog.tell(f"{what} is done.", ending.said or f"Results are in {order.out}.")
            self._window.commands.networks.reload()
            self._offer(ending)
        if not dialog.isVisible():
            self._window.say(dialog.words.text(), ending.said)
        dialog.refresh()

    def _offer(self, ending: Ending) -> None:
        """New weights are never used unasked."""
        networks, weights = self._window.commands.networks, ending.result
        if ending.kept:
            offer = Offer("Use them", lambda: networks.use(ending.kept, Mode.CORRECTED))
            more = "They stand in “Compare networks”."
        elif weights is not None and weights.suffix == ".safetensors":
            offer = Offer("Add them to my networks", lambda: networks.bring_in(weights))
            more = f"They are in {weights}."
        else:
            return
        self._window.say("New weights are at hand.", more, offer=offer)

    @Slot(Path)
    def _open(self, film: Path) -> None:
        self._window.commands.open_paths([film])


def weights_choices(weights: Manifest) -> tuple[WeightsChoice, ...]:
    """The weights that are there; those stored in several files cannot be gone on from."""
    return tuple(
        WeightsChoice(
            entry.id,
            entry.title,
            entry.architecture,
            entry.paths[0] if len(entry.parts) == 1 else None,
        )
        for entry in weights.entries_for(TASK)
        if quick_state(entry) is WeightsState.INSTALLED
    )

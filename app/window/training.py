"""Train and evaluate: between its window and a run in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from app.library.cases import CaseStatus
from app.library.measured import Measured, keep_measured
from app.library.places import home_folder
from app.places import own_command
from app.session.last_training import forget_training, keep_training, stopped_training
from app.session.own_run import Ending, Outcome, OwnRun
from app.session.run_news import ERRORS, LOSSES, News, read_log
from app.session.run_order import TASK, EvaluateOrder, Order, TrainOrder, goes_on
from app.widgets.job_status import JobStatus, in_words
from app.widgets.run_form import WeightsChoice
from app.widgets.toast import Offer
from app.window.network_columns import PUBLISHED
from app.window.networks import Passport
from app.window.training_dialog import TrainingDialog
from domain.errors import CaliperError
from domain.provenance import Mode
from inference.manifest import Manifest, Metric, WeightsState, quick_state

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

NOTHING = "Nothing is under way.", "Choose films and a network, and start."
STARTING = "Starting…", "The films are looked over, then they and the network are read."
STOPPING = "Stopping…", "It ends after the step under way, with what it has learnt so far."


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
        self._films = ""
        self._is_counted = False
        self._figures: tuple[Metric, ...] = ()
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
        dialog = TrainingDialog(self._window, self.run, home=home_folder())
        dialog.go.clicked.connect(self.start)
        dialog.stop.clicked.connect(self._stop)
        dialog.results.film_chosen.connect(self._open)
        return dialog

    def show(self) -> None:
        """Bring the window up, with the weights that are there now."""
        if not self.run.is_running:
            self._offer_weights()
            cases = self._window.session.listing.shown()
            reviewed = [one for one in cases if one.status is CaseStatus.REVIEWED]
            self.dialog.form.count_accepted(sum(one.task == TASK for one in reviewed))
            self.dialog.refresh()
        if not self.dialog.said:
            self.dialog.tell(*NOTHING)
            self._offer_stopped()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def fine_tune(self) -> None:
        """Bring it up for learning from this person's own cases."""
        if not self.run.is_running:
            self.dialog.form.tune()
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
        self._order, self._films, self._is_counted, self._figures = order, "", False, ()
        self._step = self._of = 0
        if isinstance(order, TrainOrder):
            keep_training(order, home=home_folder())
        dialog.begin(trains=self._trains)
        for news in read_log(order.out) if self._trains and goes_on(order.out) else ():
            self._draw(news)
        dialog.tell(*STARTING)
        self.run.start(self.command(*order.arguments))
        dialog.refresh()

    @property
    def _trains(self) -> bool:
        return not isinstance(self._order, EvaluateOrder)

    def _offer_weights(self) -> None:
        self._window.commands.networks.reload()
        self.dialog.form.offer(weights_choices(self._window.catalogue))

    def _offer_stopped(self) -> None:
        order = stopped_training(home=home_folder())
        if order is not None:
            words = f"Go on with {order.network.title}, stopped in {order.out.name}"
            self.dialog.offer(Offer(words, partial(self.dialog.form.fill, order)))

    @Slot()
    def _stop(self) -> None:
        self.run.stop()
        if self.run.is_running:
            self.dialog.tell(*STOPPING)
        self.dialog.refresh()

    @Slot(object)
    def _hear(self, news: News) -> None:
        dialog = self.dialog
        self._draw(news)
        if news.event == "checked" and news.lines:
            self._films = _left_out(news.lines)
        elif news.event == "figures":
            self._figures = tuple(news.figures.values())
            dialog.results.show_figures(news.figures)
        elif news.event == "worst":
            dialog.results.show_worst(news.worst)
        elif news.event == "stopped" and news.step:
            self._step = news.step
        elif news.event in {"begin", "step"}:
            self._count(news)
            if not self.run.is_stopping:
                self._tell_progress(news)

    def _count(self, news: News) -> None:
        if news.event == "begin" and news.films and not self._is_counted:
            self._is_counted = True
            rest = f"; {self._films}" if self._films else ""
            kept = news.kept_back or "none"
            self._films = f"{news.films} to learn from, {kept} kept back to be checked on{rest}"

    def _tell_progress(self, news: News) -> None:
        dialog = self.dialog
        self._step, self._of = news.step, news.of
        left = "" if news.seconds_left is None else in_words(news.seconds_left)
        dialog.bar.setRange(0, news.of)
        dialog.bar.setValue(news.step)
        unit = news.stage or ("Step" if self._trains else "Film")
        words = f"{unit} {news.step} of {news.of}" if news.of else f"{unit}…"
        dialog.tell(words, " · ".join(part for part in (left, self._films) if part))
        verb = "Training" if self._trains else "Evaluating"
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
        what = "Training" if self._trains else "Evaluation"
        if ending.outcome is Outcome.FAILED:
            dialog.tell(f"{what} failed.", ending.said)
            if ending.lines:
                dialog.show_faults(ending.lines)
        elif ending.outcome is Outcome.STOPPED:
            rest = "Resume goes on from there." if self._trains and goes_on(order.out) else ""
            at = f"at {self._step} of {self._of}" if self._of else "before it began"
            dialog.tell(f"{what} stopped {at}.", rest)
        else:
            dialog.tell(f"{what} is done.", ending.said or f"Results are in {order.out}.")
            self._finish(order, ending)
        if not dialog.isVisible():
            self._window.say(dialog.words.text(), ending.said)
        dialog.refresh()

    def _finish(self, order: Order, ending: Ending) -> None:
        """New weights are never used unasked."""
        if isinstance(order, TrainOrder):
            forget_training(home=home_folder())
        elif isinstance(order, EvaluateOrder):
            self._keep_figures(order)
        self._offer_weights()
        self.dialog.form.suggest_place()
        offer = self._offer_of(order, ending)
        if offer is not None:
            self.dialog.offer(offer)
            self._window.say("New weights are at hand.", ending.said, offer=offer)

    def _offer_of(self, order: Order, ending: Ending) -> Offer | None:
        networks, weights = self._window.commands.networks, ending.result
        if ending.kept:
            return Offer("Use them", lambda: networks.use(ending.kept, Mode.CORRECTED))
        if isinstance(order, TrainOrder) and weights is not None:
            return self._adding(weights, _passport_of(order, self._films))
        return None

    def _adding(self, weights: Path, passport: Passport) -> Offer:
        def bring_in() -> None:
            self.dialog.tell("The weights are being brought in…")
            networks.bring_in(weights, passport=passport, then=take_in)

        def take_in(weights_id: str, why_not: str) -> None:
            if weights_id:
                self._take_in(weights_id)
            else:
                self.dialog.tell("The weights were not brought in.", why_not)
                self.dialog.offer(offer)

        networks, offer = self._window.commands.networks, Offer("Add them to my networks", bring_in)
        return offer

    def _take_in(self, weights_id: str) -> None:
        """They are listed now: measured, they can be compared."""
        self._offer_weights()
        self.dialog.tell("The weights are among your networks.", "Measured, they can be compared.")
        form = self.dialog.form
        self.dialog.offer(Offer("Measure them", partial(form.measure, weights_id)))

    def _keep_figures(self, order: EvaluateOrder) -> None:
        entries = [one for one in self._window.catalogue.entries if one.id == order.weights]
        if entries and self._figures:
            films = f"“{order.data.name}”" + (f", {order.part}" if order.part else "")
            day = date.today().isoformat()
            found = Measured(entries[0].sha256, films, order.mode, day, self._figures)
            with suppress(OSError):
                keep_measured(found, home_folder())

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
            task=entry.task,
            modes=entry.architecture in PUBLISHED,
        )
        for entry in weights.entries
        if quick_state(entry) is WeightsState.INSTALLED
    )


def _left_out(lines: Sequence[str]) -> str:
    """One reason in full; of many how many."""
    return lines[0] if len(lines) == 1 else f"{len(lines)} left out, see Details"


def _passport_of(order: TrainOrder, films: str) -> Passport:
    """What people should know of weights that were trained here."""
    today = date.today().isoformat()
    recipe = order.network.recipes[order.recipe]
    is_published = order.network.stage == "published" and not recipe.settings
    begun = "from scratch" if order.init is None else f"from {order.init.name}"
    return Passport(
        title=f"{order.network.title}, trained here {today}",
        origin=f"Trained on this computer, {begun}; recipe: {recipe.title.lower()}",
        training_data=f"“{order.data.name}”: {films}",
        mode=Mode.AS_PUBLISHED.value if is_published else "",
    )

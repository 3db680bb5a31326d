"""What a person fills in before a training or an evaluation: films, network, place; little more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from app.session.run_order import (
    IMPLANT,
    TASK,
    TRAINABLE,
    EvaluateOrder,
    FineTuneOrder,
    Order,
    Trainable,
    TrainOrder,
    free_place,
)
from app.widgets.fold import Fold
from app.widgets.path_field import PathField
from app.widgets.pieces import combo, quiet_label
from app.widgets.run_more import RunMore

VERBS = ("Train", "Evaluate", "Fine-tune on my accepted cases")
TRAIN, EVALUATE, TUNE = range(3)
PARTS = (
    ("All of the folder", ""),
    ("Validation people of AASCE", "validation"),
    ("Learnt from (AASCE)", "training"),
)
MODES = (("Its usual one", ""), ("corrected", "corrected"), ("as published", "as_published"))
WEIGHTS_FILES = "Weights (*.safetensors *.pt *.pth)"
OWN_FILES = "Weights (*.safetensors)"
DATA_HINTS = {
    TASK: "A folder as Caliper's export “AASCE training folder” writes it: filenames.csv, "
    "landmarks.csv and the films; or the original AASCE tree. It is looked over before a run.",
    IMPLANT: "A folder with cases.csv: path, patient, label (1 = with implant). Only studies "
    "without implants are learnt from.",
}
TUNE_HINT = (
    "Learns on, with a small rate, from the library's accepted spine films with T1 to L5. A "
    "quarter of the people is never learnt from: on their films both networks are measured, and "
    "the new one is kept only if it is not worse. It takes 20 films, and five people to measure on."
)
CLICKS = 10


@dataclass(frozen=True)
class WeightsChoice:
    """Weights at hand.

    Args:
        title: what people read.
        architecture: their family.
        file: where they are, if that is one file.
        modes: whether they can be asked in another mode than their usual one.
    """

    id: str
    title: str
    architecture: str
    file: Path | None
    task: str = TASK
    modes: bool = False


class RunForm(QWidget):
    """Train, evaluate or fine-tune: three verbs, one form.

    Args:
        home: where results go unless a person says otherwise.
    """

    changed = Signal()

    def __init__(self, home: Path) -> None:
        super().__init__()
        self._home, self._suggested = home, Path()
        self._weights: tuple[WeightsChoice, ...] = ()
        self._data, self._out = PathField("Folder with films"), PathField("Folder for results")
        self._verb = combo("What to do", VERBS)
        self._network = combo("Network to train", [one.title for one in TRAINABLE])
        self._recipe, self._start = combo("Recipe"), combo("Start from")
        self._measured, self._parent = combo("Network to measure"), combo("Network to go on from")
        self._part = combo("Films", [title for title, _ in PARTS])
        self._mode = combo("Mode", [title for title, _ in MODES])
        self._file = PathField("Weights file", pattern=WEIGHTS_FILES)
        self._own = PathField("Weights file of Caliper's", pattern=OWN_FILES)
        self._data_hint, self._tune_hint = quiet_label(), quiet_label(TUNE_HINT)
        self._more = RunMore()
        self._lay_out()
        self._connect()
        self._change_network()

    @property
    def verb(self) -> int:
        """TRAIN, EVALUATE or TUNE."""
        return self._verb.currentIndex()

    @property
    def trains(self) -> bool:
        """Whether something is learnt by what is filled in."""
        return self.verb != EVALUATE

    @property
    def out(self) -> Path:
        """Where results go."""
        return self._out.path

    @property
    def network(self) -> Trainable:
        """Which one is trained."""
        return TRAINABLE[max(self._network.currentIndex(), 0)]

    @property
    def order(self) -> Order:
        """What is filled in; it may lack something yet."""
        data, out, more = self._data.path, self._out.path, self._more
        if self.verb == TUNE:
            parent = self._parent.currentData() or ""
            return FineTuneOrder(out, more.steps, more.settings, weights=parent)
        if self.verb == TRAIN:
            return TrainOrder(
                data,
                out,
                self.network,
                init=self._init,
                recipe=max(self._recipe.currentIndex(), 0),
                steps=more.steps,
                settings=more.settings,
            )
        chosen = self._measured_choice
        file = self._own.path
        return EvaluateOrder(
            data,
            out,
            weights=chosen.id if chosen else "" if file == Path() else str(file),
            clicks=CLICKS if more.clicks is None else more.clicks,
            part=PARTS[self._part.currentIndex()][1],
            mode=MODES[self._mode.currentIndex()][1] if chosen and chosen.modes else "",
            limit=more.limit,
            task=self._task,
        )

    def offer(self, weights: Sequence[WeightsChoice]) -> None:
        """The weights to start from and to measure; what is chosen stays."""
        self._weights = tuple(weights)
        chosen = self._measured.currentData()
        self._fill_starts()
        self._measured.clear()
        for one in weights:
            self._measured.addItem(one.title, one.id)
        self._measured.addItem("A weights file…", "")
        self._measured.setCurrentIndex(max(self._measured.findData(chosen), 0))
        self._parent.clear()
        for one in weights:
            if one.architecture == "column_net" and one.file is not None:
                self._parent.addItem(one.title, one.id)

    def count_accepted(self, films: int) -> None:
        """How many films there are to fine-tune on."""
        self._tune_hint.setText(f"{TUNE_HINT} Accepted so far: {films}.")

    def tune(self) -> None:
        """Fill in a fine-tuning."""
        self._verb.setCurrentIndex(TUNE)

    def measure(self, weights_id: str) -> None:
        """Fill in an evaluation of these weights on the films that are chosen."""
        self._verb.setCurrentIndex(EVALUATE)
        self._measured.setCurrentIndex(self._measured.findData(weights_id))

    def fill(self, order: TrainOrder) -> None:
        """Fill in a training that was begun before."""
        self._verb.setCurrentIndex(TRAIN)
        self._network.setCurrentIndex(TRAINABLE.index(order.network))
        self._recipe.setCurrentIndex(order.recipe)
        self._choose_start(order.init)
        self._data.path, self._out.path = order.data, order.out
        self._more.fill(order.steps, order.settings)

    def suggest_place(self) -> None:
        """Another folder for results, where no one was typed."""
        if self._out.path not in (Path(), self._suggested):
            return
        words = {TRAIN: self.network.word, EVALUATE: "measured"}
        word = words.get(self.verb)
        self._suggested = free_place(self._home, word) if word else self._home / "fine-tune"
        self._out.path = self._suggested

    @property
    def _measured_choice(self) -> WeightsChoice | None:
        return next((one for one in self._weights if one.id == self._measured.currentData()), None)

    @property
    def _task(self) -> str:
        if self.verb == TRAIN:
            return self.network.task
        chosen = self._measured_choice
        return chosen.task if chosen and self.verb == EVALUATE else TASK

    @property
    def _init(self) -> Path | None:
        chosen = self._start.currentData()
        if chosen == "nothing":
            return None
        file = Path(chosen) if chosen else self._file.path
        return None if file == Path() else file

    def _lay_out(self) -> None:
        self._form = QFormLayout()
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        self._form.setVerticalSpacing(8)
        rows = (
            ("Do", self._verb),
            ("", self._tune_hint),
            ("Network", self._network),
            ("Start from", self._parent),
            ("Recipe", self._recipe),
            ("Start from", self._start),
            ("Network", self._measured),
            ("Weights file", self._file),
            ("Weights file", self._own),
            ("Mode", self._mode),
            ("Films or studies", self._data),
            ("", self._data_hint),
            ("Which films", self._part),
            ("Results", self._out),
            ("", Fold("More", self._more)),
        )
        for title, field in rows:
            self._form.addRow(title, field)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(self._form)
        box.addStretch(1)

    def _connect(self) -> None:
        self._verb.currentIndexChanged.connect(self._show_needed)
        self._network.currentIndexChanged.connect(self._change_network)
        for one in (self._start, self._measured):
            one.currentIndexChanged.connect(self._show_needed)
        for field in (self._data, self._out, self._file, self._own, self._more):
            field.changed.connect(self.changed)

    def _change_network(self) -> None:
        self._recipe.clear()
        self._recipe.addItems([recipe.title for recipe in self.network.recipes])
        self._fill_starts()
        self._show_needed()

    def _fill_starts(self) -> None:
        chosen = self._start.currentData()
        self._start.clear()
        if self.network.stage != "refiner":
            self._start.addItem("Nothing (from scratch)", "nothing")
        for one in self._weights:
            if one.architecture == self.network.architecture and one.file is not None:
                self._start.addItem(one.title, str(one.file))
        self._start.addItem("A weights file…", "")
        self._start.setCurrentIndex(max(self._start.findData(chosen), 0))

    def _choose_start(self, init: Path | None) -> None:
        known = self._start.findData("nothing" if init is None else str(init))
        self._start.setCurrentIndex(self._start.findData("") if known < 0 else known)
        if known < 0 and init is not None:
            self._file.path = init

    def _show_needed(self) -> None:
        """Show what this verb and this network need."""
        verb, chosen = self.verb, self._measured_choice
        spine = self._task == TASK
        needed: dict[QWidget, bool] = {
            self._data: verb != TUNE,
            self._data_hint: verb != TUNE,
            self._tune_hint: verb == TUNE,
            self._parent: verb == TUNE,
            self._network: verb == TRAIN,
            self._recipe: verb == TRAIN and self._recipe.count() > 1,
            self._start: verb == TRAIN,
            self._measured: verb == EVALUATE,
            self._mode: verb == EVALUATE and chosen is not None and chosen.modes,
            self._part: verb == EVALUATE and spine,
            self._file: verb == TRAIN and self._start.currentData() == "",
            self._own: verb == EVALUATE and chosen is None,
        }
        for field, is_needed in needed.items():
            self._form.setRowVisible(field, is_needed)
        self._data_hint.setText(DATA_HINTS[self._task])
        self._more.suit(
            small=self.network.small if verb == TRAIN else (),
            learns=verb != EVALUATE,
            clicks=spine,
        )
        self.suggest_place()
        self.changed.emit()

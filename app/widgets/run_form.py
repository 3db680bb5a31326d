"""What a person fills in before a training or an evaluation: films, network, place, settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.session.run_order import (
    TRAINABLE,
    EvaluateOrder,
    FineTuneOrder,
    Order,
    Trainable,
    TrainOrder,
)
from app.widgets.path_field import PathField
from app.widgets.pieces import quiet_label

VERBS = ("Train", "Evaluate", "Fine-tune on my accepted cases")
TRAIN, EVALUATE, TUNE = range(3)
WEIGHTS_FILES = "Weights (*.safetensors)"
SETTINGS_PX = 84
CLICKS = 10
FILMS_HINT = (
    "A folder as Caliper's export “AASCE training folder” writes it: filenames.csv, landmarks.csv "
    "and the films; or the original AASCE tree."
)
TUNE_HINT = (
    "Learns from the accepted cases of the library, with a small rate, from the network that came "
    "with Caliper. A quarter of the people is never learnt from: on their films both networks are "
    "measured, and the new one is kept only if it is not worse."
)
SETTINGS_HINT = (
    "One NAME=VALUE a line. These suit a computer without a GPU; empty it for the recipe as it is."
)


@dataclass(frozen=True)
class WeightsChoice:
    """Weights at hand: their id, what people read, their family, and the file where it is one."""

    id: str
    title: str
    architecture: str
    file: Path | None


class RunForm(QWidget):
    """Train or evaluate: two verbs, one form."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._weights: tuple[WeightsChoice, ...] = ()
        self._data, self._out = PathField("Folder with films"), PathField("Folder for results")
        self._verb = _combo("What to do", VERBS)
        self._network = _combo("Network to train", [one.title for one in TRAINABLE])
        self._start = _combo("Start from", ())
        self._measured = _combo("Network to measure", ())
        self._part = _combo("Films", ("All", "Validation people of AASCE", "Learnt from (AASCE)"))
        self._file = PathField("Weights file", pattern=WEIGHTS_FILES)
        self._settings = QPlainTextEdit()
        self._settings.setAccessibleName("Settings")
        self._settings.setFixedHeight(SETTINGS_PX)
        self._data_hint, self._tune_hint = quiet_label(FILMS_HINT), quiet_label(TUNE_HINT)
        self._settings_hint = quiet_label(SETTINGS_HINT)
        self._steps = _count("Steps", none="as the recipe says")
        self._clicks = _count("Clicks of the simulated user", none=str(CLICKS), most=CLICKS)
        self._limit = _count("At most", none="all films")
        self._lay_out()
        self._connect()
        self._suggest()
        self._show_verb()

    @property
    def trains(self) -> bool:
        """Whether something is learnt by what is filled in."""
        return self._verb.currentIndex() != EVALUATE

    @property
    def out(self) -> Path:
        """Where results go."""
        return self._out.path

    @property
    def order(self) -> Order:
        """What is filled in; it may lack something yet."""
        data, out = self._data.path, self._out.path
        lines = self._settings.toPlainText().splitlines()
        settings = tuple(line.strip() for line in lines if line.strip())
        steps = _number(self._steps)
        if self._verb.currentIndex() == TUNE:
            return FineTuneOrder(out, steps, settings)
        if self.trains:
            init = self._chosen_file(self._start)
            return TrainOrder(data, out, self.network, init=init, steps=steps, settings=settings)
        weights = self._measured.currentData()
        file = self._file.path
        return EvaluateOrder(
            data,
            out,
            weights=weights or ("" if file == Path() else str(file)),
            clicks=_number(self._clicks, none=CLICKS),
            part=("", "validation", "training")[self._part.currentIndex()],
            limit=_number(self._limit),
        )

    @property
    def network(self) -> Trainable:
        """Which one is trained."""
        return TRAINABLE[max(self._network.currentIndex(), 0)]

    def offer(self, weights: Sequence[WeightsChoice]) -> None:
        """The weights to start from and to measure."""
        self._weights = tuple(weights)
        self._fill_starts()
        self._measured.clear()
        for one in weights:
            self._measured.addItem(one.title, one.id)
        self._measured.addItem("A weights file…", "")

    def tune(self, *, out: Path) -> None:
        """Fill in a fine-tuning."""
        self._verb.setCurrentIndex(TUNE)
        self._out.path = out

    def _lay_out(self) -> None:
        self._form = QFormLayout()
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        self._form.setVerticalSpacing(8)
        rows = (
            ("Do", self._verb),
            ("", self._tune_hint),
            ("Films with corners", self._data),
            ("", self._data_hint),
            ("Network", self._network),
            ("Start from", self._start),
            ("Network", self._measured),
            ("Weights file", self._file),
            ("Which films", self._part),
            ("At most", self._limit),
            ("Clicks", self._clicks),
            ("Steps", self._steps),
            ("Settings", self._settings),
            ("", self._settings_hint),
            ("Results", self._out),
        )
        for title, field in rows:
            self._form.addRow(title, field)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(self._form)
        box.addStretch(1)

    def _connect(self) -> None:
        self._verb.currentIndexChanged.connect(self._change_verb)
        self._network.currentIndexChanged.connect(self._suggest)
        for combo in (self._start, self._measured):
            combo.currentIndexChanged.connect(self._show_verb)
        for field in (self._data, self._out, self._file):
            field.changed.connect(self.changed)
        self._settings.textChanged.connect(self.changed)

    def _suggest(self) -> None:
        self._settings.setPlainText("\n".join(self.network.small))
        self._fill_starts()

    def _fill_starts(self) -> None:
        self._start.clear()
        if self.network.stage != "refiner":
            self._start.addItem("Nothing (from scratch)", "nothing")
        for one in self._weights:
            if one.architecture == self.network.architecture and one.file is not None:
                self._start.addItem(one.title, str(one.file))
        self._start.addItem("A weights file…", "")

    def _show_verb(self) -> None:
        """Show what this verb needs."""
        verb = self._verb.currentIndex()
        rows: dict[QWidget, tuple[int, ...]] = {
            self._data: (TRAIN, EVALUATE),
            self._data_hint: (TRAIN, EVALUATE),
            self._tune_hint: (TUNE,),
            self._network: (TRAIN,),
            self._start: (TRAIN,),
            self._measured: (EVALUATE,),
            self._part: (EVALUATE,),
            self._limit: (EVALUATE,),
            self._clicks: (EVALUATE,),
            self._steps: (TRAIN, TUNE),
            self._settings: (TRAIN, TUNE),
            self._settings_hint: (TRAIN,),
        }
        for field, verbs in rows.items():
            self._form.setRowVisible(field, verb in verbs)
        combo = {TRAIN: self._start, EVALUATE: self._measured}.get(verb)
        self._form.setRowVisible(self._file, combo is not None and combo.currentData() == "")
        self.changed.emit()

    def _change_verb(self) -> None:
        """Settings suit one verb only."""
        self._settings.setPlainText("")
        if self._verb.currentIndex() == TRAIN:
            self._suggest()
        self._show_verb()

    def _chosen_file(self, combo: QComboBox) -> Path | None:
        chosen = combo.currentData()
        if chosen == "nothing":
            return None
        file = Path(chosen) if chosen else self._file.path
        return None if file == Path() else file


def _combo(name: str, items: Sequence[str]) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.addItems(list(items))
    return combo


def _count(name: str, *, none: str, most: int = 1_000_000) -> QLineEdit:
    """A whole number; nothing typed means what `none` says."""
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(none)
    field.setValidator(QIntValidator(0, most, field))
    return field


def _number(field: QLineEdit, *, none: int = 0) -> int:
    text = field.text().strip()
    return int(text) if text.isdigit() else none

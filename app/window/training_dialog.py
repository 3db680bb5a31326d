"""The window in which a person trains and evaluates: what to do, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Slot
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

from app.session.own_run import OwnRun
from app.session.run_order import goes_on
from app.widgets.fit import Scrolled, resize_on_screen
from app.widgets.fold import Fold
from app.widgets.pieces import quiet_label
from app.widgets.run_faults import RunFaults
from app.widgets.run_form import RunForm
from app.widgets.run_results import RunResults
from app.widgets.toast import Offer

FORM_PX = 360
DETAILS_PX = 130
TITLE = "Train and evaluate"


class TrainingDialog(QDialog):
    """What to do on the left, what becomes of it on the right; closing it stops nothing.

    Args:
        home: where results go unless a person says otherwise.
    """

    def __init__(self, parent: QWidget, run: OwnRun, *, home: Path) -> None:
        # pyqtgraph, which draws the curves, takes as long to load as the whole of the program.
        from app.canvas.run_curves import RunCurves

        super().__init__(parent)
        self.setWindowTitle(TITLE)
        resize_on_screen(self, 1120, 780)
        self.form, self.curves, self.results = RunForm(home), RunCurves(), RunResults()
        self.faults, self._nothing = RunFaults(), QWidget()
        self.go, self.stop = QPushButton("Start"), QPushButton("Stop")
        self.go.setObjectName("primary")
        self.go.setAutoDefault(False)
        self.stop.setAutoDefault(False)
        self.words, self._more = QLabel(), quiet_label()
        self.words.setObjectName("heading")
        self.words.setWordWrap(True)
        self._more.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QProgressBar(textVisible=False)
        self._pages = QStackedWidget()
        for page in (self._nothing, self.curves, self.results, self.faults):
            self._pages.addWidget(page)
        self._offers = QHBoxLayout()
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
        """What is going on; what was offered before is no longer."""
        self.words.setText(words)
        self._more.setText(more)
        self._more.setVisible(bool(more))
        self.offer()

    def offer(self, *offers: Offer) -> None:
        """Buttons for what can be done now."""
        while (item := self._offers.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for one in offers:
            button = QPushButton(one.words)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, offer=one: offer.run())
            self._offers.addWidget(button)
            button.show()  # a layout would show it a moment later
        if offers:
            self._offers.addStretch(1)

    def begin(self, *, trains: bool) -> None:
        """A run has been asked for: its page is empty yet."""
        self.curves.clear()
        self.results.clear()
        self.bar.setRange(0, 0)
        self._pages.setCurrentWidget(self.curves if trains else self.results)

    def show_faults(self, lines: Sequence[str]) -> None:
        """What is wrong with the films."""
        self.faults.show_lines(lines)
        self._pages.setCurrentWidget(self.faults)

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
        right.addLayout(self._offers)
        right.addWidget(self._pages, 1)
        right.addWidget(self.details)
        box = QHBoxLayout(self)
        box.setContentsMargins(20, 18, 20, 16)
        box.setSpacing(20)
        box.addLayout(left)
        box.addLayout(right, 1)

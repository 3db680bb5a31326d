"""What few people change of a training or an evaluation: its length, its size, single settings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QPlainTextEdit, QWidget

from app.widgets.pieces import quiet_label

SETTINGS_PX = 62
MOST_CLICKS = 10
HINT = "One NAME=VALUE a line: rate=0.0005"


class RunMore(QWidget):
    """Stands behind a fold; everything in it may be left alone."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._small: tuple[str, ...] = ()
        self._spares = QCheckBox("Small steps, for a computer without a GPU")
        self._spares.setChecked(True)
        self._steps = _count("Steps", none="as the recipe says")
        self._clicks = _count("Clicks of the simulated user", none="10", most=MOST_CLICKS)
        self._limit = _count("At most", none="all of the folder")
        self._settings = QPlainTextEdit()
        self._settings.setAccessibleName("Settings")
        self._settings.setFixedHeight(SETTINGS_PX)
        self._settings.textChanged.connect(self.changed)
        self._hint = quiet_label(HINT)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        for title, field in (
            ("", self._spares),
            ("Steps", self._steps),
            ("At most so many films", self._limit),
            ("Clicks", self._clicks),
            ("Settings", self._settings),
            ("", self._hint),
        ):
            self._form.addRow(title, field)

    @property
    def steps(self) -> int:
        """0 for as many as the recipe says."""
        return _number(self._steps) or 0

    @property
    def limit(self) -> int:
        """0 for all."""
        return _number(self._limit) or 0

    @property
    def clicks(self) -> int | None:
        """Of the simulated user; None where nothing is said."""
        return _number(self._clicks)

    @property
    def settings(self) -> tuple[str, ...]:
        """NAME=VALUE, one each; those that were typed come last, and win."""
        lines = self._settings.toPlainText().splitlines()
        typed = tuple(line.strip() for line in lines if line.strip())
        return (*(self._small if self._spares.isChecked() else ()), *typed)

    def suit(self, *, small: Sequence[str], learns: bool, clicks: bool) -> None:
        """Show what is of use.

        Args:
            small: settings for a computer without a GPU.
            learns: whether something is learnt, or measured.
            clicks: whether a simulated user clicks.
        """
        self._small = tuple(small)
        self._spares.setToolTip("\n".join(small))
        self._form.setRowVisible(self._spares, bool(small))
        for field in (self._steps, self._settings, self._hint):
            self._form.setRowVisible(field, learns)
        self._form.setRowVisible(self._limit, not learns)
        self._form.setRowVisible(self._clicks, not learns and clicks)

    def fill(self, steps: int, settings: Sequence[str]) -> None:
        """Fill in what a training had."""
        spares = bool(self._small) and tuple(settings[: len(self._small)]) == self._small
        typed = settings[len(self._small) :] if spares else settings
        self._spares.setChecked(spares)
        self._steps.setText(str(steps) if steps else "")
        self._settings.setPlainText("\n".join(typed))


def _count(name: str, *, none: str, most: int = 1_000_000) -> QLineEdit:
    """A whole number; nothing typed means what `none` says."""
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(none)
    field.setValidator(QIntValidator(0, most, field))
    return field


def _number(field: QLineEdit) -> int | None:
    text = field.text().strip()
    return int(text) if text.isdigit() else None

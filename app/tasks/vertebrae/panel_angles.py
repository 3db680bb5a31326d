"""The angles of the film on screen, by the reading that a person chose."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.session.curves import CurveReading
from app.session.editing import Editing
from app.session.session import Session
from app.tasks.vertebrae.labels import ENDS_BY_HAND, HUMAN_REPEAT, READING_TITLES
from domain.angles import DEFINITIONS, NO_CURVE, ShownAngle, read_angles
from domain.curves import Reading

ROW_GAP = 6


class AnglesView(QWidget):
    """A switch between the readings, and a row for each angle."""

    def __init__(self, session: Session, editing: Editing, curves: CurveReading) -> None:
        super().__init__()
        self._session, self._curves = session, curves
        self._form: tuple[object, ...] = ()
        self._rows: list[tuple[QLabel, QLabel, QLabel]] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(self._head())
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(0, 1)
        layout.addLayout(self._grid)
        self._note = QLabel()
        self._note.setObjectName("secondary")
        layout.addWidget(self._note)
        editing.shown_changed.connect(self.refresh)
        session.case_shown.connect(self.refresh)
        curves.changed.connect(self.refresh)
        self.refresh()

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        caption = QLabel("Cobb angles")
        caption.setObjectName("caption")
        head.addWidget(caption, 1)
        self._group = QButtonGroup(self)
        self._buttons: dict[Reading, QToolButton] = {}
        for reading, title in READING_TITLES.items():
            button = QToolButton()
            button.setText(title)
            button.setCheckable(True)
            button.setToolTip(DEFINITIONS[reading])
            button.clicked.connect(partial(self._curves.use, reading))
            self._group.addButton(button)
            self._buttons[reading] = button
            head.addWidget(button)
        return head

    @Slot()
    def refresh(self) -> None:
        """Read the angles on screen again."""
        reading, shown, image = self._curves.reading, self._curves.shown, self._session.image
        self._buttons[reading].setChecked(True)
        rows: tuple[ShownAngle, ...] = ()
        note = "–"
        if shown is not None and shown.points is not None and image is not None:
            rows = read_angles(shown, image, reading=reading)
            by_hand = reading is Reading.CLINICAL and shown.curve_ends
            note = (ENDS_BY_HAND if by_hand else "") if rows else NO_CURVE
        self._note.setText(note)
        self._note.setVisible(bool(note))
        largest = max(rows, key=lambda row: row.angle_deg, default=None)
        form = (reading, *(row is largest for row in rows))
        if form != self._form:  # while the hand moves, texts alone change
            self._form = form
            self._lay_out(form[1:], tip=f"{DEFINITIONS[reading]}\n\n{HUMAN_REPEAT}")
        for labels, row in zip(self._rows, rows, strict=True):
            details = " · ".join((row.ends, *row.details))
            for label, text in zip(
                labels, (row.title, f"{row.angle_deg:.1f}°", details), strict=True
            ):
                label.setText(text)

    def _lay_out(self, are_largest: tuple[object, ...], *, tip: str) -> None:
        """Fresh labels: a row for each angle, the largest one in large figures."""
        for label in (label for labels in self._rows for label in labels):
            label.hide()
            label.deleteLater()
        self._rows = []
        for line, is_largest in enumerate(are_largest):
            title, value, details = labels = (QLabel(), QLabel(), QLabel())
            value.setObjectName("figure" if is_largest else "value")
            details.setObjectName("secondary")
            details.setWordWrap(True)
            title.setContentsMargins(0, ROW_GAP if line else 0, 0, 0)
            self._grid.addWidget(title, 2 * line, 0)
            self._grid.addWidget(
                value, 2 * line, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
            )
            self._grid.addWidget(details, 2 * line + 1, 0, 1, 2)
            for label in labels:
                label.setToolTip(tip)
            self._rows.append(labels)

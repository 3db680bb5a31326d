"""The angles of the film on screen, by the reading that a person chose."""

from __future__ import annotations

from functools import partial
from itertools import zip_longest

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
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
WIDEST_FIGURE = "188.8°"


class AnglesView(QWidget):
    """A switch between the readings, and a row for each angle."""

    def __init__(self, session: Session, editing: Editing, curves: CurveReading) -> None:
        super().__init__()
        self._session, self._editing, self._curves = session, editing, curves
        self._rows: list[_Row] = []
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
        while len(self._rows) < len(rows):
            self._rows.append(_Row(self._grid, len(self._rows)))
        for line, angle in zip_longest(self._rows, rows):
            if angle is not None:
                line.say(angle, is_largest=angle is largest, tip=DEFINITIONS[reading])
            else:
                line.fall_silent(keep_room=self._editing.is_holding)


class _Figure(QLabel):
    """An angle. It is as large whatever it says, so that a drag lays out no panel anew."""

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.ensurePolished()
        self.setFixedSize(self.fontMetrics().size(0, WIDEST_FIGURE))


class _Row:
    """An angle's labels, which stay: while a hand drags, curves come and go many times a second."""

    def __init__(self, grid: QGridLayout, line: int) -> None:
        self._title, self._details = QLabel(), QLabel()
        self._values = {True: _Figure(), False: _Figure()}  # of the largest angle, of others
        self._title.setContentsMargins(0, ROW_GAP if line else 0, 0, 0)
        self._details.setObjectName("secondary")
        self._details.setWordWrap(True)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        for is_largest, value in self._values.items():
            value.setObjectName("figure" if is_largest else "value")
            value.setAlignment(right)
            grid.addWidget(value, 2 * line, 1, right)
        grid.addWidget(self._title, 2 * line, 0)
        grid.addWidget(self._details, 2 * line + 1, 0, 1, 2)

    def say(self, angle: ShownAngle, *, is_largest: bool, tip: str) -> None:
        """Show an angle."""
        self._title.setText(angle.title)
        self._details.setText(" · ".join((angle.ends, *angle.details)))
        self._values[is_largest].setText(f"{angle.angle_deg:.1f}°")
        self._values[not is_largest].hide()
        for label in (self._title, self._details, self._values[is_largest]):
            label.show()
            if not label.toolTip().startswith(tip):
                label.setToolTip(f"{tip}\n\n{HUMAN_REPEAT}")

    def fall_silent(self, *, keep_room: bool) -> None:
        """Show nothing.

        Args:
            keep_room: so that nothing jumps under the hand.
        """
        for label in (self._title, self._details, *self._values.values()):
            label.clear()
            label.setVisible(keep_room and not label.isHidden())

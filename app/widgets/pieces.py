"""Small pieces that several widgets are made of."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QLabel,
    QScrollArea,
    QWidget,
)


def quiet_label(text: str = "") -> QLabel:
    """Words of second rank, wrapped."""
    label = QLabel(text)
    label.setObjectName("secondary")
    label.setWordWrap(True)
    return label


def caption(text: str) -> QLabel:
    """The small heading of a part."""
    label = QLabel(text)
    label.setObjectName("caption")
    return label


def combo(name: str, items: Sequence[str] = ()) -> QComboBox:
    """A choice, with the name that a screen reader says."""
    box = QComboBox()
    box.setAccessibleName(name)
    box.addItems(list(items))
    return box


def rule() -> QFrame:
    """A thin line between parts."""
    line = QFrame()
    line.setObjectName("rule")
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFixedHeight(1)
    line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return line


def close_row(dialog: QDialog) -> QDialogButtonBox:
    """One button that closes a dialog; Qt's own would bring a stock icon."""
    buttons = QDialogButtonBox()
    buttons.addButton("Close", QDialogButtonBox.ButtonRole.RejectRole)
    buttons.rejected.connect(dialog.close)
    return buttons


class _WheelGuard(QObject):
    """Lets the wheel turn a control only where a person chose it first."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        chosen = isinstance(watched, QWidget) and watched.hasFocus()
        if event.type() == QEvent.Type.Wheel and not chosen:
            event.ignore()  # what scrolls around it takes it
            return True
        return False


def leave_wheel(control: QWidget) -> None:
    """A panel that is scrolled past must not change what is on it."""
    control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    control.installEventFilter(_WheelGuard(control))


def scrolled(layout: QBoxLayout) -> QScrollArea:
    """What may be taller than its place."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    inside = QWidget()
    layout.setContentsMargins(0, 0, 0, 0)
    inside.setLayout(layout)
    area.setWidget(inside)
    return area

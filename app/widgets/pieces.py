"""Small pieces that several widgets are made of."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QBoxLayout,
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


def close_row(dialog: QDialog) -> QDialogButtonBox:
    """One button that closes a dialog; Qt's own would bring a stock icon."""
    buttons = QDialogButtonBox()
    buttons.addButton("Close", QDialogButtonBox.ButtonRole.RejectRole)
    buttons.rejected.connect(dialog.close)
    return buttons


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

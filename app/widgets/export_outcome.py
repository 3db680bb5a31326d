"""Says once what became of many cases that were to leave: how many went, which did not and why."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.widgets.pieces import close_row, quiet_label


class ExportOutcome(QDialog):
    """Lies beside the window and holds nothing up.

    Args:
        what: in one line.
        more: where it is.
        lines: one a case that did not go.
    """

    def __init__(self, parent: QWidget, what: str, *, more: str, lines: tuple[str, ...]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Export")
        self.resize(560, 320)
        heading = QLabel(what)
        heading.setObjectName("heading")
        heading.setWordWrap(True)
        listing = QPlainTextEdit("\n".join(lines))
        listing.setReadOnly(True)
        listing.setAccessibleName("Cases that did not go")
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 16)
        box.setSpacing(12)
        box.addWidget(heading)
        box.addWidget(quiet_label(more))
        box.addWidget(listing, 1)
        box.addWidget(close_row(self))
        self.text = "\n".join((what, more, *lines))

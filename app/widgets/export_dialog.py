"""Asks in which format and where a result leaves, and says what that format cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.io.exporters.spec import ExporterSpec
from app.widgets.fit import resize_on_screen


@dataclass(frozen=True)
class FormatChoice:
    """A format to choose, with what it would drop of the case at hand."""

    spec: ExporterSpec
    drops: tuple[str, ...]


class ExportDialog(QDialog):
    """A list of formats, what the chosen one drops, and where the file goes.

    Args:
        choices: the formats, in the order of the list.
        start: the path without an ending.
        chosen: name of the format to begin with; the first where there is none of that name.
    """

    def __init__(
        self, parent: QWidget, choices: Sequence[FormatChoice], *, start: Path, chosen: str = ""
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export")
        resize_on_screen(self, 720, 460)
        self._choices = tuple(choices)
        self._ending = ""
        self._list = QListWidget()
        self._list.setAccessibleName("Format")
        self._list.setSpacing(3)
        self._list.addItems([choice.spec.title for choice in choices])
        self._what, self._drops, self._holds_many = QLabel(), QLabel(), QLabel()
        self._place = QLineEdit(str(start))
        self._place.setAccessibleName("Where")
        self._lay_out()
        self._list.currentRowChanged.connect(self._show_choice)
        names = [choice.spec.name for choice in choices]
        self._list.setCurrentRow(names.index(chosen) if chosen in names else 0)
        self._list.setFocus()

    @property
    def spec(self) -> ExporterSpec:
        """The format that is chosen."""
        return self._choices[max(self._list.currentRow(), 0)].spec

    @property
    def path(self) -> Path:
        """Where it goes, with the format's ending."""
        return self.spec.path_for(Path(self._place.text().strip()))

    @property
    def dropped(self) -> str:
        """What is said of the parts that the format cannot hold."""
        return self._drops.text()

    def accept(self) -> None:
        """Asks before an older file is replaced."""
        if not self._place.text().strip():
            self._place.setFocus()
        elif self.spec.is_folder or not self.path.exists() or self._replaces():
            super().accept()

    def _lay_out(self) -> None:
        self._what.setObjectName("heading")
        for label in (self._drops, self._holds_many):
            label.setWordWrap(True)
            label.setObjectName("secondary")
        self._drops.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        told = QVBoxLayout()
        told.setSpacing(10)
        for label in (self._what, self._drops, self._holds_many):
            told.addWidget(label)
        told.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(20)
        upper.addWidget(self._list, 2)
        upper.addLayout(told, 3)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 16)
        box.setSpacing(14)
        box.addLayout(upper, 1)
        box.addLayout(self._place_row())
        box.addWidget(self._buttons())

    def _place_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        label = QLabel("&Where")
        label.setBuddy(self._place)
        browse = QPushButton("&Browse…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        for widget in (label, self._place, browse):
            row.addWidget(widget)
        return row

    def _buttons(self) -> QDialogButtonBox:
        """Two buttons of our own; Qt's would bring stock icons."""
        buttons = QDialogButtonBox()
        export = buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        export.setObjectName("primary")
        export.setDefault(True)
        cancel = buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        cancel.setAutoDefault(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons

    @Slot(int)
    def _show_choice(self, row: int) -> None:
        choice = self._choices[max(row, 0)]
        self._what.setText(choice.spec.title)
        lines = "".join(f"\n  •  {sentence}" for sentence in choice.drops)
        self._drops.setText(
            f"This format leaves behind:{lines}" if lines else "Holds everything that is decided."
        )
        many = choice.spec.write_many is not None
        adds = "A folder: films are added to it, a film that is there gets its new corners."
        self._holds_many.setText(adds if choice.spec.is_folder and many else "")
        self._give_ending(choice.spec.ending)

    def _give_ending(self, ending: str) -> None:
        text = self._place.text()
        bare = text.removesuffix(self._ending) if self._ending else text
        self._place.setText(bare + ending)
        self._ending = ending

    @Slot()
    def _browse(self) -> None:
        start = self._place.text()
        if self.spec.is_folder:
            name = QFileDialog.getExistingDirectory(self, "Folder", str(Path(start).parent))
        else:
            kind = f"{self.spec.title} (*{self.spec.ending})"
            option = QFileDialog.Option.DontConfirmOverwrite  # asked once, when it is written
            name, _ = QFileDialog.getSaveFileName(self, "Export", start, kind, options=option)
        if name:
            self._place.setText(str(self.spec.path_for(Path(name))))

    def _replaces(self) -> bool:
        answer = QMessageBox.question(
            self, "Export", f"{self.path.name} is there already. Replace it?"
        )
        return answer == QMessageBox.StandardButton.Yes

"""Asks in which format and where a result leaves, and says what that format cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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

from app.io.exporters.spec import FormatSpec
from app.widgets.fit import resize_on_screen
from app.widgets.pieces import quiet_label, scrolled

NOTHING_DROPPED = "Holds everything that is decided."


@dataclass(frozen=True)
class FormatChoice:
    """A format to choose, with what it would drop of the cases at hand.

    Args:
        names: of the files, where each case becomes one in a folder that is chosen.
        count: how many cases can go.
        left_out: which cannot, and why, in sentences.
    """

    spec: FormatSpec[Any]
    drops: tuple[str, ...]
    names: tuple[str, ...] = ()
    count: int = 1
    left_out: tuple[str, ...] = ()

    @property
    def is_folder(self) -> bool:
        """Whether a folder is chosen."""
        return self.spec.is_folder or bool(self.names)

    @property
    def ending(self) -> str:
        """Of what is chosen."""
        return "" if self.is_folder else self.spec.ending

    def path_for(self, path: Path) -> Path:
        """The path that was typed, with its ending."""
        return path if self.is_folder else self.spec.path_for(path)

    def files(self, path: Path) -> tuple[Path, ...]:
        """Every file that would be written; of a folder that is added to nobody can tell."""
        if self.names:
            return tuple(path / name for name in self.names)
        return () if self.spec.is_folder else (path,)


class ExportDialog(QDialog):
    """A list of formats, what the chosen one drops, and where the file goes.

    Args:
        choices: the formats, in the order of the list.
        start: the path without an ending.
        chosen: name of the format to begin with; the first where there is none of that name.
        title: of the window.
    """

    def __init__(
        self,
        parent: QWidget,
        choices: Sequence[FormatChoice],
        *,
        start: Path,
        chosen: str = "",
        title: str = "Export",
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.replaced: frozenset[Path] = frozenset()
        resize_on_screen(self, 720, 460)
        self._choices = tuple(choices)
        self._ending = ""
        self._list = QListWidget()
        self._list.setAccessibleName("Format")
        self._list.setSpacing(3)
        self._list.addItems([choice.spec.title for choice in choices])
        self._what, self._drops, self._holds_many = QLabel(), quiet_label(), quiet_label()
        self._place = QLineEdit(str(start))
        self._place.setAccessibleName("Where")
        self._lay_out()
        self._list.currentRowChanged.connect(self._show_choice)
        names = [choice.spec.name for choice in choices]
        self._list.setCurrentRow(names.index(chosen) if chosen in names else 0)
        self._list.setFocus()

    @property
    def choice(self) -> FormatChoice:
        """The format that is chosen, with what it means for the cases."""
        return self._choices[max(self._list.currentRow(), 0)]

    @property
    def spec(self) -> FormatSpec[Any]:
        """The format that is chosen."""
        return self.choice.spec

    @property
    def path(self) -> Path:
        """Where it goes, with the format's ending."""
        return self.choice.path_for(Path(self._place.text().strip()))

    @property
    def dropped(self) -> str:
        """What is said of the parts that the format cannot hold."""
        return self._drops.text()

    def accept(self) -> None:
        """Asks before older files are replaced; `replaced` are those that may be."""
        if not self._place.text().strip():
            self._place.setFocus()
            return
        older = [file for file in self.choice.files(self.path) if file.exists()]
        if self.choice.count and (not older or self._replaces(older)):
            self.replaced = frozenset(older)
            super().accept()

    def _lay_out(self) -> None:
        self._what.setObjectName("heading")
        self._drops.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        told = QVBoxLayout()
        told.setSpacing(10)
        for label in (self._what, self._holds_many, self._drops):
            told.addWidget(label)
        told.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(20)
        upper.addWidget(self._list, 2)
        upper.addWidget(scrolled(told), 3)
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
        self._export = export
        cancel = buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        cancel.setAutoDefault(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons

    @Slot(int)
    def _show_choice(self, row: int) -> None:
        choice = self._choices[max(row, 0)]
        self._what.setText(choice.spec.title)
        drops = "".join(f"\n  •  {sentence}" for sentence in choice.drops)
        parts = [f"This format leaves behind:{drops}" if drops else NOTHING_DROPPED]
        parts = parts if choice.count else []
        self._drops.setText("\n\n".join((*choice.left_out, *parts)))
        self._holds_many.setText(_how(choice))
        self._export.setEnabled(choice.count > 0)
        self._give_ending(choice.ending)

    def _give_ending(self, ending: str) -> None:
        text = self._place.text()
        bare = text.removesuffix(self._ending) if self._ending else text
        self._place.setText(bare + ending)
        self._ending = ending

    @Slot()
    def _browse(self) -> None:
        start = self._place.text()
        if self.choice.is_folder:
            name = QFileDialog.getExistingDirectory(self, "Folder", str(Path(start).parent))
        else:
            kind = f"{self.spec.title} (*{self.spec.ending})"
            option = QFileDialog.Option.DontConfirmOverwrite  # asked once, when it is written
            name, _ = QFileDialog.getSaveFileName(self, "Export", start, kind, options=option)
        if name:
            self._place.setText(str(self.choice.path_for(Path(name))))

    def _replaces(self, older: Sequence[Path]) -> bool:
        names = listed([file.name for file in older])
        text = f"{names} is there already. Replace it?"
        if len(older) > 1:
            text = f"{len(older)} files are there already: {names}. Replace them?"
        return QMessageBox.question(self, "Export", text) == QMessageBox.StandardButton.Yes


def listed(names: Sequence[str], *, most: int = 8) -> str:
    """Names in a sentence; of many the first ones and how many more there are."""
    shown = ", ".join(f"“{name}”" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _how(choice: FormatChoice) -> str:
    """How the cases come to lie."""
    if choice.names:
        files = "1 file" if choice.count == 1 else f"{choice.count} files, one a case,"
        return f"{files} in a folder."
    if choice.spec.is_folder:
        return "A folder: films are added to it, a film that is there gets its new corners."
    return f"{choice.count} cases in one file." if choice.count > 1 else ""

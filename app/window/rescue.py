"""Opens the library at the start; offers to restore a damaged one, and says what came back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMessageBox

from app.library.library import Library
from app.library.opening import restore
from app.library.salvage import Rescued
from domain.errors import CaliperError, LibraryDamaged

TITLE = "Caliper"
MOST_NAMES = 8
Button = QMessageBox.StandardButton


def open_library(folder: Path) -> Library | None:
    """The library of a folder; None where it cannot be opened, and a person was told why."""
    try:
        try:
            return Library.open(folder)
        except LibraryDamaged as error:
            if not _agrees(error):
                return None
            tell_rescued(restore(folder))
            return Library.open(folder)
    except CaliperError as error:
        QMessageBox.critical(None, TITLE, str(error))
        return None


def _agrees(error: LibraryDamaged) -> bool:
    box = QMessageBox(QMessageBox.Icon.Warning, TITLE, f"{error.what} {error.why}")
    box.setInformativeText(
        "Caliper can put it together again, case by case, from what is still readable and from its"
        " backups. The damaged file is kept beside it."
    )
    box.setStandardButtons(Button.Ok | Button.Close)
    box.button(Button.Ok).setText("Restore")
    box.setDefaultButton(Button.Ok)
    return Button(box.exec()) == Button.Ok


def tell_rescued(rescued: Rescued) -> None:
    """What came back, and what did not."""
    text = f"{_cases(len(rescued.names))} restored."
    more = [
        f"{_cases(len(names))} {words}: {_listed(names)}."
        for names, words in (
            (rescued.from_backup, "taken from a backup, as of its day"),
            (rescued.incomplete, "restored without some states of the history"),
        )
        if names
    ]
    more.append(f"The damaged file is in “{rescued.kept.name}”, beside the library.")
    box = QMessageBox(QMessageBox.Icon.Information, TITLE, text)
    box.setInformativeText("\n\n".join(more))
    box.exec()


def _cases(count: int) -> str:
    return "1 case was" if count == 1 else f"{count} cases were"


def _listed(names: tuple[str, ...]) -> str:
    rest = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")

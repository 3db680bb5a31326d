"""Small dialogs: preferences, the model card, what the program is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QInputDialog,
    QMessageBox,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.session.settings import Settings
from app.widgets.fit import resize_on_screen
from app.widgets.pieces import close_row
from domain.errors import CaliperError
from inference.manifest import Manifest

ABOUT = (
    "<h3>Caliper</h3><p>Open a spine film; a network proposes; you correct; the network follows; "
    "the result is measured and kept.</p><p><b>Research use only, not for diagnosis.</b></p>"
)


class Preferences(QDialog):
    """What a person can prefer; takes effect at once."""

    def __init__(self, parent: QWidget, settings: Settings) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        finds = QCheckBox("Find corners as soon as a new film opens")
        finds.setChecked(settings.finds_on_opening)
        finds.toggled.connect(lambda on: setattr(settings, "finds_on_opening", on))
        moves = QCheckBox("Accepting a case shows the next one that is not reviewed")
        moves.setChecked(settings.moves_on)
        moves.toggled.connect(lambda on: setattr(settings, "moves_on", on))
        down = QCheckBox("Dragging down brightens (window and level)")
        down.setChecked(settings.down_is_brighter)
        down.toggled.connect(lambda on: setattr(settings, "down_is_brighter", on))
        for widget in (finds, moves, down, close_row(self)):
            layout.addWidget(widget)


def show_card(parent: QWidget, catalogue: Manifest, weights_id: str | None) -> None:
    """The model card: trained on what, how good, its limits, licence and sha256."""
    dialog = QDialog(parent)
    dialog.setWindowTitle("Weights")
    resize_on_screen(dialog, 720, 640)
    layout = QVBoxLayout(dialog)
    text = QTextBrowser()
    text.setMarkdown(_card(catalogue, weights_id))
    layout.addWidget(text)
    layout.addWidget(close_row(dialog))
    dialog.exec()


def _card(catalogue: Manifest, weights_id: str | None) -> str:
    if weights_id is None:
        return "No weights are installed for this task."
    try:
        entry = catalogue.find(weights_id)
    except CaliperError as error:
        return str(error)
    card = entry.card_path
    words = card.read_text(encoding="utf-8") if card and card.is_file() else "No model card."
    # What somebody typed at an import is shown as it is, not as markup.
    passport = "\n".join(f"- {label}: `{said.replace('`', ' ')}`" for label, said in entry.passport)
    return f"`{entry.id}` · sha256 `{entry.sha256}`\n\n{passport}\n\n{words}"


def show_about(parent: QWidget) -> None:
    """What this program is, and is not."""
    QMessageBox.about(parent, "About Caliper", ABOUT)


def choose(
    parent: QWidget, *, title: str, said: str, choices: Sequence[str], current: str
) -> str | None:
    """One of some words; None where a person changed their mind."""
    dialog = QInputDialog(parent)
    dialog.setWindowTitle(title)
    dialog.setLabelText(said)
    dialog.setComboBoxItems(list(choices))
    dialog.setTextValue(current)
    return dialog.textValue() if dialog.exec() else None

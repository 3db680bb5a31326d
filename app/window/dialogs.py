"""Small dialogs: preferences, the model card, what the program is."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QMessageBox,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.session.settings import Settings
from inference.manifest import Catalogue

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
        finds = QCheckBox("Find corners as soon as a new film opens")
        finds.setChecked(settings.finds_on_opening)
        finds.toggled.connect(lambda on: setattr(settings, "finds_on_opening", on))
        down = QCheckBox("Dragging down brightens (window and level)")
        down.setChecked(settings.down_is_brighter)
        down.toggled.connect(lambda on: setattr(settings, "down_is_brighter", on))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.accept)
        for widget in (finds, down, buttons):
            layout.addWidget(widget)


def show_card(parent: QWidget, catalogue: Catalogue, weights_id: str | None) -> None:
    """The model card: trained on what, how good, its limits, licence and sha256."""
    entry = catalogue.find(weights_id) if weights_id else None
    dialog = QDialog(parent)
    dialog.setWindowTitle("Weights")
    dialog.resize(720, 640)
    layout = QVBoxLayout(dialog)
    if entry is None:
        layout.addWidget(QLabel("No weights are installed for this task."))
    else:
        text = QTextBrowser()
        text.setOpenExternalLinks(False)
        text.setMarkdown(f"`{entry.id}` · sha256 `{entry.sha256}`\n\n{catalogue.card(entry)}")
        layout.addWidget(text)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.accept)
    layout.addWidget(buttons)
    dialog.exec()


def show_about(parent: QWidget) -> None:
    """What this program is, and is not."""
    QMessageBox.about(parent, "About Caliper", ABOUT)

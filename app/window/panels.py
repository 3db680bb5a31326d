"""Task -> its panel: the second list, beside the catalogue, because panels know Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.tasks.vertebrae.panel import PanelContext, VertebraePanel
from app.widgets.fit import Scrolled

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.window.main_window import MainWindow

PANELS = {"vertebrae": VertebraePanel}


def build_panel(window: MainWindow) -> QWidget:
    """The panel of the task on screen."""
    entries = window.catalogue.entries_for("vertebrae")
    context = PanelContext(
        view=window.view,
        session=window.session,
        asking=window.asking,
        editing=window.editing,
        curves=window.commands.curves,
        repairing=window.commands.repairing,
        weights=entries,
        show_card=window.commands.show_card,
        primary=window.commands.go_on,
        measures=window.commands.measures.list,
    )
    return Scrolled(PANELS["vertebrae"](context), keeps=Qt.Orientation.Horizontal)

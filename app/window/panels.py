"""Task -> its panel: the second list, beside the catalogue, because panels know Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QComboBox, QStackedWidget, QVBoxLayout, QWidget

from app.catalog import TASKS
from app.session.retasking import use_task
from app.tasks.implant.panel import ImplantPanel
from app.tasks.vertebrae.panel import PanelContext, VertebraePanel
from app.widgets.fit import Scrolled
from inference.manifest import Manifest

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

IMPLANT = "implant"
Panel = VertebraePanel | ImplantPanel
PANELS: dict[str, type[Panel]] = {"vertebrae": VertebraePanel, IMPLANT: ImplantPanel}
STILL_ONLY = frozenset({"vertebrae"})
"""Tasks that ask about one picture: a film that moves is not offered to them."""


class TaskPanels(QWidget):
    """The panel of the task on screen, and above it which task that is.

    The panel of the first task is there from the beginning, another when its first case comes.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window, self._session = window, window.session
        self._panels: dict[str, Panel] = {}
        self._pages = QStackedWidget()
        self._places: dict[str, QWidget] = {}
        self.box = QComboBox()
        self.box.setObjectName("task")
        self.box.setAccessibleName("Task")
        self.box.setToolTip("What this film is looked at for")
        for spec in TASKS:
            self.box.addItem(spec.title, spec.id)
        self.box.activated.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(14, 0, 14, 0)
        head.addWidget(self.box)
        layout.addLayout(head)
        layout.addWidget(self._pages, 1)
        self.follow()
        for signal in (self._session.case_shown, self._session.task_changed):
            signal.connect(self.follow)

    def offer(self, catalogue: Manifest) -> None:
        """The networks of each task, where others have come."""
        for task, panel in self._panels.items():
            panel.offer(catalogue.entries_for(task))

    @Slot()
    def follow(self) -> None:
        """Show the panel of the task on screen."""
        window, task, image = self._window, self._session.task, self._session.image
        if task not in self._panels:
            made: Panel = _implant(window) if task == IMPLANT else _vertebrae(window)
            self._panels[task] = made
            self._places[task] = Scrolled(self._panels[task], keeps=Qt.Orientation.Horizontal)
            self._pages.addWidget(self._places[task])
        self._pages.setCurrentWidget(self._places[task])
        self.box.setCurrentIndex(self.box.findData(task))
        self.box.setEnabled(image is not None)
        moves = image is not None and image.cine is not None
        for place, spec in enumerate(TASKS):
            refused = moves and spec.id in STILL_ONLY
            self.box.setItemData(place, 0 if refused else None, Qt.ItemDataRole.UserRole - 1)

    @Slot(int)
    def _choose(self, place: int) -> None:
        use_task(self._session, self.box.itemData(place))
        self.follow()  # where nothing may be changed, the box goes back


def _vertebrae(window: MainWindow) -> VertebraePanel:
    commands = window.commands
    return VertebraePanel(
        PanelContext(
            view=window.view,
            session=window.session,
            asking=window.asking,
            editing=window.editing,
            curves=commands.curves,
            repairing=commands.repairing,
            weights=window.catalogue.entries_for("vertebrae"),
            show_card=commands.show_card,
            primary=commands.go_on,
            measures=commands.measures.list,
        )
    )


def _implant(window: MainWindow) -> ImplantPanel:
    return window.commands.implants.panel

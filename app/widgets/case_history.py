"""The history of the case on screen, to go through."""

from __future__ import annotations

from PySide6.QtCore import Slot

from app.session.editing import Editing
from app.session.session import Session
from app.widgets.history_strip import HistoryStrip, StripItem
from domain.provenance import NETWORK


class CaseHistory(HistoryStrip):
    """Follows the case on screen; going elsewhere in it is an undo or a redo."""

    def __init__(self, session: Session, editing: Editing) -> None:
        super().__init__()
        self._session = session
        self.chosen.connect(editing.jump)
        session.decisions_changed.connect(self.refresh)
        session.case_shown.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the history again."""
        current = self._session.current
        items = current.history.strip() if current else ()
        shown_as = {item.gesture: item.revision_id for item in items}
        self.set_items(
            tuple(
                StripItem(
                    id=item.revision_id,
                    label=item.action,
                    tooltip=item.action,
                    current=item.is_current,
                    lane=item.branch,
                    parent=shown_as.get(item.parent) if item.parent else None,
                    depth=item.depth,
                    kind="network" if item.author == NETWORK else "person",
                )
                for item in items
            )
        )

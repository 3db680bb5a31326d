"""All corners of a case pinned, or given free again, in one gesture."""

from __future__ import annotations

from dataclasses import replace

from app.session.editing import Editing
from domain.annotation import Annotations


def pin_all(editing: Editing, *, unpins: bool = False) -> None:
    """Pin every landmark.

    Args:
        unpins: where all are pinned already, unpin them.
    """
    shown = editing.shown
    if shown is None or shown.points is None:
        return
    every = frozenset(range(len(shown.points)))
    pins = frozenset[int]() if unpins and shown.pins == every else every

    def pinned(now: Annotations) -> Annotations:
        return now if now.pins == pins else replace(now, pins=pins, accepted=False)

    editing.change(pinned, "Pinned all corners" if pins else "Unpinned all corners")

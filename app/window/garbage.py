"""Garbage is collected by the thread of the window alone.

Python collects wherever the count of new objects runs over, in a reader's or a writer's thread,
too; a Qt object that ends there leaves its running timer behind, and the program crashes at the
next tick of it.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

TICK_MS = 500


class GarbageCollector(QObject):
    """Collects what is due now and then, in the thread it was made in, as long as it lives."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        ticks = QTimer(self, interval=TICK_MS)
        ticks.timeout.connect(collect_due)
        ticks.start()


def collect_due() -> None:
    """Collect the generations whose counts are over Python's own thresholds, here and now."""
    due = -1
    for generation, (count, limit) in enumerate(
        zip(gc.get_count(), gc.get_threshold(), strict=True)
    ):
        if not limit or count <= limit:
            break
        due = generation
    if due >= 0:
        gc.collect(due)


def settle_memory() -> None:
    """Take what stays for good out of the collector's sight: to look it through held up frames."""
    gc.collect()
    gc.freeze()

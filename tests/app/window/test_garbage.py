"""What Qt made ends in the thread of the window, whoever else makes objects meanwhile."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from app.window import garbage
from app.window.garbage import GarbageCollector, collect_due


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[QObject]:
    monkeypatch.setattr(garbage, "TICK_MS", 5)
    gc.enable()  # the suite holds the collector still for its own sake
    gc.collect()
    parent = QObject()
    GarbageCollector(parent)
    yield parent
    gc.disable()


class Knot:
    """Something that only the collector can let go, and that tells which thread did."""

    def __init__(self, ended: list[str]) -> None:
        self.itself = self
        self.timer = QTimer(interval=1)
        self.timer.start()
        weakref.finalize(self, lambda: ended.append(threading.current_thread().name))


def make_many() -> None:
    """More lists than Python lets stand before it collects, all alive at once, and no few."""
    for _ in range(30):
        assert len([[] for _ in range(10 * gc.get_threshold()[0])]) > 0


def test_only_the_thread_of_the_window_ends_what_qt_made(collector: QObject, qtbot: QtBot) -> None:
    ended: list[str] = []
    Knot(ended)
    thread = threading.Thread(target=make_many, name="a reader")
    thread.start()
    thread.join()
    assert ended == [], "no other thread collects"
    keep = [[] for _ in range(2 * gc.get_threshold()[0])]  # type: ignore[var-annotated]
    qtbot.waitUntil(lambda: ended == ["MainThread"])
    del keep


def test_without_it_another_thread_would() -> None:
    ended: list[str] = []
    gc.enable()
    gc.collect()  # else the count might run over here, before the thread begins
    gone = weakref.finalize(Plain(), lambda: ended.append(threading.current_thread().name))
    thread = threading.Thread(target=make_many, name="a reader")
    thread.start()
    thread.join()
    gc.disable()
    assert not gone.alive
    assert ended == ["a reader"]


class Plain:
    """A knot without anything of Qt."""

    def __init__(self) -> None:
        self.itself = self


def test_little_garbage_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", collected.append)
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    for counts in ((700, 99, 99), (701, 10, 99), (701, 11, 10), (701, 11, 11)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        collect_due()
    assert collected == [0, 1, 2]

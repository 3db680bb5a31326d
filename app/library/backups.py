"""Three generations of a library beside it, each copied from a file that was sound."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

from app.library import schema

FOLDER_NAME = "backups"
GENERATIONS = 3
DAMAGED_NAME = "library.damaged"
"""Written where a file was found damaged while it was in use; the next start offers help."""

FIRST_S, AGAIN_S = 20.0, 3600.0
DAY_S = 24 * 3600.0
PAGES_AT_ONCE, REST_S = 1024, 0.005
ROOM_LEFT = 64 << 20  # bytes; a backup must never be what fills the disk

NO_ROOM = "There is too little room on the disk for a backup of the library."
DAMAGED = "The case library is damaged. Close Caliper and start it again: it offers to restore it."


class Backups:
    """A thread that copies the library a while after the start, and where a day has gone by.

    Args:
        file: the library, open for writing elsewhere in this program.
        on_trouble: told in words, on that thread, why there is no new backup.
    """

    def __init__(self, file: Path, *, on_trouble: Callable[[str], None]) -> None:
        self._file, self._on_trouble = file, on_trouble
        self._closing = Event()
        self._thread = Thread(target=self._run, name="library backups", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Give up a copy under way."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        pause, told = FIRST_S, ""
        while not self._closing.wait(pause):
            pause, words = AGAIN_S, ""
            try:
                if is_due(self._file, now=time.time()):
                    words = back_up(self._file, is_cancelled=self._closing.is_set)
            except (OSError, sqlite3.Error) as error:
                words = f"The library could not be backed up ({error})."
            if words not in ("", told):
                told = words
                self._on_trouble(words)


def generations(file: Path) -> tuple[Path, ...]:
    """The backups that there are, newest first."""
    return tuple(path for path in _places(file) if path.is_file())


def is_due(file: Path, *, now: float) -> bool:
    """Whether the newest backup is from another day; a clock that was set back is another day."""
    newest = next(iter(generations(file)), None)
    return newest is None or abs(now - newest.stat().st_mtime) > DAY_S


def back_up(file: Path, *, is_cancelled: Callable[[], bool] = lambda: False) -> str:
    """Make a new generation; "" where it is there, or words that say why not.

    Raises:
        OSError, sqlite3.Error: it could not be written.
    """
    if shutil.disk_usage(file.parent).free < file.stat().st_size + ROOM_LEFT:
        return NO_ROOM
    places = _places(file)
    places[0].parent.mkdir(exist_ok=True)
    draft = places[0].with_suffix(".part")
    draft.unlink(missing_ok=True)
    try:
        if not _copy(file, draft, is_cancelled=is_cancelled):
            return ""
        if not _is_sound(draft):
            file.with_name(DAMAGED_NAME).write_text("A backup found it.\n", "utf-8")
            return DAMAGED
        _rotate(draft, places)
    finally:
        draft.unlink(missing_ok=True)
    return ""


def make_durable(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk before going on."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _places(file: Path) -> tuple[Path, ...]:
    folder = file.parent / FOLDER_NAME
    return tuple(folder / f"{file.stem}-{n}{file.suffix}" for n in range(1, GENERATIONS + 1))


def _copy(file: Path, draft: Path, *, is_cancelled: Callable[[], bool]) -> bool:
    """All pages as they are committed; False where it was cancelled."""

    def go_on(_status: int, _remaining: int, _total: int) -> None:
        if is_cancelled():
            raise InterruptedError

    with (
        closing(schema.connect(file, mode="ro")) as source,
        closing(sqlite3.connect(draft)) as target,
    ):
        try:
            source.backup(target, pages=PAGES_AT_ONCE, progress=go_on, sleep=REST_S)
        except InterruptedError:
            return False
        target.execute("PRAGMA journal_mode = DELETE")  # a backup is one file
    return True


def _is_sound(draft: Path) -> bool:
    with closing(schema.connect(draft, mode="ro")) as copied:
        try:
            schema.require_sound(copied)
        except sqlite3.DatabaseError:
            return False
    return True


def _rotate(draft: Path, places: tuple[Path, ...]) -> None:
    """Each generation takes the place of the one before it; power may fail between any two."""
    make_durable(draft)
    for younger, older in reversed(tuple(pairwise(places))):
        if younger.exists():
            os.replace(younger, older)
    os.replace(draft, places[0])
    make_durable(places[0].parent)

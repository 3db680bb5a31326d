"""The case library: everything that outlives the window, on SQLite."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path

from app.library import changes
from app.library.backups import Backups
from app.library.cases import Case, CaseStatus
from app.library.opening import Opened, open_file
from app.library.reading import Reading
from app.library.writer import Statement, Writer
from domain.errors import LibraryReadOnly
from domain.revision import Revision

MOST_RESULT_BYTES = 128 << 20
"""Of all results together: a hundred studies' worth, that backups can carry."""


class Library(Reading):
    """Answers from what is committed; writes in order on one thread, each future after its commit.

    What was set in this sitting is answered before it is committed, so that a list or a menu drawn
    straight after a change shows it.
    `on_saving` is told of every change that begins to wait; `on_saved` the time of a commit after
    which nothing waits, `on_trouble` in words why a change has not landed yet, both on the writer's
    thread; `on_notice` in words what else a person should know. A change that a library opened for
    reading refuses fails in its future with LibraryReadOnly.
    """

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened.reader)
        self._lock, self._why = opened.lock, opened.why
        self.on_saving: Callable[[], None] = lambda: None
        self.on_saved: Callable[[float], None] = lambda _when: None
        self.on_trouble: Callable[[str], None] = lambda _words: None
        self.on_notice: Callable[[str], None] = lambda _words: None
        self._settings: dict[str, str] = {}
        self._views: dict[str, str] = {}
        self._thumbnails: dict[str, bytes] = {}
        self._writer = opened.writer and Writer(
            opened.writer,
            on_saved=lambda when: self.on_saved(when),
            on_trouble=lambda words: self.on_trouble(words),
        )
        self._backups = opened.writer and Backups(
            opened.file, on_trouble=lambda words: self.on_notice(words)
        )

    @classmethod
    def open(cls, folder: Path) -> Library:
        """The library of a folder, made where it is missing.

        Raises:
            LibraryUnavailable: it is damaged, newer than this Caliper, or cannot be reached.
        """
        return cls(open_file(folder))

    @property
    def read_only(self) -> bool:
        """Whether changes are refused."""
        return self._writer is None

    @property
    def why(self) -> str:
        """Why changes are refused, empty where they are not."""
        return self._why

    @property
    def pending(self) -> int:
        """How many changes are not committed yet."""
        return 0 if self._writer is None else self._writer.pending

    def try_now(self) -> None:
        """Do not wait any longer before a change that has not landed is tried again."""
        if self._writer is not None:
            self._writer.try_now()

    def close(self) -> None:
        """Commit everything and let the next one write; what cannot land fails in its future."""
        if self._backups is not None:
            self._backups.close()
        if self._writer is not None:
            self._writer.close()
        self.stop()
        if self._lock is not None:
            self._lock.free()

    def setting(self, key: str) -> str | None:
        """A preference as it was set last, in this sitting or before."""
        known = self._settings.get(key)
        return super().setting(key) if known is None else known

    def view_state(self, case_id: str) -> str | None:
        """How a case was looked at last, in this sitting or before."""
        known = self._views.get(case_id)
        return super().view_state(case_id) if known is None else known

    def thumbnail(self, case_id: str) -> bytes | None:
        """A case's small picture as PNG."""
        known = self._thumbnails.get(case_id)
        return super().thumbnail(case_id) if known is None else known

    def save_setting(self, key: str, value: str) -> Future[None]:
        """Keep a preference."""
        self._settings[key] = value
        return self._write(changes.save_setting(key, value))

    def add_case(self, case: Case, thumbnail: bytes | None) -> Future[None]:
        """A new case, with a small picture (PNG) for the list."""
        future = self._write(*changes.add_case(case, thumbnail))
        if thumbnail is not None:
            self._thumbnails[case.id] = thumbnail
            future.add_done_callback(lambda done: self._forget_thumbnail(case.id, done))
        return future

    def append(self, revision: Revision, *, make_head: bool) -> Future[None]:
        """A new revision; as the head it also decides the case's status."""
        return self.append_all([(revision, make_head)])

    def append_all(
        self, revisions: Iterable[tuple[Revision, bool]], *, status: CaseStatus | None = None
    ) -> Future[None]:
        """New revisions of one case that belong together, each with whether it becomes the head.

        Args:
            status: how far a person has come with that; by the heads where it is not given.
        """
        pairs = tuple(revisions)
        added = [s for one, is_head in pairs for s in changes.append(one, make_head=is_head)]
        return self._write(*added, *changes.set_status(pairs[0][0].case_id, status))

    def set_head(
        self, case_id: str, revision_id: str, *, status: CaseStatus | None = None
    ) -> Future[None]:
        """Show another revision: an undo, redo or jump; `status` where it changes with that."""
        moved = changes.set_head(case_id, revision_id)
        return self._write(moved, *changes.set_status(case_id, status))

    def set_status(self, case_id: str, status: CaseStatus) -> Future[None]:
        """Say how far a person has come."""
        return self._write(*changes.set_status(case_id, status))

    def set_opened(self, case_id: str) -> Future[None]:
        """The case came on screen now."""
        return self._write(changes.set_opened(case_id, time.time()))

    def set_path(self, case_id: str, path: str, *, page: int = 0) -> Future[None]:
        """The case's file was found elsewhere."""
        return self._write(changes.set_path(case_id, path, page=page))

    def describe(self, case_id: str, *, note: str, person: str) -> Future[None]:
        """Keep a case's note, and the key that films of one person share."""
        # A keyboard can send halves of characters, which no file can hold.
        note = note.encode("utf-8", "replace").decode("utf-8")
        return self._write(changes.describe(case_id, note=note, person=person))

    def set_task(self, case_id: str, task: str) -> Future[None]:
        """Work on the case in another task from now on."""
        return self._write(changes.set_task(case_id, task))

    def keep_result(self, case_id: str, key: str, content: bytes) -> Future[None]:
        """Keep what a network computed on a case, in place of what has that key.

        The oldest results are dropped where all together are too large.
        """
        kept = changes.keep_result(
            case_id, key, content, when=time.time(), most_bytes=MOST_RESULT_BYTES
        )
        return self._write(*kept)

    def remove_case(self, case_id: str) -> Future[None]:
        """Forget a case with all that belongs to it; its file is left alone."""
        self._views.pop(case_id, None)
        self._thumbnails.pop(case_id, None)
        return self._write(changes.remove_case(case_id))

    def save_view_state(self, case_id: str, blob: str) -> Future[None]:
        """Keep how a case is looked at."""
        self._views[case_id] = blob
        return self._write(changes.save_view_state(case_id, blob))

    def _forget_thumbnail(self, case_id: str, added: Future[None]) -> None:
        """Pictures are large: they are read from the file once they are there."""
        if added.exception() is None:
            self._thumbnails.pop(case_id, None)

    def _write(self, *statements: Statement) -> Future[None]:
        if self._writer is not None:
            self.on_saving()
            return self._writer.submit(*statements)
        refused: Future[None] = Future()
        refused.set_exception(LibraryReadOnly("The change was not saved.", why=self._why))
        return refused

"""The case library: everything that outlives the window, on SQLite."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from app.library import changes
from app.library.cases import Case, CaseStatus
from app.library.opening import Opened, open_file
from app.library.reading import Reading
from app.library.writer import Statement, Writer
from domain.errors import LibraryReadOnly
from domain.revision import Revision


class Library(Reading):
    """Answers from what is committed; writes in order on one thread, each future after its commit.

    `on_saved` is told the time of a commit after which nothing waits, `on_trouble` in words why a
    change has not landed yet; both on the writer's thread. A change that a library opened for
    reading refuses fails in its future with LibraryReadOnly.
    """

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened.reader)
        self._lock, self._why = opened.lock, opened.why
        self.on_saved: Callable[[float], None] = lambda _when: None
        self.on_trouble: Callable[[str], None] = lambda _words: None
        self._set: dict[str, str] = {}
        self._writer = opened.writer and Writer(
            opened.writer,
            on_saved=lambda when: self.on_saved(when),
            on_trouble=lambda words: self.on_trouble(words),
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

    def close(self) -> None:
        """Commit everything and let the next one write; what cannot land fails in its future."""
        if self._writer is not None:
            self._writer.close()
        self.stop()
        if self._lock is not None:
            self._lock.free()

    def setting(self, key: str) -> str | None:
        """A preference as it was set last, in this sitting or before."""
        return self._set[key] if key in self._set else super().setting(key)

    def save_setting(self, key: str, value: str) -> Future[None]:
        """Keep a preference."""
        self._set[key] = value
        return self._write(changes.save_setting(key, value))

    def add_case(self, case: Case, thumbnail: bytes | None) -> Future[None]:
        """A new case, with a small picture (PNG) for the list."""
        return self._write(*changes.add_case(case, thumbnail))

    def append(self, revision: Revision, *, make_head: bool) -> Future[None]:
        """A new revision; as the head it also decides the case's status."""
        return self._write(*changes.append(revision, make_head=make_head))

    def set_head(self, case_id: str, revision_id: str) -> Future[None]:
        """Show another revision: an undo, redo or jump."""
        return self._write(changes.set_head(case_id, revision_id))

    def set_status(self, case_id: str, status: CaseStatus) -> Future[None]:
        """Say how far a person has come."""
        return self._write(changes.set_column(case_id, "status", status.value))

    def set_opened(self, case_id: str) -> Future[None]:
        """The case came on screen now."""
        return self._write(changes.set_column(case_id, "opened", time.time()))

    def set_path(self, case_id: str, path: str) -> Future[None]:
        """The case's file was found elsewhere."""
        return self._write(changes.set_path(case_id, path))

    def remove_case(self, case_id: str) -> Future[None]:
        """Forget a case with all that belongs to it; its file is left alone."""
        return self._write(changes.remove_case(case_id))

    def save_view_state(self, case_id: str, blob: str) -> Future[None]:
        """Keep how a case is looked at."""
        return self._write(changes.save_view_state(case_id, blob))

    def _write(self, *statements: Statement) -> Future[None]:
        if self._writer is not None:
            return self._writer.submit(*statements)
        refused: Future[None] = Future()
        refused.set_exception(LibraryReadOnly("The change was not saved.", why=self._why))
        return refused

"""Reads files on threads of its own, so that no decoding ever stops the hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.io.open import barren, no_films
from app.io.readers.spec import ReadPage
from domain.errors import CaliperError, Cancelled, NotForThisTask
from domain.image import Study

AT_ONCE = 2
MOST_PAGES = 20


class Opening(QObject):
    """Turns paths into studies, those of one request in order; a short one passes a long one.

    Args:
        read: path and page -> Study, may raise CaliperError.
        expand: paths and folders -> the files to read.
        give_up: lets go of the file being read, whose `read` then raises Cancelled.
    """

    opened = Signal(object, bytes, int)  # Study, thumbnail, number of the request
    refused = Signal(str, object)  # path, CaliperError
    progressed = Signal(int, int)  # read, of how many
    frames_read = Signal(int)  # of a long film, from the thread that reads it
    finished = Signal()
    _result = Signal(object)

    def __init__(
        self,
        *,
        read: ReadPage,
        expand: Callable[[Iterable[Path]], tuple[Path, ...]],
        thumbnail: Callable[[Study], bytes],
        give_up: Callable[[], None] = lambda: None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._read, self._expand, self._thumbnail = read, expand, thumbnail
        self._pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="reader")
        self._give_up = give_up
        self._latest = self._cancelled = 0
        self._closed = False
        self._result.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def open(self, paths: Iterable[Path]) -> int:
        """Read files, and whatever readable lies in folders; gives the number of the request."""
        self._latest += 1
        self._pool.submit(self._open_all, tuple(paths), self._latest)
        return self._latest

    def open_page(self, path: Path, page: int) -> int:
        """Read one page of a file again; gives the number of the request."""
        self._latest += 1
        self._pool.submit(self._open_one, path, page, self._latest)
        return self._latest

    def cancel(self) -> None:
        """Forget what was not read yet; what was read stays."""
        self._cancelled = self._latest
        self._give_up()

    def close(self) -> None:
        """Cancel, and wait for the files being read; nothing is told any more."""
        self.cancel()
        self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _open_all(self, paths: tuple[Path, ...], number: int) -> None:
        try:
            files = self._expand(paths)
        except CaliperError as error:
            self._result.emit((str(paths[0]), error))
            files = ()
        else:
            empty = barren(paths, files)
            if empty:
                self._result.emit((str(empty[0]), no_films(empty)))
        for count, path in enumerate(files):
            if number <= self._cancelled:
                break
            self._result.emit((count, len(files)))
            self._read_pages(path, number)
        self._result.emit(None)

    def _open_one(self, path: Path, page: int, number: int) -> None:
        self._result.emit((0, 1))
        self._read_page(path, page, number)
        self._result.emit(None)

    def _read_pages(self, path: Path, number: int) -> None:
        """All pages of a file where they are few, else the first, saying so."""
        pages = self._read_page(path, 0, number)
        if pages > MOST_PAGES:
            self._result.emit((str(path), _too_many(path, pages)))
            return
        for page in range(1, pages):
            if number <= self._cancelled:
                break
            self._read_page(path, page, number)

    def _read_page(self, path: Path, page: int, number: int) -> int:
        """How many pages the file has; 0 where it could not be read."""
        try:
            study = self._read(path, page=page)
            self._result.emit((study, self._thumbnail(study), number))
        except Cancelled:
            return 0
        except CaliperError as error:
            self._result.emit((str(path), error))
            return 0
        return study.pages

    @Slot(object)
    def _deliver(self, result: tuple[object, ...] | None) -> None:
        if self._closed:
            return
        if result is None:
            self.finished.emit()
        elif isinstance(result[0], int):
            self.progressed.emit(result[0], result[1])
        elif isinstance(result[0], Study):
            self.opened.emit(*result)
        else:
            self.refused.emit(result[0], result[1])


def _too_many(path: Path, pages: int) -> NotForThisTask:
    return NotForThisTask(
        f"Only the first picture of “{path.name}” was opened.",
        why=f"It holds {pages}; files of up to {MOST_PAGES} open with all of them.",
        remedy="Save the pictures that you need as files of their own.",
    )

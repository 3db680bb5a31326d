"""Reads films one at a time in the background, for the queue: what is on screen never waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.io.open import barren, no_films
from domain.errors import CaliperError
from domain.image import Study


class Fetching(QObject):
    """Looks into folders and reads single films on a thread of its own.

    Args:
        read: (path, page=n) -> Study, may raise CaliperError; better not the decoder of what is on
            screen.
        expand: paths and folders -> the files to read.
    """

    listed = Signal(object)  # tuple of paths
    unlisted = Signal(object)  # CaliperError
    fetched = Signal(int, object, bytes)  # key, Study, thumbnail
    refused = Signal(int, object)  # key, CaliperError
    _result = Signal(object)

    def __init__(
        self,
        *,
        read: Callable[..., Study],
        expand: Callable[[Iterable[Path]], tuple[Path, ...]],
        thumbnail: Callable[[Study], bytes],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._read, self._expand, self._thumbnail = read, expand, thumbnail
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="queue reader")
        self._result.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def list_files(self, paths: Iterable[Path]) -> None:
        """Look which files these paths and folders mean."""
        self._pool.submit(self._list, tuple(paths))

    def fetch(self, key: int, path: Path, *, page: int) -> None:
        """Read a film; `key` comes back with it."""
        self._pool.submit(self._fetch, key, path, page)

    def close(self) -> None:
        """Wait for the film being read; forget the others."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _list(self, paths: tuple[Path, ...]) -> None:
        try:
            files = self._expand(paths)
        except CaliperError as error:
            self._result.emit((self.unlisted, error))
            return
        self._result.emit((self.listed, files))
        empty = barren(paths, files)
        if empty:
            self._result.emit((self.unlisted, no_films(empty)))

    def _fetch(self, key: int, path: Path, page: int) -> None:
        try:
            study = self._read(path, page=page)
            self._result.emit((self.fetched, key, study, self._thumbnail(study)))
        except CaliperError as error:
            self._result.emit((self.refused, key, error))

    @Slot(object)
    def _deliver(self, result: tuple[object, ...]) -> None:
        """Results cross to this object's thread, and are told there."""
        signal, *values = result
        signal.emit(*values)  # type: ignore[attr-defined]

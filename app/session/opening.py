"""Reads files on threads of its own, so that no decoding ever stops the hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from domain.errors import CaliperError
from domain.image import Study

AT_ONCE = 2


class Opening(QObject):
    """Turns paths into studies, those of one request in order; a short one passes a long one.

    Args:
        read: path -> Study, may raise CaliperError.
        expand: paths and folders -> the files to read.
    """

    opened = Signal(object, bytes, int)  # Study, thumbnail, number of the request
    refused = Signal(str, object)  # path, CaliperError
    progressed = Signal(int, int)  # read, of how many
    finished = Signal()
    _result = Signal(object)

    def __init__(
        self,
        *,
        read: Callable[[Path], Study],
        expand: Callable[[Iterable[Path]], tuple[Path, ...]],
        thumbnail: Callable[[Study], bytes],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._read, self._expand, self._thumbnail = read, expand, thumbnail
        self._pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="reader")
        self._latest = self._cancelled = 0
        self._result.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def open(self, paths: Iterable[Path]) -> int:
        """Read files, and whatever readable lies in folders; gives the number of the request."""
        self._latest += 1
        self._pool.submit(self._open_all, tuple(paths), self._latest)
        return self._latest

    def cancel(self) -> None:
        """Forget what was not read yet; what was read stays."""
        self._cancelled = self._latest

    def close(self) -> None:
        """Cancel, and wait for the files being read."""
        self.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _open_all(self, paths: tuple[Path, ...], number: int) -> None:
        try:
            files = self._expand(paths)
        except CaliperError as error:
            self._result.emit((str(paths[0]), error))
            files = ()
        for count, path in enumerate(files):
            if number <= self._cancelled:
                break
            self._result.emit((count, len(files)))
            try:
                study = self._read(path)
                self._result.emit((study, self._thumbnail(study), number))
            except CaliperError as error:
                self._result.emit((str(path), error))
        self._result.emit(None)

    @Slot(object)
    def _deliver(self, result: tuple[object, ...] | None) -> None:
        if result is None:
            self.finished.emit()
        elif isinstance(result[0], int):
            self.progressed.emit(result[0], result[1])
        elif isinstance(result[0], Study):
            self.opened.emit(*result)
        else:
            self.refused.emit(result[0], result[1])

"""Finds films of the library that are no longer where they were: by their pixels, never by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.io.readers.spec import ReadPage
from app.library.cases import Case
from app.session.opening import MOST_PAGES
from app.session.session import Session
from domain.errors import CaliperError, LibraryReadOnly


@dataclass(frozen=True)
class Search:
    """What a search in a folder came to.

    Args:
        missing: cases whose film was not where it was.
        left: names of those that do not lie in the folder.
        looked: files of the folder that were read.
        refused: how many of these could not be.
        cancelled: whether a person stopped it.
    """

    folder: Path
    missing: int
    left: tuple[str, ...]
    looked: int
    refused: int
    cancelled: bool

    @property
    def found(self) -> int:
        """How many of the missing films lie in the folder."""
        return self.missing - len(self.left)


class MissingFilms(QObject):
    """Looks through folders on a thread of its own; the session is told here, film by film.

    Args:
        read: path and page -> Study, may raise CaliperError; called on the thread.
        expand: folders -> the files to read; may raise CaliperError.
    """

    progressed = Signal(int, int)  # files looked at, of how many
    finished = Signal()
    searched = Signal(object)  # Search
    trouble = Signal(object)
    _told = Signal(object, object)  # what is to be called, its values

    def __init__(
        self,
        session: Session,
        *,
        read: ReadPage,
        expand: Callable[[Iterable[Path]], tuple[Path, ...]],
    ) -> None:
        super().__init__(session)
        self._session, self._read, self._expand = session, read, expand
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="search")
        self._latest = self._cancelled = 0
        self._told.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    def search(self, folder: Path) -> None:
        """Look for every missing film in a folder and all below it, in place of a search before."""
        library = self._session.library
        if library.read_only:
            what = "Films cannot be looked for here."
            self.trouble.emit(LibraryReadOnly(what, why=library.why))
            return
        self.cancel()
        self._latest += 1
        self._pool.submit(self._search, folder, self._session.listing.later(), self._latest)

    @Slot()
    def cancel(self) -> None:
        """Look no further; what was found stays found."""
        self._cancelled = self._latest

    def close(self) -> None:
        """Cancel, and wait for the film being read."""
        self.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _search(self, folder: Path, read: Callable[[], Sequence[Case]], number: int) -> None:
        try:
            cases = read()
            gone = [case for case in cases if not os.path.exists(case.path)]
            files = _likely_first(self._expand([folder]), cases, gone) if gone else []
            self._tell(self.searched.emit, self._look(folder, gone, files, number))
        except CaliperError as error:
            self._tell(self.trouble.emit, error)
        finally:
            self._tell(self.finished.emit)

    def _look(
        self, folder: Path, gone: Sequence[Case], files: Sequence[Path], number: int
    ) -> Search:
        wanted: dict[str, list[Case]] = {}
        for case in gone:
            wanted.setdefault(case.image_sha256, []).append(case)
        looked = refused = 0
        for path in files:
            if not wanted or number <= self._cancelled:
                break
            self._tell(self.progressed.emit, looked, len(files))
            looked += 1
            try:
                for page, sha256 in self._pages(path):
                    for case in wanted.pop(sha256, ()):
                        self._tell(self._session.move_film, case.id, str(path), page)
            except CaliperError:
                refused += 1
        stopped = bool(wanted) and number <= self._cancelled
        left = tuple(case.name for cases in wanted.values() for case in cases)
        return Search(folder, len(gone), left, looked, refused, stopped)

    def _pages(self, path: Path) -> Iterator[tuple[int, str]]:
        """What the pages of a file are known by."""
        study = self._read(path, page=0)
        yield 0, study.image.sha256
        for page in range(1, min(study.pages, MOST_PAGES)):
            yield page, self._read(path, page=page).image.sha256

    def _tell(self, whom: Callable[..., None], *values: object) -> None:
        self._told.emit(whom, values)

    @Slot(object, object)
    def _pass_on(self, whom: Callable[..., None], values: tuple[object, ...]) -> None:
        """What the thread says crosses to this object's thread, and is told there."""
        whom(*values)


def _likely_first(files: Iterable[Path], cases: Iterable[Case], gone: Sequence[Case]) -> list[Path]:
    """Files to read: none that is another case's film; those first that are named as before.

    A folder of pictures may be one study that a person asked for: read where its name is the same.

    The name decides nothing: it ends the search sooner where films were moved as they were.
    """
    missing = {case.path for case in gone}
    known = {case.path for case in cases} - missing
    names = {os.path.basename(path) for path in missing}
    files = [*files]
    wholes = {file.parent for file in files if file.parent.name in names}
    left = (f for f in (*files, *wholes.difference(files)) if str(f) not in known)
    return sorted(left, key=lambda f: f.name not in names)

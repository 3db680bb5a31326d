"""Folders and DICOMDIRs: a few films open at once, among many a person chooses."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.io.dicom_headers import Headers
from app.io.dicom_index import (
    DicomIndex,
    IndexedImage,
    IndexedPatient,
    IndexedSeries,
    IndexedStudy,
    Listener,
    read_index,
)
from app.io.open import no_films
from app.widgets.browser_images import BrowserImage
from app.widgets.study_browser import BrowserNode, StudyBrowser
from domain.errors import CaliperError, UnreadableFile

FEW = 12
"""So many films of a dropped folder open without a question."""
MOST_NAMED = 2
"""So many troubles are said in full; more are counted, and said to whoever points at the count."""
STEP = 20
"""Progress is told every so many files."""

Found = Mapping[Path, DicomIndex]


class Browsing(QObject):
    """Looks through folders on a thread of its own; small pictures come from another.

    A browser that is open fills while the look goes on.

    Args:
        headers: reads headers of files in a child; closed with this.
        open_files: opens files and folders as cases.
        thumbnail: path -> an encoded picture; may raise CaliperError; called on a thread.
    """

    progressed = Signal(int, int)
    finished = Signal()
    trouble = Signal(object)
    _seen = Signal(object, int)  # a part of what will be found, number of the look
    _looked = Signal(object, object, int, bool)  # paths, all of it, number, a person browses
    _failed = Signal(object, int)
    _pictured = Signal(str, bytes)

    def __init__(
        self,
        window: QWidget,
        *,
        open_files: Callable[[Iterable[Path]], None],
        thumbnail: Callable[[Path], bytes],
        headers: Headers | None = None,
    ) -> None:
        super().__init__(window)
        self._headers = headers or Headers()
        self._window, self._open_files, self._thumbnail = window, open_files, thumbnail
        self._folders = ThreadPoolExecutor(max_workers=1, thread_name_prefix="folders")
        self._pictures = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")
        self._in_sight: list[str] = []
        self._latest = self._cancelled = 0
        self._browser: StudyBrowser | None = None
        self._seen.connect(self._take_part, Qt.ConnectionType.QueuedConnection)
        self._looked.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._failed.connect(self._take_failure, Qt.ConnectionType.QueuedConnection)

    def open(self, paths: Sequence[Path]) -> None:
        """Open files, and folders with few films; of folders with many a person chooses."""
        if any(_is_place(path) for path in paths):
            self._look(tuple(paths), browses=False)
        elif paths:
            self._open_files(paths)

    def browse(self, place: Path) -> None:
        """Let a person choose among the DICOM films of a folder or DICOMDIR."""
        self._show_browser().show_progress(0, 0)
        self._look((place,), browses=True)

    @Slot()
    def cancel(self) -> None:
        """Look no further."""
        self._cancelled = self._latest

    def close(self) -> None:
        """Cancel, and wait for the file being read."""
        self.cancel()
        self._in_sight.clear()
        for pool in (self._folders, self._pictures):
            pool.shutdown(wait=True, cancel_futures=True)
        self._headers.close()

    def _look(self, paths: tuple[Path, ...], *, browses: bool) -> None:
        self._latest += 1
        self._folders.submit(self._look_through, paths, self._latest, browses)

    def _look_through(self, paths: tuple[Path, ...], number: int, browses: bool) -> None:
        found: dict[Path, DicomIndex] = {}
        try:
            for path in filter(_is_place, paths):
                found[path] = read_index(
                    path, self._headers, listener=self._listener(path, found, number)
                )
            self._looked.emit(paths, found, number, browses)
        except CaliperError as error:
            self._failed.emit(error, number)
        except Exception as error:  # noqa: BLE001
            # The end of a thread: what is raised past here is seen by nobody, and the person would
            # look at "Looking through…" for ever. Its text may name a person: that stays out.
            told = RuntimeError(f"{type(error).__name__} while browsing")
            traceback.print_exception(told.with_traceback(error.__traceback__))
            self._failed.emit(_fault(paths, error), number)

    def _listener(self, path: Path, found: Found, number: int) -> Listener:
        def tell(done: int, total: int) -> None:
            if done % STEP == 0 or done == total:
                self.progressed.emit(done, total)

        return Listener(
            tell,
            lambda part: self._seen.emit({**found, path: part}, number),
            lambda: number <= self._cancelled,
        )

    @Slot(object, int)
    def _take_part(self, found: Found, number: int) -> None:
        if self._browser is not None and number > self._cancelled:
            self._browser.show_part(_nodes(found))

    @Slot(object, object, int, bool)
    def _take(self, paths: tuple[Path, ...], found: Found, number: int, browses: bool) -> None:
        self.finished.emit()
        if browses:
            if self._browser is not None:  # nobody closed it meanwhile
                self._list(found)
            return
        if number <= self._cancelled:
            return
        are_few = sum(len(_films(index)) for index in found.values()) <= FEW
        self._tell_empty([place for place in found if not (are_few and place.is_dir())], found)
        if are_few:
            self._open_files(_few(paths, found))
        else:
            files = [path for path in paths if path not in found]
            if files:
                self._open_files(files)
            self._list(found)

    def _tell_empty(self, places: Sequence[Path], found: Found) -> None:
        """Name those in which nothing was found; of folders that are opened, opening tells."""
        empty = [place for place in places if _is_empty(found[place])]
        if empty:
            self.trouble.emit(no_films(empty))

    @Slot(object, int)
    def _take_failure(self, error: CaliperError, number: int) -> None:
        self.finished.emit()
        if self._browser is not None:
            self._browser.show_end(str(error), more=str(error))
        elif number > self._cancelled:
            self.trouble.emit(error)

    def _list(self, found: Found) -> None:
        troubles = [str(trouble) for index in found.values() for trouble in index.troubles]
        note = _note(found, troubles)
        self._show_browser().show_nodes(_nodes(found), note=note, more="\n".join(troubles))

    def _show_browser(self) -> StudyBrowser:
        if self._browser is None:
            browser = self._browser = StudyBrowser(self._window)
            browser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            browser.chosen.connect(self._open_chosen)
            browser.stopped.connect(self.cancel)
            browser.finished.connect(self._forget_browser)
            browser.thumbnail_wanted.connect(self._want_picture)
            self.progressed.connect(browser.show_progress)
            self._pictured.connect(browser.set_thumbnail)
            browser.open()
        return self._browser

    @Slot(list)
    def _open_chosen(self, keys: list[str]) -> None:
        self._open_files([Path(key) for key in keys])

    @Slot()
    def _forget_browser(self) -> None:
        self._browser = None
        self._in_sight.clear()
        self.cancel()

    @Slot(str)
    def _want_picture(self, key: str) -> None:
        self._in_sight.append(key)
        self._pictures.submit(self._picture_latest)

    def _picture_latest(self) -> None:
        """What came in sight last is drawn first: the rest may be scrolled away by now."""
        try:
            key = self._in_sight.pop()
            self._pictured.emit(key, self._thumbnail(Path(key)))
        except (IndexError, CaliperError):
            return  # nobody looks any more, or its place stays dark: opening it will say why


def _is_place(path: Path) -> bool:
    return path.is_dir() or path.name.upper() == "DICOMDIR"


def _is_empty(index: DicomIndex) -> bool:
    return index.complete and not _films(index) and not index.others


def _films(index: DicomIndex) -> list[Path]:
    return [image.path for image in index.images if not image.refusal]


def _few(paths: Sequence[Path], found: Found) -> list[Path]:
    """What to open of few films: folders with all that is in them, what a DICOMDIR refers to."""
    files: list[Path] = []
    for path in paths:
        files += _films(found[path]) if path in found and not path.is_dir() else [path]
    return files


def _fault(paths: Sequence[Path], error: Exception) -> UnreadableFile:
    name = paths[0].name or str(paths[0])
    return UnreadableFile(
        f"“{name}” could not be looked through.",
        why=f"Caliper met a fault of its own ({type(error).__name__}).",
        remedy="Open its films one by one.",
    )


def _nodes(found: Found) -> list[BrowserNode]:
    return [_patient(patient) for index in found.values() for patient in index.patients]


def _patient(patient: IndexedPatient) -> BrowserNode:
    said = (patient.number, f"born {patient.born}" if patient.born else "")
    studies = tuple(_study(study) for study in patient.studies)
    key = (patient.name, patient.number, patient.born)
    return BrowserNode(patient.name or "(no name)", _joined(*said), studies, key=key)


def _study(study: IndexedStudy) -> BrowserNode:
    series = tuple(_series(one) for one in study.series)
    return BrowserNode(study.date or "(no date)", study.description, series, key=study.uid)


def _series(series: IndexedSeries) -> BrowserNode:
    images = tuple(_image(image) for image in series.images)
    films = len(series.films)
    title = _joined(series.modality, series.description) or "(no description)"
    count = "1 film" if films == 1 else f"{films} films"
    return BrowserNode(title, count, images=images, key=series.uid)


def _image(image: IndexedImage) -> BrowserImage:
    rows, columns = image.size
    size = f"{columns} × {rows}" if rows and columns else ""
    pages = f"{image.pages} pages" if image.pages > 1 else ""
    title = _joined(*image.marks) or (f"image {image.number}" if image.number is not None else "")
    return BrowserImage(str(image.path), title, _joined(size, pages), image.refusal)


def _note(found: Found, troubles: Sequence[str]) -> str:
    others = sum(index.others for index in found.values())
    is_whole = all(index.complete for index in found.values())
    many = [f"{len(troubles)} damaged or missing"] if len(troubles) > MOST_NAMED else troubles
    return _joined(
        "" if is_whole else "Stopped: not everything is listed",
        f"{others} other {'file' if others == 1 else 'files'}" if others else "",
        *many,
    )


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)

"""Folders and DICOMDIRs: a few films open at once, among many a person chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.io.dicom_index import (
    DicomIndex,
    IndexedImage,
    IndexedPatient,
    IndexedSeries,
    IndexedStudy,
    read_index,
)
from app.widgets.browser_images import BrowserImage
from app.widgets.study_browser import BrowserNode, StudyBrowser
from domain.errors import CaliperError

FEW = 12
"""So many films of a dropped folder open without a question."""
STEP = 20
"""Progress is told every so many files."""

Found = Mapping[Path, DicomIndex]


class Browsing(QObject):
    """Looks through folders on a thread of its own; small pictures come from another.

    Args:
        open_files: opens files and folders as cases.
        thumbnail: path -> an encoded picture; may raise CaliperError; called on a thread.
    """

    progressed = Signal(int, int)
    finished = Signal()
    trouble = Signal(object)
    _looked = Signal(object, object, bool)  # paths, what was found, whether a person browses
    _failed = Signal(object)
    _pictured = Signal(str, bytes)

    def __init__(
        self,
        window: QWidget,
        *,
        open_files: Callable[[Iterable[Path]], None],
        thumbnail: Callable[[Path], bytes],
    ) -> None:
        super().__init__(window)
        self._window, self._open_files, self._thumbnail = window, open_files, thumbnail
        self._folders = ThreadPoolExecutor(max_workers=1, thread_name_prefix="folders")
        self._pictures = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")
        self._in_sight: list[str] = []
        self._latest = self._cancelled = 0
        self._browser: StudyBrowser | None = None
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

    def _look(self, paths: tuple[Path, ...], *, browses: bool) -> None:
        self._latest += 1
        self._folders.submit(self._look_through, paths, self._latest, browses)

    def _look_through(self, paths: tuple[Path, ...], number: int, browses: bool) -> None:
        def tell(done: int, total: int) -> None:
            if done % STEP == 0 or done == total:
                self.progressed.emit(done, total)

        def is_cancelled() -> bool:
            return number <= self._cancelled

        try:
            found = {
                path: read_index(path, progress=tell, is_cancelled=is_cancelled)
                for path in paths
                if _is_place(path)
            }
            self._looked.emit(paths, found, browses)
        except CaliperError as error:
            self._failed.emit(error)

    @Slot(object, object, bool)
    def _take(self, paths: tuple[Path, ...], found: Found, browses: bool) -> None:
        self.finished.emit()
        if browses:
            if self._browser is not None:  # nobody closed it meanwhile
                self._list(found)
        elif not all(index.complete for index in found.values()):
            return
        elif sum(len(_films(index)) for index in found.values()) <= FEW:
            self._open_files(_few(paths, found))
        else:
            files = [path for path in paths if path not in found]
            if files:
                self._open_files(files)
            self._list(found)

    @Slot(object)
    def _take_failure(self, error: CaliperError) -> None:
        self.finished.emit()
        if self._browser is not None:
            self._browser.reject()
        self.trouble.emit(error)

    def _list(self, found: Found) -> None:
        nodes = [_patient(patient) for index in found.values() for patient in index.patients]
        self._show_browser().show_nodes(nodes, note=_note(found))

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


def _films(index: DicomIndex) -> list[Path]:
    return [image.path for image in index.images if not image.refusal]


def _few(paths: Sequence[Path], found: Found) -> list[Path]:
    """What to open of few films: folders with all that is in them, what a DICOMDIR refers to."""
    files: list[Path] = []
    for path in paths:
        files += _films(found[path]) if path in found and not path.is_dir() else [path]
    return files


def _patient(patient: IndexedPatient) -> BrowserNode:
    said = (patient.number, f"born {patient.born}" if patient.born else "")
    studies = tuple(_study(study) for study in patient.studies)
    return BrowserNode(patient.name or "(no name)", _joined(*said), studies)


def _study(study: IndexedStudy) -> BrowserNode:
    series = tuple(_series(one) for one in study.series)
    return BrowserNode(study.date or "(no date)", study.description, series)


def _series(series: IndexedSeries) -> BrowserNode:
    images = tuple(_image(image) for image in series.images)
    films = len(series.films)
    title = _joined(series.modality, series.description) or "(no description)"
    return BrowserNode(title, "1 film" if films == 1 else f"{films} films", images=images)


def _image(image: IndexedImage) -> BrowserImage:
    rows, columns = image.size
    size = f"{columns} × {rows}" if rows and columns else ""
    pages = f"{image.pages} pages" if image.pages > 1 else ""
    title = _joined(*image.marks) or (f"image {image.number}" if image.number is not None else "")
    return BrowserImage(str(image.path), title, _joined(size, pages), image.refusal)


def _note(found: Found) -> str:
    troubles = sum(len(index.troubles) for index in found.values())
    others = sum(index.others for index in found.values())
    is_whole = all(index.complete for index in found.values())
    said = (
        "" if is_whole else "Stopped: not everything is listed",
        f"{troubles} damaged or missing" if troubles else "",
        f"{others} other {'file' if others == 1 else 'files'}" if others else "",
    )
    return _joined(*said)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)

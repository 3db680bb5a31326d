"""From a file to its first pixels on screen: the real window against pyqtgraph's ImageView.

A film of 3009 x 1081 pixels, each time another file that nobody has seen. The window reads it in a
child, knows it by its hash and lists it; OpenCV or pydicom read it where they are, and ImageView
shows the array. The engine is not asked.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import pydicom
from pydicom.pixels.processing import apply_voi_lut

from benchmarks.films import draw_film
from benchmarks.off_screen import OffScreen
from benchmarks.rows import Row, Times

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

FILES = 8
KINDS = (("PNG", ".png"), ("JPEG", ".jpg"), ("DICOM, 12 bits", ".dcm"))


def measure() -> Iterator[Row]:
    """Every kind of file."""
    with tempfile.TemporaryDirectory() as folder:
        room = _Room(Path(folder) / "library")
        try:
            for kind, suffix in KINDS:
                yield _row(room, Path(folder), kind=kind, suffix=suffix)
            yield _reading(Path(folder))
        finally:
            room.close()


def _row(room: _Room, folder: Path, *, kind: str, suffix: str) -> Row:
    films = [draw_film(folder / f"film {n}{suffix}", seed=n) for n in range(FILES + 1)]
    read = _by_pydicom if suffix == ".dcm" else _by_opencv
    taken = [(room.show(film), room.show_plainly(film, read)) for film in films]
    ours, plain = zip(*taken[1:], strict=True)  # the first one starts the child and fills caches
    by = "pydicom" if suffix == ".dcm" else "cv2.imread"
    return Row(kind, Times.of(ours), f"{by} and pyqtgraph's ImageView", Times.of(plain))


def _reading(folder: Path) -> Row:
    """The same DICOM files one after the other, nothing shown."""
    from app.io.decoder import Decoder

    films = sorted(folder.glob("*.dcm"))
    with Decoder() as decoder:
        decoder.read(films[0])
        taken = [(_seconds(decoder.read, film), _seconds(_by_pydicom, film)) for film in films]
    ours, plain = zip(*taken, strict=True)
    return Row(
        "a DICOM file read in the child, with its checks",
        Times.of(ours),
        "a pydicom loop in this process",
        Times.of(plain),
    )


class _Room(OffScreen):
    """The window, and an ImageView as large."""

    def __init__(self, library: Path) -> None:
        super().__init__(library, command=(sys.executable, "-c", "input()"))
        import pyqtgraph

        pyqtgraph.setConfigOption("imageAxisOrder", "row-major")
        self.window.session.settings.network_follows = False
        self._plain = pyqtgraph.ImageView()
        self._plain.resize(self.window.size())
        self._plain.show()
        self.application.processEvents()

    def show(self, film: Path) -> float:
        """Until the film is painted."""
        began = time.perf_counter()
        self.window.commands.open_paths([film])
        self.wait(lambda: self.is_shown(film))
        self.surface.repaint()
        return time.perf_counter() - began

    def show_plainly(self, film: Path, read: Callable[[Path], Any]) -> float:
        """The same by an ImageView that stands ready."""
        canvas: QWidget = self._plain.ui.graphicsView.viewport()
        began = time.perf_counter()
        self._plain.setImage(read(film))
        self.application.processEvents()
        canvas.repaint()
        return time.perf_counter() - began

    def close(self) -> None:
        """End both."""
        self._plain.close()
        super().close()


def _by_opencv(path: Path) -> Any:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def _by_pydicom(path: Path) -> Any:
    made = pydicom.dcmread(path)
    return apply_voi_lut(made.pixel_array, made)


def _seconds(read: Callable[[Path], object], path: Path) -> float:
    began = time.perf_counter()
    read(path)
    return time.perf_counter() - began

"""Lists the DICOM files of a folder or DICOMDIR as patients, studies, series and images.

Only headers are read, in a child; pixels and thumbnails come later, through the decoder. What is
found holds names and dates of patients: it is for the screen alone, stays in memory, and is never
stored, logged or written out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.io.dicom_headers import Headers


@dataclass(frozen=True)
class IndexedImage:
    """One DICOM file of a series.

    Args:
        path: the file; open it with `Session.open_paths`, read it with `Decoder.read`.
        number: its Instance Number, None where it has none.
        pages: how many pictures it holds.
        size: rows and columns, (0, 0) where unknown.
        marks: what tells it from its neighbours, like "AP" or "left".
        refusal: what it is where it is no film, after "is" ("a structured report"), else "".
    """

    path: Path
    number: int | None = None
    pages: int = 1
    size: tuple[int, int] = (0, 0)
    marks: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(frozen=True)
class IndexedSeries:
    """A series; its images stand in the order of their numbers, then of their file names."""

    uid: str
    modality: str
    description: str
    number: int | None
    images: tuple[IndexedImage, ...]

    @property
    def films(self) -> tuple[IndexedImage, ...]:
        """Those that open as pictures."""
        return tuple(image for image in self.images if not image.refusal)


@dataclass(frozen=True)
class IndexedStudy:
    """A visit to the X-ray department; `date` is YYYY-MM-DD or ""."""

    uid: str
    date: str
    description: str
    series: tuple[IndexedSeries, ...]


@dataclass(frozen=True)
class IndexedPatient:
    """A person; `name` and `number` are for the screen alone, empty where the files have none."""

    name: str
    number: str
    born: str
    studies: tuple[IndexedStudy, ...]


@dataclass(frozen=True)
class Unlisted:
    """A file that is missing or cannot be read though it should be DICOM, and why in words."""

    path: Path
    why: str

    def __str__(self) -> str:
        return f"“{self.path.name}”: {self.why}"


@dataclass(frozen=True)
class DicomIndex:
    """What was found.

    Args:
        patients: by name; studies newest first, series by number.
        troubles: broken references of a DICOMDIR, and damaged DICOM files.
        others: how many files were no DICOM at all.
        complete: False where it was cancelled before the end.
    """

    patients: tuple[IndexedPatient, ...] = ()
    troubles: tuple[Unlisted, ...] = ()
    others: int = 0
    complete: bool = True

    @property
    def images(self) -> tuple[IndexedImage, ...]:
        """All images in the order of the list."""
        return tuple(
            image
            for patient in self.patients
            for study in patient.studies
            for series in study.series
            for image in series.images
        )


@dataclass(frozen=True)
class Listener:
    """Who hears how far a look through a place is.

    Args:
        progress: told (files looked at, of how many), often; the total is known from the start.
        partly: given what was found so far, now and then.
        is_cancelled: asked often; True ends it with what was found so far.
        every_s: how long to wait between two partial lists.
    """

    progress: Callable[[int, int], None] = lambda done, total: None
    partly: Callable[[DicomIndex], None] = lambda index: None
    is_cancelled: Callable[[], bool] = lambda: False
    every_s: float = 0.5


def read_index(place: Path, headers: Headers, *, listener: Listener = Listener()) -> DicomIndex:
    """List a folder with all folders in it, or what a DICOMDIR refers to.

    A DICOMDIR that lies in the folder is asked only for references that lead nowhere. May run on
    any thread; some thousand headers take some seconds, so not on the window's. A file that its
    reader does not survive is among the troubles, and the others are listed.

    Raises:
        UnreadableFile: `place` is neither a folder nor a readable DICOMDIR.
    """
    from app.io.dicom.listing import Listing

    return Listing(headers, listener).listed(place)

"""Reads headers of DICOM files and lists of DICOMDIRs in a child; what it says is checked here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.io.checked import count, made_of, text, whole
from app.io.child import Answer, Child, Head, Parent
from app.io.dicom_index import IndexedImage

TIME_LIMIT_S = 15.0
HEADER, NAMES = "header", "names"


@dataclass(frozen=True)
class Header:
    """One file with what it is sorted by.

    Args:
        patient: issuer, number, name and date of birth: whoever differs in one is another.
        study: UID, date and description.
        series: UID, modality and description.
        number: of the series.
    """

    image: IndexedImage
    patient: tuple[str, str, str, str]
    study: tuple[str, str, str]
    series: tuple[str, str, str]
    number: int | None


class Headers(Parent):
    """One child that reads header after header; it starts with the first.

    Args:
        answer: what the child runs, for tests to replace.
        time_limit_s: for one file.
    """

    def __init__(self, *, answer: Answer | None = None, time_limit_s: float = TIME_LIMIT_S) -> None:
        name = "caliper-headers"
        super().__init__(Child(answer or answer_of, name=name, time_limit_s=time_limit_s))

    def header(self, path: Path, *, is_cancelled: Callable[[], bool] = lambda: False) -> Header:
        """What a DICOM file is.

        Raises:
            UnreadableFile: it is damaged, took too long or too much, or the child died of it.
            Cancelled: nobody wants to know any more.
        """
        head, _ = self._child.ask(f"{HEADER} {path}", about=path, is_cancelled=is_cancelled)
        return made_of(path, head, lambda said: _header(path, said))

    def names(
        self, path: Path, *, is_cancelled: Callable[[], bool] = lambda: False
    ) -> tuple[tuple[str, ...], ...] | None:
        """What a DICOMDIR names, each part by part below its folder; None where it is none.

        Raises:
            UnreadableFile, Cancelled: as for `header`.
        """
        head, _ = self._child.ask(f"{NAMES} {path}", about=path, is_cancelled=is_cancelled)
        return made_of(path, head, _names)


def names_in_child(path: Path) -> tuple[tuple[str, ...], ...] | None:
    """What one DICOMDIR names; see `Headers.names`."""
    with Headers() as headers:
        return headers.names(path)


def answer_of(question: str) -> tuple[Head, bytes]:
    """Runs in the child."""
    from app.io.dicom.header import header_of, names_of  # pydicom costs a fifth of a second

    wish, _, path = question.partition(" ")
    return (header_of if wish == HEADER else names_of)(Path(path)), b""


def _header(path: Path, said: Head) -> Header:
    issuer, number, name, born = map(text, said["patient"])
    study_uid, date, study = map(text, said["study"])
    series_uid, modality, series = map(text, said["series"])
    rows, columns = map(count, said["size"])
    image = IndexedImage(
        path=path,
        number=_maybe(said["number"]),
        pages=count(said["pages"]),
        size=(rows, columns),
        marks=tuple(map(text, said["marks"])),
        refusal=text(said["refusal"]),
    )
    return Header(
        image,
        (issuer, number, name, born),
        (study_uid, date, study),
        (series_uid, modality, series),
        _maybe(said["series_number"]),
    )


def _maybe(said: object) -> int | None:
    return None if said is None else whole(said)


def _names(said: Any) -> tuple[tuple[str, ...], ...] | None:
    if said["names"] is None:
        return None
    names = tuple(tuple(map(text, parts)) for parts in said["names"])
    if any(
        part in {"", ".", ".."} or set(part) & set("/\\:\0") for parts in names for part in parts
    ):
        msg = "a name that leads out of its folder"
        raise ValueError(msg)
    return names

"""Folders that are one study: which they are, and who reads them.

A folder that is a study is told by looking at names, here and without decoding anything. `expand`
gives such a folder itself in place of its files; a folder that is read by its own path
(`read_study`, `Decoder.read`) is taken as one study even where `expand` would not be sure.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.io.names import natural_key
from app.io.readers.file_bytes import unreadable
from app.io.readers.pages import require_page
from domain.image import Study

LEAST = 3  # two numbered pictures are two films
MIDDLE = "middle"
PICTURES = frozenset((".png", ".jpg", ".jpeg", ".jpe", ".tif", ".tiff", ".bmp", ".dib"))
_BESIDE = frozenset(
    (".txt", ".csv", ".json", ".xml", ".md", ".yaml", ".yml", ".ini", ".db", ".log")
)
_FRAME_WORDS = frozenset(("frame", "frames", "frm", "cine"))
_NUMBERED = re.compile(r"(?P<word>.*?)(?P<number>[0-9]{1,12})(?P<end>[^0-9]*)", re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]+")
_PEX = re.compile(r"[01]_(?:[0-9]|1[0-5])-drr\.tiff?", re.IGNORECASE)


@dataclass(frozen=True)
class Numbered:
    """A picture whose name holds a running number; `word` is the last word before it."""

    path: Path
    number: int
    word: str


def read_folder(folder: Path, *, page: int = 0) -> Study:
    """A folder as one study: of the PeX layout, of numbered frames, or a CT series.

    Raises:
        UnreadableFile: it is none of them, or a picture in it is damaged.
    """
    require_page(page, pages=1, path=folder)
    study = pex_study(folder)
    if study is not None:
        from app.io.readers.pex import read_pex

        return read_pex(study)
    if pictures_in(folder):
        from app.io.readers.frames_folder import read_frames  # Pillow: only the child needs it

        return read_frames(folder)
    if any(map(os.path.isfile, map(folder.joinpath, names_in(folder)))):
        from app.io.readers.volume import read_volume  # pydicom and nibabel take their time

        return read_volume(folder)
    remedy = "Choose a folder with the frames of one film, or with the slices of a CT."
    raise unreadable(folder, why="There are no pictures in it.", remedy=remedy)


def study_folder(folder: Path) -> Path | None:
    """The folder that is a study as a whole, where a person means one by this folder."""
    return pex_study(folder) or (folder if is_frames_folder(folder) else None)


def is_frames_folder(folder: Path) -> bool:
    """Whether a person means one moving picture by a folder.

    It holds three or more pictures, and beside them nothing but notes and tables; their names
    differ in one running number alone, and before the number stands "frame" (or "frames", "frm",
    "cine"): `frame_0001.png`.

    Pictures called by a number alone, or "img", "image" and the like, may as well be films of many
    people: they stay films, and such a folder is one moving picture only where it is read by its
    own path. Sizes are looked at when it is read.
    """
    pictures = pictures_in(folder)
    others = {folder / name for name in names_in(folder)} - set(pictures)
    if len(pictures) < LEAST or any(other.suffix.lower() not in _BESIDE for other in others):
        return False
    found = numbered(pictures)
    return found is not None and found[0].word in _FRAME_WORDS


def pex_study(folder: Path) -> Path | None:
    """The study of the published PeX layout that a folder is; its `middle` belongs to it."""
    for study in (folder, folder.parent if folder.name == MIDDLE else None):
        if study is not None and any(map(_PEX.fullmatch, names_in(study / MIDDLE))):
            return study
    return None


def pictures_in(folder: Path) -> list[Path]:
    """What is called like a picture in a folder, in natural order."""
    paths = [folder / name for name in names_in(folder)]
    return [path for path in paths if path.suffix.lower() in PICTURES and os.path.isfile(path)]


def numbered(pictures: Iterable[Path]) -> list[Numbered] | None:
    """Pictures by their number, None where their names differ in anything but one number."""
    found, kinds = {}, set()
    for path in pictures:
        match = _NUMBERED.fullmatch(path.stem)
        if match is None:
            return None
        word, number = match["word"].casefold(), int(match["number"])
        kinds.add((word, match["end"].casefold(), path.suffix.lower()))
        if len(kinds) > 1 or number in found:
            return None
        found[number] = Numbered(path, number, "".join(_LETTERS.findall(word)[-1:]))
    return [found[number] for number in sorted(found)]


def names_in(folder: Path) -> list[str]:
    """What lies in a folder in natural order, but hidden entries; nothing where nobody may look."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted((name for name in names if not name.startswith(".")), key=natural_key)

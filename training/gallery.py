"""Pictures of films with what is true and what was found, for people to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.errors import ExportFailed
from domain.vertebrae import VERTEBRA_COUNT
from training.data.aasce import Film

FloatArray = NDArray[np.float64]
_ROWS = 1200
_TRUE, _FOUND, _WAY = (240, 210, 80), (70, 150, 255), (230, 230, 230)  # blue, green, red
_BITS = 4
_STRIP = 60


@dataclass(frozen=True, eq=False)
class Sight:
    """A film, what is true there and what was found.

    Args:
        true: (n, 4, 2) outlines, corners in turn.
        found: (68, 2) corners.
        words: what is written above; plain letters, for the drawing knows no others.
        has_corners: the true outlines are those of the seventeen found vertebrae.
    """

    film: Film
    true: FloatArray
    found: FloatArray
    words: str
    has_corners: bool = True


def outlines(corners: FloatArray) -> FloatArray:
    """(17, 4, 2) corners in turn, from (68, 2) in the order TL, TR, BL, BR."""
    turned: FloatArray = corners.reshape(VERTEBRA_COUNT, 4, 2)[:, [0, 1, 3, 2]]
    return turned


def draw(sight: Sight) -> NDArray[np.uint8]:
    """(rows, columns, 3) the film with both, and a strip of words above."""
    scale = _ROWS / sight.film.shape[0]
    size = (max(1, round(sight.film.shape[1] * scale)), _ROWS)
    grey = cv2.resize(sight.film, size, interpolation=cv2.INTER_AREA)
    picture = np.stack([np.asarray(grey, dtype=np.uint8)] * 3, axis=-1)
    found = outlines(sight.found)
    if sight.has_corners:
        for start, end in zip(sight.true.reshape(-1, 2), found.reshape(-1, 2), strict=True):
            _line(picture, np.stack([start, end]), scale=scale, ink=_WAY)
    for shape, ink in ((sight.true, _TRUE), (found, _FOUND)):
        for outline in shape:
            _line(picture, outline, scale=scale, ink=ink, is_closed=True)
    return _with_words(picture, sight.words)


def write_gallery(folder: Path, sights: Sequence[tuple[str, Sight]]) -> list[str]:
    """Write 01-NAME.png and so on; the names of the files.

    Raises:
        ExportFailed: a picture cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("[0-9][0-9]-*.png"):
        old.unlink()
    names = []
    for place, (name, sight) in enumerate(sights, start=1):
        names.append(f"{place:02d}-{Path(name).stem}.png")
        _, content = cv2.imencode(".png", draw(sight))
        try:
            (folder / names[-1]).write_bytes(content.tobytes())
        except OSError as error:
            raise ExportFailed(
                f"“{names[-1]}” could not be written.", why=f"{error.strerror}."
            ) from error
    return names


def _line(
    picture: NDArray[np.uint8],
    places: FloatArray,
    *,
    scale: float,
    ink: tuple[int, int, int],
    is_closed: bool = False,
) -> None:
    """Through (row, column) places of the film, pixel centres at integers."""
    points = np.clip((places + 0.5) * scale - 0.5, -30_000, 30_000)[:, ::-1] * (1 << _BITS)
    cv2.polylines(
        picture, [np.rint(points).astype(np.int32)], is_closed, ink, 1, cv2.LINE_AA, _BITS
    )


def _with_words(picture: NDArray[np.uint8], words: str) -> NDArray[np.uint8]:
    width = max(picture.shape[1], 560)
    sheet = np.zeros((picture.shape[0] + _STRIP, width, 3), dtype=np.uint8)
    left = (width - picture.shape[1]) // 2
    sheet[_STRIP:, left : left + picture.shape[1]] = picture
    plain = words.encode("ascii", "replace").decode()
    lines = ((plain, _WAY, (10, 22)), ("true", _TRUE, (10, 48)), ("found", _FOUND, (70, 48)))
    for text, ink, at in lines:
        cv2.putText(sheet, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.55, ink, 1, cv2.LINE_AA)
    return sheet

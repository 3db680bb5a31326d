"""One page about one film, as PDF: the picture, the angles, who decided what, by which weights."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from PIL import Image as Pillow
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from app.io.exporters.angles import rule_words, shown_angles
from app.io.exporters.facts import require_points, state_of
from app.io.exporters.picture import overlaid_film
from app.io.exporters.spec import RESEARCH_USE, VertebraeExport
from app.io.writing import write_atomically
from domain.angles import DEFINITIONS, mode_of
from domain.doubting import sentences
from domain.numbering import remarks
from domain.vertebrae import CORNERS, names_of
from inference.contracts import VERSION

PLAIN, BOLD = "Helvetica", "Helvetica-Bold"
_WIDTH, _HEIGHT = A4
_MARGIN, _GAP = 36.0, 18.0
_LEFT_WIDTH = 262.0
_RIGHT = _MARGIN + _LEFT_WIDTH + _GAP
_RIGHT_WIDTH = _WIDTH - _RIGHT - _MARGIN
_INK, _QUIET, _WARNING = (0.1, 0.12, 0.15), (0.4, 0.43, 0.48), (0.62, 0.35, 0.0)
_HASH_SIZE = 6.5  # so that 64 digits fit a line
_TALLEST_PX = 1600
_JPEG_QUALITY = 90
_WHO = {"free": "network", "hint": "hand", "pinned": "pinned"}


@dataclass
class _Pen:
    """Where the next line goes in a column of text."""

    canvas: Canvas
    left: float
    width: float
    y: float

    def say(
        self,
        words: str,
        *,
        size: float = 8.5,
        font: str = PLAIN,
        ink: tuple[float, float, float] = _INK,
    ) -> None:
        """Words, wrapped to the column."""
        self.canvas.setFillColorRGB(*ink)
        self.canvas.setFont(font, size)
        for line in _wrapped(printable(words), font=font, size=size, width=self.width):
            self.y -= 1.35 * size
            self.canvas.drawString(self.left, self.y, line)

    def head(self, words: str) -> None:
        """The title of a block."""
        self.y -= 9
        self.say(words, size=9.5, font=BOLD)
        self.y -= 2

    def row(self, cells: Iterable[str], *, widths: tuple[float, ...], font: str = PLAIN) -> None:
        """Cells of one line of a table."""
        size, left = 8.0, self.left
        self.y -= 1.4 * size
        self.canvas.setFillColorRGB(*_INK)
        self.canvas.setFont(font, size)
        for cell, width in zip(cells, widths, strict=True):
            self.canvas.drawString(left, self.y, printable(cell))
            left += width


def write_report(export: VertebraeExport, path: Path) -> None:
    """Write the page; the same export gives the same bytes.

    Raises:
        ExportFailed: the film has no corners, or the file cannot be written.
    """
    require_points(export)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle("Caliper report")
    canvas.setAuthor("Caliper")
    canvas.setSubject(RESEARCH_USE)
    top = _heading(canvas, export)
    _picture(canvas, export, top=top)
    pen = _Pen(canvas, _RIGHT, _RIGHT_WIDTH, top)
    for block in _BLOCKS:
        block(pen, export)
    _footer(canvas)
    canvas.showPage()
    canvas.save()
    write_atomically(path, buffer.getvalue())


def printable(words: str) -> str:
    """Words in the letters that a PDF reader brings along (Windows-1252); others become "?"."""
    shown = "".join(sign if sign.isprintable() else " " for sign in words)
    return shown.encode("cp1252", "replace").decode("cp1252")


def _heading(canvas: Canvas, export: VertebraeExport) -> float:
    """Draws the title; returns where the columns begin."""
    pen = _Pen(canvas, _MARGIN, _WIDTH - 2 * _MARGIN, _HEIGHT - _MARGIN)
    pen.say(_shortened(export.study, size=15), size=15, font=BOLD)
    written = export.created.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    pen.say(f"Spine film, frontal. Written {written} by Caliper {VERSION}.", ink=_QUIET)
    pen.say(RESEARCH_USE, font=BOLD, ink=_WARNING)
    if export.image.synthetic:
        pen.say("Synthetic: drawn by a program, no patient.", font=BOLD, ink=_WARNING)
    for doubt in sentences(export.annotations):
        pen.say(doubt, font=BOLD, ink=_WARNING)
    return pen.y - 6


def _picture(canvas: Canvas, export: VertebraeExport, *, top: float) -> None:
    film = overlaid_film(export)
    film.thumbnail((_TALLEST_PX, _TALLEST_PX), Pillow.Resampling.LANCZOS)
    buffer = io.BytesIO()
    film.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    buffer.seek(0)
    room = top - _MARGIN - 30
    scale = min(_LEFT_WIDTH / film.width, room / film.height)
    width, height = film.width * scale, film.height * scale
    canvas.drawImage(ImageReader(buffer), _MARGIN, top - height, width, height)
    pen = _Pen(canvas, _MARGIN, _LEFT_WIDTH, top - height - 2)
    pen.say(export.look.words, size=7.5, ink=_QUIET)


def _angles(pen: _Pen, export: VertebraeExport) -> None:
    pen.head(f"Cobb angles ({export.reading} reading)")
    for angle in shown_angles(export):
        cells = (angle.title, f"{angle.angle_deg:.1f}°", angle.ends)
        pen.row(cells, widths=(104, 44, 0), font=BOLD if angle.main else PLAIN)
        pen.say(", ".join(angle.details), size=7, ink=_QUIET)
    pen.y -= 3
    pen.say(f"{rule_words(export)}. {DEFINITIONS[export.reading]}", size=7, ink=_QUIET)


def _deciders(pen: _Pen, export: VertebraeExport) -> None:
    annotations = export.annotations
    pen.head("Who decided")
    accepted = annotations.accepted
    pen.say("A person accepted all corners." if accepted else "Not accepted by a person.")
    corners = range(len(require_points(export)))
    states = [state_of(index, annotations) for index in corners]
    free = "By the network" if annotations.origin else "Imported"
    pen.say(
        f"{len(states)} corners. By a hand: {states.count('hint')}. "
        f"Pinned: {states.count('pinned')}. {free}: {states.count('free')}."
    )
    if annotations.column:
        names = names_of(annotations)
        said = " ".join(remarks(names))
        pen.say(f"Counted by a person: {names[0]} to {names[-1]}. {said}".strip())
    pen.y -= 3
    widths = (40.0, 48.0, 48.0, 48.0, 48.0)
    pen.row(("", *CORNERS), widths=widths, font=BOLD)
    for vertebra, name in enumerate(names_of(annotations)):
        pen.row((name, *_placed_by(export, vertebra)), widths=widths)


def _placed_by(export: VertebraeExport, vertebra: int) -> Iterable[str]:
    who = _WHO if export.annotations.origin else _WHO | {"free": "imported"}
    first = vertebra * len(CORNERS)
    for index in range(first, first + len(CORNERS)):
        yield who[state_of(index, export.annotations)]


def _network(pen: _Pen, export: VertebraeExport) -> None:
    origin = export.annotations.origin
    pen.head("Network")
    if origin is None:
        pen.say("None was asked.")
        return
    pen.say(f"{origin.weights_id}, {mode_of(export.annotations).value.replace('_', ' ')}")
    pen.say(f"sha256 {origin.weights_sha256}", size=_HASH_SIZE, ink=_QUIET)
    pen.say(
        f"{origin.device}, {origin.dtype}, {origin.seconds:.2f} s, Caliper {origin.version}",
        size=7,
        ink=_QUIET,
    )


def _film(pen: _Pen, export: VertebraeExport) -> None:
    image = export.image
    pen.head("Film")
    rows, columns = image.shape
    pen.say(f"{_shortened(export.file, size=8.5)}  {rows} rows, {columns} columns")
    spacing = image.grid.spacing_mm
    pen.say(
        f"{spacing[0]:g} × {spacing[1]:g} mm a pixel, from {image.grid.source}."
        if spacing
        else "Uncalibrated: no lengths in millimetres."
    )
    pen.say(f"sha256 of the pixels {image.sha256}", size=_HASH_SIZE, ink=_QUIET)


_BLOCKS: tuple[Callable[[_Pen, VertebraeExport], None], ...] = (
    _angles,
    _deciders,
    _network,
    _film,
)


def _footer(canvas: Canvas) -> None:
    pen = _Pen(canvas, _MARGIN, _WIDTH - 2 * _MARGIN, _MARGIN + 4)
    pen.say(RESEARCH_USE, size=7.5, ink=_QUIET)


def _shortened(name: str, *, size: float) -> str:
    """A name that fits a line, its end kept: that is where films of one series differ."""
    room = int((_WIDTH - 2 * _MARGIN) / size * 1.6) if size > 10 else 44
    return name if len(name) <= room else f"…{name[-room:]}"


def _wrapped(words: str, *, font: str, size: float, width: float) -> list[str]:
    """Lines that fit; a word that is longer than a line, a sha256 for one, is broken."""
    lines: list[str] = []
    for line in simpleSplit(words, font, size, width):
        while stringWidth(line, font, size) > width:
            end = len(line)
            while stringWidth(line[:end], font, size) > width:
                end -= 1
            lines.append(line[:end])
            line = line[end:]
        lines.append(line)
    return lines

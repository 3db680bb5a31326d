"""A film with its overlays as SVG: the film as a picture inside, everything over it as vectors.

Lengths are pixels of the film, x the column and y the row, pixel centres at integers, whatever way
the film is turned: one transform carries film and vectors together.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
from PIL import Image as Pillow

from app.io.exporters.angles import rule_words, shown_angles
from app.io.exporters.facts import corner_names, require_anything, state_of
from app.io.exporters.look import Look
from app.io.exporters.overlay import (
    ENDS_SIZE,
    FIGURE_SIZE,
    NAME_SIZE,
    Ground,
    Mark,
    Overlay,
    overlay,
)
from app.io.exporters.spec import RESEARCH_USE, VertebraeExport
from app.io.writing import write_atomically
from domain.geometry import FloatArray

_SVG = "http://www.w3.org/2000/svg"
_HALF_CAPITAL = 0.36  # of a letter's size
_STYLE = """
line, polyline, path { fill: none; }
.plate { stroke: #6fd6ea; } .cobb { stroke: #9fe6a0; } .quiet { stroke: #6ea06f; }
.measure { stroke: #f3e96b; } .pill { fill: #0c1116; fill-opacity: 0.85; }
.free { fill: #a6ecf8; } .hint { fill: #ffb454; } .pinned { fill: #d3b4ff; }
.name, .ends, .reading { fill: #e1e7ef; } .angle { fill: #9fe6a0; } .synthetic { fill: #ffcf70; }
.angle { font-weight: 600; } circle, .rim { stroke: #05070a; } .rim { fill: #05070a; }
text { font-family: Inter, Helvetica, Arial, sans-serif; }
"""


def write_svg(export: VertebraeExport, path: Path) -> None:
    """Write the picture.

    Raises:
        ExportFailed: nothing was found on the film yet, or the file cannot be written.
    """
    write_atomically(path, Xml.tostring(svg_document(export), "utf-8", xml_declaration=True))


def svg_document(export: VertebraeExport) -> Xml.Element:
    """The picture as a tree.

    Raises:
        ExportFailed: nothing was found on the film yet.
    """
    require_anything(export)
    size = export.look.turned_shape(export.image.shape)
    unit = max(size) / 100
    root = Xml.Element(
        "svg",
        xmlns=_SVG,
        width=str(size[1]),
        height=str(size[0]),
        viewBox=f"-0.5 -0.5 {size[1]} {size[0]}",
    )
    Xml.SubElement(root, "title").text = _said(export.study)
    Xml.SubElement(root, "desc").text = _description(export)
    Xml.SubElement(root, "style").text = _STYLE
    turned = Xml.SubElement(root, "g", id="film", transform=_matrix(export.look, export))
    _film(turned, export)
    over = overlay(export, Ground(size, (1.0, 1.0), unit))
    _angle_lines(root, over, unit=unit)
    _corners(Xml.SubElement(root, "g", turned.attrib | {"id": "corners"}), export, unit=unit)
    for line in (line for measure in over.measures for line in measure.lines):
        _line(root, line, kind="measure", width=0.2 * unit)
    _words(root, over, unit=unit)
    if export.image.synthetic:
        at = (3 * unit, unit)
        _text(root, "SYNTHETIC", at=at, size=2.6 * unit, kind="synthetic", anchor="start")
    return root


def _matrix(look: Look, export: VertebraeExport) -> str:
    """The look as SVG says it, from where it takes three places."""
    probes = look.placed(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]), shape=export.image.shape)
    (f, e), right, down = probes.tolist()
    a, b, c, d = right[1] - e, right[0] - f, down[1] - e, down[0] - f
    return f"matrix({' '.join(f'{value:g}' for value in (a, b, c, d, e, f))})"


def _film(group: Xml.Element, export: VertebraeExport) -> None:
    buffer = io.BytesIO()
    Pillow.fromarray(export.look.brightness(export.image)).save(buffer, "PNG")
    rows, columns = export.image.shape
    Xml.SubElement(
        group,
        "image",
        x="-0.5",
        y="-0.5",
        width=str(columns),
        height=str(rows),
        href="data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode(),
    )


def _corners(group: Xml.Element, export: VertebraeExport, *, unit: float) -> None:
    """End-plates and corners where they are on the film."""
    if export.annotations.points is None:
        return
    corners = export.annotations.points.coordinates
    for plate in corners.reshape(-1, 2, 2):
        _line(group, plate, kind="plate", width=0.15 * unit)
    for index, name in enumerate(corner_names(export.annotations)):
        row, column = corners[index]
        state = state_of(index, export.annotations)
        radius = (0.3 if state == "free" else 0.45) * unit
        place = {"cx": _number(column), "cy": _number(row), "r": _number(radius)}
        rim = _number(0.1 * unit)
        Xml.SubElement(group, "circle", place, id=name, **{"class": state, "stroke-width": rim})


def _angle_lines(root: Xml.Element, over: Overlay, *, unit: float) -> None:
    for mark in reversed(over.marks):
        kind, width = ("cobb", 0.2 * unit) if mark.angle.main else ("cobb quiet", 0.16 * unit)
        for line in mark.shape.lines:
            _line(root, line, kind=kind, width=width)
        (_, start), (_, end) = mark.shape.lines
        places = (
            f"{_number(column)} {_number(row)}" for row, column in (start, mark.shape.bend, end)
        )
        options = {"d": "M{} Q{} {}".format(*places), "class": kind, "stroke-width": _number(width)}
        Xml.SubElement(root, "path", options)


def _line(group: Xml.Element, places: FloatArray, *, kind: str, width: float) -> None:
    """A straight line through two (row, column) places, or a bent one through more."""
    options = {"class": kind, "stroke-width": _number(width)}
    if len(places) > 2:
        told = " ".join(f"{_number(column)},{_number(row)}" for row, column in places)
        Xml.SubElement(group, "polyline", options, points=told)
        return
    (y1, x1), (y2, x2) = ((_number(row), _number(column)) for row, column in places)
    Xml.SubElement(group, "line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2}, **options)


def _words(root: Xml.Element, over: Overlay, *, unit: float) -> None:
    """Names, readings and angles, upright however the film is turned."""
    size = NAME_SIZE * unit
    for kind, many in (("name", over.names), ("reading", over.readings)):
        for one in many:
            _text(root, one.words, at=(one.box.row, one.box.column), size=size, kind=kind)
    for mark in over.marks:
        _angle(root, mark, unit=unit)


def _angle(root: Xml.Element, mark: Mark, *, unit: float) -> None:
    """The figure over the names of the end vertebrae, on a dark ground."""
    box, angle = mark.box, mark.angle
    Xml.SubElement(
        root,
        "rect",
        {
            "x": _number(box.column - box.width / 2),
            "y": _number(box.row - box.height / 2),
            "width": _number(box.width),
            "height": _number(box.height),
            "rx": _number(unit),
            "class": "pill cobb" if angle.main else "pill cobb quiet",
            "stroke-width": _number(0.1 * unit),
        },
    )
    half = 0.58 * unit
    at = (box.row - half * ENDS_SIZE, box.column)
    _text(root, angle.figure, at=at, size=FIGURE_SIZE * unit, kind="angle")
    at = (box.row + half * FIGURE_SIZE, box.column)
    _text(root, angle.ends, at=at, size=ENDS_SIZE * unit, kind="ends")


def _text(
    root: Xml.Element,
    words: str,
    *,
    at: tuple[float, float],
    size: float,
    kind: str,
    anchor: str = "middle",
) -> None:
    """Words over their own dark rim; `paint-order` would do, but not every program knows it."""
    options = {
        "x": _number(at[1]),
        "y": _number(at[0] + _HALF_CAPITAL * size),  # few programs know `dominant-baseline`
        "font-size": _number(size),
        "text-anchor": anchor,
    }
    rim = options | {
        "class": f"{kind} rim",
        "stroke-width": _number(size / 6),
        "aria-hidden": "true",
    }
    for option in (rim, options | {"class": kind}):
        Xml.SubElement(root, "text", option).text = _said(words)


def _description(export: VertebraeExport) -> str:
    accepted = "accepted" if export.annotations.accepted else "not accepted by a person"
    said = []
    if export.annotations.points is not None:
        angles = [angle.line for angle in shown_angles(export)]
        said = [f"Angles: {'; '.join((*angles, rule_words(export)))}.", f"Corners {accepted}."]
    if export.look.words:
        said.append(f"{export.look.words}.")
    return " ".join([*said, RESEARCH_USE])


def _number(value: float) -> str:
    return repr(float(value))


def _said(text: str) -> str:
    """A text that XML can hold: no half characters, no control characters."""
    whole = text.encode("utf-8", "replace").decode()
    return "".join(sign if sign.isprintable() else "?" for sign in whole)

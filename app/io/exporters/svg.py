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

from app.io.exporters.facts import angles_of, by_role, corner_names, require_points, state_of
from app.io.exporters.look import Look
from app.io.exporters.spec import RESEARCH_USE, VertebraeExport
from app.io.writing import write_atomically
from domain.geometry import FloatArray
from domain.vertebrae import names_of

_SVG = "http://www.w3.org/2000/svg"
_STYLE = """
.plate { stroke: #6fd6ea; } .cobb { stroke: #9fe6a0; }
.free { fill: #a6ecf8; } .hint { fill: #ffb454; } .pinned { fill: #d3b4ff; }
.name { fill: #e1e7ef; } .angle { fill: #9fe6a0; } .synthetic { fill: #ffcf70; }
circle, .rim { stroke: #05070a; } .rim { fill: #05070a; }
text { font-family: Inter, Helvetica, Arial, sans-serif; }
"""


def write_svg(export: VertebraeExport, path: Path) -> None:
    """Write the picture.

    Raises:
        ExportFailed: the film has no corners, or the file cannot be written.
    """
    write_atomically(path, Xml.tostring(svg_document(export), "utf-8", xml_declaration=True))


def svg_document(export: VertebraeExport) -> Xml.Element:
    """The picture as a tree.

    Raises:
        ExportFailed: the film has no corners.
    """
    corners = require_points(export).coordinates
    height, width = export.image.shape
    seen_width, seen_height = (height, width) if export.look.is_sideways else (width, height)
    unit = max(height, width) / 100
    root = Xml.Element(
        "svg",
        xmlns=_SVG,
        width=str(seen_width),
        height=str(seen_height),
        viewBox=f"-0.5 -0.5 {seen_width} {seen_height}",
    )
    Xml.SubElement(root, "title").text = _said(export.study)
    Xml.SubElement(root, "desc").text = _description(export)
    Xml.SubElement(root, "style").text = _STYLE
    turned = Xml.SubElement(root, "g", id="film", transform=_matrix(export.look, export))
    _film(turned, export)
    _lines(turned, export, corners, unit=unit)
    for index, name in enumerate(corner_names(export.annotations)):
        row, column = corners[index]
        state = state_of(index, export.annotations)
        radius = (0.3 if state == "free" else 0.45) * unit
        place = {"cx": _number(column), "cy": _number(row), "r": _number(radius)}
        rim = _number(0.1 * unit)
        Xml.SubElement(turned, "circle", place, id=name, **{"class": state, "stroke-width": rim})
    _words(root, export, export.look.placed(corners, shape=(height, width)), unit=unit)
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


def _lines(
    group: Xml.Element, export: VertebraeExport, corners: FloatArray, *, unit: float
) -> None:
    vertebrae = corners.reshape(-1, 4, 2)
    for top_left, top_right, bottom_left, bottom_right in vertebrae:
        _line(group, top_left, top_right, kind="plate", width=0.15 * unit)
        _line(group, bottom_left, bottom_right, kind="plate", width=0.15 * unit)
    main = angles_of(export).main
    for vertebra in (main.upper, main.lower):
        left, right = (vertebrae[vertebra, [side, side + 2]].mean(axis=0) for side in (0, 1))
        along = right - left
        _line(group, left - along, right + along, kind="cobb", width=0.2 * unit)


def _line(
    group: Xml.Element, start: FloatArray, end: FloatArray, *, kind: str, width: float
) -> None:
    ends = {
        "x1": _number(start[1]),
        "y1": _number(start[0]),
        "x2": _number(end[1]),
        "y2": _number(end[0]),
    }
    Xml.SubElement(group, "line", ends, **{"class": kind, "stroke-width": _number(width)})


def _words(root: Xml.Element, export: VertebraeExport, seen: FloatArray, *, unit: float) -> None:
    """Names, the main angle and what the film is, upright however the film is turned."""
    size, vertebrae = 1.7 * unit, seen.reshape(-1, 4, 2)
    axis = 0 if export.look.is_sideways else 1
    for name, four in zip(names_of(export.annotations), vertebrae, strict=True):
        row, column = four.mean(axis=0)
        row, column = (four[:, 0].min() - unit, column) if axis == 0 else (row, four[:, 1].min())
        anchor = "middle" if axis == 0 else "end"
        at = (float(row), float(column) - axis * unit)
        _text(root, name, at=at, size=size, kind="name", anchor=anchor)
    main = angles_of(export).main
    between = vertebrae[main.upper : main.lower + 1].reshape(-1, 2)
    row, column = between.mean(axis=0)
    at = (
        (float(between[:, 0].max()) + 4 * unit, float(column))
        if axis == 0
        else (float(row), float(between[:, 1].max()) + 2 * unit)
    )
    _text(root, f"{main.angle_deg:.1f}°", at=at, size=2.8 * unit, kind="angle")
    if export.image.synthetic:
        _text(root, "SYNTHETIC", at=(3 * unit, unit), size=2.6 * unit, kind="synthetic")


def _text(
    root: Xml.Element,
    words: str,
    *,
    at: tuple[float, float],
    size: float,
    kind: str,
    anchor: str = "start",
) -> None:
    """Words over their own dark rim; `paint-order` would do, but not every program knows it."""
    options = {
        "x": _number(at[1]),
        "y": _number(at[0]),
        "font-size": _number(size),
        "text-anchor": anchor,
        "dominant-baseline": "middle",
    }
    rim = options | {"class": "rim", "stroke-width": _number(size / 6), "aria-hidden": "true"}
    for option in (rim, options | {"class": kind}):
        Xml.SubElement(root, "text", option).text = words


def _description(export: VertebraeExport) -> str:
    names = names_of(export.annotations)
    angles = [
        f"{role} {angle.angle_deg:.1f}° {names[angle.upper]} to {names[angle.lower]}"
        for role, angle in by_role(angles_of(export))
    ]
    accepted = "accepted" if export.annotations.accepted else "not accepted by a person"
    said = [f"Cobb angles by the AASCE rule: {'; '.join(angles)}.", f"Corners {accepted}."]
    if export.look.words:
        said.append(f"{export.look.words}.")
    return " ".join([*said, RESEARCH_USE])


def _number(value: float) -> str:
    return repr(float(value))


def _said(text: str) -> str:
    """A text that XML can hold: no half characters, no control characters."""
    whole = text.encode("utf-8", "replace").decode()
    return "".join(sign if sign.isprintable() else "?" for sign in whole)

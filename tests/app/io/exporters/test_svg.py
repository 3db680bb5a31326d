"""The drawing holds the film and, over it, every corner where it is."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
from PIL import Image as Pillow

from app.io.exporters.look import Look
from app.io.exporters.svg import write_svg
from domain.annotation import Hint
from domain.curves import Reading, curves_of
from domain.geometry import Points
from domain.image import Image
from domain.measures import Measure, MeasureKind
from domain.numbering import LEVELS
from domain.vertebrae import cobb_angles, shifted_column
from tests.app.io.leaving import COLUMNS, FILM, ROWS, bent_column, column, decided, export

NS = {"svg": "http://www.w3.org/2000/svg"}
SEEN = np.random.default_rng(2).integers(0, 255, (ROWS, COLUMNS)).astype(np.uint8)


def drawn(tmp_path: Path, **changes: object) -> Xml.Element:
    write_svg(replace(export(), **changes), tmp_path / "a.svg")
    return Xml.parse(tmp_path / "a.svg").getroot()


def circles(root: Xml.Element) -> list[Xml.Element]:
    return root.findall(".//svg:circle", NS)


@pytest.mark.parametrize("look", [Look(), Look(SEEN, True, False, 3)])
def test_coordinates_are_those_of_the_film(tmp_path: Path, look: Look) -> None:
    root = drawn(tmp_path, look=look)
    places = [(float(one.get("cy")), float(one.get("cx"))) for one in circles(root)]
    assert np.array_equal(places, column())
    assert [one.get("id") for one in circles(root)][:5] == [
        "T1.TL",
        "T1.TR",
        "T1.BL",
        "T1.BR",
        "T2.TL",
    ]
    assert len(root.findall(".//svg:line[@class='plate']", NS)) == 34


@pytest.mark.parametrize(
    "look", [Look(), Look(None, True), Look(None, True, True, 1), Look(None, quarter_turns=3)]
)
def test_the_transform_is_the_look(tmp_path: Path, look: Look) -> None:
    root = drawn(tmp_path, look=look)
    text = root.find("svg:g", NS).get("transform")
    a, b, c, d, e, f = (float(value) for value in text[len("matrix(") : -1].split())
    rows, columns = column().T
    seen = np.stack([b * columns + d * rows + f, a * columns + c * rows + e], axis=1)
    assert np.allclose(seen, look.placed(column(), shape=FILM.shape))
    width, height = (float(root.get(side)) for side in ("width", "height"))
    assert (width, height) == ((ROWS, COLUMNS) if look.is_sideways else (COLUMNS, ROWS))


def test_the_film_is_inside_as_it_was_seen(tmp_path: Path) -> None:
    film = drawn(tmp_path, look=Look(SEEN)).find(".//svg:image", NS)
    data = base64.b64decode(film.get("href").partition(",")[2])
    with Pillow.open(io.BytesIO(data)) as picture:
        assert np.array_equal(np.asarray(picture), SEEN)
    assert [float(film.get(key)) for key in ("x", "y", "width", "height")] == [
        -0.5,
        -0.5,
        COLUMNS,
        ROWS,
    ]


def test_states_names_and_angles_are_told(tmp_path: Path) -> None:
    pinned = export(pins=frozenset({6}), column=shifted_column(1))
    hinted = pinned.annotations.with_hints((Hint(2, 50.0, 60.0),))
    root = drawn(tmp_path, annotations=hinted, study="a <b> & \udcff\x00 film")
    assert [circles(root)[index].get("class") for index in (2, 5, 6)] == ["hint", "free", "pinned"]
    words = texts(root)
    assert words[:2] == ["T2", "T3"]
    assert words[16] == "S1"
    assert root.findtext("svg:title", namespaces=NS) == "a <b> & ?? film"
    said = root.findtext("svg:desc", namespaces=NS)
    assert "Corners not accepted" in said
    assert "Research use only" in said


def texts(root: Xml.Element, kind: str = "") -> list[str]:
    """What can be read, without the rims."""
    every = [one for one in root.findall(".//svg:text", NS) if "rim" not in one.get("class")]
    return [one.text for one in every if kind in one.get("class")]


def test_the_curves_of_the_reading_chosen_are_drawn(tmp_path: Path) -> None:
    bent = replace(export(), annotations=decided(points=Points(bent_column())))
    aspect = FILM.grid.aspect
    curves = curves_of(bent.annotations, aspect=aspect)
    assert len(curves) >= 2
    main = cobb_angles(bent_column(), image_rows=ROWS).main
    clinical = drawn(tmp_path, annotations=bent.annotations)
    aasce = drawn(tmp_path, annotations=bent.annotations, reading=Reading.AASCE)
    figures = {f"{curve.region or ''} {curve.angle_deg:.1f}°".strip() for curve in curves}
    assert set(texts(clinical, "angle")) == figures
    assert len(clinical.findall(".//svg:path", NS)) == len(curves)
    assert len(clinical.findall(".//svg:line[@class='cobb']", NS)) == 2
    assert len(clinical.findall(".//svg:line[@class='cobb quiet']", NS)) == 2 * len(curves) - 2
    assert f"{LEVELS[curves[0].upper]}–{LEVELS[curves[0].lower]}" in texts(clinical, "ends")
    assert texts(aasce, "angle")[0] == f"{main.angle_deg:.1f}°"
    assert f"Main {main.angle_deg:.1f}°" in aasce.findtext("svg:desc", namespaces=NS)


def test_what_was_measured_by_hand_is_drawn(tmp_path: Path) -> None:
    line = Measure("m", MeasureKind.LINE, ((20.0, 10.0), (60.0, 40.0)), label="shoulder")
    root = drawn(tmp_path, annotations=decided(points=None, measures=(line,)))
    assert circles(root) == []
    (stroke,) = root.findall(".//svg:line[@class='measure']", NS)
    assert [float(stroke.get(key)) for key in ("y1", "x1", "y2", "x2")] == [20, 10, 60, 40]
    (words,) = texts(root)
    assert words.startswith("shoulder   50.0 px")


def test_a_synthetic_film_says_so(tmp_path: Path) -> None:
    write_svg(export(Image(FILM.pixels, synthetic=True)), tmp_path / "a.svg")
    assert "SYNTHETIC" in (tmp_path / "a.svg").read_text(encoding="utf-8")
    write_svg(export(), tmp_path / "a.svg")
    assert "SYNTHETIC" not in (tmp_path / "a.svg").read_text(encoding="utf-8")

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
from domain.image import Image
from domain.vertebrae import cobb_angles, shifted_column
from tests.app.io.leaving import COLUMNS, FILM, ROWS, column, export

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
    assert len(root.findall(".//svg:line[@class='cobb']", NS)) == 2


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
    decided = export(pins=frozenset({6}), column=shifted_column(1))
    hinted = decided.annotations.with_hints((Hint(2, 50.0, 60.0),))
    root = drawn(tmp_path, annotations=hinted, study="a <b> & \udcff\x00 film")
    assert [circles(root)[index].get("class") for index in (2, 5, 6)] == ["hint", "free", "pinned"]
    words = [one.text for one in root.findall(".//svg:text", NS) if one.get("class") != "rim"]
    main = cobb_angles(hinted.points.coordinates, image_rows=ROWS).main.angle_deg
    assert words[:2] == ["T2", "T3"]
    assert words[16:18] == ["S1", f"{main:.1f}°"]
    assert root.findtext("svg:title", namespaces=NS) == "a <b> & ?? film"
    said = root.findtext("svg:desc", namespaces=NS)
    assert f"main {main:.1f}°" in said
    assert "Research use only" in said


def test_a_synthetic_film_says_so(tmp_path: Path) -> None:
    write_svg(export(Image(FILM.pixels, synthetic=True)), tmp_path / "a.svg")
    assert "SYNTHETIC" in (tmp_path / "a.svg").read_text(encoding="utf-8")
    write_svg(export(), tmp_path / "a.svg")
    assert "SYNTHETIC" not in (tmp_path / "a.svg").read_text(encoding="utf-8")

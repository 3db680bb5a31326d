"""The rows that panel and clipboard show: what is measured, and the side only where it is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from domain.angles import read_angles
from domain.annotation import Annotations, CurveEnds
from domain.curves import Reading
from domain.geometry import Points
from domain.grid import Grid
from domain.image import Image, Presentation
from domain.provenance import Mode, ModelOrigin
from domain.vertebrae import shifted_column
from tests.domain.test_curves import drawn

PIXELS = np.zeros((2400, 900), dtype=np.uint8)
SHOWN = Annotations("a", points=Points(drawn(np.linspace(-20, 20, 17))))


def film(**changes: object) -> Image:
    return Image(PIXELS, sha256="a", **changes)  # type: ignore[arg-type]


def lines(shown: Annotations, image: Image, reading: Reading) -> list[str]:
    return [row.columns for row in read_angles(shown, image, reading=reading)]


def test_both_readings_as_text() -> None:
    clinical = lines(SHOWN, film(), Reading.CLINICAL)
    assert clinical == ["Main thoracic\t40.0°\tT1–L5\tapex T9"]
    aasce = lines(SHOWN, film(), Reading.AASCE)
    assert aasce[0] == "Main\t40.0°\tT1–L5\tC-shaped column"
    assert aasce[1:] == ["Second\t0.0°\tno further curve", "Third\t0.0°\tno further curve"]


@pytest.mark.parametrize(("left", "side"), [("R", "left"), ("L", "right")])
def test_the_side_is_that_of_the_patient(left: str, side: str) -> None:
    marked = film(presentation=Presentation(left=left))
    assert lines(SHOWN, marked, Reading.CLINICAL)[0].endswith(f"\tconvex to the {side}")


def test_pixels_that_are_not_square_count_as_they_are() -> None:
    flat = film(grid=Grid((0.1, 0.2), "a ruler"))  # half as high as wide
    tall = 2 * np.degrees(np.arctan(0.5 * np.tan(np.radians(20))))
    for reading in Reading:
        (row, *_) = read_angles(SHOWN, flat, reading=reading)
        assert row.angle_deg == pytest.approx(tall)


def test_chosen_ends_and_shifted_names_are_shown() -> None:
    shown = replace(SHOWN, curve_ends=(CurveEnds(0, 4),), column=shifted_column(2))
    assert lines(shown, film(), Reading.CLINICAL) == ["Proximal thoracic\t10.0°\tT3–T7\tapex T5"]


def test_nothing_found_shows_nothing() -> None:
    for reading in Reading:
        assert read_angles(Annotations("a"), film(), reading=reading) == ()


def test_angles_are_read_in_the_mode_of_the_network_behind_the_corners() -> None:
    straight = Annotations("a", points=Points(drawn(np.zeros(17))))
    published = ModelOrigin("unet", "0" * 64, Mode.AS_PUBLISHED, "cpu", "float32", 0.0, "test")
    found = [straight, replace(straight, origin=published)]
    shapes = [read_angles(case, film(), reading=Reading.AASCE)[0].details for case in found]
    assert shapes == [("C-shaped column",), ("S-shaped column",)], "0/0 is S as published"

"""Plots: well-formed SVG, everything inside the sheet, words escaped."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from training.plots import Axes, Series, lines_svg, scatter_svg

SVG = "{http://www.w3.org/2000/svg}"
AXES = Axes("errors < all & more", "clicks", "pixels")


def test_lines_have_a_band_and_a_mark_for_each_value() -> None:
    series = Series("a & b", [0, 1, 2], [9.0, 5.0, 4.0], [8.0, 4.0, 3.0], [10.0, 6.0, 5.0])
    tree = ElementTree.fromstring(lines_svg([series], AXES))
    assert len(tree.findall(f"{SVG}polygon")) == 1
    circles = tree.findall(f"{SVG}circle")
    heights = [float(circle.get("cy", "nan")) for circle in circles]
    assert heights == sorted(heights)  # smaller values lie lower
    assert all(0 <= height <= 400 for height in heights)
    words = [text.text for text in tree.findall(f"{SVG}text")]
    assert "a & b" in words


def test_points_on_the_line_are_right() -> None:
    tree = ElementTree.fromstring(scatter_svg([Series("main", [10.0, 37.0], [10.0, 12.0])], AXES))
    start, end = (
        [float(number) for number in place.split(",")]
        for place in tree.findall(f"{SVG}polyline")[0].get("points", "").split()
    )
    on, off = (
        (float(c.get("cx", "nan")), float(c.get("cy", "nan"))) for c in tree.findall(f"{SVG}circle")
    )
    slope = (end[1] - start[1]) / (end[0] - start[0])
    assert on[1] - start[1] == pytest.approx(slope * (on[0] - start[0]), abs=0.2)
    assert off[1] > start[1] + slope * (off[0] - start[0]) + 10


def test_nothing_to_draw_is_a_plot_too() -> None:
    ElementTree.fromstring(scatter_svg([], AXES))
    ElementTree.fromstring(lines_svg([Series("none", [], [])], AXES))
    ElementTree.fromstring(lines_svg([Series("zero", [0.0], [0.0])], AXES))

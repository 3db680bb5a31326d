"""The corners layer: what it refuses, what it draws, what can be taken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from app.canvas.layers.corners import CALM_MS, CornersLayer
from app.canvas.layers.corners_data import CobbLine, CornersData
from app.canvas.layers.hit import nearest
from app.canvas.view import ImageView
from domain.cobb_shape import cobb_shape
from domain.errors import ImageMismatch
from domain.image import Image
from tests.app.canvas.conftest import column_of, data_of, film


def test_corners_of_another_image_are_refused(
    view: ImageView, layer: CornersLayer, image: Image
) -> None:
    before = layer.shown_data
    other = film(seed=8)
    with pytest.raises(ImageMismatch) as refusal:
        layer.set_data(data_of(other))
    assert other.sha256[:12] in str(refusal.value)
    assert image.sha256[:12] in str(refusal.value)
    assert layer.shown_data is before, "what was drawn stays"


def test_corners_without_a_film_are_refused(qtbot, image: Image) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    layer = CornersLayer()
    view.add_layer(layer)
    with pytest.raises(ImageMismatch):
        layer.set_data(data_of(image))


@pytest.mark.parametrize(
    "changes",
    [
        {"coordinates": np.zeros((67, 2))},
        {"coordinates": np.full((68, 2), np.nan)},
        {"coordinates": np.zeros((68, 3))},
        {"ghosts": np.zeros((4, 2))},
        {"labels": ("T1", "T2")},
    ],
)
def test_misshapen_data_are_refused(image: Image, changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"expected|finite"):
        data_of(image, **changes)


def test_data_cannot_be_changed_from_outside(image: Image) -> None:
    coordinates = column_of(image)
    data = CornersData(coordinates, image.sha256)
    coordinates[0] = -1
    assert data.coordinates[0].tolist() != [-1, -1]
    with pytest.raises(ValueError, match="read-only"):
        data.coordinates[0] = 0


def test_the_nearest_within_reach_is_hit_and_the_selected_preferred() -> None:
    points = np.array([[0.0, 0.0], [8.0, 0.0], [100.0, 0.0]])
    assert nearest(points, at=(3.0, 0.0)) == 0
    assert nearest(points, at=(5.0, 0.0)) == 1
    assert nearest(points, at=(3.0, 0.0), preferred=1) == 1
    assert nearest(points, at=(0.0, 0.0), preferred=1) == 0, "plainly on the other one"
    assert nearest(points, at=(50.0, 0.0)) is None
    assert nearest(points, at=(50.0, 0.0), preferred=0) is None
    assert nearest(points, at=(100.0, 12.0)) == 2
    assert nearest(points, at=(100.0, 12.01)) is None
    assert nearest(np.empty((0, 2)), at=(0.0, 0.0)) is None


def looks(view: ImageView, layer: CornersLayer, data: CornersData) -> bytes:
    """The canvas as drawn, as bytes."""
    layer.set_data(data)
    picture = view.grab().toImage()
    return bytes(picture.constBits())


def test_every_state_looks_different(view: ImageView, layer: CornersLayer, image: Image) -> None:
    view.zoom_by(3)
    plain = data_of(image)
    index = 32  # in the middle of the canvas
    ghosts = plain.coordinates + np.array([0.0, 9.0])
    variants = {
        "plain": plain,
        "hint": replace(plain, hints=frozenset({index})),
        "pin": replace(plain, pins=frozenset({index})),
        "both": replace(plain, hints=frozenset({index}), pins=frozenset({index})),
        "selected": replace(plain, selected=index),
        "ghosts": replace(plain, ghosts=ghosts),
        "no names": replace(plain, labels=()),
        "angle": replace(plain, cobb=(CobbLine(upper=7, lower=9, angle_deg=12.3),)),
    }
    pictures = {name: looks(view, layer, data) for name, data in variants.items()}
    assert len(set(pictures.values())) == len(variants)


def test_lines_have_no_rims_while_the_hand_zooms_and_have_them_again(
    view: ImageView, layer: CornersLayer, image: Image, qtbot: QtBot
) -> None:
    layer.set_data(data_of(image))
    view.fit()
    qtbot.wait(2 * CALM_MS)
    fine = view.grab().toImage()
    view.zoom_by(1.5)
    view.fit()
    assert view.grab().toImage() != fine
    qtbot.waitUntil(lambda: view.grab().toImage() == fine)


def test_shapes_tell_states_apart_without_colour(
    view: ImageView, layer: CornersLayer, image: Image, qtbot: QtBot
) -> None:
    """A hint is filled where a free corner is open: the middle differs in brightness alone."""
    view.zoom_by(3)
    qtbot.wait(2 * CALM_MS)
    index = 32
    at = (view.map_from_image(*column_of(image)[index]) * view.devicePixelRatioF()).toPoint()

    def middle(data: CornersData) -> int:
        layer.set_data(data)
        return view.grab().toImage().pixelColor(at).lightness()

    free = middle(data_of(image))
    assert abs(middle(data_of(image, hints=frozenset({index}))) - free) > 25
    assert abs(middle(data_of(image, pins=frozenset({index}))) - free) > 25


@pytest.mark.parametrize("part", ["corners", "lines", "labels"])
def test_parts_can_be_left_out(
    view: ImageView, layer: CornersLayer, image: Image, part: str
) -> None:
    whole = looks(view, layer, data_of(image))
    layer.set_part_visible(part, False)
    assert looks(view, layer, data_of(image)) != whole
    at = view.map_from_image(*column_of(image)[4])
    assert layer.hover(at) is (part != "corners"), "hidden corners can't be taken"
    layer.set_part_visible(part, True)
    layer.hover(None)
    assert looks(view, layer, data_of(image)) == whole


def test_an_unknown_part_is_refused(layer: CornersLayer) -> None:
    with pytest.raises(ValueError, match="bones"):
        layer.set_part_visible("bones", True)


def test_hovering_tells_which_and_that_it_ended(
    view: ImageView, layer: CornersLayer, image: Image
) -> None:
    told: list[int] = []
    layer.hovered.connect(told.append)
    at = view.map_from_image(*column_of(image)[10])
    for place in (at, at + QPointF(1, 0), QPointF(5, 5), None):
        layer.hover(place)
    assert told == [10, -1]


def test_the_pulse_runs_only_while_there_is_something_to_check(
    layer: CornersLayer, image: Image
) -> None:
    assert not layer._clock.isActive()
    layer.set_data(data_of(image, pulse=3))
    assert layer._clock.isActive()
    layer.set_data(None)
    assert not layer._clock.isActive()


def test_a_removed_layer_is_reached_no_more(
    view: ImageView, layer: CornersLayer, image: Image
) -> None:
    view.remove_layer(layer)
    assert view.layers == ()
    assert layer.scene() is None


@pytest.mark.parametrize(("tilt", "side"), [(0.3, 1.0), (-0.3, -1.0)])
def test_cobb_lines_meet_where_they_are_drawn_to(image: Image, tilt: float, side: float) -> None:
    """The upper vertebra tilts: the lines come together on one side, and the label lies there."""
    screen = column_of(image)[:, ::-1].copy()
    upper = screen[12:16]
    middle = upper.mean(axis=0)
    cos, sin = np.cos(tilt), np.sin(tilt)
    screen[12:16] = (upper - middle) @ np.array([[cos, sin], [-sin, cos]]) + middle
    shape = cobb_shape(screen, upper=3, lower=10)
    assert np.sign(shape.outward[0]) == side
    gaps = np.linalg.norm(shape.lines[1] - shape.lines[0], axis=1)
    assert gaps[1] < gaps[0], "the long ends are nearer to each other than the short ones"
    assert (shape.label[0] - middle[0]) * side > 0

"""What goes down to the engine: pixels by identity and rounds of hints, nothing about a person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.tasks.vertebrae.request import build_request
from domain.annotation import Annotations, Hint
from domain.errors import ImageMismatch, NotForThisTask
from domain.grid import Grid
from domain.image import Cine, Image, Presentation


@pytest.fixture
def film() -> Image:
    return Image(np.zeros((300, 120), dtype=np.uint8), grid=Grid((0.2, 0.2), "a ruler"))


def test_rounds_travel_in_order(film: Image) -> None:
    decided = (
        Annotations(film.sha256).with_hints((Hint(3, 1.0, 2.0),)).with_hints((Hint(3, 5.0, 6.0),))
    )
    request = build_request(film, decided, "weights")
    assert request.prompt.rounds == ((Hint(3, 1.0, 2.0),), (Hint(3, 5.0, 6.0),))
    assert request.images == (film.sha256,)
    assert request.spacing_mm == (0.2, 0.2)


def test_no_decisions_mean_a_fresh_question(film: Image) -> None:
    assert build_request(film, None, "weights").prompt.rounds == ()


def test_decisions_on_other_pixels_are_refused(film: Image) -> None:
    with pytest.raises(ImageMismatch):
        build_request(film, Annotations("f" * 64), "weights")


def test_too_small_an_image_is_refused_in_words() -> None:
    with pytest.raises(NotForThisTask, match="31 x 200"):
        build_request(Image(np.zeros((31, 200), dtype=np.uint8)), None, "weights")


def test_a_film_shown_inverted_is_told_to_the_network(film: Image) -> None:
    assert not build_request(film, None, "w").options.inverted
    turned = replace(film, presentation=Presentation(inverted=True))
    assert build_request(turned, None, "w").options.inverted


def test_what_moves_is_no_spine_film() -> None:
    frames = np.zeros((3, 300, 120), np.uint8)
    with pytest.raises(NotForThisTask, match="3 frames"):
        build_request(Image(frames[0], cine=Cine(frames)), None, "weights")

"""A person's choice of a task holds for the pictures that come after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.session.retasking import use_task
from domain.image import Image
from tests.app.session.implant_sitting import ImplantSitting, a_cine, a_panoramic


@pytest.fixture
def sitting(tmp_path: Path, qtbot: QtBot) -> Iterator[ImplantSitting]:
    running = ImplantSitting(tmp_path)
    yield running
    running.close()


def test_the_next_still_picture_is_taken_for_the_same(sitting: ImplantSitting) -> None:
    sitting.show(a_panoramic())
    assert sitting.session.task == "vertebrae"
    use_task(sitting.session, "implant")
    sitting.show(a_panoramic(seed=2), "second")
    assert sitting.session.task == "implant"
    use_task(sitting.session, "vertebrae")
    sitting.show(a_panoramic(seed=3), "third")
    assert sitting.session.task == "vertebrae"


def test_a_spine_film_is_none_because_a_panoramic_film_was(sitting: ImplantSitting) -> None:
    sitting.show(a_panoramic())
    use_task(sitting.session, "implant")
    tall = Image(np.ascontiguousarray(a_panoramic(seed=4).pixels.T))
    sitting.show(tall, "tall")
    assert sitting.session.task == "vertebrae"
    assert sitting.asking.is_busy  # its corners are looked for by themselves


def test_what_was_chosen_for_a_film_that_moves_says_nothing_of_still_ones(
    sitting: ImplantSitting,
) -> None:
    sitting.show(a_cine())
    assert sitting.session.task == "implant"
    use_task(sitting.session, "vertebrae")
    use_task(sitting.session, "implant")
    sitting.show(a_panoramic())
    assert sitting.session.task == "vertebrae"

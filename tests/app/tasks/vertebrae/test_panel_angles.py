"""The rows of angles beside the film."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.session.curves import CurveReading
from app.tasks.vertebrae.panel_angles import AnglesView
from domain.angles import NO_CURVE
from tests.app.session.conftest import begin, found
from tests.app.session.sitting import Sitting

__all__ = ["begin", "found"]


@pytest.fixture
def angles(found: Sitting, qtbot: QtBot) -> AnglesView:
    view = AnglesView(found.session, found.editing, CurveReading(found.session, found.editing))
    qtbot.addWidget(view)
    view.show()
    return view


def said(view: AnglesView) -> list[str]:
    return [label.text() for label in view.findChildren(QLabel) if label.isVisible()]


def bend(found: Sitting, *, by: float) -> None:
    row, place = found.points[20]
    found.editing.move((row + by, place))


def test_nothing_jumps_under_a_hand_that_makes_curves_come_and_go(
    found: Sitting, angles: AnglesView
) -> None:
    assert NO_CURVE in said(angles)
    straight = said(angles)
    assert found.editing.grasp(20)
    bend(found, by=40)
    bent = said(angles)
    figures = [text for text in bent if text.endswith("°")]
    assert figures
    bend(found, by=-40)
    assert len(said(angles)) >= len(bent), "rooms stay, whatever is written there"
    bend(found, by=0.5)
    found.editing.drop()
    assert said(angles) == straight


def test_an_angle_takes_the_same_room_whatever_it_is(found: Sitting, angles: AnglesView) -> None:
    assert found.editing.grasp(20)
    sizes = set()
    for by in (30, 45, 60):
        bend(found, by=by)
        shown = [one for one in angles.findChildren(QLabel) if one.isVisible()]
        sizes |= {label.size().toTuple() for label in shown if label.objectName() == "figure"}
    assert len(sizes) == 1
    found.editing.drop()

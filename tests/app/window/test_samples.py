"""The welcome page's samples in the real window."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from app.widgets.empty_page import CardButton
from tests.app.session.implant_sitting import a_panoramic
from tests.app.window.test_implants import Room, room

__all__ = ["room"]

PATIENCE_MS = 60000


def open_sample(room: Room, title: str) -> None:
    (card,) = [
        card
        for card in room.window.findChildren(CardButton)
        if card.accessibleName() == f"Open sample: {title}"
    ]
    with room.qtbot.waitSignal(room.window.session.imported, timeout=PATIENCE_MS):
        card.click()


def test_a_drawn_mouth_opens_as_a_study_of_implants_and_says_that_it_is_drawn(room: Room) -> None:
    open_sample(room, "Mouth drawn by program")
    session = room.window.session
    assert session.task == "implant"
    assert session.image.synthetic
    assert room.worker.waiting == []  # nobody looks for corners in it
    assert room.window.task_panels.box.currentData() == "implant"
    assert "Localise" in room.window.commands.implants.panel.primary.text()
    room.show(a_panoramic(), "another")
    assert session.task == "vertebrae"  # a sample is nobody's choice for other films


def test_samples_of_the_spine_stay_films_of_the_spine(room: Room) -> None:
    open_sample(room, "Spine drawn by program")
    assert room.window.session.task == "vertebrae"
    assert [request.task for request, _, _ in room.worker.waiting] == ["vertebrae"]


def test_the_welcome_page_fits_between_library_and_panel(room: Room) -> None:
    room.window.resize(1280, 800)
    room.window.show_welcome()
    room.qtbot.wait(10)
    page = room.window._welcome
    assert page.horizontalScrollBar().maximum() == 0
    for button in page.findChildren(QPushButton):
        assert button.visibleRegion().boundingRect().size() == button.size()

"""The implant task in the real window: played, localised, judged and drawn by mouse and keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.library.library import Library
from app.widgets.export_dialog import ExportDialog
from app.window import main
from app.window.actions import ACTIONS, key_table
from app.window.main_window import MainWindow
from domain.image import Image, Study
from domain.implant import ImplantDecisions, Verdict
from inference.manifest import Manifest
from tests.app.canvas.conftest import Mouse
from tests.app.session.implant_sitting import ImplantWorker, a_cine, a_panoramic
from tests.e2e.hands import focus_canvas
from tests.rule_weights import install_rule


class Room:
    """A window whose worker answers when the test says so."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot
        self.worker = ImplantWorker(window.asking.jobs)
        window.asking.jobs.employ(self.worker)

    def show(self, image: Image, name: str = "study") -> None:
        session = self.window.session
        session._shows_first_of = -1
        session._take_study(Study(name, f"/films/{name}.dcm", image), b"", -1)
        focus_canvas(self.window, self.qtbot)

    def answer(self) -> None:
        self.worker.answer()
        self.qtbot.wait(1)

    def press(self, keys: str) -> None:
        QTest.keySequence(self.window.view, keys)
        self.qtbot.wait(1)

    @property
    def decided(self) -> ImplantDecisions:
        implants = self.window.commands.implants.healing.decided
        assert implants is not None
        return implants

    @property
    def actions(self) -> list[str]:
        current = self.window.session.current
        assert current is not None
        return [item.action for item in current.history.strip()]

    def click(self, row: float, column: float) -> None:
        view = self.window.view
        at = QPointF(view.map_from_image(row, column).toPoint())
        mouse = Mouse(view)
        mouse.press(at)
        mouse.release(at)
        self.qtbot.wait(1)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        view = self.window.view
        places = [QPointF(view.map_from_image(*place).toPoint()) for place in (start, end)]
        Mouse(view).drag(*places)
        self.qtbot.wait(1)


@pytest.fixture
def room(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """A window over a fresh library."""
    rule = install_rule(tmp_path)
    tiny = replace(rule, id="tiny", task="implant", title="A tiny network")
    monkeypatch.setattr(main, "_start", lambda *_: None)  # the test has a worker of its own
    window = main.compose(Library.open(tmp_path / "library"), weights=Manifest((rule, tiny)))
    window.resize(1300, 900)
    window.show()
    qtbot.waitExposed(window)
    yield Room(window, qtbot)
    window.close()
    window.shut_down()
    window.deleteLater()


@pytest.fixture
def moving(room: Room) -> Room:
    """A study that moves, on screen."""
    room.show(a_cine())
    return room


@pytest.fixture
def found(moving: Room) -> Room:
    """The same, localised by the Return key."""
    moving.press("Return")
    moving.answer()
    return moving


def test_keys_play_step_and_mark_frames(moving: Room) -> None:
    session, cine = moving.window.session, moving.window.commands.cine
    assert cine.strip.isVisible()
    assert cine.strip.words == ("frame 1 / 24", "20 a second")
    for keys in (".", ".", "Right", ",", "Down"):
        moving.press(keys)
    assert session.frame == 3
    moving.press("M")
    moving.press("End")
    assert session.frame == 23
    moving.press("M")
    moving.press("Shift+.")
    assert session.frame == 3
    moving.press("Shift+,")
    assert session.frame == 23
    moving.press("Home")
    assert moving.window.view.view_state().marks == (3, 23)
    assert tuple(cine.strip.row.data.marked) == (3, 23)
    moving.press("C")
    assert cine.player.is_playing
    moving.qtbot.waitUntil(lambda: session.frame > 1)
    moving.press("C")
    assert not cine.player.is_playing
    assert moving.window.view.image.pixels is not None
    assert moving.window.view.view_state().frame == session.frame


def test_frame_and_marks_are_there_when_the_case_comes_again(moving: Room) -> None:
    moving.press("End")
    moving.press("M")
    moving.show(a_panoramic(), "still")
    assert not moving.window.commands.cine.strip.isVisible()
    moving.show(a_cine())
    assert moving.window.session.frame == 23
    assert moving.window.view.view_state().marks == (23,)


def test_nothing_of_the_other_task_acts(moving: Room) -> None:
    window = moving.window
    for spec in ACTIONS:
        action = window.actions_by_name[f"{spec.menu}/{spec.text}"]
        if spec.task:
            assert action.isEnabled() is (spec.task == "implant"), spec.text
    bar = {menu.title(): menu.menuAction().isVisible() for menu in window.findChildren(QMenu)}
    assert (bar["Spine"], bar["Implant"]) == (False, True)
    assert ("Implant", "Accept region", "A") in key_table("implant")
    assert ("Measure", "Calibrate by a known length", "M") not in key_table("implant")
    for keys in ("P", "U", "N", "F", "Ctrl+Up", "Ins"):
        moving.press(keys)
    assert window.session.decisions is None
    assert moving.worker.waiting == []
    moving.show(a_panoramic(), "still")
    assert not window.actions_by_name["Implant/Brush"].isEnabled()
    assert (
        window.actions_by_name["Measure/Calibrate by a known length"].shortcut().toString() == "M"
    )


def test_every_action_of_the_task_runs(found: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.window.dialogs.choose", lambda *_, **__: None)
    window = found.window
    for spec in ACTIONS:
        if spec.task == "implant":
            window.actions_by_name[f"{spec.menu}/{spec.text}"].trigger()
            found.qtbot.wait(1)
    window.commands.implants.ladder.cancel()
    found.qtbot.wait(1)


def test_localising_is_seen_on_the_way_and_can_be_cancelled(moving: Room) -> None:
    screen = moving.window.commands.implants.screen
    assert not screen.row.isVisible()
    moving.press("Return")
    moving.worker.tell(4, 15)
    moving.qtbot.wait(1)
    assert screen.row.isVisible()
    given = [small.picture is not None for small in screen.row.pictures]
    assert given == [True, True, True, False, False]
    assert "healing" in moving.window.status._job.text
    moving.press("Esc")
    assert not moving.window.asking.is_busy
    assert not screen.row.isVisible()
    assert "Return localises." in moving.window.status._job.text
    assert moving.window.session.decisions is None


def test_an_answer_fills_the_panel_the_canvas_and_the_strip(found: Room) -> None:
    implants = found.window.commands.implants
    assert [small.picture is None for small in implants.screen.row.pictures] == [False] * 5
    assert implants.screen._warm.shown_data is not None
    (shape,) = implants.screen.regions.shown_data.shapes
    assert shape.is_here
    assert len(implants.panel.regions.rows) == 1
    assert len(found.window.commands.cine.strip.row.data.bars) == 16
    assert "Accept the study" in implants.panel.primary.text()
    found.press(".")
    (shape,) = implants.screen.regions.shown_data.shapes
    assert not shape.is_here  # frame 2 of 24 was not looked at


def test_a_region_is_clicked_accepted_and_rejected_by_keys(found: Room) -> None:
    found.press("A")
    assert found.decided.implants[0].verdict is Verdict.OPEN
    found.click(58, 44)
    assert found.window.commands.implants.judging.selected == 1
    found.press("A")
    assert found.decided.implants[0].verdict is Verdict.ACCEPTED
    found.press("X")
    assert found.decided.implants[0].verdict is Verdict.REJECTED
    found.press("Ctrl+Z")
    assert found.decided.implants[0].verdict is Verdict.ACCEPTED
    found.press("Del")
    assert found.decided.implants[0].verdict is Verdict.REJECTED
    found.press("Esc")
    assert found.window.commands.implants.judging.selected == 0


def test_tab_walks_through_regions_and_shows_where_they_are(found: Room) -> None:
    found.press("Tab")
    assert found.window.commands.implants.judging.selected == 1
    assert found.window.session.frame > 4


def test_a_polygon_by_clicks_is_one_gesture(found: Room) -> None:
    found.press("Q")
    for place in ((80, 20), (80, 40), (110, 60), (100, 30)):
        found.click(*place)
    found.press("Backspace")
    found.press("Return")
    (drawn,) = [region for region in found.decided.regions if region.drawn]
    assert (drawn.implant, drawn.frame, len(drawn.outline)) == (2, 0, 3)
    assert found.actions == ["Opened", "Localised at λ 400", "Drew implant 2"]
    found.press("Ctrl+Z")
    assert not any(region.drawn for region in found.decided.regions)


def test_brush_and_eraser_change_the_chosen_region(found: Room) -> None:
    found.click(58, 44)
    found.press("B")
    found.drag((58, 44), (58, 110))
    (drawn,) = [region for region in found.decided.regions if region.drawn]
    assert max(column for _, column in drawn.outline) > 105
    assert drawn.implant == 1
    found.press("Shift+B")
    found.drag((40, 90), (80, 90))
    drawn_now = [region for region in found.decided.regions if region.drawn]
    assert len(drawn_now) == 2  # cut in two, on this frame
    found.press("Esc")
    assert not found.window.commands.implants.screen.drawing.armed
    assert found.actions[2:] == ["Drew implant 1", "Drew implant 1"]


def test_drawing_goes_to_a_frame_that_has_regions(found: Room) -> None:
    found.press(".")
    assert found.window.session.frame == 1
    found.press("Q")
    assert found.window.session.frame in (0, 2)


def test_a_double_click_brings_a_picture_to_the_canvas_and_back(found: Room) -> None:
    screen = found.window.commands.implants.screen
    at = screen.row.room_for(2).center().toPoint()
    QTest.mouseDClick(screen.row, Qt.MouseButton.LeftButton, pos=at)
    assert screen.on_canvas == 2
    assert screen._large.shown_data.title.startswith("Reconstruction")
    assert screen._warm.shown_data is None
    before = screen._pieces[2].picture
    found.press("I")
    assert screen._pieces[2].picture != before  # the film's window acts on it as well
    found.press("Alt+5")
    assert screen.on_canvas == 4
    found.press("Esc")
    assert (screen.on_canvas, screen._large.shown_data) == (0, None)


def test_heat_opacity_and_colours_act_without_asking(found: Room) -> None:
    panel, screen = found.window.commands.implants.panel, found.window.commands.implants.screen
    panel.look.opacity.setValue(25)
    assert screen._warm.shown_data.opacity == 0.25
    before = screen._warm.shown_data.picture
    panel.look.colours.textActivated.emit("Viridis")
    assert screen._warm.shown_data.picture != before
    found.press("J")
    assert screen._warm.shown_data is None
    assert found.actions == ["Opened", "Localised at λ 400"]
    assert found.worker.waiting == []


def test_the_threshold_slider_is_one_gesture_and_moves_the_bars(found: Room) -> None:
    look = found.window.commands.implants.panel.look
    before = found.decided.threshold
    look.threshold.setSliderDown(True)
    for value in (120, 140, 160):
        look.threshold.setValue(value)
    found.qtbot.waitUntil(lambda: found.window.commands.implants.judging.shown.threshold > before)
    assert found.decided.threshold == before
    look.threshold.setSliderDown(False)
    assert found.decided.threshold > before
    assert len(found.actions) == 3


def test_the_site_of_an_implant_is_chosen_from_its_row(found: Room) -> None:
    (row,) = found.window.commands.implants.panel.regions.rows
    row.named.emit(row.number, "46")
    assert (found.decided.implants[0].site, found.decided.implants[0].site_is_given) == ("46", True)
    assert row.site.text() == "site 46"
    row._offer_sites()
    menu = row.findChild(QMenu)
    assert len(menu.findChildren(QMenu)) == 4
    menu.close()


def test_a_long_list_of_implants_leaves_the_controls_below_it_within_reach(found: Room) -> None:
    for number in range(7):
        row = 20.0 + 12 * number
        found.window.commands.implants.judging.select(0)
        outline = ((row, 5.0), (row, 15.0), (row + 8, 10.0))
        found.window.commands.implants.judging.redraw(0, (outline,))
    view = found.window.commands.implants.panel.regions
    assert len(view.rows) == 8
    found.qtbot.wait(1)
    assert view._room.height() < 5 * view.rows[0].height()
    found.window.commands.implants.judging.select(1)
    for _ in range(7):
        found.press("Tab")
        found.qtbot.wait(1)
        chosen = next(row for row in view.rows if row.property("chosen"))
        assert chosen.number == found.window.commands.implants.judging.selected
        assert chosen.visibleRegion().boundingRect().height() == chosen.height()


def test_the_wheel_over_the_panel_changes_nothing_that_was_not_chosen(found: Room) -> None:
    look, options = found.window.commands.implants.panel.look, found.window.commands.implants.panel
    for control in (look.threshold, look.scoring, options.options.level):
        at = QPointF(control.rect().center())
        event = QWheelEvent(
            at,
            control.mapToGlobal(at),
            QPoint(),
            QPoint(0, -240),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(control, event)
    found.qtbot.wait(50)
    assert not found.window.commands.implants.judging._rest.isActive()
    assert found.actions == ["Opened", "Localised at λ 400"]


def test_return_accepts_the_study_and_its_status_follows(found: Room) -> None:
    found.press("Return")
    assert found.decided.implants[0].verdict is Verdict.ACCEPTED
    decisions = found.window.session.decisions
    assert decisions is not None
    assert decisions.accepted
    assert "Next case" in found.window.commands.implants.panel.primary.text()


def test_the_level_slider_walks_the_ladder(found: Room) -> None:
    implants = found.window.commands.implants
    implants.panel.options.climb.click()
    while found.worker.waiting:
        found.answer()
    assert len(implants.healing.rungs) == 9
    assert not implants.panel.options.climb.isEnabled()
    slider = implants.panel.options.level
    slider.setSliderDown(True)
    slider.setValue(0)
    assert implants.healing.shown.findings.options.level == 50
    assert found.decided.options.level == 400
    slider.setSliderDown(False)
    assert found.decided.options.level == 50
    assert found.actions == ["Opened", "Localised at λ 400", "Regions at λ 50"]


def test_a_level_that_is_not_there_is_asked_for(found: Room) -> None:
    implants = found.window.commands.implants
    implants.panel.options.level.setValue(1)
    assert found.worker.waiting == []
    assert "Localise at λ 100" in implants.panel.primary.text()
    found.press("Return")
    ((request, _, _),) = found.worker.waiting
    assert request.options.level == 100


def test_a_panoramic_becomes_a_study_by_the_task_box(room: Room) -> None:
    room.show(a_panoramic())
    room.answer()
    panels = room.window.task_panels
    assert panels.box.currentData() == "vertebrae"
    panels._choose(panels.box.findData("implant"))
    assert panels.box.currentData() == "implant"
    focus_canvas(room.window, room.qtbot)
    room.press("Return")
    room.answer()
    assert len(room.decided.implants) >= 2
    strip = room.window.commands.cine.strip
    assert strip.isVisible()
    assert strip.row.data.count == 16
    assert strip.words[0] == "window 1 / 16"
    strip.sought.emit(9)
    assert strip.words[0] == "window 10 / 16"
    room.press(".")  # nothing moves
    shapes = room.window.commands.implants.screen.regions.shown_data.shapes
    assert {shape.number for shape in shapes} == {one.number for one in room.decided.implants}
    panels._choose(panels.box.findData("vertebrae"))
    assert not strip.isVisible()
    assert not room.window.commands.implants.screen.row.isVisible()
    assert room.window.commands.implants.screen.regions.shown_data is None
    assert room.window.editing.shown.points is not None


def test_what_moves_is_not_offered_to_vertebrae(moving: Room) -> None:
    box = moving.window.task_panels.box
    flags = box.model().flags(box.model().index(box.findData("vertebrae"), 0))
    assert not flags & Qt.ItemFlag.ItemIsEnabled


def test_a_study_leaves_in_a_format_and_says_so(
    moving: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def accept(dialog: ExportDialog) -> ExportDialog.DialogCode:
        asked.append([choice.spec.name for choice in dialog._choices if choice.count])
        dialog._place.setText(str(tmp_path / "out.json"))
        return ExportDialog.DialogCode.Accepted

    monkeypatch.setattr(ExportDialog, "exec", accept)
    exporting = moving.window.commands.exporting
    exporting.export_screen()
    assert asked == []
    assert "Nothing to export" in moving.window.messages[-1].what
    moving.press("Return")
    moving.answer()
    exporting.export_screen()
    assert "film" in asked[0]
    written = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert len(written["implants"]) == len(moving.decided.implants)
    assert "Exported out.json" in moving.window.messages[-1].what


def test_a_search_finds_the_studies_of_a_task(moving: Room) -> None:
    moving.show(a_panoramic(), "pano")
    items = moving.window.worklist.list
    assert len(items.visible_cases) == 2
    items._search.setText("implant")
    assert [moving.window.session.case(one).name for one in items.visible_cases] == ["study"]

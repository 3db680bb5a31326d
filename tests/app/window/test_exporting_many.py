"""Many cases leave the window at once: chosen in the list, asked about once, told once."""

from __future__ import annotations

import csv
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QListView,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from app.canvas.state import ViewState
from app.io.exporters.many import Outcome
from app.io.exporters.table import EXPORTERS
from app.session.pinning import pin_all
from app.widgets.export_dialog import ExportDialog
from app.widgets.export_outcome import ExportOutcome
from app.window.exporting_many import in_words, stored_look
from app.window.look import look_of
from app.window.main_window import MainWindow
from domain.image import Image
from tests.app.window.test_exporting import in_dialog, told
from tests.app.window.test_worklist import open_all
from tests.e2e.hands import PATIENCE_MS, settle, show_again

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]


@pytest.fixture
def window(open_window: Windows, film: Films, qtbot: QtBot) -> MainWindow:
    """The window with the films "a", "b" and "c" and their corners."""
    opened = open_window()
    open_all(opened, film, qtbot, "a", "b", "c")
    settle(opened, qtbot)
    return opened


def choose(dialog: ExportDialog, name: str, place: Path) -> None:
    formats = dialog.findChild(QListWidget)
    formats.setCurrentRow([spec.name for spec in EXPORTERS].index(name))
    field = dialog.findChild(QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, str(place))


def export(
    window: MainWindow,
    qtbot: QtBot,
    *,
    name: str,
    place: Path,
    act: Callable[[ExportDialog], None] = lambda _: None,
    ask: Callable[[], None] | None = None,
) -> Outcome:
    """Choose all cases by keys, and export them; what became of it."""

    def go(dialog: ExportDialog) -> None:
        choose(dialog, name, place)
        act(dialog)
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    in_dialog(go)
    with qtbot.waitSignal(
        window.commands.exporting.many.leaving.ended, timeout=PATIENCE_MS
    ) as ended:
        activate(window, qtbot)
        (ask or (lambda: ask_by_keys(window)))()
    return ended.args[0]


def activate(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE_MS)


def ask_by_keys(window: MainWindow) -> None:
    cases = window.worklist.list.findChild(QListView)
    cases.setFocus()
    QTest.keyClick(cases, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keySequence(window, "Ctrl+E")


def outcome_text() -> str:
    (dialog,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, ExportOutcome)]
    text = dialog.text
    assert dialog.findChild(QPlainTextEdit).toPlainText() in text
    dialog.close()
    QApplication.sendPostedEvents(dialog)
    return text


def ids(window: MainWindow) -> dict[str, str]:
    return {case.name: case.id for case in window.session.cases}


def test_all_chosen_cases_go_into_one_table(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    titles: list[str] = []
    outcome = export(
        window,
        qtbot,
        name="csv",
        place=tmp_path / "all",
        act=lambda dialog: titles.append(dialog.windowTitle()),
    )
    assert set(outcome.gone) == {"a", "b", "c"}
    assert titles == ["Export 3 cases"]
    with (tmp_path / "all.csv").open(newline="", encoding="utf-8") as lines:
        assert {row["study"] for row in csv.DictReader(lines)} == {"a", "b", "c"}
    assert "Exported 3 cases." in told(window)
    assert not window.commands.exporting.many.job.isVisible()
    assert window.session.settings.export_format == "csv"


def test_pictures_are_named_by_case_and_show_each_film_as_it_is_looked_at(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    for key in ("b", "c"):
        show_again(window, key, qtbot)
        if key == "b":
            window.view.rotate(1)
    export(window, qtbot, name="picture", place=tmp_path / "films")
    assert {path.name for path in (tmp_path / "films").iterdir()} == {"a.png", "b.png", "c.png"}
    sizes = {}
    for path in (tmp_path / "films").iterdir():
        with Pillow.open(path) as picture:
            sizes[path.stem] = picture.width > picture.height
    assert sizes == {"a": False, "b": True, "c": False}


def test_bad_cases_are_named_with_why_and_stop_nobody(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, film: Films
) -> None:
    window.session.settings.finds_on_opening = False
    extra = [film(name) for name in ("d", "e", "f", "g")]
    with qtbot.waitSignal(window.session.reading_finished, timeout=PATIENCE_MS):
        window.commands.open_paths(extra)
    show_again(window, "a", qtbot)
    film("b").unlink()
    dropped: list[str] = []
    outcome = export(
        window,
        qtbot,
        name="json",
        place=tmp_path / "all",
        act=lambda dialog: dropped.append(dialog.dropped),
    )
    assert "4 of 7 stay behind" in dropped[0]
    assert "Nothing was found on this film yet." in dropped[0]
    assert set(outcome.gone) == {"a", "c"}
    text = outcome_text()
    assert "Exported 2 of 7 cases." in text
    assert "b: " in text
    assert "d: Nothing was found on this film yet." in text
    assert {path.stem for path in (tmp_path / "all").iterdir()} == {"a", "c"}


def test_a_damaged_history_is_told_and_no_older_state_goes_for_it(
    window: MainWindow, open_window: Windows, qtbot: QtBot, tmp_path: Path
) -> None:
    broken = ids(window)["b"]
    show_again(window, "b", qtbot)
    pin_all(window.editing)
    settle(window, qtbot)
    window.close()
    window.shut_down()
    with sqlite3.connect(tmp_path / "library" / "library.sqlite") as library:
        head = library.execute("SELECT head FROM cases WHERE id = ?", (broken,)).fetchone()[0]
        library.execute("UPDATE revisions SET annotations = 'damaged' WHERE id = ?", (head,))
    library.close()
    again = open_window()
    outcome = export(again, qtbot, name="csv", place=tmp_path / "all")
    assert set(outcome.gone) == {"a", "c"}
    assert "b: Its newest state in the library is damaged" in outcome_text()


def test_another_film_under_the_old_name_does_not_go(
    window: MainWindow, open_window: Windows, qtbot: QtBot, tmp_path: Path, film: Films
) -> None:
    again = open_window()  # no film is at hand any more
    film("b").write_bytes(film("z").read_bytes())
    outcome = export(again, qtbot, name="csvlong", place=tmp_path / "all")
    assert set(outcome.gone) == {"a", "c"}
    assert "other pixels" in outcome_text()


def test_a_cancel_stops_between_cases_and_says_what_stands(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    many = window.commands.exporting.many
    (button,) = many.job.findChildren(QPushButton)

    def cancel_at_second(behind: int, _total: int) -> None:
        if many.leaving.is_busy and (tmp_path / "all").exists() and behind >= 1:
            button.click()

    many.leaving.progressed.connect(cancel_at_second)
    outcome = export(window, qtbot, name="report", place=tmp_path / "all")
    assert outcome.gone
    assert len(outcome.gone) == len(list((tmp_path / "all").iterdir()))
    if outcome.left:
        assert f"cancelled: {len(outcome.gone)} of 3 cases are written" in outcome_text()


def test_a_cancel_before_the_question_asks_nothing(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = window.commands.exporting.many
    window.dismiss_message()
    monkeypatch.setattr(many.leaving, "_goes_on", lambda *_: False)
    with qtbot.waitSignal(many.leaving.gathered, timeout=PATIENCE_MS):
        many.export(ids(window).values())
    assert told(window) == ""
    assert not many.job.isVisible()


def test_nothing_is_read_or_written_on_the_window_s_thread(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    many, here = window.commands.exporting.many, threading.get_ident()
    seen: list[int] = []
    look_for = many.leaving._look_for

    def noted(stored: str | None, image: Image):
        seen.append(threading.get_ident())
        return look_for(stored, image)

    many.leaving._look_for = noted
    export(window, qtbot, name="picture", place=tmp_path / "all")
    assert len(seen) == 2  # of the third, which is on screen, the canvas tells
    assert here not in seen


def test_all_shown_go_where_a_filter_is_active(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    search = window.worklist.list.findChild(QLineEdit)
    search.setText("b")
    outcome = export(
        window,
        qtbot,
        name="labelme",
        place=tmp_path / "all",
        ask=lambda: QTest.keySequence(window, "Ctrl+Alt+E"),
    )
    assert outcome.gone == ("b",)
    search.setText("no such case")
    activate(window, qtbot)
    QTest.keySequence(window, "Ctrl+Alt+E")
    assert "The list shows no case." in told(window)


def test_a_second_export_waits_for_the_first(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    many = window.commands.exporting.many

    def begin_another() -> None:
        if many.leaving.is_busy:
            many.export(ids(window).values())

    QTimer.singleShot(0, begin_another)
    many.leaving.progressed.connect(lambda *_: begin_another())
    export(window, qtbot, name="json", place=tmp_path / "all")
    assert len(list((tmp_path / "all").iterdir())) == 3


def test_the_window_can_close_while_cases_leave(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    many = window.commands.exporting.many
    in_dialog(lambda dialog: (choose(dialog, "report", tmp_path / "all"), dialog.accept()))
    activate(window, qtbot)
    ask_by_keys(window)
    qtbot.waitUntil(lambda: many._plan is not None, timeout=PATIENCE_MS)
    window.close()
    window.shut_down()
    assert not list(tmp_path.rglob("*.tmp"))
    for path in (tmp_path / "all").glob("*"):
        assert path.read_bytes().rstrip().endswith(b"%%EOF")


def test_a_stored_look_is_the_canvas_s_own(window: MainWindow) -> None:
    for state in (ViewState(), ViewState(window=90, level=120, inverted=True, quarter_turns=1)):
        window.view.apply_view_state(state)
        image = window.session.image
        seen, stored = look_of(window.view), stored_look(state.to_json(), image)
        assert np.array_equal(seen.brightness(image), stored.brightness(image))
        assert seen.quarter_turns == stored.quarter_turns
    assert stored_look("damaged", image).quarter_turns == 0


def test_the_end_is_said_in_one_line() -> None:
    assert in_words(Outcome(("a",)))[0] == "Exported 1 case."
    what, lines = in_words(Outcome(("a",), (("b", "Why."),)))
    assert (what, lines) == ("Exported 1 of 2 cases.", ("b: Why.",))
    assert in_words(Outcome(left=("a", "b")))[0] == "Export cancelled: no case is written."

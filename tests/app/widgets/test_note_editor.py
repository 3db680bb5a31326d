"""A note belongs to the case it was typed about, and nothing is lost on the way."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from app.widgets.note_editor import NoteEditor


class Heard:
    """What an editor said."""

    def __init__(self, editor: NoteEditor) -> None:
        self.written: list[tuple[str, str]] = []
        self.typing: list[bool] = []
        editor.written.connect(lambda case_id, note: self.written.append((case_id, note)))
        editor.typed.connect(self.typing.append)


@pytest.fixture
def editor(qtbot: QtBot) -> NoteEditor:
    made = NoteEditor()
    qtbot.addWidget(made)
    made.show()
    made.show_note("1", "before")
    return made


def type_in(editor: NoteEditor, text: str) -> None:
    QTest.keyClicks(editor.findChild(QPlainTextEdit), text)


def test_showing_a_note_is_not_typing_it(editor: NoteEditor) -> None:
    heard = Heard(editor)
    editor.show_note("2", "other")
    editor.finish()
    assert (heard.written, heard.typing) == ([], [])


def test_it_is_written_when_the_hand_rests(editor: NoteEditor, qtbot: QtBot) -> None:
    heard = Heard(editor)
    with qtbot.waitSignal(editor.written):
        type_in(editor, "more ")
    assert heard.written == [("1", "more before")]
    assert heard.typing == [True, False]


def test_another_case_gets_its_own_note_and_the_one_before_is_written_first(
    editor: NoteEditor,
) -> None:
    heard = Heard(editor)
    type_in(editor, "A ")
    editor.show_note("2", "")
    type_in(editor, "B")
    editor.finish()
    assert heard.written == [("1", "A before"), ("2", "B")]


def test_what_was_typed_about_a_removed_case_goes_with_it(editor: NoteEditor) -> None:
    heard = Heard(editor)
    type_in(editor, "A ")
    editor.forget("2")
    editor.forget("1")
    editor.show_note(None, "")
    assert heard.written == []
    assert heard.typing == [True, False]


def test_without_a_case_or_for_reading_only_nothing_can_be_typed(editor: NoteEditor) -> None:
    field = editor.findChild(QPlainTextEdit)
    editor.show_note(None, "")
    assert field.isReadOnly()
    editor.show_note("1", "kept", read_only=True)
    type_in(editor, "x")
    assert field.toPlainText() == "kept"

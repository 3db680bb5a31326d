"""A damaged library at the start: a person is asked, told what came back, and loses no file."""

from __future__ import annotations

from contextlib import closing

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.library.backups import back_up
from app.library.library import Library
from app.window.rescue import open_library, tell_rescued
from tests.app.library.makers import WAIT_S, a_case

Button = QMessageBox.StandardButton


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> list[str]:
    """What boxes said; the first answer is `Restore`."""
    texts: list[str] = []

    def answer(box: QMessageBox) -> Button:
        texts.append(f"{box.text()} {box.informativeText()}")
        return Button.Ok

    monkeypatch.setattr(QMessageBox, "exec", answer)
    monkeypatch.setattr(QMessageBox, "critical", lambda *args: texts.append(args[2]))
    return texts


@pytest.fixture
def damaged(tmp_path):
    folder = tmp_path / "library"
    with closing(Library.open(folder)) as library:
        library.add_case(a_case(), None).result(WAIT_S)
        assert back_up(folder / "library.sqlite") == ""
    (folder / "library.sqlite").write_bytes(b"Dear colleague, " * 400)
    return folder


def test_restored_it_opens_and_says_what_came_back(damaged, said):
    library = open_library(damaged)
    assert library is not None
    with closing(library):
        assert [case.id for case in library.cases()] == ["case"]
    assert "is damaged" in said[0]
    assert "1 case was restored." in said[1]
    assert "from a backup" in said[1]
    assert "film case" in said[1]
    assert "damaged 2" in said[1]


def test_refused_everything_stays(damaged, said, monkeypatch):
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: Button.Close)
    before = (damaged / "library.sqlite").read_bytes()
    assert open_library(damaged) is None
    assert (damaged / "library.sqlite").read_bytes() == before


def test_without_a_backup_it_is_said_that_nothing_is_left(damaged, said):
    (damaged / "backups" / "library-1.sqlite").unlink()
    assert open_library(damaged) is None
    assert "Nothing in the case library" in said[-1]


def test_other_trouble_is_only_told(tmp_path, said):
    (tmp_path / "file").write_text("x")
    assert open_library(tmp_path / "file") is None
    assert len(said) == 1


def test_many_names_are_cut(said, tmp_path):
    from app.library.salvage import Rescued

    names = tuple(f"film {number}" for number in range(20))
    tell_rescued(Rescued(names, names[:1], names[:10], kept=tmp_path))
    assert "20 cases were restored." in said[0]
    assert "film 7 and 2 more" in said[0]

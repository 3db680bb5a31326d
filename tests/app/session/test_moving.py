"""Moving pictures in the library: one case each, also where their place is a folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from pytestqt.qtbot import QtBot

from app.io.decoder import Decoder
from app.io.open import expand
from app.io.thumbnails import thumbnail
from app.library.library import Library
from app.session.missing import MissingFilms, Search
from app.session.opening import Opening
from app.session.session import Session
from tests.app.io.dicom.makers import film
from tests.app.io.videos import moving, video

PATIENCE_MS = 60_000
FRAMES = moving()


@pytest.fixture
def begin(tmp_path: Path, qtbot: QtBot) -> Iterator[Callable[[], Session]]:
    """Begins sittings over one library, with the program's own reader."""
    running: list[Session] = []
    with Decoder() as decoder:

        def make() -> Session:
            for session in running:
                session.close()
            opening = Opening(
                read=decoder.read,
                expand=expand,
                thumbnail=lambda study: thumbnail(study.image.pixels),
            )
            library = Library.open(tmp_path / "library")
            running[:] = [Session(library, opening=opening, task="vertebrae")]
            return running[0]

        yield make
        for session in running:
            session.close()


def frames_in(folder: Path, *, word: str = "frame_") -> Path:
    folder.mkdir(parents=True)
    for number, frame in enumerate(FRAMES[:5]):
        Pillow.fromarray(frame).save(folder / f"{word}{number}.png")
    return folder


def opened(session: Session, qtbot: QtBot, *paths: Path) -> None:
    with qtbot.waitSignal(session.reading_finished, timeout=PATIENCE_MS):
        session.open_paths(paths)


def test_each_moving_picture_is_one_case(
    begin: Callable[[], Session], tmp_path: Path, qtbot: QtBot
) -> None:
    disk = tmp_path / "disk"
    clip = frames_in(disk / "clip")
    run = film(disk / "run.dcm", np.stack(FRAMES[:3]), Modality="XA", FrameTime=40)
    mouth = video(disk / "mouth.mov", FRAMES)
    session = begin()
    opened(session, qtbot, disk)
    assert {case.path for case in session.cases} == {str(clip), str(run), str(mouth)}
    assert {case.name for case in session.cases} == {"clip", "run", "mouth"}
    assert set(session.page_counts.values()) == {1}


def test_a_folder_comes_back_as_the_film_it_was(
    begin: Callable[[], Session], tmp_path: Path, qtbot: QtBot
) -> None:
    clip = frames_in(tmp_path / "disk" / "clip")
    opened(begin(), qtbot, clip)
    session = begin()
    (case,) = session.cases
    with qtbot.waitSignal(session.case_shown, timeout=PATIENCE_MS):
        session.show(case.id)
    assert session.image is not None
    assert session.image.cine is not None
    np.testing.assert_array_equal(session.image.cine.frames, FRAMES[:5])


def test_a_folder_that_was_asked_for_as_one_stays_one(
    begin: Callable[[], Session], tmp_path: Path, qtbot: QtBot
) -> None:
    clip = frames_in(tmp_path / "disk" / "clip", word="")
    session = begin()
    with qtbot.waitSignal(session.case_shown, timeout=PATIENCE_MS):
        session.open_whole(clip)
    session = begin()
    (case,) = session.cases
    with qtbot.waitSignal(session.film_read, timeout=PATIENCE_MS):
        session.fetch(case.id)
    assert len(session.cases) == 1


@pytest.mark.parametrize("word", ["frame_", ""])
def test_a_folder_that_was_moved_is_found(
    begin: Callable[[], Session], tmp_path: Path, qtbot: QtBot, word: str
) -> None:
    clip = frames_in(tmp_path / "disk" / "clip", word=word)
    session = begin()
    with qtbot.waitSignal(session.case_shown, timeout=PATIENCE_MS):
        session.open_whole(clip)
    session = begin()
    shutil.move(clip, tmp_path / "archive" / "clip")
    results: list[Search] = []
    with Decoder() as decoder:
        films = MissingFilms(session, read=decoder.read, expand=expand)
        films.searched.connect(results.append)
        with qtbot.waitSignal(films.finished, timeout=PATIENCE_MS):
            films.search(tmp_path / "archive")
        films.close()
    assert results[0].left == ()
    (case,) = session.cases
    assert case.path == str(tmp_path / "archive" / "clip")

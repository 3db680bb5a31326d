"""Puts the program together and shows its window."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.catalog import TASKS
from app.io.decoder import Decoder
from app.io.open import expand
from app.io.thumbnails import thumbnail
from app.library.library import Library
from app.library.places import library_folder, weights_folder
from app.places import engine_command, program_root
from app.session.asking import Asking
from app.session.editing import Editing
from app.session.fetching import Fetching
from app.session.jobs import Jobs
from app.session.missing import MissingFilms
from app.session.opening import Opening
from app.session.queue import Queue
from app.session.session import Session
from app.widgets.theme import apply_theme
from app.window.browsing import Browsing
from app.window.engine_news import EngineNews
from app.window.exporting_many import ExportingMany
from app.window.find_films import FindFilms
from app.window.first_paint import FirstPaint
from app.window.garbage import GarbageCollector, settle_memory
from app.window.localising_many import LocalisingMany
from app.window.main_window import MainWindow
from app.window.networks import Networks
from app.window.rescue import open_library
from app.window.saving import Saving
from app.window.training import Training
from domain.errors import CaliperError
from domain.image import Study
from domain.vertebrae import landmarks_name
from inference.manifest import Manifest, catalogue

MOVING = "implant"
"""The task of films that move."""


def run(argv: Sequence[str]) -> int:
    """Open the window, with the files and folders named in `argv`."""
    parser = argparse.ArgumentParser(prog="caliper")
    parser.add_argument("paths", nargs="*", type=Path, metavar="FILE|FOLDER")
    arguments = parser.parse_args(argv)
    application = QApplication.instance() or QApplication(sys.argv[:1])
    application.setApplicationName("Caliper")
    GarbageCollector(application)
    library = open_library(library_folder())
    if library is None:
        return 1
    window = compose(library, weights=installed(), reread=installed)
    painted = FirstPaint(window)
    painted.came.connect(lambda: window.commands.open_paths(arguments.paths))
    painted.came.connect(lambda: QTimer.singleShot(0, settle_memory))
    window.show()
    code = application.exec()
    window.shut_down()
    return code


def installed() -> Manifest:
    """The weights that ship and those of this person, as they are listed now."""
    return catalogue((program_root() / "weights", weights_folder()))


def compose(
    library: Library,
    *,
    weights: Manifest,
    command: Sequence[str] = (),
    reread: Callable[[], Manifest] | None = None,
) -> MainWindow:
    """A window over a library, with an engine of its own.

    Args:
        reread: lists the weights again; what was listed at first by default.
        command: how to start the engine; the program itself by default.
    """
    first = TASKS[0]
    decoder = Decoder()
    opening = Opening(
        read=decoder.read, expand=expand, thumbnail=_thumbnail, give_up=decoder.give_up
    )
    decoder.tell(opening.frames_read.emit)
    session = Session(library, opening=opening, task=first.id)
    jobs = Jobs(session)
    session.moving_task = MOVING
    others = {spec.id: spec for spec in TASKS[1:]}
    asking = Asking(session, jobs, task=first, others=others)
    editing = Editing(session, asking, name_of=landmarks_name)
    # A reader of its own, so that what a person opens never waits for the queue's film.
    queue_decoder = Decoder()
    films = Fetching(read=queue_decoder.read, expand=expand, thumbnail=_thumbnail, parent=session)
    queue = Queue(session, asking, films=films)
    apply_theme(QApplication.instance(), session.settings.theme)
    window = MainWindow(session, asking, editing, queue=queue, catalogue=weights)
    window.commands.engine = EngineNews(window, jobs)
    window.saved.connect(asking.let_go_of_cases, Qt.ConnectionType.QueuedConnection)
    window.may_close = Saving(window, library).may_close
    _let_browse(window, decoder)
    window.commands.exporting.many = ExportingMany(window, read=queue_decoder.read)
    window.commands.find_films = FindFilms(
        window, MissingFilms(session, read=queue_decoder.read, expand=expand)
    )
    window.commands.localising = LocalisingMany(window, queue)
    window.commands.networks = Networks(window, read=reread or (lambda: weights))
    window.commands.training = Training(window)
    opening.frames_read.connect(window.status.tell_frames, Qt.ConnectionType.QueuedConnection)
    window.ended.connect(jobs.close)
    window.ended.connect(decoder.close)
    window.ended.connect(queue_decoder.close)
    command = command or engine_command(weights=weights_folder())
    # The window paints first; the engine's start takes the cores afterwards.
    FirstPaint(window).came.connect(lambda: _start(jobs, command, asking))
    if library.read_only:
        window.say("This library is open for reading only.", library.why)
        window.status.tell_read_only(library.why)
    for spec in TASKS:
        _choose_weights(weights, asking, spec.id)
    return window


def _let_browse(window: MainWindow, decoder: Decoder) -> None:
    def picture(path: Path) -> bytes:
        return _thumbnail(decoder.read(path))

    browsing = Browsing(window, open_files=window.session.open_paths, thumbnail=picture)
    browsing.progressed.connect(window.status.tell_reading)
    browsing.finished.connect(window.status.tell_reading_finished)
    browsing.trouble.connect(window.show_trouble)
    window.status.cancelled.connect(browsing.cancel)
    window.ended.connect(browsing.close)
    window.commands.browsing = browsing


def _choose_weights(weights: Manifest, asking: Asking, task_id: str) -> None:
    try:
        entry = weights.default_for(task_id)
        asking.use_weights(entry.id, mode=entry.mode, task=task_id)
    except CaliperError as error:
        if task_id == TASKS[0].id:  # of another task it is said when it is wanted
            asking.trouble.emit(error)


def _start(jobs: Jobs, command: Sequence[str], asking: Asking) -> None:
    from inference.worker import Worker  # with sockets and pickles: after the first paint

    jobs.employ(Worker(command, on_event=jobs.receive))
    weights_id, _ = asking.weights_of(TASKS[0].id)
    if weights_id is not None:
        jobs.warm(TASKS[0].id, weights_id)


def _thumbnail(study: Study) -> bytes:
    return thumbnail(study.image.pixels, inverted=study.image.presentation.inverted)

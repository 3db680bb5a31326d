"""Runs readers in a child process, so that no file can take the program down with it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from app.io.child import IDLE_S, Child, Head, Parent
from app.io.open import read_study
from app.io.readers.spec import ReadPage
from app.io.study_text import head_of_study, study_of
from domain.image import Study

TIME_LIMIT_S = 60.0


class Decoder(Parent):
    """One child that reads file after file. May be called from several threads.

    Args:
        read: what the child runs; a function of a module, for tests to replace.
        time_limit_s: for one file.
        idle_s: after this long without a file the child ends by itself.
    """

    def __init__(
        self,
        *,
        read: ReadPage = read_study,
        time_limit_s: float = TIME_LIMIT_S,
        idle_s: float = IDLE_S,
    ) -> None:
        answer = partial(_read_page, read)
        name = "caliper-decoder"
        super().__init__(Child(answer, name=name, time_limit_s=time_limit_s, idle_s=idle_s))

    def read(self, path: Path, *, page: int = 0) -> Study:
        """Read a picture of a file in the child.

        Raises:
            UnreadableFile: the reader refused it, took too long or too much, or crashed on it.
        """
        head, pixels = self._child.ask(f"{page} {path}", about=path)
        return study_of(path, head, pixels=pixels)


def decode_in_child(path: Path, *, page: int = 0) -> Study:
    """Read one file in a child of its own; for several files use one `Decoder`.

    Raises:
        UnreadableFile: the reader refused it, took too long or too much, or crashed on it.
    """
    with Decoder() as decoder:
        return decoder.read(path, page=page)


def _read_page(read: ReadPage, question: str) -> tuple[Head, bytes]:
    """Runs in the child."""
    page, _, path = question.partition(" ")
    study = read(Path(path), page=int(page))
    return head_of_study(study), study.image.pixels.tobytes()

"""Runs readers in a child process, so that no file can take the program down with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.io.child import IDLE_S, Child, Head, Parent
from app.io.frames_file import Landing, frames_go_to, lay
from app.io.open import read_study
from app.io.readers.spec import ReadPage
from app.io.study_text import head_of_study, study_of
from domain.image import Study

TIME_LIMIT_S = 60.0


class Decoder(Parent):
    """One child that reads file after file. May be called from several threads.

    What moves arrives mapped from a file that nobody else has: no process holds all its frames.

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
        self._is_closed, self._given_up = False, 0
        super().__init__(Child(answer, name=name, time_limit_s=time_limit_s, idle_s=idle_s))

    def read(self, path: Path, *, page: int = 0) -> Study:
        """Read a picture of a file in the child.

        Raises:
            UnreadableFile: the reader refused it, took too long or too much, or crashed on it.
            Cancelled: it was given up (`give_up`), or the decoder closed.
        """
        asked = self._given_up
        with Landing() as landing:
            head, pixels = self._child.ask(
                lambda: f"{page}/{landing.name()} {path}",
                about=path,
                is_cancelled=lambda: self._is_closed or asked != self._given_up,
            )
            return study_of(path, head, pixels=pixels, mapped=landing.mapped)

    def give_up(self) -> None:
        """Let go of the file being read; may be called from any thread."""
        self._given_up += 1

    def close(self) -> None:
        """End the child, and give up the file being read, and every later one."""
        self._is_closed = True
        super().close()

    def tell(self, on_frames: Callable[[int], None]) -> None:
        """Whom to tell, on the thread that reads, how many frames of a long one are done."""
        self._child.on_done = on_frames


def decode_in_child(path: Path, *, page: int = 0) -> Study:
    """Read one file in a child of its own; for several files use one `Decoder`.

    Raises:
        UnreadableFile: the reader refused it, took too long or too much, or crashed on it.
    """
    with Decoder() as decoder:
        return decoder.read(path, page=page)


def _read_page(read: ReadPage, question: str) -> tuple[Head, bytes]:
    """Runs in the child."""
    wish, _, path = question.partition(" ")
    page, _, name = wish.partition("/")
    with frames_go_to(name) as place:
        study = read(Path(path), page=int(page))
        cine = study.image.cine
        if cine is None:
            return head_of_study(study), study.image.pixels.tobytes()
        lay(cine.frames, place, path=Path(path))
        return head_of_study(study), b""

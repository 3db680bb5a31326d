"""Frames of a moving picture on the disk: written one by one, mapped, never all in memory."""

from __future__ import annotations

import hashlib
import mmap
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from app.io.child import tell_done
from app.io.limits import MAPPED_LIMIT_BYTES, allow_mapping
from domain.errors import UnreadableFile
from domain.image import Pixels

MOST_FRAMES = 20_000
_PIECE_BYTES = 2**20
_START = "caliper-frames-"


class Landing:
    """A file where a child lays the frames of one picture, made and mapped by its parent.

    On POSIX it loses its name when the child hears of it, so that not even a kill leaves it behind;
    Windows deletes it when the last one closes it. Without room for a file its `name` is "", and
    pictures that do not move are read all the same.
    """

    def __init__(self) -> None:
        self._file: int | None = None
        self._path = Path()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            os.close(self._file)
        with suppress(OSError):
            self._path.unlink()

    def name(self) -> str:
        """Make the file; what the child must be told to find it, no path."""
        if not self._path.name:
            with suppress(OSError):
                self._file, path = tempfile.mkstemp(prefix=_START, dir=_folder())
                self._path = Path(path)
            if self._file is not None and sys.platform == "win32":
                os.close(self._file)
                self._file = None
        return self._path.name

    def mapped(self, shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> Pixels:
        """The frames in it; ValueError where it does not hold just these."""
        if sys.platform == "win32":
            self._file = os.open(self._path, os.O_RDWR | os.O_BINARY | os.O_TEMPORARY)
        if self._file is None:
            msg = "there is no file of frames"
            raise ValueError(msg)
        return _mapped(self._file, shape, dtype)


@dataclass
class Place:
    """Where the frames of the picture being read go, in the child."""

    file: IO[bytes] | None
    frames: Pixels | None = None


_PLACE: ContextVar[Place | None] = ContextVar("place of frames", default=None)


@contextmanager
def frames_go_to(name: str) -> Iterator[Place]:
    """Frames that are written meanwhile go to a parent's landing."""
    place = Place(_taken(_folder() / name) if name else None)
    token = _PLACE.set(place)
    try:
        yield place
    finally:
        _PLACE.reset(token)
        if place.file is not None:
            place.file.close()


def _taken(path: Path) -> IO[bytes] | None:
    """A landing, opened; from then on it has no name where the system allows."""
    with suppress(OSError):
        file = path.open("r+b")
        if os.name == "posix":
            path.unlink()
        return file
    return None


class FrameWriter:
    """Takes frame after frame, all of one size and kind; then gives them mapped.

    Args:
        path: of the picture, for what is said of it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._shape: tuple[int, ...] = ()
        self._dtype: np.dtype[np.generic] = np.dtype(np.uint8)
        self._place = _PLACE.get()
        self._file = self._opened()
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._place is None:  # what was laid for a parent stays open for it
            self._file.close()

    def add(self, frame: Pixels) -> None:
        """Write a frame behind the others.

        Raises:
            UnreadableFile: of another size than the first, one too many, or no room on the disk.
        """
        if not self.count:
            self._shape, self._dtype = frame.shape, frame.dtype
        if (frame.shape, frame.dtype) != (self._shape, self._dtype):
            raise mixed_sizes(self.path, self._shape, frame.shape)
        require_room(self.path, frames=self.count + 1, frame_bytes=frame.nbytes)
        try:
            self._file.write(np.ascontiguousarray(frame).data)
        except OSError as error:
            raise _no_room(self.path, error) from error
        self.count += 1
        tell_done(self.count)

    def mapped(self) -> Pixels:
        """All frames; read-only, and in memory only as far as they are looked at."""
        try:
            self._file.flush()
        except OSError as error:
            raise _no_room(self.path, error) from error
        frames = _mapped(self._file.fileno(), (self.count, *self._shape), self._dtype)
        if self._place is not None:
            self._place.frames = frames
        return frames

    def identity(self) -> str:
        """What `image_identity` says of all frames, read piece by piece."""
        shape = (self.count, *self._shape)
        digest = hashlib.sha256(f"{shape}{self._dtype.str}".encode())
        self._file.flush()
        self._file.seek(0)
        while piece := self._file.read(_PIECE_BYTES):
            digest.update(piece)
            tell_done(self.count)
        return digest.hexdigest()

    def _opened(self) -> IO[bytes]:
        try:
            if self._place is None:
                return tempfile.TemporaryFile(prefix=_START, dir=_folder())
            if self._place.file is None:
                raise OSError("no temporary file can be made")
            self._place.file.seek(0)
            self._place.file.truncate()
            return self._place.file
        except OSError as error:
            raise _no_room(self.path, error) from error


def lay(frames: Pixels, place: Place, *, path: Path) -> None:
    """Write frames to a place, if they are not there already."""
    if frames is not place.frames:
        with FrameWriter(path) as writer:
            for frame in frames:
                writer.add(frame)


def require_room(path: Path, *, frames: int, frame_bytes: int) -> None:
    """Refuse more frames or pixels than anybody looks at.

    Raises:
        UnreadableFile: with how many there may be.
    """
    if frames > MOST_FRAMES:
        why = f"It has more than {MOST_FRAMES:,} frames.".replace(",", " ")
    elif frames * frame_bytes > MAPPED_LIMIT_BYTES:
        why = f"Its frames unpack to more than {MAPPED_LIMIT_BYTES // 2**30} GiB."
    else:
        return
    raise UnreadableFile(
        f"“{path.name}” cannot be read.", why=why, remedy="Cut it to the part that matters."
    )


def mixed_sizes(path: Path, one: tuple[int, ...], other: tuple[int, ...]) -> UnreadableFile:
    """What is said of frames that do not belong together."""
    sizes = " and ".join(f"{columns} × {rows}" for rows, columns in (one[:2], other[:2]))
    differ = f"in size ({sizes} pixels)" if one != other else "in how many bits a pixel has"
    return UnreadableFile(
        f"“{path.name}” cannot be read as one moving picture.",
        why=f"Its frames differ {differ}.",
        remedy="Save all frames alike, or open them one by one.",
    )


def _no_room(path: Path, error: OSError) -> UnreadableFile:
    return UnreadableFile(
        f"“{path.name}” cannot be read.",
        why=f"Its frames do not find room on the disk ({error.strerror or error}).",
        remedy="Make room for temporary files and open it again.",
    )


def _mapped(file: int, shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> Pixels:
    size = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if os.fstat(file).st_size != size or not size:
        msg = f"{os.fstat(file).st_size} bytes of frames, not {size}"
        raise ValueError(msg)
    allow_mapping(size)
    held = mmap.mmap(file, size, access=mmap.ACCESS_READ)
    frames: Pixels = np.frombuffer(held, dtype=dtype).reshape(shape)
    return frames


def _folder() -> Path:
    """Where large temporary files go: on many systems /tmp is memory."""
    if "TMPDIR" not in os.environ and os.access("/var/tmp", os.W_OK):
        return Path("/var/tmp")
    return Path(tempfile.gettempdir())

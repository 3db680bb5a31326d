"""Messages between the worker and the engine, and the framed pipe that carries them (no torch).

Both ends are our own processes joined by private pipes, so pickle meets no stranger's bytes here.
"""

from __future__ import annotations

import pickle
import struct
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from inference.contracts import Failure, PixelArray, Preview, Progress, Request, Response

_HEADER = struct.Struct(">4sQ")
_MAGIC = b"CALI"
MAX_MESSAGE_BYTES = 4 * 2**30
MAX_ANSWER_BYTES = 2**30
_FIRST_ROOM = 2**20


class WireBroken(Exception):
    """The other end ended, or its bytes are not our messages: nothing more can be read."""


@dataclass(frozen=True)
class Ask:
    """A request, with the pixels that this engine life has not been sent yet."""

    request: Request
    pixels: Mapping[str, PixelArray] = field(default_factory=dict)


@dataclass(frozen=True)
class Cancel:
    """A request is of no more use to anybody."""

    request_id: int


@dataclass(frozen=True)
class Warm:
    """Import a pipeline and load its weights before anybody asks."""

    task: str
    weights_id: str


@dataclass(frozen=True)
class Hello:
    """The engine process is up and listens; torch is not there yet."""


@dataclass(frozen=True)
class Heart:
    """The engine process lives."""


@dataclass(frozen=True)
class Loading:
    """What the engine loads, "" once it has; loading may keep its heart from beating."""

    what: str


@dataclass(frozen=True)
class Ready:
    """The engine owns a device, in words."""

    device: str


@dataclass(frozen=True)
class Unavailable:
    """The engine cannot work on this machine as it is, and ends; trying again will not help."""

    why: str


@dataclass(frozen=True)
class MissingPixels:
    """The engine does not hold all pixels of a request: send them and ask again."""

    request_id: int


ToEngine = Ask | Cancel | Warm
FromEngine = (
    Hello
    | Heart
    | Loading
    | Ready
    | Unavailable
    | MissingPixels
    | Progress
    | Preview
    | Failure
    | Response
)


def pack(message: ToEngine | FromEngine) -> bytes:
    """A message as bytes, for `Wire.send_packed`; raises what pickle raises."""
    return pickle.dumps(message, protocol=5)


class Wire:
    """A framed pipe: one reader thread, any number of writers.

    Args:
        longest: bytes of a message that comes in; what claims to be longer is none.
    """

    def __init__(
        self, reader: BinaryIO, writer: BinaryIO, *, longest: int = MAX_MESSAGE_BYTES
    ) -> None:
        self._longest = longest
        self._reader = reader
        self._writer = writer
        self._write_lock = threading.Lock()

    def send(self, message: ToEngine | FromEngine) -> None:
        """Send a message whole, or nothing of it.

        Raises:
            OSError, ValueError: the other end is gone.
            pickle.PicklingError, TypeError, AttributeError: it holds what cannot travel; the pipe
                stays sound.
        """
        self.send_packed(pack(message))

    def send_packed(self, payload: bytes) -> None:
        """Send what `pack` made.

        Raises:
            OSError, ValueError: the other end is gone.
        """
        with self._write_lock:
            self._writer.write(_HEADER.pack(_MAGIC, len(payload)))
            self._writer.write(payload)
            self._writer.flush()

    def receive(self) -> object:
        """The next message; waits for it.

        Raises:
            WireBroken: the other end closed, or sent what is not a message.
        """
        magic, size = _HEADER.unpack(self._read(_HEADER.size))
        if magic != _MAGIC or size > self._longest:
            msg = "the bytes in the pipe are not a message"
            raise WireBroken(msg)
        payload = self._read(size)
        try:
            message: object = pickle.loads(payload)
        except Exception as error:
            # A process boundary: bytes that are no pickle, and classes that are not here, make
            # unpickling raise anything at all. The cause travels along.
            msg = f"a message cannot be read ({type(error).__name__}: {error})"
            raise WireBroken(msg) from error
        return message

    def close_reader(self) -> None:
        """Close the end that is read, from the thread that reads it."""
        self._reader.close()

    def close_writer(self) -> None:
        """Close the end that is written; the other end then reads its end."""
        with suppress(OSError):  # what was still buffered has nobody left to read it
            self._writer.close()

    def _read(self, size: int) -> bytearray:
        """So many bytes; room is made as they come, because a claimed length may be a lie."""
        buffer = bytearray()
        try:
            while (filled := len(buffer)) < size:
                buffer.extend(bytes(min(size - filled, max(filled, _FIRST_ROOM))))
                with memoryview(buffer) as whole, whole[filled:] as room:
                    self._fill(room)
        except MemoryError as error:
            msg = f"there is no memory for a message of {size} bytes"
            raise WireBroken(msg) from error
        return buffer

    def _fill(self, room: memoryview) -> None:
        filled = 0
        while filled < len(room):
            try:
                count = self._reader.readinto(room[filled:])  # type: ignore[attr-defined]
            except (OSError, ValueError) as error:
                raise WireBroken(str(error)) from error
            if not count:
                msg = "the other end closed the pipe"
                raise WireBroken(msg)
            filled += count

"""Writes pictures as a film; the one place that does."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from domain.errors import ExportFailed

_OPTIONS: dict[str, object] = {
    "crf": "16",
    "preset": "veryfast",
    "threads": "1",
}  # one: the same bytes each time
_CODECS = ("libx264", "mpeg4")  # the first that this build of the library has


def mp4_bytes(frames: Sequence[NDArray[np.uint8]], *, rate: Fraction) -> bytes:
    """A film of (rows, columns, 3) pictures, all of one even size.

    Raises:
        ExportFailed: this build can write no film.
    """
    buffer = io.BytesIO()
    try:
        with av.open(buffer, "w", format="mp4", container_options={"fflags": "+bitexact"}) as film:
            stream = film.add_stream(_codec(), rate=rate)
            assert isinstance(stream, VideoStream)
            stream.pix_fmt = "yuv420p"
            stream.height, stream.width = frames[0].shape[:2]
            stream.options = _OPTIONS
            for number, frame in enumerate(frames):
                picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
                picture.pts, picture.time_base = number, 1 / rate
                film.mux(stream.encode(picture))
            film.mux(stream.encode())
    except (av.FFmpegError, OSError, ValueError) as error:
        raise ExportFailed(
            "The film could not be written.",
            why=f"The library of films says: {error}.",
            remedy="Choose another format.",
        ) from error
    return buffer.getvalue()


def _codec() -> str:
    return next(codec for codec in _CODECS if codec in av.codecs_available)

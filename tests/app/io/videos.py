"""Videos for tests, written by PyAV: frames that differ, in many containers and codecs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

THOUSANDTH = Fraction(1, 1000)


def moving(count: int = 12, *, rows: int = 48, columns: int = 64) -> list[NDArray[np.uint8]]:
    """Smooth frames, no two the same: a ramp that wanders down, brighter at the top left."""
    ramp = np.tile(np.linspace(30, 200, columns).astype(np.uint8), (rows, 1))
    frames = []
    for number in range(count):
        frame = ramp.copy()
        frame[: rows // 3, : columns // 4] = 250
        frame[(number * 2) % rows, :] = 10
        frames.append(frame)
    return frames


def video(
    path: Path,
    frames: list[NDArray[Any]],
    *,
    codec: str = "png",
    kept_as: str = "gray",
    given_as: str = "gray",
    **how: Any,
) -> Path:
    """Write a video.

    Args:
        kept_as, given_as: pixel formats of the file and of the frames.
        how: rate, times (of each frame, in 1/1000 s), rotation, list_first, aspect.
    """
    options = {"fflags": "+bitexact"} | ({"movflags": "faststart"} if how.get("list_first") else {})
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=how.get("rate", 25))
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = kept_as
        stream.codec_context.thread_count = 1
        if "aspect" in how:
            stream.sample_aspect_ratio = how["aspect"]
        if "rotation" in how:
            stream.set_display_rotation(how["rotation"])
        times = how.get("times")
        if times:
            stream.time_base = stream.codec_context.time_base = THOUSANDTH
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format=given_as)
            if times:
                picture.pts, picture.time_base = times[number], THOUSANDTH
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path

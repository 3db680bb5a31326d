"""Reads videos (MP4, MOV, AVI) as grey frames with the times at which each is shown.

Colour becomes luminance, as the films' readers do it, and is told; a turn that the container asks
for is made. A video of one frame is an ordinary picture. Frames that are not what was filmed
(cut off, lost, made up by the decoder over damage) are refused rather than shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, cast

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from app.io.frames_file import FrameWriter, mixed_sizes, require_room
from app.io.readers.file_bytes import opened, unreadable
from app.io.readers.moving import COLOUR, Motion, is_colourful, moving_image
from app.io.readers.pages import require_page
from app.io.readers.raster import MAX_PIXELS
from domain.errors import UnreadableFile
from domain.grid import Grid
from domain.image import FramesFrom, Pixels, Presentation, Study

_AGAIN = "Copy it again from its source."
_CONVERT = "Convert it to MP4 with H.264, or save its frames as PNG."
_LOOK_PX = 96  # a small copy tells whether there is colour
# One thread: the child must not starve the hand. `explode`: damage is an error, not a guess.
_DECODER = {"threads": "1", "max_pixels": str(MAX_PIXELS), "err_detect": "explode+crccheck"}


def read_mp4(path: Path, *, page: int = 0) -> Study:
    """A film of MP4 or MOV.

    Raises:
        UnreadableFile: damaged, cut short, packed as nobody knows, or too long or large.
    """
    return _read(path, page=page, container="mov")


def read_avi(path: Path, *, page: int = 0) -> Study:
    """A film of AVI; raises as `read_mp4`."""
    return _read(path, page=page, container="avi")


def _read(path: Path, *, page: int, container: str) -> Study:
    require_page(page, pages=1, path=path)
    with opened(path) as file, _refusals(path), FrameWriter(path) as frames:
        film = _Film(file, path=path, container=container)
        with film.source:
            for frame in film.frames():
                frames.add(frame)
            motion = Motion(FramesFrom.VIDEO, film.times_s())
            shown = Presentation(marks=film.marks())
            image = moving_image(frames, motion, grid=Grid(aspect=film.aspect), presentation=shown)
    return Study(path.stem, str(path.absolute()), image)


class _Film:
    """The pictures of a container, in the order in which they are shown."""

    def __init__(self, file: BinaryIO, *, path: Path, container: str) -> None:
        self._path = path
        # The format is given: what calls itself a video and lists other files is not followed.
        self.source = av.open(
            file, "r", format=container, options=dict(_DECODER), metadata_errors="replace"
        )
        self._stream = self._video()
        self._times: list[float | None] = []
        self._reformatter = VideoReformatter()
        self._turned = self._has_colour = False

    def frames(self) -> Iterator[Pixels]:
        """Grey frames, upright."""
        size = None
        for frame in self._decoded():
            if size is None:
                size = (frame.height, frame.width)
                deep = max(part.bits for part in frame.format.components) > 8
                depth, bytes_a_pixel = ("gray16le", 2) if deep else ("gray", 1)
                self._require_room(frame.height * frame.width * bytes_a_pixel)
            if (frame.height, frame.width) != size:
                raise mixed_sizes(self._path, size, (frame.height, frame.width))
            self._times.append(frame.time)
            self._has_colour = self._has_colour or self._shows_colour(frame)
            grey = self._reformatter.reformat(frame, format=depth).to_ndarray()
            quarters = round(frame.rotation / 90)  # counterclockwise
            self._turned = bool(quarters % 2)
            yield cast(Pixels, np.rot90(grey, quarters))

    def times_s(self) -> tuple[float, ...]:
        """Seconds from the first frame; by the recorded rate where the times make no sense."""
        told = self._told_times()
        if told:
            return tuple(time - told[0] for time in told)
        rate = self._stream.average_rate or Fraction(0)
        held = len(self._times)
        return tuple(float(number / rate) for number in range(held)) if rate > 0 else ()

    def marks(self) -> tuple[str, ...]:
        """What a person must know of the frames."""
        claimed, held = self._stream.frames, len(self._times)
        said = (
            (COLOUR, self._has_colour),
            (f"{held} of {claimed} frames", held < claimed),
            ("frame times that do not rise: not used", not self._told_times()),
        )
        return tuple(mark for mark, is_so in said if is_so)

    def _told_times(self) -> list[float]:
        """The time of each frame, none where they do not rise."""
        told = [time for time in self._times if time is not None]
        rises = all(early < late for early, late in pairwise(told))
        return told if rises and len(told) == len(self._times) else []

    @property
    def aspect(self) -> float:
        """Height of a pixel over its width."""
        wide = float(self._stream.sample_aspect_ratio or 1)
        aspect = 1 / wide if 0.01 < wide < 100 else 1.0
        return 1 / aspect if self._turned else aspect

    def _video(self) -> av.VideoStream:
        streams = self.source.streams.video
        if not streams:
            raise unreadable(self._path, why="There is no picture in it.", remedy=_AGAIN)
        stream = streams[0]
        codec = stream.codec_context
        if codec is None:
            why = "Its pictures are packed by a codec that nothing here can read."
            raise unreadable(self._path, why=why, remedy=_CONVERT)
        if codec.width * codec.height > MAX_PIXELS:
            raise unreadable(
                self._path,
                why=f"It claims {codec.height} × {codec.width} pixels a frame; "
                f"the limit is {MAX_PIXELS // 10**6} million.",
                remedy="Save it smaller and open it again.",
            )
        codec.options = dict(_DECODER)
        return stream

    def _require_room(self, frame_bytes: int) -> None:
        claimed = max(self._stream.frames, 1)
        require_room(self._path, frames=claimed, frame_bytes=frame_bytes)

    def _decoded(self) -> Iterator[av.VideoFrame]:
        """All frames; ends with a refusal where the container claims more than it holds."""
        packets = 0
        for packet in self.source.demux(self._stream):
            packets += bool(packet.size)
            if packet.is_corrupt:
                raise self._cut_short(packets - 1)
            for frame in packet.decode():
                if frame.is_corrupt:
                    raise unreadable(self._path, why="Some frames are damaged.", remedy=_AGAIN)
                yield frame
        if packets < self._stream.frames:
            raise self._cut_short(packets)

    def _cut_short(self, held: int) -> UnreadableFile:
        claimed = self._stream.frames
        counted = f"It claims {claimed} frames, but holds {held}." if claimed else "It ends early."
        return unreadable(self._path, why=counted, remedy=_AGAIN)

    def _shows_colour(self, frame: av.VideoFrame) -> bool:
        if frame.format.name.startswith(("gray", "mono")):
            return False
        small = self._reformatter.reformat(frame, width=_LOOK_PX, height=_LOOK_PX, format="rgb24")
        return is_colourful(np.asarray(small.to_ndarray(), np.uint8))


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Turn what the codecs say about damaged bytes into words."""
    try:
        yield
    except av.error.DecoderNotFoundError as error:
        why = "Its pictures are packed by a codec that nothing here can read."
        raise unreadable(path, why=why, remedy=_CONVERT) from error
    except MemoryError as error:
        why = "Decoding it needs more memory than a film may take."
        raise unreadable(path, why=why, remedy="Save it smaller and open it again.") from error
    except (av.error.FFmpegError, ValueError) as error:
        why = "It is damaged or cut short: its frames cannot all be read."
        raise unreadable(path, why=why, remedy=_AGAIN) from error

"""What moves, in the corpus: videos, frames in DICOM, CT volumes; the same bytes for one seed."""

from __future__ import annotations

import gzip
import re
import struct
import tempfile
import zlib
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from pydicom.uid import JPEGLSLossless, RLELossless

from tests.app.io.videos import video
from tests.corpus.parts import Bad, Good, dicom

LOSSY = {"codec": "mpeg4", "kept_as": "yuv420p"}
CINE = {"Modality": "XA", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.12.1", "FrameTime": 40}


def clip(rng: np.random.Generator, count: int = 6) -> list[NDArray[np.uint8]]:
    """Smooth frames that differ."""
    ramp = np.tile(np.linspace(40, 200, 72).astype(np.uint8), (80, 1))
    frames = []
    for number in range(count):
        frame = ramp + np.uint8(rng.integers(0, 16))
        frame[8 * number : 8 * number + 16, 8:40] = 240
        frames.append(frame)
    return frames


def made(frames: list[NDArray[Any]], name: str, **how: Any) -> bytes:
    """The bytes of a video."""
    with tempfile.TemporaryDirectory() as folder:
        return video(Path(folder) / name, frames, **how).read_bytes()


def volume(rng: np.random.Generator) -> bytes:
    """A CT in NIfTI: noise of bone in air."""
    values = np.full((12, 14, 10), -1000, np.int16)
    values[2:-2, 2:-2, 2:-2] = rng.integers(900, 1500, (8, 10, 6))
    return bytes(nib.Nifti1Image(values, np.diag([1.0, 1, 2, 1])).to_bytes())


def whole_moving(seed: int = 0) -> dict[str, bytes]:
    """One sound file of each kind."""
    rng = np.random.default_rng(seed)
    frames = clip(rng)
    content = volume(rng)
    return {
        "list-last.mp4": made(frames, "a.mp4", **LOSSY),
        "list-first.mp4": made(frames, "a.mp4", list_first=True, **LOSSY),
        "png.mov": made(frames, "a.mov"),
        "ffv1.avi": made(frames, "a.avi", codec="ffv1"),
        "mpeg4.avi": made(frames, "a.avi", **LOSSY),
        "cine.dcm": dicom(np.stack(frames), **CINE),
        "cine-rle.dcm": dicom(np.stack(frames), syntax=RLELossless, **CINE),
        "ct.nii": content,
        "ct.nii.gz": gzip.compress(content, mtime=0),
    }


def moving_to_open(seed: int = 0) -> list[Good]:
    """Files that must open, with their first frame and how many there are."""
    rng = np.random.default_rng(seed)
    frames = clip(rng)
    many = [np.full((16, 16), number % 251, np.uint8) for number in range(2000)]
    colour = [np.dstack([frame] * 3) for frame in frames]
    first, six = frames[0], {"frames": 6}
    deep = np.stack(frames).astype(np.uint16) * 256
    return [
        Good("moving.mov", made(frames, "a.mov"), first, facts=six),
        Good("moving.avi", made(frames, "a.avi", codec="ffv1"), first, facts=six),
        Good("moving.mp4", made(frames, "a.mp4", **LOSSY), first, 40, facts=six),
        Good("named-otherwise.dcm", made(frames, "a.mov"), first, facts=six),
        Good(
            "turned.mp4",
            made(frames, "a.mp4", rotation=90, **LOSSY),
            np.rot90(first),
            40,
            facts=six,
        ),
        Good(
            "rgb.mov", made(colour, "a.mov", kept_as="rgb24", given_as="rgb24"), first, 1, facts=six
        ),
        Good("one.mov", made(frames[:1], "a.mov"), first, facts={"frames": 1}),
        Good("two.mov", made(frames[:2], "a.mov"), first, facts={"frames": 2}),
        Good("many.avi", made(many, "a.avi", codec="ffv1"), many[0], facts={"frames": 2000}),
        Good("cine.dcm", dicom(deep, **CINE), deep[0], facts=six),
        Good("cine-ls.dcm", dicom(deep, syntax=JPEGLSLossless, **CINE), deep[0], facts=six),
        Good(
            "cine-vector.dcm",
            dicom(deep, **CINE, FrameTimeVector=[0.0, 40.0]),
            deep[0],
            facts=six,
        ),
    ]


def moving_to_refuse(seed: int = 0) -> list[Bad]:
    """Codecs that nobody knows, frames of giants, counts that lie, volumes that are none."""
    whole = whole_moving(seed)
    giant = bytearray(whole["png.mov"])
    for found in re.finditer(b"IHDR", giant):
        struct.pack_into(">II", giant, found.start() + 4, 60_000, 60_000)
        check = zlib.crc32(bytes(giant[found.start() : found.start() + 17]))
        struct.pack_into(">I", giant, found.start() + 17, check)
    vast = bytearray(whole["ct.nii"])
    vast[42:48] = np.array([30_000] * 3, np.int16).tobytes()
    maps = nib.Nifti1Image(np.arange(1000, dtype=np.int16).reshape(10, 10, 10) % 5, np.eye(4))
    said = struct.pack("<HH2sH", 0x28, 0x08, b"IS", 2)
    cines = {name: whole[name] for name in ("cine.dcm", "cine-rle.dcm")}
    return [
        Bad("codec.mov", whole["png.mov"].replace(b"png ", b"q9zz")),
        Bad("codec.avi", whole["mpeg4.avi"].replace(b"FMP4", b"Q9ZZ")),
        Bad("playlist.mp4", struct.pack(">I4s4s4x", 16, b"ftyp", b"isom") + b"#EXTM3U\na.ts\n" * 9),
        Bad("giant.mov", bytes(giant)),
        Bad("vast.nii", bytes(vast)),
        Bad("vast.nii.gz", gzip.compress(bytes(vast), mtime=0)),
        Bad("map.nii", maps.to_bytes()),
        *(
            Bad(f"{count}-of-6-{name}", content.replace(said + b"6 ", said + b"%d " % count))
            for name, content in cines.items()
            for count in (1, 5, 7)
        ),
    ]

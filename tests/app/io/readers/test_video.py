"""Videos: what comes out of them, and everything that may be wrong with one."""

from __future__ import annotations

import re
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from app.io import frames_file
from app.io.open import expand, read_study
from app.io.readers.moving import COLOUR
from domain.errors import UnreadableFile
from domain.image import FramesFrom, image_identity
from tests.app.io.videos import moving, video

FRAMES = moving()
LOSSY = {"codec": "mpeg4", "kept_as": "yuv420p"}
H264 = {"codec": "libx264", "kept_as": "yuv420p"}


def refusal(path: Path) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read_study(path)
    error = caught.value
    assert path.name in error.what
    assert error.why.endswith(".")
    assert error.remedy.endswith(".")
    return error


@pytest.mark.parametrize(("name", "codec"), [("film.mov", "png"), ("film.avi", "ffv1")])
def test_grey_frames_come_back_exactly(tmp_path: Path, name: str, codec: str) -> None:
    path = video(tmp_path / name, FRAMES, codec=codec)
    study = read_study(path)
    cine = study.image.cine
    assert cine is not None
    np.testing.assert_array_equal(cine.frames, FRAMES)
    np.testing.assert_array_equal(study.image.pixels, FRAMES[0])
    assert study.image.sha256 == image_identity(np.stack(FRAMES))
    assert cine.made_from is FramesFrom.VIDEO
    assert cine.times_s == pytest.approx([number / 25 for number in range(12)])
    assert (study.name, study.path, study.page, study.pages) == ("film", str(path), 0, 1)
    assert study.image.presentation.marks == ()
    assert expand([tmp_path]) == (path,)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.mp4", LOSSY), ("a.avi", LOSSY), ("a.mov", LOSSY), ("b.mp4", H264),
        ("c.avi", {"codec": "mjpeg", "kept_as": "yuvj420p"}),
    ],
)  # fmt: skip
def test_lossy_frames_keep_their_greys(tmp_path: Path, name: str, how: dict[str, str]) -> None:
    """The narrow range in which videos keep grey (16 to 235) is spread again."""
    cine = read_study(video(tmp_path / name, FRAMES, **how)).image.cine
    assert cine is not None
    assert cine.frames.shape == (12, 48, 64)
    off = np.abs(cine.frames.astype(int) - FRAMES)
    assert np.median(off) <= 2
    assert int(cine.frames[:, 4:12, 3:12].mean()) in range(235, 253)


def test_sixteen_bits_stay(tmp_path: Path) -> None:
    deep = [frame.astype(np.uint16) * 257 for frame in FRAMES]
    path = video(tmp_path / "a.avi", deep, codec="ffv1", kept_as="gray16le", given_as="gray16le")
    cine = read_study(path).image.cine
    assert cine is not None
    assert cine.frames.dtype == np.uint16
    np.testing.assert_array_equal(cine.frames, deep)


def test_the_times_are_those_of_the_container(tmp_path: Path) -> None:
    times = [100, 130, 170, 200, 300, 310, 320, 400, 401, 402, 410, 1000]
    cine = read_study(video(tmp_path / "a.mp4", FRAMES, times=times, **LOSSY)).image.cine
    assert cine is not None
    assert cine.times_s == pytest.approx([(time - 100) / 1000 for time in times], abs=1e-3)


@pytest.mark.parametrize("quarters", [-1, 1, 2])
def test_a_recorded_turn_is_made(tmp_path: Path, quarters: int) -> None:
    path = video(tmp_path / "a.mp4", FRAMES, rotation=90 * quarters, aspect=2, **LOSSY)
    plain = read_study(video(tmp_path / "b.mp4", FRAMES, **LOSSY)).image.cine
    image = read_study(path).image
    assert image.cine is not None
    assert plain is not None
    np.testing.assert_array_equal(image.cine.frames[3], np.rot90(plain.frames[3], quarters))
    assert image.grid.aspect == (0.5 if quarters == 2 else 2)


def test_a_phone_held_upright_gives_an_upright_film(tmp_path: Path) -> None:
    """The matrix that phones write: the picture's top left becomes its top right."""
    path = video(tmp_path / "a.mp4", FRAMES, **LOSSY)
    content = path.read_bytes()
    place = content.index(struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30))
    turned = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 48 << 16, 0, 1 << 30)
    path.write_bytes(content[:place] + turned + content[place + 36 :])
    cine = read_study(path).image.cine
    assert cine is not None
    assert cine.frames.shape[1:] == (64, 48)
    assert cine.frames[0][2:14, -14:-3].mean() > 235
    assert cine.frames[0][2:14, :8].mean() < 60


def test_colour_is_told_and_becomes_luminance(tmp_path: Path) -> None:
    colours = [np.zeros((48, 48, 3), np.uint8) for _ in range(3)]
    for frame in colours:
        for channel in range(3):
            frame[:, 16 * channel : 16 * channel + 16, channel] = 255
    path = video(tmp_path / "a.mov", colours, kept_as="rgb24", given_as="rgb24")
    image = read_study(path).image
    found = [int(image.pixels[24, middle]) for middle in (8, 24, 40)]
    assert np.abs(np.array(found) - [76, 150, 29]).max() <= 4
    assert COLOUR in image.presentation.marks
    lossy = video(tmp_path / "b.mp4", colours, given_as="rgb24", **H264)
    assert COLOUR in read_study(lossy).image.presentation.marks


def test_a_single_frame_is_an_ordinary_picture(tmp_path: Path) -> None:
    study = read_study(video(tmp_path / "a.mov", FRAMES[:1]))
    assert study.image.cine is None
    np.testing.assert_array_equal(study.image.pixels, FRAMES[0])
    assert study.image.sha256 == image_identity(FRAMES[0])


def test_two_frames_move(tmp_path: Path) -> None:
    cine = read_study(video(tmp_path / "a.mov", FRAMES[:2])).image.cine
    assert cine is not None
    assert len(cine) == 2


def test_two_thousand_frames(tmp_path: Path) -> None:
    frames = [np.full((16, 16), number % 251, np.uint8) for number in range(2000)]
    cine = read_study(video(tmp_path / "a.avi", frames, codec="ffv1")).image.cine
    assert cine is not None
    np.testing.assert_array_equal(cine.frames[:, 8, 8], [number % 251 for number in range(2000)])


@pytest.mark.parametrize("share", range(1, 20))
@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("list-last.mp4", LOSSY), ("list-first.mp4", LOSSY | {"list_first": True}),
        ("h264.mp4", H264 | {"list_first": True}), ("png.mov", {"codec": "png"}),
        ("film.avi", LOSSY),
    ],
)  # fmt: skip
def test_a_video_cut_short_is_refused(
    tmp_path: Path, name: str, how: dict[str, object], share: int
) -> None:
    path = video(tmp_path / name, FRAMES, **how)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * share // 20])
    refusal(path)


def test_a_video_without_frames_is_refused(tmp_path: Path) -> None:
    """All of its boxes are there, but the list of frames is empty."""
    path = video(tmp_path / "a.mp4", FRAMES[:1], **LOSSY)
    content = bytearray(path.read_bytes())
    for box, count in ((b"stsz", 12), (b"stts", 8), (b"stsc", 8), (b"stco", 8)):
        place = content.index(box) - 4
        size = struct.unpack_from(">I", content, place)[0]
        struct.pack_into(">I", content, place + 4 + count, 0)
        struct.pack_into(">4s", content, place + 4, box)
        assert size > count
    path.write_bytes(bytes(content))
    assert re.search("no (frame|picture)|holds 0|cut short", refusal(path).why)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    assert "empty" in refusal(tmp_path / "a.mp4").why


def test_a_codec_that_nobody_knows_is_named_as_the_reason(tmp_path: Path) -> None:
    path = video(tmp_path / "a.mov", FRAMES)
    path.write_bytes(path.read_bytes().replace(b"png ", b"q9zz"))
    assert "codec" in refusal(path).why
    other = video(tmp_path / "a.avi", FRAMES, **LOSSY)
    other.write_bytes(other.read_bytes().replace(b"FMP4", b"Q9ZZ"))
    assert "codec" in refusal(other).why


def test_a_text_called_mp4_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("#EXTM3U\nfile:///etc/passwd\n" * 40)
    assert "none of" in refusal(path).why


@pytest.mark.parametrize(
    "list_of", ["#EXTM3U\n/etc/passwd\n", "ffconcat version 1.0\nfile a.png\n"]
)
def test_a_list_of_other_files_is_not_followed(tmp_path: Path, list_of: str) -> None:
    """Whatever is behind the first bytes, it is read as the container that they are."""
    path = tmp_path / "a.mp4"
    path.write_bytes(struct.pack(">I4s4s4x", 16, b"ftyp", b"isom") + list_of.encode() * 20)
    refusal(path)


def test_a_still_in_the_same_container_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(struct.pack(">I4s4s4x", 16, b"ftyp", b"heic") + bytes(600))
    assert "none of" in refusal(path).why


def test_a_claim_of_huge_frames_takes_no_memory(tmp_path: Path) -> None:
    path = video(tmp_path / "a.mov", FRAMES)
    content = bytearray(path.read_bytes())
    for found in re.finditer(b"IHDR", content):
        struct.pack_into(">II", content, found.start() + 4, 60_000, 60_000)
        header = bytes(content[found.start() : found.start() + 17])
        struct.pack_into(">I", content, found.start() + 17, zlib.crc32(header))
    path.write_bytes(bytes(content))
    assert re.search("60000 × 60000|damaged", refusal(path).why)
    plain = video(tmp_path / "b.avi", FRAMES, codec="rawvideo")
    content = bytearray(plain.read_bytes())
    place = content.index(b"strf") + 8
    assert struct.unpack_from("<ii", content, place + 4)[0] == 64
    struct.pack_into("<ii", content, place + 4, 60_000, 60_000)
    plain.write_bytes(bytes(content))
    assert re.search("60000 × 60000|damaged", refusal(plain).why)


def test_too_many_frames_or_bytes_are_refused_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = video(tmp_path / "a.mov", FRAMES)
    monkeypatch.setattr(frames_file, "MOST_FRAMES", 11)
    assert "more than 11 frames" in refusal(path).why
    monkeypatch.undo()
    monkeypatch.setattr(frames_file, "MAPPED_LIMIT_BYTES", 12 * 48 * 64 - 1)
    assert "unpack to more" in refusal(path).why


def test_a_page_that_is_not_there(tmp_path: Path) -> None:
    path = video(tmp_path / "a.mov", FRAMES)
    with pytest.raises(UnreadableFile, match="no page 2"):
        read_study(path, page=1)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize(
    ("name", "how"), [("a.mp4", LOSSY), ("b.mp4", H264), ("c.mov", {}), ("d.avi", LOSSY)]
)
def test_damaged_bytes_are_refused_or_read_never_worse(
    tmp_path: Path, name: str, how: dict[str, str], seed: int
) -> None:
    random = np.random.default_rng(seed)
    path = video(tmp_path / name, FRAMES[:4], **how)
    content = bytearray(path.read_bytes())
    for place in random.integers(0, len(content), 6):
        content[place] = random.integers(0, 256)
    path.write_bytes(bytes(content))
    with suppress(UnreadableFile):
        assert read_study(path).image.pixels.ndim == 2

"""Frames on the disk are those that were written, known by the same name, and leave nothing."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.io import frames_file
from app.io.frames_file import FrameWriter, Landing, frames_go_to, lay
from domain.errors import UnreadableFile
from domain.image import image_identity

NAME = Path("film.mp4")
STACKS = st.sampled_from([np.uint8, np.uint16]).flatmap(
    lambda kind: arrays.arrays(kind, st.tuples(*[st.integers(1, 5)] * 3))
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


@given(stack=STACKS)
def test_frames_come_back_with_the_identity_of_all(stack: np.ndarray) -> None:
    with FrameWriter(NAME) as frames:
        for frame in stack:
            frames.add(frame)
        identity, held = frames.identity(), frames.mapped()
    np.testing.assert_array_equal(held, stack)
    assert held.dtype == stack.dtype
    assert not held.flags.writeable
    assert identity == image_identity(stack) == image_identity(held)


def test_a_frame_that_lies_crooked_in_memory_is_written_straight() -> None:
    stack = np.arange(60, dtype=np.uint16).reshape(3, 4, 5)
    with FrameWriter(NAME) as frames:
        for frame in stack:
            frames.add(frame[::-1].T)
        np.testing.assert_array_equal(frames.mapped(), stack[:, ::-1].transpose(0, 2, 1))


@pytest.mark.parametrize(
    ("other", "word"),
    [(np.zeros((4, 4), np.uint8), "4 × 3 and 4 × 4"), (np.zeros((3, 4), np.uint16), "bits")],
)
def test_frames_that_differ_are_refused(other: np.ndarray, word: str) -> None:
    with FrameWriter(NAME) as frames:
        frames.add(np.zeros((3, 4), np.uint8))
        with pytest.raises(UnreadableFile, match="one moving picture") as caught:
            frames.add(other)
    assert word in caught.value.why


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with FrameWriter(NAME) as frames:
        frames.add(np.zeros((3, 4), np.uint8))

        class Full:
            def write(self, _: object) -> None:
                raise OSError(errno.ENOSPC, "No space left on device")

        whole = frames._file
        monkeypatch.setattr(frames, "_file", Full())
        with pytest.raises(UnreadableFile, match="room on the disk"):
            frames.add(np.zeros((3, 4), np.uint8))
        monkeypatch.setattr(frames, "_file", whole)


def test_a_child_lays_what_its_parent_maps(own_folder: Path) -> None:
    stack = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    with Landing() as landing:
        with frames_go_to(landing.name()) as place:
            lay(stack, place, path=NAME)
            assert place.frames is None or place.frames.shape == stack.shape
        held = landing.mapped((2, 3, 4), np.dtype(np.uint8))
    np.testing.assert_array_equal(held, stack)
    del held
    assert list(own_folder.iterdir()) == []


@pytest.mark.parametrize("shape", [(2, 3, 5), (0, 3, 4), (3, 3, 4)])
def test_frames_that_are_not_all_there_are_not_mapped(shape: tuple[int, ...]) -> None:
    with Landing() as landing:
        with frames_go_to(landing.name()) as place:
            lay(np.zeros((2, 3, 4), np.uint8), place, path=NAME)
        with pytest.raises(ValueError, match="bytes of frames"):
            landing.mapped(shape, np.dtype(np.uint8))


def test_without_a_place_on_the_disk_only_what_moves_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frames_file, "_folder", lambda: Path("/nowhere/at/all"))
    with Landing() as landing:
        assert landing.name() == ""
    with pytest.raises(UnreadableFile, match="room on the disk"):
        FrameWriter(NAME)
    with frames_go_to(""), pytest.raises(UnreadableFile, match="room on the disk"):
        FrameWriter(NAME)

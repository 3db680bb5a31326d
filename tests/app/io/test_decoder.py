"""Whatever a file does to its reader, the program lives on and says so."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from app.io import limits
from app.io.child import tell_done
from app.io.decoder import Decoder, decode_in_child
from app.io.frames_file import FrameWriter
from app.io.open import read_study
from app.io.study_text import head_of_study, study_of
from domain.errors import Cancelled, UnreadableFile
from domain.grid import Grid
from domain.image import (
    Cine,
    FramesFrom,
    GreyWindow,
    Image,
    LutFunction,
    Presentation,
    Study,
    image_identity,
)

DEEP = (np.arange(600, dtype=np.uint16).reshape(20, 30) * 100).astype(np.uint16)


def film(path: Path) -> Path:
    Pillow.fromarray(DEEP).save(path)
    return path


def read_with_mischief(path: Path, *, page: int = 0) -> Study:
    """A reader that does what the file's name asks for; runs in the child."""
    if path.stem == "crash":
        os._exit(11)
    if path.stem == "hang":
        time.sleep(600)
    if path.stem == "bug":
        msg = "a reader's own fault"
        raise RuntimeError(msg)
    if path.stem == "greedy":
        np.ones(limits.MEMORY_LIMIT_BYTES, np.uint8)
    if path.stem == "pid":
        return Study(str(os.getpid()), "", Image(np.zeros((1, 1), np.uint8)))
    return read_study(path)


def read_and_look_for_torch(path: Path, *, page: int = 0) -> Study:
    """Names what the child has loaded; runs in the child."""
    heavy = sorted({"torch", "PySide6", "cv2"} & set(sys.modules))
    return Study(",".join(heavy), "", Image(np.zeros((1, 1), np.uint8)))


def test_a_film_arrives_as_it_was_read(tmp_path: Path) -> None:
    path = film(tmp_path / "Wirbelsäule 脊椎.png")
    here, there = read_study(path), decode_in_child(path)
    np.testing.assert_array_equal(there.image.pixels, DEEP)
    assert there.image.pixels.dtype == np.uint16
    assert not there.image.pixels.flags.writeable
    assert there.image.sha256 == here.image.sha256
    assert (there.name, there.path, there.image.grid) == (here.name, here.path, here.image.grid)
    assert there.image.synthetic == here.image.synthetic


def test_a_refusal_keeps_its_words(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("no film")
    with pytest.raises(UnreadableFile) as there:
        decode_in_child(tmp_path / "notes.png")
    with pytest.raises(UnreadableFile) as here:
        read_study(tmp_path / "notes.png")
    assert str(there.value) == str(here.value)


def test_one_child_reads_many_files(tmp_path: Path) -> None:
    with Decoder(read=read_with_mischief) as decoder:
        pids = {decoder.read(tmp_path / "pid").name for _ in range(3)}
    assert len(pids) == 1
    assert pids != {str(os.getpid())}


@pytest.mark.parametrize("fault", ["crash", "bug"])
def test_a_crash_is_told_and_the_next_file_is_read(tmp_path: Path, fault: str) -> None:
    with Decoder(read=read_with_mischief) as decoder:
        with pytest.raises(UnreadableFile, match="crashed"):
            decoder.read(tmp_path / fault)
        study = decoder.read(film(tmp_path / "film.png"))
    np.testing.assert_array_equal(study.image.pixels, DEEP)


def test_a_reader_that_hangs_is_ended(tmp_path: Path) -> None:
    with Decoder(read=read_with_mischief, time_limit_s=2.0) as decoder:
        first = decoder.read(tmp_path / "pid").name
        with pytest.raises(UnreadableFile, match="longer than 2 s"):
            decoder.read(tmp_path / "hang")
        assert decoder.read(tmp_path / "pid").name != first


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a child's memory")
def test_a_reader_that_eats_all_memory_is_refused(tmp_path: Path) -> None:
    with Decoder(read=read_with_mischief) as decoder:
        with pytest.raises(UnreadableFile, match="memory"):
            decoder.read(tmp_path / "greedy")
        assert decoder.read(film(tmp_path / "film.png")).image.shape == DEEP.shape


def test_an_idle_child_leaves_and_another_takes_over(tmp_path: Path) -> None:
    with Decoder(read=read_with_mischief, idle_s=0.05) as decoder:
        first = decoder.read(tmp_path / "pid").name
        time.sleep(1.0)
        assert decoder.read(tmp_path / "pid").name != first


def test_the_child_loads_no_network_and_no_screen(tmp_path: Path) -> None:
    with Decoder(read=read_and_look_for_torch) as decoder:
        assert decoder.read(tmp_path / "anything").name == ""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_killed_program_leaves_no_child(
    tmp_path: Path, frames_folder: Path, project_root: Path
) -> None:
    """The child is at work, not waiting, when its parent is killed."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys, threading, time\n"
        "from pathlib import Path\n"
        "from app.io.decoder import Decoder\n"
        "from tests.app.io.test_decoder import read_with_mischief\n"
        "if __name__ == '__main__':\n"
        "    decoder = Decoder(read=read_with_mischief)\n"
        "    print(decoder.read(Path('pid')).name, flush=True)\n"
        "    decoder.read(Path('hang'))\n"
    )
    surrounding = os.environ | {"PYTHONPATH": str(project_root)}
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=surrounding
    ) as parent:
        assert parent.stdout is not None
        child = Path("/proc") / parent.stdout.readline().strip()
        assert child.name.isdigit()
        assert child.exists()
        time.sleep(0.3)
        parent.kill()
    deadline = time.monotonic() + 10
    while child.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not child.exists()
    assert list(frames_folder.iterdir()) == []


def read_a_rich_study(path: Path, *, page: int = 0) -> Study:
    """A study that says everything a file can say; runs in the child."""
    presentation = Presentation(
        windows=(GreyWindow(10.5, 20.25, "Wirbelsäule", LutFunction.SIGMOID), GreyWindow(1, 2)),
        inverted=True,
        left="R",
        right="L",
        top="H",
        bottom="F",
        marks=("AP", "upright"),
    )
    image = Image(DEEP, grid=Grid((0.2, 0.1), "a ruler"), presentation=presentation)
    return Study("film", str(path), image, page=page, pages=4, person="p" * 64, taken="2024-02-29")


def test_all_that_a_file_says_arrives(tmp_path: Path) -> None:
    path = film(tmp_path / "film.png")
    with Decoder(read=read_a_rich_study) as decoder:
        there = decoder.read(path, page=3)
    here = read_a_rich_study(path, page=3)
    assert there.image.presentation == here.image.presentation
    assert there.image.grid == here.image.grid
    said = (there.page, there.pages, there.person, there.taken)
    assert said == (3, 4, "p" * 64, "2024-02-29")


def test_the_page_that_is_asked_for_is_read(tmp_path: Path) -> None:
    pages = [Pillow.fromarray(DEEP), Pillow.fromarray(np.ascontiguousarray(DEEP[::-1]))]
    pages[0].save(tmp_path / "two pages 1.tif", save_all=True, append_images=pages[1:])
    study = decode_in_child(tmp_path / "two pages 1.tif", page=1)
    np.testing.assert_array_equal(study.image.pixels, DEEP[::-1])


LIES = {
    "page": 4, "pages": 0, "person": None, "taken": 5, "dtype": "object", "shape": [20, 31],
    "spacing_mm": [0.0, 0.1], "spacing_source": "", "aspect": float("nan"), "synthetic": "yes",
    "sha256": 7, "windows": [[1, float("inf"), "", "LINEAR"]], "inverted": 1, "sides": ["R", "L"],
    "marks": [3], "refused": ["only one"], "cine": [1],
}  # fmt: skip


@pytest.mark.parametrize("key", LIES)
def test_an_answer_that_makes_no_sense_is_refused(key: str) -> None:
    study = read_a_rich_study(Path("film.dcm"), page=1)
    head, pixels = head_of_study(study), study.image.pixels.tobytes()
    assert study_of(Path("film.dcm"), head, pixels=pixels).page == 1
    with pytest.raises(UnreadableFile, match="makes no sense"):
        study_of(Path("film.dcm"), {**head, key: LIES[key]}, pixels=pixels)


MOVING = np.arange(4 * 20 * 30, dtype=np.uint16).reshape(4, 20, 30)


def read_a_cine(path: Path, *, page: int = 0) -> Study:
    """Frames written one by one, or held in memory where the name says so; runs in the child."""
    frames = MOVING
    if path.stem != "held":
        with FrameWriter(path) as writer:
            for frame in MOVING:
                writer.add(frame)
            frames = writer.mapped()
    cine = Cine(frames, (0.0, 0.5, 0.75, 2.0), FramesFrom.PEX, (2,))
    return Study("film", str(path), Image(frames[0], cine=cine))


def read_slowly(path: Path, *, page: int = 0) -> Study:
    """Longer than a film may take, but frame after frame; or then no more; in the child."""
    for done in range(12):
        time.sleep(0.3)
        tell_done(100 * done + 1)
    if path.stem == "hang":
        time.sleep(600)
    return read_study(path)


def write_for_ever(path: Path, *, page: int = 0) -> Study:
    """Frames without an end; runs in the child."""
    with FrameWriter(path) as writer:
        while True:
            writer.add(DEEP)
            time.sleep(0.05)


def read_two_thousand(path: Path, *, page: int = 0) -> Study:
    """Half a gigabyte of frames, and what the child keeps of it; runs in the child."""
    with FrameWriter(path) as writer:
        for number in range(2000):
            writer.add(np.full((512, 512), number % 256, np.uint8))
        frames, sha256 = writer.mapped(), writer.identity()
    status = Path("/proc/self/status").read_text().splitlines()
    held = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    return Study(held, str(path), Image(frames[0], cine=Cine(frames), sha256=sha256))


@pytest.fixture
def frames_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where frames are laid during a test."""
    folder = tmp_path / "frames"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


@pytest.mark.parametrize("name", ["written", "held"])
def test_what_moves_arrives_with_all_its_frames(frames_folder: Path, name: str) -> None:
    with Decoder(read=read_a_cine) as decoder:
        there = decoder.read(Path(name))
        again = decoder.read(Path(name))
        assert list(frames_folder.iterdir()) == []
    cine = there.image.cine
    assert cine is not None
    np.testing.assert_array_equal(cine.frames, MOVING)
    np.testing.assert_array_equal(there.image.pixels, MOVING[0])
    assert not cine.frames.flags.writeable
    assert (cine.times_s, cine.made_from, cine.missing) == (
        (0.0, 0.5, 0.75, 2.0),
        FramesFrom.PEX,
        (2,),
    )
    assert there.image.sha256 == image_identity(MOVING) == again.image.sha256


def test_a_film_leaves_no_file_of_frames(tmp_path: Path, frames_folder: Path) -> None:
    decode_in_child(film(tmp_path / "film.png"))
    assert list(frames_folder.iterdir()) == []


def test_frames_that_come_buy_time(tmp_path: Path) -> None:
    path, heard = film(tmp_path / "film.png"), list[int]()
    with Decoder(read=read_slowly, time_limit_s=2.0) as decoder:
        decoder.tell(heard.append)
        np.testing.assert_array_equal(decoder.read(path).image.pixels, DEEP)
        assert heard == sorted(heard)
        assert heard[-1] > 500
        with pytest.raises(UnreadableFile, match="longer than 2 s"):
            decoder.read(tmp_path / "hang.png")


def test_closing_gives_up_what_is_being_read(tmp_path: Path) -> None:
    with Decoder(read=read_with_mischief) as decoder:
        decoder.read(tmp_path / "pid")
        closing = threading.Timer(0.3, decoder.close)
        closing.start()
        with pytest.raises(Cancelled):
            decoder.read(tmp_path / "hang")
        closing.join()


def test_one_file_may_be_given_up_and_the_next_is_read(tmp_path: Path) -> None:
    with Decoder(read=read_with_mischief) as decoder:
        decoder.read(tmp_path / "pid")
        giving_up = threading.Timer(0.3, decoder.give_up)
        giving_up.start()
        with pytest.raises(Cancelled):
            decoder.read(tmp_path / "hang")
        giving_up.join()
        assert decoder.read(film(tmp_path / "film.png")).image.shape == DEEP.shape


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_killed_program_leaves_no_frames(
    tmp_path: Path, frames_folder: Path, project_root: Path
) -> None:
    """Parent and child are killed while frames are written."""
    script = tmp_path / "parent.py"
    script.write_text(
        "from pathlib import Path\n"
        "from app.io.decoder import Decoder\n"
        "from tests.app.io.test_decoder import write_for_ever\n"
        "if __name__ == '__main__':\n"
        "    decoder = Decoder(read=write_for_ever)\n"
        "    decoder.tell(lambda done: print(decoder._child._process.pid, flush=True))\n"
        "    decoder.read(Path('film'))\n"
    )
    surrounding = os.environ | {"PYTHONPATH": str(project_root)}
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=surrounding
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        os.kill(child, 9)
    assert list(frames_folder.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_two_thousand_frames_are_never_in_memory(tmp_path: Path, frames_folder: Path) -> None:
    with Decoder(read=read_two_thousand) as decoder:
        study = decoder.read(tmp_path / "film")
    assert int(study.name) * 1024 < 2000 * 512 * 512 // 4
    cine = study.image.cine
    assert cine is not None
    assert cine.frames.shape == (2000, 512, 512)
    np.testing.assert_array_equal(cine.frames[::100, 7, 9], np.arange(0, 2000, 100) % 256)


CINE_LIES = {
    "shape": [5, 20, 30], "times_s": [0.0, 0.5], "made_from": "dreams", "missing": [4],
}  # fmt: skip


@pytest.mark.parametrize("key", CINE_LIES)
@pytest.mark.parametrize("lie", [None, "x", [0.0, 0.5, 0.5, 1.0], [-1, -2, 3]])
def test_an_answer_about_frames_that_makes_no_sense_is_refused(key: str, lie: object) -> None:
    study = read_a_cine(Path("held"))
    head = head_of_study(study)

    def mapped(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        if (shape, dtype) != (MOVING.shape, MOVING.dtype):
            raise ValueError
        return MOVING

    assert study_of(Path("a"), head, pixels=b"", mapped=mapped).image.cine is not None
    for told in (CINE_LIES[key], lie):
        said = {**head, "cine": {**head["cine"], key: told}}
        with pytest.raises(UnreadableFile, match="makes no sense"):
            study_of(Path("a"), said, pixels=b"", mapped=mapped)

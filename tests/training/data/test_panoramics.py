"""Studies of a folder, our split of the panoramics, and clips of them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from domain.errors import UnreadableFile, WrongUse
from tests.training.mouths import write_mouths
from training.data import panoramics
from training.data.clips import Change, Drawer
from training.data.panoramics import (
    CALIBRATE,
    LEARN,
    OUTLINES,
    TEST,
    make_split,
    pictures_of,
    read_outlines,
    read_split,
    read_studies,
    to_learn,
)

UFBA = "dental_xray/devichand579-Instance_seg_teeth-UFBA425"


def test_cases_are_read_and_more_columns_passed_over(tmp_path):
    studies = read_studies(write_mouths(tmp_path, healthy=1, with_implant=1))
    assert [study.with_implant for study in studies] == [False, True]
    assert [study.patient for study in studies] == ["p0", "p1"]
    assert studies[0].boxes is None
    assert studies[1].teeth == 27
    assert to_learn(studies) == studies[:1]
    assert pictures_of(studies[0]).shape == (16, 128, 128)


@pytest.mark.parametrize("table", ["path,patient\na.png,1\n", "path,patient,label\na.png,1,yes\n"])
def test_a_table_that_lacks_what_is_needed_is_refused(table, tmp_path):
    (tmp_path / "cases.csv").write_text(table)
    with pytest.raises(WrongUse, match="cannot be used"):
        read_studies(tmp_path)


@pytest.mark.parametrize("said", ["[]", "{", '{"implants": [[[1, 2]]]}', '{"implants": 3}'])
def test_outlines_that_are_none_are_refused(said, tmp_path):
    (tmp_path / "boxes.json").write_text(said)
    with pytest.raises(UnreadableFile, match=r"boxes\.json"):
        read_outlines(tmp_path / "boxes.json")


def test_no_film_is_in_two_parts():
    parts = [read_split(part) for part in (LEARN, CALIBRATE, TEST)]
    assert [len(part) for part in parts] == [190, 47, 51]
    assert len(frozenset().union(*parts)) == 288
    implants = [read_split(part, with_implant=True) for part in (CALIBRATE, TEST)]
    assert [len(part) for part in implants] == [8, 11]
    assert not implants[0] & implants[1]
    assert not frozenset().union(*parts) & frozenset().union(*implants)


def test_the_split_is_drawn_by_its_seed_from_names_alone():
    names = [f"cate{kind}-{n:05}.jpg" for kind in (1, 5) for n in range(20)]
    assert make_split(reversed(names), seed=1) == make_split(names, seed=1)
    assert make_split(names, seed=1) != make_split(names, seed=2)


def test_the_panoramics_are_split_as_committed(shared_data):
    studies = read_studies(shared_data / UFBA)
    drawn = make_split([study.name for study in studies], seed=2026)
    assert drawn == json.loads(panoramics.SPLIT.read_text())
    assert all(study.teeth for study in studies[:5])


def test_cases_of_each_part_can_be_written_and_read(shared_data, tmp_path):
    assert panoramics.main(["--data", str(shared_data / UFBA), "--out", str(tmp_path)]) == 0
    studies = read_studies(tmp_path / TEST)
    assert len(studies) == 62
    assert all(study.path.is_file() for study in studies)
    outlined = [read_outlines(study.boxes) for study in studies if study.boxes]
    assert len(outlined) == 11


def test_outlines_lie_in_the_films_that_have_implants():
    films = json.loads(OUTLINES.read_text())["films"]
    with_implant = read_split(CALIBRATE, with_implant=True) | read_split(TEST, with_implant=True)
    assert films.keys() == with_implant
    for film in films.values():
        for outline in film["implants"]:
            corners = np.array(outline)
            assert ((corners >= 0) & (corners < 512)).all()
            assert np.ptp(corners[:, 0]) > 20  # rows: implants are long


@pytest.mark.parametrize("change", Change)
def test_a_step_is_the_same_whenever_it_is_drawn(change):
    rng = np.random.default_rng(0)
    studies = [rng.integers(0, 256, (16, 32, 32), np.uint8) for _ in range(3)]
    drawer = Drawer(studies, seed=4, change=change)
    one, other = (drawer.draw(7, clips=2, length=4) for _ in range(2))
    assert one.frames.shape == (2, 1, 4, 32, 32)
    assert one.frames.equal(other.frames)
    assert one.starts.equal(other.starts)
    assert ((one.starts >= 0) & (one.starts <= 12)).all()


def test_a_mirrored_clip_runs_the_other_way():
    """Windows that say their number: whatever is drawn, frames and start index agree."""
    study = np.repeat(np.arange(16, dtype=np.uint8) * 12 + 20, 64).reshape(16, 8, 8)
    drawer = Drawer([study], seed=0, change=Change.BY_CLIP)
    seen = set()
    for step in range(20):
        clips = drawer.draw(step, clips=1, length=4)
        greys = clips.frames[0, 0, :, 4, 4].numpy().astype(int)
        falls = greys[1] < greys[0]
        order = np.sort(greys) if not falls else -np.sort(-greys)
        assert (greys == order).all()
        seen.add(falls)
    assert seen == {True, False}

"""Synthetic implants: where they come, how grey they are, and that their truth is exact."""

from __future__ import annotations

import csv
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import UnreadableFile, WrongUse
from training.data import composite_implants
from training.data.composite_implants import (
    Grade,
    Tooth,
    attenuation,
    composite,
    grade_of,
    grey_of,
    plan,
    read_teeth,
    sites,
    without_tooth,
)
from training.data.drawn_implants import Screw, Top, screw_shadow, sharpness, top_shadow
from training.data.panoramics import TEST, read_outlines, read_split, read_studies

SIDE = 256


def _row(numbers, *, top: float) -> list[Tooth]:
    return [Tooth(number, top, 20.0 + 24 * n, top + 50, 40.0 + 24 * n) for n, number in numbers]


UPPER = list(enumerate((17, 16, 15, 14, 13, 12, 11, 21)))
LOWER = list(enumerate((47, 46, 45, 44, 43, 42, 41, 31)))
TEETH = (*_row(UPPER, top=60), *_row(LOWER, top=130))


def _film() -> np.ndarray:
    film = np.full((SIDE, SIDE), 80.0)
    for tooth in TEETH:
        film[int(tooth.top) : int(tooth.bottom), int(tooth.left) : int(tooth.right)] = 140
    grain = np.random.default_rng(0).normal(0, 2, film.shape)
    return np.clip(cv2.GaussianBlur(film, (0, 0), 0.8) + grain, 0, 255).astype(np.uint8)


FILM = _film()


@pytest.mark.parametrize("grade", Grade)
def test_films_change_on_implants_and_what_they_carry_alone(grade):
    asked = plan(FILM, TEETH, seed=3)
    made = composite(asked, grade)
    near = made.masks.any(axis=0).astype(np.uint8)
    for top in made.tops:
        cv2.fillPoly(near, [np.rint(top[:, ::-1]).astype(np.int32)], (1,))
    far = cv2.dilate(near, np.ones((15, 15))) == 0
    assert (made.film[far] == asked.film[far]).all()
    assert 1 <= len(made.masks) == len(made.outlines) <= 3
    inside = made.masks.any(axis=0)
    assert (made.film[inside].astype(int) >= asked.film[inside]).all()


def test_grades_rise_from_bone_to_metal_over_the_same_places():
    asked = plan(FILM, TEETH, seed=5)
    made = [composite(asked, grade) for grade in (Grade.BONE, Grade.ENAMEL, Grade.METAL)]
    greys = [float(np.median(one.film[one.masks.any(axis=0)])) for one in made]
    assert greys[0] < greys[1] < greys[2]
    assert greys[0] > np.median(asked.film[made[0].masks.any(axis=0)]) + 5
    assert 150 < greys[2] < 210
    assert all((one.masks == made[0].masks).all() for one in made)


def test_outlines_and_masks_say_the_same():
    made = composite(plan(FILM, TEETH, seed=8), Grade.METAL)
    for mask, outline in zip(made.masks, made.outlines, strict=True):
        drawn = np.zeros((8 * SIDE, 8 * SIDE), np.uint8)
        corners = np.rint((outline[:, ::-1] + 0.5) * 8 - 0.5).astype(np.int32)
        cv2.fillPoly(drawn, [corners], (1,))
        share = drawn.reshape(SIDE, 8, SIDE, 8).mean(axis=(1, 3))
        assert np.count_nonzero((share > 0.5) != mask) <= 0.15 * mask.sum()


def test_the_seed_alone_decides():
    one, other = (composite(plan(FILM, TEETH, seed=1), Grade.BONE) for _ in range(2))
    assert (one.film == other.film).all()
    assert not np.array_equal(plan(FILM, TEETH, seed=2).screws, plan(FILM, TEETH, seed=1).screws)


def test_what_lies_behind_shines_through():
    asked = plan(FILM, TEETH, seed=1)
    striped = asked.film.copy()
    striped[::4] += 10
    plain, marked = (composite(replace(asked, film=f), Grade.BONE) for f in (asked.film, striped))
    inside = plain.masks.any(axis=0)
    lines = np.zeros_like(inside)
    lines[::4] = True
    more = marked.film.astype(int) - plain.film
    assert more[inside & lines].mean() > more[inside & ~lines].mean() + 4


def test_gaps_between_neighbours_come_first_and_wisdom_teeth_are_no_neighbours():
    teeth = [*_row([(0, 17), (4, 13), (5, 12)], top=60), Tooth(28, 60, 230, 110, 250)]
    gaps, places = sites(teeth, columns=SIDE)
    assert [gap.column for gap in gaps] == [(40 + 20 + 24 * 4) / 2]
    assert gaps[0].up
    assert {place.instead.number for place in places} == {17, 13, 12}
    screws = plan(FILM, teeth, seed=0).screws
    assert gaps[0].column in [screw.column for screw in screws]


def test_a_tooth_is_taken_out_of_its_box_alone():
    tooth = TEETH[3]
    empty = without_tooth(FILM, tooth, rng=np.random.default_rng(0))
    rows, columns = np.nonzero(empty != FILM)
    assert rows.min() >= tooth.top - 5
    assert columns.max() <= tooth.right + 5
    middle = int(tooth.top + 25), int((tooth.left + tooth.right) / 2)
    assert empty[middle] < FILM[middle] - 30
    sliver = Tooth(11, 10, 10, 10, 10)
    tiny = FILM[:6, :6]
    assert without_tooth(tiny, sliver, rng=np.random.default_rng(0)) is tiny


def test_no_tooth_no_implant():
    with pytest.raises(WrongUse, match="No implant"):
        plan(FILM, (), seed=0)


@pytest.mark.parametrize("said", ["1 0.5 0.5", "40 0.5 0.5 0.1 0.1", "a b c d e", "0 1 2 3 x"])
def test_boxes_that_are_none_are_refused(said, tmp_path):
    path = tmp_path / "film.txt"
    path.write_text(said)
    with pytest.raises(UnreadableFile, match=r"film\.txt"):
        read_teeth(path, (SIDE, SIDE))


def test_boxes_become_teeth(tmp_path):
    (tmp_path / "film.txt").write_text("0 0.5 0.25 0.5 0.5\n\n31 0.5 0.5 1 1\n")
    one, other = read_teeth(tmp_path / "film.txt", (100, 200))
    assert one == Tooth(11, 0, 50, 50, 150)
    assert (other.number, other.is_upper) == (48, False)


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 255))
def test_attenuation_goes_there_and_back(grey):
    assert grey_of(attenuation(np.array(grey))) == pytest.approx(grey, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.floats(-20, 275), st.floats(-20, 275), st.floats(-12, 12), st.booleans())
def test_shadows_lie_where_their_outline_does(row, column, tilt, up):
    shadow = screw_shadow(Screw(row, column, up, tilt=tilt), (SIDE, SIDE))
    assert shadow.thickness.min() >= 0
    assert shadow.thickness.max() <= 1
    rows, columns = np.nonzero(shadow.inside)
    low, high = shadow.outline.min(axis=0), shadow.outline.max(axis=0)
    assert (rows >= low[0] - 1).all()
    assert (rows <= high[0] + 1).all()
    assert (columns >= low[1] - 1).all()
    assert (columns <= high[1] + 1).all()
    tip = shadow.outline[:, 0].min() if up else shadow.outline[:, 0].max()
    assert (tip < row) == up


@pytest.mark.parametrize(("top", "extent"), [(Top.ABUTMENT, 40.0), (Top.CROWN, 80.0)])
def test_what_an_implant_carries_lies_on_its_upper_end(top, extent):
    screw = Screw(128, 128, True, top=top, extent=extent)
    carried = top_shadow(screw, (SIDE, SIDE))
    assert carried is not None
    assert np.nonzero(carried.inside)[0].min() >= 127  # up is away from it
    assert top_shadow(Screw(128, 128, True), (SIDE, SIDE)) is None


def test_blurred_films_are_less_sharp():
    edge = np.zeros((64, 64))
    edge[:, 32:] = 200
    sharp, soft = (sharpness(cv2.GaussianBlur(edge + edge.T, (0, 0), s)) for s in (0.5, 1.5))
    assert soft[0] > sharp[0]
    assert soft[1] == pytest.approx(1.5, abs=0.3)
    assert sharpness(np.zeros((16, 16))) == (0.4, 0.4)


def test_films_are_written_with_their_truth(tmp_path):
    films, labels = tmp_path / "panoramic_x_rays", tmp_path / "labels_yolo_fdi"
    films.mkdir()
    labels.mkdir()
    name = sorted(read_split(TEST))[0]
    (films / name).write_bytes(cv2.imencode(".png", FILM)[1].tobytes())
    lines = [
        f"{8 * (t.number // 10 - 1) + t.number % 10 - 1} {(t.left + t.right) / 2 / SIDE} "
        f"{(t.top + t.bottom) / 2 / SIDE} {(t.right - t.left) / SIDE} {(t.bottom - t.top) / SIDE}"
        for t in TEETH
    ]
    (labels / f"{name[:-4]}.txt").write_text("\n".join(lines))
    out = tmp_path / "out"
    argv = ["--data", str(tmp_path), "--out", str(out), "--seed", "4", "--films", "9"]
    assert composite_implants.main(argv) == 0
    studies = read_studies(out)
    assert [grade_of(study) for study in studies] == ["none", "metal", "enamel", "bone"]
    assert [study.with_implant for study in studies] == [False, True, True, True]
    assert len({study.patient for study in studies}) == 1
    outlines = read_outlines(studies[1].boxes)
    numbered = cv2.imread(str(out / f"{name[:-4]}.mask.png"), cv2.IMREAD_UNCHANGED)
    assert len(outlines.implants) == numbered.max()
    with (out / "cases.csv").open() as table:
        assert [row["grade"] for row in csv.DictReader(table)][1] == "metal"

"""What stands out of a healed study becomes regions, and regions become implants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.contours import mask_of
from domain.errors import WrongUse
from domain.image import Cine, Image
from domain.implant import (
    SIDE,
    Implant,
    ImplantDecisions,
    ImplantFindings,
    ImplantOptions,
    Region,
    Scoring,
    Verdict,
)
from domain.implant_heat import default_scoring, default_threshold, frame_counts, score_of
from domain.implant_keeping import site_for, with_kept
from domain.implant_regions import LEAST_PIXELS, placed_heat, regions_of
from domain.implant_study import study_frames
from domain.provenance import Mode

FRAMES = np.zeros((16, 300, 400), np.uint8)
MOVING = study_frames(Image(FRAMES[0], cine=Cine(FRAMES))).plan
STILL = study_frames(Image(np.zeros((900, 1600), np.uint8))).plan


def findings(left_over, plan=MOVING, **more):
    frames = np.zeros(left_over.shape, np.uint8)
    rest = left_over.astype(np.float16)
    return ImplantFindings(ImplantOptions(), plan, frames, frames, rest, rest * 0, **more)


def with_blocks(*blocks, count=16):
    """Heat 0.8 in blocks (frame, top, left, rows, columns) of the network's pixels."""
    heat = np.zeros((count, SIDE, SIDE))
    for frame, top, left, rows, columns in blocks:
        heat[frame, top : top + rows, left : left + columns] = 0.8
    return heat


def absolute(heat, plan=MOVING, threshold=0.4):
    return regions_of(findings(heat, plan), Scoring.ABSOLUTE, threshold=threshold)


def test_a_region_lies_where_the_heat_is():
    (region,) = absolute(with_blocks((5, 20, 64, 16, 8)))
    assert (region.frame, region.implant, region.drawn) == (5, 1, False)
    assert region.score == pytest.approx(0.8, abs=1e-3)
    mask = mask_of(np.array(region.outline), (300, 400))
    rows, columns = np.nonzero(mask)
    scale = 300 / SIDE, 400 / SIDE
    assert rows.mean() == pytest.approx((20 + 8) * scale[0] - 0.5, abs=1)
    assert columns.mean() == pytest.approx((64 + 4) * scale[1] - 0.5, abs=1)
    assert mask.sum() == pytest.approx(16 * 8 * scale[0] * scale[1], rel=0.1)


def test_grain_is_no_region():
    assert absolute(with_blocks((0, 3, 3, 1, LEAST_PIXELS - 1))) == ()
    assert len(absolute(with_blocks((0, 3, 3, 1, LEAST_PIXELS)))) == 1


def test_a_thing_that_moves_from_frame_to_frame_is_one_implant():
    moving = [(frame, 50, 20 + 6 * frame, 14, 6) for frame in range(10)]
    still = [(frame, 90, 60, 14, 6) for frame in range(10)]
    regions = absolute(with_blocks(*moving, *still))
    assert len(regions) == 20
    by_implant = {number: [r.frame for r in regions if r.implant == number] for number in (1, 2)}
    assert by_implant == {1: list(range(10)), 2: list(range(10))}


def test_a_thing_may_be_unseen_on_one_frame_and_not_on_two():
    seen = (0, 1, 3, 6)
    regions = absolute(with_blocks(*[(frame, 50, 40, 14, 6) for frame in seen]))
    assert [region.implant for region in regions] == [1, 1, 1, 2]


@pytest.mark.parametrize(
    "second", [(1, 50, 80, 14, 6), (1, 64, 40, 14, 6), (1, 50, 40, 4, 40)], ids=str
)
def test_what_is_far_or_has_another_shape_is_another(second):
    regions = absolute(with_blocks((0, 50, 40, 14, 6), second))
    assert [region.implant for region in regions] == [1, 2]


def test_two_that_come_near_stay_two():
    one = [(frame, 50, 40 + frame, 14, 6) for frame in range(4)]
    other = [(frame, 50, 50 + frame, 14, 6) for frame in range(4)]
    regions = absolute(with_blocks(*one, *other))
    for region in regions:
        left = min(column for _, column in region.outline) * SIDE / 400
        assert region.implant == (1 if left < 46 + region.frame else 2)


def test_pictures_that_repeat_another_are_not_counted():
    plan = study_frames(Image(FRAMES[0], cine=Cine(FRAMES[:3]))).plan
    heat = with_blocks(*[(frame, 50, 40, 14, 6) for frame in range(4)], count=4)
    assert [region.frame for region in absolute(heat, plan)] == [0, 1, 2]
    found = findings(heat, plan)
    assert frame_counts(found, Scoring.ABSOLUTE, threshold=0.4).tolist() == [84] * 3
    assert score_of(found, Scoring.ABSOLUTE, threshold=0.4) == pytest.approx(np.sqrt(3 * 84))


def seen_through_windows(row, column, rows, columns):
    """Heat of a block given in pixels of the still picture, in every window that sees it."""
    heat = np.zeros((len(STILL), SIDE, SIDE))
    places = np.stack(np.indices((SIDE, SIDE)), axis=-1).reshape(-1, 2)
    for picture in range(len(STILL)):
        there = STILL.out_of(places, picture=picture, side=SIDE) - [row, column]
        inside = ((there >= 0) & (there < [rows, columns])).all(axis=1)
        heat[picture] = 0.8 * inside.reshape(SIDE, SIDE)
    return heat


@settings(max_examples=25, deadline=None)
@given(st.integers(200, 600), st.integers(0, 1500))
def test_one_implant_in_overlapping_windows_is_one_region_of_the_whole_picture(row, column):
    (region,) = absolute(seen_through_windows(row, column, 110, 60), STILL)
    corners = np.array(region.outline)
    pitch = np.array([STILL.windows[0].rows, STILL.windows[0].columns]) / SIDE
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
    assert (np.abs(middle - [row + 54.5, column + 29.5]) < pitch).all()
    window = STILL.windows[region.frame]
    assert window.left <= middle[1] <= window.left + window.columns


def test_two_implants_of_a_still_picture_are_two():
    heat = seen_through_windows(500, 300, 110, 60) + seen_through_windows(250, 900, 110, 60)
    regions = absolute(heat, STILL)
    assert [region.implant for region in regions] == [1, 2]
    assert regions[0].outline[0][1] < regions[1].outline[0][1]
    _, implants = with_kept(regions, None, STILL)
    assert [implant.site[0] for implant in implants] == ["4", "2"]


def test_placed_heat_knows_its_way():
    heat = placed_heat(findings(seen_through_windows(500, 300, 110, 60), STILL), Scoring.ABSOLUTE)
    assert len(heat.values) == 1
    places = np.array([[3.0, 7.5], [100.2, 0.0]])
    np.testing.assert_allclose(heat.into(heat.out_of(places)), places)
    (row, column) = np.argwhere(heat.values[0] > 0.4).mean(axis=0)
    np.testing.assert_allclose(heat.out_of(np.array([[row, column]]))[0], [554.5, 329.5], atol=4)


def test_only_what_was_compared_is_scored_against_healthy_studies():
    found = findings(with_blocks((5, 20, 64, 16, 8)))
    assert default_scoring(found) is Scoring.ABSOLUTE
    assert default_scoring(found, mode=Mode.AS_PUBLISHED) is Scoring.AS_PUBLISHED
    with pytest.raises(WrongUse, match="healthy"):
        regions_of(found, Scoring.CALIBRATED, threshold=2)
    compared = replace(found, standing_out=found.left_over * 10, cut=4.0, score=7.0)
    assert default_scoring(compared) is Scoring.CALIBRATED
    assert default_threshold(compared, Scoring.CALIBRATED) == 4
    assert score_of(compared, Scoring.CALIBRATED, threshold=1) == 7
    (region,) = regions_of(compared, Scoring.CALIBRATED, threshold=4.0)
    assert region.score == pytest.approx(8, abs=0.01)


BLOCKS = (
    *[(frame, 50, 20, 14, 6) for frame in range(3)],
    *[(frame, 50, 60, 14, 6) for frame in range(3)],
)
REGIONS = absolute(with_blocks(*BLOCKS))
DECIDED = ImplantDecisions(regions=REGIONS, implants=(Implant(1), Implant(2)))


def test_what_nobody_touched_is_found_anew_under_its_number():
    later = absolute(with_blocks(*BLOCKS[3:]))
    regions, implants = with_kept(later, DECIDED, MOVING)
    assert {region.implant for region in regions} == {2}
    assert implants == (Implant(2),)


@pytest.mark.parametrize(
    "touched",
    [
        {"verdict": Verdict.ACCEPTED},
        {"verdict": Verdict.REJECTED},
        {"site": "36", "site_is_given": True},
    ],
    ids=str,
)
def test_what_a_person_said_stays_as_it_was(touched):
    keep = replace(DECIDED, implants=(Implant(1), Implant(2, **touched)))
    own = tuple(region for region in REGIONS if region.implant == 2)
    for later in ((), absolute(with_blocks(*BLOCKS)), absolute(with_blocks((0, 50, 58, 14, 8)))):
        regions, implants = with_kept(later, keep, MOVING)
        assert regions[:3] == own
        assert sum(region.implant == 2 for region in regions) == 3
        assert Implant(2, **touched) in implants
        assert {implant.number for implant in implants} == {region.implant for region in regions}


def test_what_a_person_drew_is_not_found_twice():
    drawn = replace(REGIONS[0], id="mine", drawn=True, score=float("nan"))
    keep = ImplantDecisions(regions=(drawn,), implants=(Implant(1),))
    regions, implants = with_kept(REGIONS, keep, MOVING)
    assert regions[0] is drawn
    assert [region.implant for region in regions] == [1, 2, 2, 2]  # the other is another
    assert [implant.number for implant in implants] == [1, 2]
    assert len({region.id for region in regions}) == 4


def test_names_are_unique_beside_those_that_are_held():
    mine = Region("1.0", 9, ((0, 0), (0, 9), (9, 9)), float("nan"), 7, drawn=True)
    keep = ImplantDecisions(regions=(mine,), implants=(Implant(7),))
    regions, _ = with_kept(REGIONS, keep, MOVING)
    assert len({region.id for region in regions}) == len(regions) == 7


def test_the_tooth_of_a_frame_is_unknown():
    assert site_for(REGIONS, MOVING) == ""
    assert site_for((), STILL) == ""

"""Pictures of a study lie where they belong, windows side by side and frames one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.tasks.implant.panel_pictures import frame_of, picture_at, spread_out
from domain.implant_plan import StudyPlan
from domain.implant_study import spread_evenly
from domain.panorama import Window, arch_windows

SIDE = 128


def still(rows: int = 300, columns: int = 530) -> StudyPlan:
    return StudyPlan(rows, columns, arch_windows(rows, columns))


def moving(count: int) -> StudyPlan:
    numbers = spread_evenly(count)
    padded = -len(numbers) % 4
    numbers += numbers[-1:] * padded
    return StudyPlan(60, 80, (Window(0, 0, 60, 80),) * len(numbers), numbers, padded=padded)


@given(st.integers(2, 300), st.data())
def test_the_nearest_picture_is_shown_and_its_own_frame_shows_itself(count, data):
    plan = moving(count)
    frame = data.draw(st.integers(0, count - 1))
    picture = picture_at(plan, frame)
    assert 0 <= picture < plan.own
    away = abs(frame_of(plan, picture) - frame)
    assert away == min(abs(number - frame) for number in plan.numbers)
    assert picture_at(plan, frame_of(plan, picture)) == picture


@given(st.integers(-5, 40))
def test_of_a_still_film_a_frame_is_a_window(frame):
    assert picture_at(still(), frame) == min(max(frame, 0), 15)


def test_a_moving_study_shows_one_frame_whole():
    plan, stack = moving(20), np.arange(16)[:, None, None] * np.ones((16, 4, 4), np.uint8)
    shown, room = spread_out(plan, stack, picture=7)
    assert np.all(shown == 7)
    assert room == Window(0, 0, 60, 80)


def test_windows_of_a_still_film_lie_where_they_were_cut():
    plan = still()
    stack = np.zeros((16, SIDE, SIDE), np.float32)
    row, column = 150.0, 400.0
    for number, window in enumerate(plan.windows):
        r, c = np.rint(window.into(np.array([[row, column]]), side=SIDE)[0]).astype(int)
        if 0 <= c < SIDE:
            stack[number, r, c] = 5.0
    shown, room = spread_out(plan, stack, picture=0, hottest=True)
    places = np.argwhere(shown == 5.0)
    assert len(places) >= 1
    scale = np.array([room.rows / shown.shape[0], room.columns / shown.shape[1]])
    back = (places + 0.5) * scale - 0.5 + [room.top, room.left]
    assert np.abs(back - [row, column]).max() < 2 * scale.max()


def test_where_windows_overlap_the_hottest_counts_or_the_nearest():
    plan = still()
    stack = np.zeros((16, SIDE, SIDE), np.float32) + np.arange(16)[:, None, None]
    hottest, _ = spread_out(plan, stack, picture=0, hottest=True)
    nearest, _ = spread_out(plan, stack, picture=0)
    assert np.all(np.diff(hottest[0]) >= 0)
    assert np.all(np.diff(nearest[0]) >= 0)
    assert set(np.unique(nearest)) == set(range(16))
    assert np.all(hottest >= nearest)

"""The protocol on one film, against figures worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from domain.annotation import Hint
from training.data.aasce import Labelled
from training.vertebrae_protocol import ANY_CLICKS, FilmResult, Rules, measure_film

FloatArray = NDArray[np.float64]
SIDE = 1024  # a square film: a column counts half as much as a row where "worst" is measured
Offsets = Mapping[int, tuple[float, float]]


def column() -> FloatArray:
    """(68, 2) a straight column in a film of 1024 x 1024."""
    tops = 100.0 + 50 * np.arange(17)
    corners = np.zeros((17, 4, 2))
    corners[:, :, 0] = tops[:, None] + [0, 0, 30, 30]
    corners[:, :, 1] = [480, 540, 480, 540]
    return corners.reshape(68, 2)


class Scripted:
    """Answers what the script says for each number of hints, whatever they are."""

    def __init__(self, *script: Offsets, levels: float = 0.0) -> None:
        self.script, self.levels = script, levels
        self.asked: list[tuple[Hint, ...]] = []

    def predict(
        self, film: NDArray[np.uint8], hints: tuple[Hint, ...]
    ) -> tuple[FloatArray, FloatArray]:
        self.asked.append(hints)
        corners = column() + np.array([50 * self.levels, 0])
        for corner, offset in self.script[min(len(hints), len(self.script) - 1)].items():
            corners[corner] += offset
        return corners, np.zeros(68)


@pytest.fixture
def film(tmp_path: Path) -> Labelled:
    path = tmp_path / "film.png"
    path.write_bytes(cv2.imencode(".png", np.zeros((SIDE, SIDE), np.uint8))[1].tobytes())
    return Labelled("film.png", path, column() / SIDE)


def measured(film: Labelled, predictor: Scripted, *, clicks: int) -> FilmResult:
    return measure_film(film, predictor, person="p", rules=Rules(clicks))


def indices(hints: Sequence[Hint]) -> list[int]:
    return [hint.index for hint in hints]


def test_corrected_corners_count_as_right_and_the_worst_is_sought_in_the_published_frame(
    film: Labelled,
) -> None:
    # Corner 5 is 60 px off across (15 in the frame), corner 7 is 40 px off down (20 there).
    predictor = Scripted(
        {5: (0, 60), 7: (40, 0)},
        {5: (0, 60), 7: (40, 0), 9: (0, 36)},  # does not keep to its hint: 7 is picked again
        {5: (0, 20), 7: (4, 0), 9: (3, 4)},
        {5: (0, 20), 9: (3, 4)},
    )
    result = measured(film, predictor, clicks=3)
    assert [indices(hints) for hints in predictor.asked] == [[], [7], [7, 7], [7, 7, 5]]
    assert result.clicked == (7, 7, 5)
    truth = column()
    assert predictor.asked[1] == (Hint(7, *truth[7].tolist()),)
    assert result.curve * 68 == pytest.approx([60 + 40, 60 + 36, 20 + 5, 5])
    assert result.manual * 68 == pytest.approx([60 + 40, 60, 0, 0])
    assert [share * 67 for share in result.others] == pytest.approx([60, 60 + 36])
    assert result.unslipped is None
    assert not result.is_slipped


def test_no_click_at_all(film: Labelled) -> None:
    result = measured(film, Scripted({3: (0, 68)}), clicks=0)
    assert result.curve == pytest.approx([1.0])
    assert result.manual == pytest.approx([1.0])
    assert result.clicked == ()


def test_angles_are_those_of_the_first_answer(film: Labelled) -> None:
    down = 60 * np.tan(np.radians(12.0))  # the right side of T3 sinks: 60 px wide, 12 degrees
    result = measured(film, Scripted({9: (down, 0), 11: (down, 0)}, {}), clicks=1)
    assert result.angles[0, 0] == pytest.approx(12.0)
    assert result.angles[1] == pytest.approx(0.0, abs=1e-5)


def test_any_click_tries_eight_different_corners_the_same_each_time(film: Labelled) -> None:
    predictor = Scripted({}, {}, levels=1.0)
    result = measured(film, predictor, clicks=1)
    assert result.slips == pytest.approx([1.0, 1.0])
    assert result.unslipped == 0.0
    tried = predictor.asked[2:]
    assert len({hints[0].index for hints in tried}) == len(tried) == ANY_CLICKS
    assert all(len(hints) == 1 for hints in tried)
    again = Scripted({}, {}, levels=1.0)
    measured(film, again, clicks=1)
    assert again.asked == predictor.asked


def test_any_click_counts_those_that_bring_the_column_back(film: Labelled) -> None:
    class LowerHalf(Scripted):
        """Goes back only where a corner of the lower half is clicked."""

        def predict(
            self, film: NDArray[np.uint8], hints: tuple[Hint, ...]
        ) -> tuple[FloatArray, FloatArray]:
            corners, spread = super().predict(film, hints)
            return (column() if any(hint.index >= 34 for hint in hints) else corners), spread

    predictor = LowerHalf({}, levels=-2.0)
    result = measured(film, predictor, clicks=0)
    back = [hints[0].index >= 34 for hints in predictor.asked[1:]]
    assert 0 < sum(back) < ANY_CLICKS
    assert result.unslipped == sum(back) / ANY_CLICKS

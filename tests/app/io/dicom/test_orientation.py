"""Which side of the patient lies where, from letters and from directions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.io.dicom.orientation import OPPOSITE, marks_of, sides
from tests.app.io.dicom.makers import dataset, item, sequence


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        (["L", "F"], ("R", "L", "H", "F")),
        (["R", "F"], ("L", "R", "H", "F")),
        (["A", "F"], ("P", "A", "H", "F")),
        (["P", "H"], ("A", "P", "F", "H")),
        (["LA", "FP"], ("RP", "LA", "HA", "FP")),
        (["l", "f"], ("R", "L", "H", "F")),
    ],
)
def test_the_first_letter_is_the_right_edge_the_second_the_bottom(
    letters: list[str], expected: tuple[str, ...]
) -> None:
    assert sides(dataset(PatientOrientation=letters)) == expected


@pytest.mark.parametrize(
    "letters", ["", ["L"], ["L", ""], ["X", "Y"], ["LR", "F"], ["DOE", "JANE"]]
)
def test_what_is_no_direction_is_no_letter(letters: object) -> None:
    assert sides(dataset(PatientOrientation=letters)) == ("", "", "", "")


def test_nothing_said_is_nothing_known() -> None:
    assert sides(dataset()) == ("", "", "", "")


@pytest.mark.parametrize(
    ("cosines", "expected"),
    [
        ([1, 0, 0, 0, 1, 0], ("R", "L", "A", "P")),
        ([1, 0, 0, 0, 0, -1], ("R", "L", "H", "F")),
        ([0, 1, 0, 0, 0, -1], ("A", "P", "H", "F")),
        ([0.9, 0.3, -0.316, 0, -0.7, -0.714], ("R", "L", "H", "F")),
    ],
)
def test_slices_say_it_by_directions(cosines: list[float], expected: tuple[str, ...]) -> None:
    assert sides(dataset(ImageOrientationPatient=cosines)) == expected


@pytest.mark.parametrize("cosines", [[0] * 6, [1, 0, 0], [1, 0, 0, 1, 0, 0], [5, 0, 0, 0, 5, 0]])
def test_directions_that_are_none(cosines: list[float]) -> None:
    assert sides(dataset(ImageOrientationPatient=cosines)) == ("", "", "", "")


@given(st.integers(0, 2**32 - 1))
def test_any_rotation_gives_opposite_letters_of_two_axes(seed: int) -> None:
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    text = [f"{number:.9f}" for number in (*turn[0], *turn[1])]
    left, right, top, bottom = sides(dataset(ImageOrientationPatient=text))
    assert right == left.translate(OPPOSITE)
    assert bottom == top.translate(OPPOSITE)
    step = turn[0] @ np.eye(3)["LPH".find(right) if right in "LPH" else "RAF".find(right)]
    assert abs(step) == pytest.approx(np.abs(turn[0]).max(), abs=1e-6)


def test_marks_are_words_that_we_know() -> None:
    posture = item(CodeValue="10904000", CodingSchemeDesignator="SCT", CodeMeaning="Doe^Jane")
    made = dataset(
        ViewPosition="PA",
        ImageLaterality="L",
        PatientOrientationCodeSequence=sequence(posture),
        LossyImageCompression="01",
    )
    assert marks_of(made) == ("PA", "left", "upright", "lossy")
    assert marks_of(dataset(ViewPosition="DOE^JANE", Laterality="JANE")) == ()


def test_a_view_may_be_said_by_its_code() -> None:
    view = item(CodeValue="R-10206", CodingSchemeDesignator="SRT", CodeMeaning="frontal")
    assert marks_of(dataset(ViewCodeSequence=sequence(view))) == ("AP",)

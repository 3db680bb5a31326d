"""Annotations survive being written down, bit for bit; damage is refused by name."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import given

from app.library.codec import VERSION, DamagedRevision, decode, encode
from domain.annotation import Annotations, CurveEnds, Hint
from domain.doubts import Doubt, DoubtKind
from domain.geometry import Points
from domain.grid import Grid
from domain.implant import (
    Implant,
    ImplantDecisions,
    ImplantDoubt,
    ImplantOptions,
    Region,
    Verdict,
)
from tests.app.library.makers import IMAGE, annotations, some_annotations, unhurried


@unhurried
@given(annotations)
def test_everything_comes_back(original):
    assert decode(encode(original), revision_id="r") == original


@unhurried
@given(annotations)
def test_every_float_comes_back_bit_for_bit(original):
    read = decode(encode(original), revision_id="r")
    if original.points is not None:
        assert read.points.coordinates.tobytes() == original.points.coordinates.tobytes()
    bits = [struct.pack("<2d", h.row, h.column) for hints in original.rounds for h in hints]
    assert bits == [struct.pack("<2d", h.row, h.column) for hints in read.rounds for h in hints]


def test_no_points_differ_from_nothing_found():
    nothing = Annotations(IMAGE, points=Points(np.empty((0, 2))))
    read = decode(encode(nothing), revision_id="r")
    assert read == nothing
    assert read.points.coordinates.shape == (0, 2)


def test_numbers_of_numpy_are_written_like_others():
    hint = Hint(3, np.float32(0.1), np.float64(0.1))
    original = Annotations(IMAGE, rounds=((hint,),), confidence=(np.float32(1.5),))
    read = decode(encode(original), revision_id="r")
    assert read.hints[3] == Hint(3, float(np.float32(0.1)), 0.1)
    assert read.confidence == (1.5,)


def test_sixty_eight_corners_take_a_few_kilobytes():
    corners = np.random.default_rng(0).uniform(0, 3000, (68, 2))
    text = encode(Annotations(IMAGE, points=Points(corners), confidence=tuple(corners[:, 0])))
    assert len(text) < 6000


WHOLE = json.loads(encode(some_annotations(rounds=((Hint(1, 2.0, 3.0),),))))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("points", [[1.0, 2.0], [3.0]]),
        ("points", [[1.0, 2.0, 3.0]]),
        ("points", [["1.0", 2.0]]),
        ("points", [[float("nan"), 2.0]]),
        ("points", 7),
        ("rounds", [[[1, 2.0]]]),
        ("rounds", [[[1.5, 2.0, 3.0]]]),
        ("rounds", [[[True, 2.0, 3.0]]]),
        ("rounds", {"0": []}),
        ("pins", ["3"]),
        ("shift", None),
        ("confidence", ["low"]),
        ("accepted", 1),
        ("image", None),
        ("origin", {"weights": "w"}),
        ("v", "one"),
        ("ends", None),
        ("ends", [[3]]),
        ("ends", [[3, 3]]),
        ("ends", [[-1, 3]]),
        ("ends", [[1.5, 3]]),
        ("measures", [["m", "line", [[0.0, 1.0]], ""]]),
        ("measures", [["m", "circle", [[0.0, 1.0], [2.0, 3.0]], ""]]),
        ("measures", [["m", "plumb", [[float("nan"), 1.0]], ""]]),
        ("measures", [["m", "plumb", [[0.0, 1.0, 2.0]], ""]]),
        ("calibration", [0.2, 0.2, ""]),
        ("calibration", [0.2, 0.0, "user"]),
        ("doubts", None),
        ("doubts", [["few_vertebrae", 8]]),
        ("doubts", [["few_vertebrae", "8", []]]),
    ],
)
def test_a_wrong_field_is_refused_and_the_revision_named(field, value):
    with pytest.raises(DamagedRevision, match="c0ffee"):
        decode(json.dumps({**WHOLE, field: value}), revision_id="c0ffee")


@pytest.mark.parametrize("field", sorted(WHOLE))
def test_a_missing_field_is_refused(field):
    rest = {name: value for name, value in WHOLE.items() if name != field}
    with pytest.raises(DamagedRevision):
        decode(json.dumps(rest), revision_id="r")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"text"', "[" * 100_000, encode(some_annotations())[:-9]]
)
def test_text_that_is_no_annotation_is_refused(text):
    with pytest.raises(DamagedRevision):
        decode(text, revision_id="r")


def test_a_newer_format_says_so():
    with pytest.raises(DamagedRevision, match="newer Caliper"):
        decode(json.dumps({**WHOLE, "v": VERSION + 1}), revision_id="r")


def test_only_what_an_older_caliper_would_lose_is_kept_from_it():
    plain = json.loads(encode(some_annotations()))
    chosen = json.loads(encode(some_annotations(curve_ends=(CurveEnds(3, 9),))))
    assert (plain["v"], "ends" in plain) == (1, False)
    assert (chosen["v"], chosen["ends"]) == (2, [[3, 9]])
    calibrated = json.loads(encode(some_annotations(calibration=Grid((0.2, 0.2), "user"))))
    assert (calibrated["v"], "measures" in calibrated) == (2, False)


def test_what_was_written_before_there_were_measures_is_read():
    assert {"measures", "calibration"}.isdisjoint(WHOLE)
    read = decode(json.dumps(WHOLE), revision_id="r")
    assert read.measures == ()
    assert read.calibration is None


def test_doubts_that_a_newer_caliper_has_are_passed_over():
    kept = Doubt(DoubtKind.FEW, 8)
    text = json.loads(encode(some_annotations(doubts=(kept,))))
    assert text["v"] == 1
    text["doubts"].insert(0, ["unheard_of", 3, []])
    assert decode(json.dumps(text), revision_id="r").doubts == (kept,)


IMPLANTS = ImplantDecisions(
    options=ImplantOptions(level=250),
    regions=(Region("r", 3, ((1.0, 2.0), (1.5, 9.0), (4.0, 2.0)), 0.5, 1),),
    implants=(Implant(1, "36", Verdict.ACCEPTED, site_is_given=True),),
)


def test_only_a_text_with_implants_is_of_the_fourth_version():
    written = json.loads(encode(Annotations(IMAGE, implants=IMPLANTS)))
    assert (written["v"], written["implants"]["threshold"]) == (4, None)
    assert "implants" not in json.loads(encode(some_annotations()))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("options", [300, 15, "ddim", 1]),
        ("options", [300, 15, "magic", 1, False]),
        ("scoring", "by_eye"),
        ("threshold", "high"),
        ("regions", [["r", 3, [[1.0, 2.0]], 0.5, 1]]),
        ("regions", [["r", 3, [[1.0, float("nan")]], 0.5, 1, False]]),
        ("regions", [["r", 3.5, [], 0.5, 1, False]]),
        ("implants", [[1, "36", "perhaps", False]]),
        ("implants", [[1, "36", "open", 0]]),
        ("doubts", "still"),
        ("score", [1.0]),
    ],
)
def test_wrong_implants_are_refused_and_the_revision_named(field, value):
    text = json.loads(encode(Annotations(IMAGE, implants=IMPLANTS)))
    text["implants"][field] = value
    with pytest.raises(DamagedRevision, match="c0ffee"):
        decode(json.dumps(text), revision_id="c0ffee")


def test_doubts_about_implants_that_a_newer_caliper_has_are_passed_over():
    text = json.loads(encode(Annotations(IMAGE, implants=IMPLANTS)))
    text["implants"]["doubts"] = ["unheard_of", "still"]
    read = decode(json.dumps(text), revision_id="r")
    assert read.implants.doubts == (ImplantDoubt.STILL,)


def test_what_was_written_by_the_third_version_is_written_the_same():
    text = (
        '{"v":1,"image":"i","points":[[1.5,2.25]],"rounds":[],"pins":[],"shift":0,'
        '"confidence":[],"accepted":false,"origin":null}'
    )
    assert encode(decode(text, revision_id="r")) == text

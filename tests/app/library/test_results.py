"""What a network computed comes back as it was, makes room for newer, and may be lost."""

from __future__ import annotations

import io
import json
import math
import zipfile
from contextlib import closing, suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.library import backups
from app.library import library as library_module
from app.library.library import Library
from app.library.opening import restore
from app.library.results import (
    ARRAYS,
    FACTS,
    AskedFor,
    DamagedResult,
    StoredResult,
    asked_for,
    decode,
    encode,
    key_of,
)
from domain.errors import LibraryReadOnly
from domain.implant import ImplantDoubt, ImplantFindings, ImplantOptions
from domain.implant_plan import StudyPlan
from domain.panorama import Window
from domain.provenance import Mode, ModelOrigin
from tests.app.library.makers import WAIT_S, a_case, options, sql, unhurried

ORIGIN = ModelOrigin("w", "0" * 64, Mode.CORRECTED, "cpu", "float32", 12.5, "test")


def a_result(*, frames: int = 2, side: int = 8, **changes) -> StoredResult:
    rng = np.random.default_rng(1)
    shape = (frames, side, side)
    findings = ImplantFindings(
        ImplantOptions(),
        StudyPlan(90, 120, (Window(0, 0, 90, 120.5),) * frames, numbers=tuple(range(frames))),
        rng.integers(0, 256, shape).astype(np.uint8),
        rng.integers(0, 256, shape).astype(np.uint8),
        rng.normal(size=shape).astype(np.float16),
        np.zeros(shape, np.float16),
    )
    return StoredResult(replace(findings, **changes), ORIGIN, seed=7)


def same(one: StoredResult, other: StoredResult) -> bool:
    facts = [(r.origin, r.seed, r.findings.options, r.findings.plan) for r in (one, other)]
    return facts[0] == facts[1] and all(
        np.array_equal(getattr(one.findings, name), getattr(other.findings, name), equal_nan=True)
        for name in ARRAYS
        if getattr(one.findings, name) is not None
    )


@unhurried
@given(options, st.floats(), st.floats(), st.lists(st.floats(allow_nan=False)).map(tuple))
def test_a_result_comes_back_as_it_was(asked, score, cut, healthy):
    original = a_result(options=asked, score=score, cut=cut, healthy=healthy)
    read = decode(encode(original))
    assert same(original, read)
    assert read.findings.healthy == healthy
    assert read.findings.standing_out is None
    for name in ("score", "cut", "p_value"):
        wanted, got = getattr(original.findings, name), getattr(read.findings, name)
        assert got == wanted or (math.isnan(got) and math.isnan(wanted))


def test_maps_against_healthy_studies_and_doubts_come_back():
    heat = np.full((2, 8, 8), np.float16(2.5))
    read = decode(encode(a_result(standing_out=heat, doubts=(ImplantDoubt.UNLIKE,)))).findings
    assert np.array_equal(read.standing_out, heat)
    assert read.doubts == (ImplantDoubt.UNLIKE,)
    assert not read.standing_out.flags.writeable


def test_the_side_that_a_film_is_seen_from_comes_back_and_is_the_usual_one_in_older_results():
    result = a_result()
    mirrored = replace(
        result, findings=replace(result.findings, plan=replace(result.findings.plan, mirrored=True))
    )
    assert decode(encode(mirrored)).findings.plan.mirrored
    facts = json.loads(zipfile.ZipFile(io.BytesIO(encode(mirrored))).read(FACTS))
    del facts["plan"]["mirrored"]
    older = changed(encode(mirrored), FACTS, json.dumps(facts).encode())
    assert not decode(older).findings.plan.mirrored


def changed(content: bytes, name: str, data: bytes | None) -> bytes:
    room = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(room, "w") as new:
        for member in old.namelist():
            kept = data if member == name else old.read(member)
            if kept is not None:
                new.writestr(member, kept)
    return room.getvalue()


def npy(array: np.ndarray) -> bytes:
    room = io.BytesIO()
    np.save(room, array, allow_pickle=True)
    return room.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("facts.json", b"{"),
        ("facts.json", b"[]"),
        ("facts.json", b'{"v":2}'),
        ("facts.json", None),
        ("healed", None),
        ("healed", b"noise"),
        ("healed", npy(np.zeros((2, 8, 8)))),
        ("healed", npy(np.zeros((3, 8, 8), np.uint8))),
        ("healed", npy(np.zeros((2, 8), np.uint8))),
        ("healed", npy(np.array([print], dtype=object))),
    ],
)
def test_a_damaged_result_is_refused_with_what_to_do(name, data):
    with pytest.raises(DamagedResult, match="Localise again"):
        decode(changed(encode(a_result()), name, data))


@given(st.integers(0, 400), st.integers(0, 255))
def test_noise_is_a_result_or_a_refusal(place, value):
    content = bytearray(encode(a_result()))
    content[place % len(content)] = value
    with suppress(DamagedResult):
        decode(bytes(content))
    with pytest.raises(DamagedResult):
        decode(bytes(content[: len(content) // 2]))


def test_another_question_has_another_key():
    asked = ImplantOptions()
    keys = {
        key_of(asked, seed=0, weights_id="w"),
        key_of(asked, seed=1, weights_id="w"),
        key_of(asked, seed=0, weights_id="v"),
        key_of(replace(asked, level=301), seed=0, weights_id="w"),
        key_of(replace(asked, seeds=2), seed=0, weights_id="w"),
    }
    assert len(keys) == 5
    assert key_of(ImplantOptions(), seed=0, weights_id="w") in keys
    assert asked_for(key_of(asked, seed=3, weights_id="w")) == AskedFor(asked, 3, "w")
    with pytest.raises(DamagedResult):
        asked_for("{}")


def test_a_case_keeps_its_results_over_a_restart_until_it_goes(one_case, folder):
    one_case.keep_result("case", "k", b"old").result(WAIT_S)
    one_case.keep_result("case", "k", b"new").result(WAIT_S)
    one_case.keep_result("case", "other", b"more").result(WAIT_S)
    one_case.close()
    with closing(Library.open(folder)) as again:
        assert again.result_keys("case") == {"k", "other"}
        assert again.result("case", "k") == b"new"
        assert again.result("case", "nothing") is None
        again.remove_case("case").result(WAIT_S)
        assert again.result_keys("case") == frozenset()


def test_the_oldest_results_make_room(one_case, monkeypatch):
    monkeypatch.setattr(library_module, "MOST_RESULT_BYTES", 100)
    for number in range(5):
        one_case.keep_result("case", str(number), bytes(40)).result(WAIT_S)
    assert one_case.result_keys("case") == {"3", "4"}
    one_case.keep_result("case", "huge", bytes(101)).result(WAIT_S)
    assert one_case.result_keys("case") == frozenset()


def test_a_case_changes_its_task(one_case, folder):
    one_case.set_task("case", "implant").result(WAIT_S)
    one_case.close()
    with closing(Library.open(folder)) as again:
        assert again.case("case").task == "implant"


def test_a_reader_keeps_no_result(one_case, folder):
    with closing(Library.open(folder)) as second, pytest.raises(LibraryReadOnly):
        second.keep_result("case", "k", b"").result(WAIT_S)


def test_a_restored_library_may_lack_results_and_takes_new_ones(one_case, folder):
    one_case.keep_result("case", "k", bytes(5000)).result(WAIT_S)
    assert backups.back_up(folder / "library.sqlite") == ""
    one_case.close()
    (folder / "library.sqlite").write_bytes(b"\xa5" * 8192)
    restore(folder)
    with closing(Library.open(folder)) as again:
        assert again.case("case").name == a_case().name
        assert again.result("case", "k") is None
        again.keep_result("case", "k", b"again").result(WAIT_S)
        assert again.result("case", "k") == b"again"
    assert sql(folder, "PRAGMA foreign_key_check") == []

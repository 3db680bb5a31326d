"""Every file of the corpus opens as it is, or is refused in a sentence; none takes its reader."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from app.io.thumbnails import thumbnail
from tests.corpus.mutations import damaged
from tests.corpus.opens import must_open
from tests.corpus.refuses import must_refuse
from tests.corpus.trial import faults_of_good, tried

DAMAGED = range(400)
# Ended by the system: PDF pages that nobody can stop while they are parsed.
SACRIFICED = {"bomb-forms.pdf", "bomb-twice.pdf"}


def test_what_must_open_opens_as_it_is(tmp_path: Path) -> None:
    goods = must_open()
    outcomes = tried([(good.name, good.content) for good in goods], folder=tmp_path)
    faults = {}
    for good, outcome in zip(goods, outcomes, strict=True):
        faults[good.name] = faults_of_good(good, outcome)
        if outcome.study is not None:
            assert thumbnail(outcome.study.image.pixels)
    assert not {name: found for name, found in faults.items() if found}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the bombs take a minute")
def test_what_must_be_refused_is_refused_in_a_sentence(tmp_path: Path) -> None:
    bads = must_refuse()
    outcomes = list(tried([(bad.name, bad.content) for bad in bads], folder=tmp_path))
    assert len(outcomes) == len(bads)
    assert not [outcome.name for outcome in outcomes if outcome.study is not None]
    assert not [each.name for each in outcomes if not is_sentence(each.refusal, name=each.name)]
    assert {outcome.name for outcome in outcomes if outcome.lost} <= SACRIFICED


def test_random_damage_takes_no_reader(tmp_path: Path) -> None:
    outcomes = list(tried(damaged(DAMAGED), folder=tmp_path))
    assert len(outcomes) == len(DAMAGED)
    assert not [(each.name, each.refusal) for each in outcomes if each.lost]


def test_the_same_seed_makes_the_same_files() -> None:
    assert [bad.content for bad in must_refuse(3)] == [bad.content for bad in must_refuse(3)]
    assert [good.content for good in must_open(3)] == [good.content for good in must_open(3)]
    assert must_open(3)[1].content != must_open(4)[1].content
    assert list(damaged(range(40))) == list(damaged(range(40)))


def is_sentence(refusal: str, *, name: str) -> bool:
    """It names the file, says why and what to do, without a word of Python's."""
    sentences = re.findall(r"[A-Z“][^.]*\.", refusal.replace(name, "film"))
    return len(sentences) >= 3 and not re.search(r"Traceback|Error|longer than 60", refusal)

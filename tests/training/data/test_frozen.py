"""The frozen test people: drawn once, only ever added to, never learnt from."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from domain.errors import WrongUse
from training.data.frozen import Frozen

people = some.sets(some.text(min_size=1, max_size=6), max_size=30)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=people, later=people)
def test_nobody_changes_sides(first: set[str], later: set[str]) -> None:
    once = Frozen().grown(first, share=0.25)
    again = once.grown(first | later, share=0.25)
    assert once.test <= again.test
    assert once.learnt <= again.learnt
    assert not again.test & again.learnt
    assert again.test | again.learnt == first | later
    assert len(once.test) == -(-len(first) // 4)
    assert once.grown(first, share=0.25) == once


def test_those_who_were_learnt_from_are_not_tested_on_though_many_are_missing() -> None:
    split = Frozen(learnt=frozenset("abcdefgh")).grown("abcdefgh", share=0.25)
    assert split.test == frozenset()
    assert split.grown("abcdefghi", share=0.25).test == {"i"}


def test_at_least_so_many_are_tested_on() -> None:
    assert len(Frozen().grown("abcdefgh", share=0.25, least=5).test) == 5
    assert Frozen().grown("ab", share=0.25, least=5).learnt == frozenset()


def test_the_file_comes_back_and_damage_is_no_new_draw(tmp_path: Path) -> None:
    path = tmp_path / "frozen-test.json"
    assert Frozen.read(path) == Frozen()
    split = Frozen(frozenset({"a"}), frozenset({"b", "c"}))
    split.write(path)
    assert Frozen.read(path) == split
    for content in ("", "[]", '{"test": ["a"]}'):
        path.write_text(content)
        with pytest.raises(WrongUse, match="cannot be read"):
            Frozen.read(path)

"""Settings: what is set fits its field, all else is refused in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from domain.errors import WrongUse
from training.settings import changed, read_settings, told


class Kind(StrEnum):
    ONE = "one"
    TWO = "two"


@dataclass(frozen=True)
class Inner:
    depth: int = 3
    width: int = 4


@dataclass(frozen=True)
class Outer:
    kind: Kind = Kind.ONE
    rate: float = 0.5
    count: int = 2
    quick: bool = True
    inner: Inner = field(default_factory=Inner)
    free: Mapping[str, Any] = field(default_factory=lambda: {"a": 1})

    def __post_init__(self) -> None:
        if self.count > 9:
            raise ValueError("count is at most 9")


def test_values_reach_their_fields_and_leave_the_others() -> None:
    config = Outer()
    for text in ("kind=two", "rate=2", "quick=false", "inner.depth=7", "free.b=word"):
        config = changed(config, told(text))
    assert config == Outer(Kind.TWO, 2, 2, False, Inner(depth=7), {"a": 1, "b": "word"})
    assert changed(Outer(), {}) == Outer()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind=three", "one, two"),
        ("count=1.5", "count cannot be 1.5"),
        ("count=true", "count cannot be True"),
        ("quick=1", "quick cannot be 1"),
        ("rate=fast", "rate cannot be 'fast'"),
        ("inner=3", "inner cannot be 3"),
        ("inner.dept=3", "no setting 'dept'"),
        ("rat=1", "kind, rate, count"),
        ("count=10", "at most 9"),
        ("count", "'count' sets nothing"),
        ("=3", "sets nothing"),
        ("count.x=1", "count cannot be"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, said: str) -> None:
    with pytest.raises(WrongUse) as refused:
        changed(Outer(), told(text))
    assert said in str(refused.value)


def test_yaml_is_read_as_version_one_point_two(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(
        "# slowly\nrate: 4e-4\nquick: false\nkind: two\nfree: {b: no}\ninner:\n  depth: 7\n"
    )
    expected = Outer(Kind.TWO, 4e-4, 2, False, Inner(depth=7), {"a": 1, "b": "no"})
    assert changed(Outer(), read_settings(path)) == expected


@pytest.mark.parametrize(
    ("name", "contents"),
    [
        ("run.json", ("[1]", "{", "3")),
        (
            "run.yaml",
            ("- 1", "rate: [", "3", "", "rate: 1\nrate: 2", "rate: !!python/name:os.system"),
        ),
    ],
)
def test_files_that_hold_no_settings(tmp_path: Path, name: str, contents: tuple[str, ...]) -> None:
    path = tmp_path / name
    with pytest.raises(WrongUse, match="cannot be read"):
        read_settings(path)
    for content in contents:
        path.write_text(content)
        with pytest.raises(WrongUse):
            read_settings(path)


def test_json_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"rate": 0.25}))
    assert changed(Outer(), read_settings(path)).rate == 0.25

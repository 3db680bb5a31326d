"""Forty cases opened, corrected, undone and closed leave nothing behind."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from benchmarks.long_sitting import Burden, sit

LIGHT = Burden(1000, 1000, 5, 3, 100, 20, 5, 4)
MOST_FILLING = 0.15
"""Stores that have a limit are not full yet after so few cases."""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts in /proc")
def test_forty_cases_leave_no_thread_process_widget_handle_or_file() -> None:
    sitting = sit(40, warm_up=8)
    before = sitting.warm
    roomy = replace(
        before,
        memory=round(before.memory * (1 + MOST_FILLING)),
        engine_memory=round(before.engine_memory * (1 + MOST_FILLING)),
    )
    assert roomy.grown_to(sitting.end) == []


@pytest.mark.parametrize(
    "what", ["threads", "processes", "widgets", "handles", "engine_handles", "files"]
)
def test_one_more_is_a_leak(what: str) -> None:
    assert LIGHT.grown_to(LIGHT) == []
    more = replace(LIGHT, **{what: getattr(LIGHT, what) + 1})
    assert len(LIGHT.grown_to(more)) == 1
    assert more.grown_to(LIGHT) == []


@pytest.mark.parametrize("what", ["memory", "engine_memory"])
def test_memory_may_grow_by_a_twentieth(what: str) -> None:
    assert LIGHT.grown_to(replace(LIGHT, **{what: 1050})) == []
    assert len(LIGHT.grown_to(replace(LIGHT, **{what: 1051}))) == 1

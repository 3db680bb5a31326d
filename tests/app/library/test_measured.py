"""Figures of evaluations are kept, the newest of each network on each set of films."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.library.measured import MOST, NAME, Measured, keep_measured, read_measured
from inference.manifest import Metric

ONE = Measured("5" * 64, "“films”", "", "2026-01-31", (Metric("mre_px.0", 12.0, 10.0, 15.0, 7),))


def test_figures_come_back_and_newer_ones_replace_them(tmp_path: Path) -> None:
    home = tmp_path / "home"
    other = replace(ONE, mode="as_published")
    newer = replace(ONE, day="2026-02-01", figures=(Metric("mre_px.0", 11.0),))
    for found in (ONE, other, newer):
        keep_measured(found, home)
    assert read_measured(home) == (other, newer)


def test_a_list_does_not_grow_for_ever(tmp_path: Path) -> None:
    for n in range(MOST + 3):
        keep_measured(replace(ONE, films=str(n)), tmp_path)
    kept = read_measured(tmp_path)
    assert len(kept) == MOST
    assert kept[-1].films == str(MOST + 2)


@pytest.mark.parametrize("text", ["", "{}", "5", "[5]", '[{"sha256": "a"}]', "[[]]"])
def test_what_is_damaged_is_no_measurement(text: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(text)
    assert read_measured(tmp_path) == ()

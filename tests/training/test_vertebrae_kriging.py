"""The fit finds what residuals have in common, and says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.vertebrae_kriging import START, Click, clicks_of, error_px, fit, main


def column() -> np.ndarray:
    """(68, 2) a straight column."""
    corners = np.array([[-15, -30], [-15, 30], [15, -30], [15, 30]])
    centres = np.stack([40.0 * np.arange(17), np.full(17, 100.0)], axis=1)
    return np.asarray(centres[:, None] + corners).reshape(-1, 2)


def wider(rng: np.random.Generator) -> np.ndarray:
    """(68, 2) labels of somebody who sets corners farther out, or farther in."""
    out = np.tile([[0, -1], [0, 1]], (34, 1)) * rng.normal(0, 6)
    return np.asarray(column() + out + rng.normal(0, 1, (68, 2)))


def clicks(films: int) -> list[Click]:
    rng, found = np.random.default_rng(3), []
    for _ in range(films):
        found += clicks_of(np.stack([column()] * 3), wider(rng), [20, 41])
    return found


def test_what_is_known_after_a_click() -> None:
    truth = column() + np.array([0.0, 4.0])
    first, second = clicks_of(np.stack([column()] * 3), truth, [20, 20])
    assert first.index == second.index == (20,)
    assert np.allclose(first.told, [[0, 0.1]], atol=1e-6)
    assert np.allclose(np.delete(first.off, 20, axis=0), [0, 0.1])
    assert not first.off[20].any()
    assert first.level == pytest.approx(40)


def test_the_fit_leaves_less_error_on_other_films() -> None:
    known, others = clicks(8)[:8], clicks(14)[16:]
    assert error_px(fit(known), others) < error_px(START, others)


def test_a_folder_without_films_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 1
    assert str(tmp_path) in capsys.readouterr().err

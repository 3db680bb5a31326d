"""Without the data folder the session reads phantoms, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import ten_films


def test_phantoms_stand_in_and_are_called_synthetic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ten_films, "DATA", tmp_path / "missing")
    films, kind = ten_films.films_of(tmp_path, count=2)
    assert kind == "synthetic"
    assert [film.path.is_file() for film in films] == [True, True]
    assert films[0].truth.shape == (68, 2)


def test_real_films_are_spread_over_the_validation_part(shared_data: Path) -> None:
    films, kind = ten_films.films_of(shared_data, count=3)
    assert (kind, len(films)) == ("validation", 3)
    assert all(film.path.is_file() for film in films)

"""Films in memory and the stream of their variants."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from domain.errors import UnreadableFile
from domain.provenance import Mode
from tests.training.folder import COLUMNS, ROWS, write_aasce
from training.data.aasce import read_aasce
from training.published import films
from training.published.augment import FRAME
from training.published.config import PublishedRun
from training.published.films import Stream, load, whole

RUN = PublishedRun(batch=2, workers=2)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_aasce(folder, count=5)
    return folder


def test_as_published_corners_are_whole_film_pixels(data: Path) -> None:
    pictures = load(read_aasce(data), config=RUN)
    exact = load(read_aasce(data), config=replace(RUN, mode=Mode.CORRECTED))
    for cut, true in zip(pictures, exact, strict=True):
        assert cut.pixels.shape == (ROWS, COLUMNS)
        assert np.array_equal(cut.corners, np.trunc(true.corners))
        assert np.abs(cut.corners - true.corners).max() > 0


def test_corrected_films_are_shrunk_when_loaded(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(films, "_TALLEST", ROWS // 2)
    config = replace(RUN, mode=Mode.CORRECTED)
    whole_film = read_aasce(data)[0]
    (small,) = load([whole_film], config=config)
    assert small.pixels.shape == (ROWS // 2, COLUMNS // 2)
    exact = (whole_film.corners_px((ROWS, COLUMNS)) + 0.5) / 2 - 0.5
    assert small.corners == pytest.approx(exact)


def test_an_epoch_shows_every_film_once(data: Path) -> None:
    stream = Stream(load(read_aasce(data), config=RUN), RUN)
    assert stream.steps_per_epoch == 3
    turns = [[film for _, film in stream._turn(step)] for step in range(6)]
    assert [len(turn) for turn in turns] == [2, 2, 1, 2, 2, 1]
    for epoch in (turns[:3], turns[3:]):
        assert sorted(film for turn in epoch for film in turn) == list(range(5))
    assert turns[:3] != turns[3:]


def test_threads_draw_what_is_drawn_alone(data: Path) -> None:
    stream = Stream(load(read_aasce(data), config=RUN), RUN)
    with closing(stream.ahead(1)) as batches:
        ahead = list(islice(batches, 4))
    for step, batch in enumerate(ahead, start=1):
        alone = stream.draw(step)
        assert torch.equal(batch.pictures, alone.pictures)
        assert torch.equal(batch.centres, alone.centres)
    assert ahead[0].pictures.shape == (2, 1, *FRAME)
    assert ahead[0].pictures.dtype == torch.uint8


def test_whole_films_are_not_augmented(data: Path) -> None:
    pictures = load(read_aasce(data), config=RUN)
    batch = whole(pictures, config=RUN)
    expected = pictures[0].corners * np.array(FRAME) / [ROWS, COLUMNS]
    assert batch.centres[0].numpy() == pytest.approx(expected, rel=1e-6)


def test_a_missing_film_is_named(data: Path, tmp_path: Path) -> None:
    write_aasce(tmp_path, count=2)
    (tmp_path / "phantom-1 A AP.png").unlink()
    with pytest.raises(UnreadableFile, match="phantom-1"):
        load(read_aasce(tmp_path), config=RUN)

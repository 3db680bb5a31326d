"""The list of odd pictures is sound, and its pictures are made by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from domain.errors import UnreadableFile
from training.data.aasce import HALVES
from training.data.odd import KINDS, OddPictures, Row, Truth, draw_list, read_list


def test_every_line_is_of_a_known_kind_and_named_once():
    rows = read_list()
    assert {row.kind for row in rows} == set(KINDS)
    assert len({row.name for row in rows}) == len(rows)
    assert not [row for row in rows if row.source.startswith("/") or ".." in row.source]


def test_the_list_is_what_the_data_folder_gives(shared_data: Path):
    assert draw_list(shared_data) == read_list()


def test_pictures_of_real_data_are_made_by_name(shared_data: Path):
    pictures = OddPictures(shared_data)
    first = {row.kind: row for row in reversed(read_list())}
    for kind, row in first.items():
        odd = pictures.make(row)
        assert odd.kind == kind
        assert odd.half in HALVES
        assert odd.truth is KINDS[kind]
        assert odd.film.dtype == np.uint8
        assert min(odd.film.shape) >= 64
        if odd.corners is not None and odd.truth is Truth.NOTHING:
            middles = odd.corners.reshape(-1, 4, 2).mean(axis=1)
            assert ((middles >= 0) & (middles < odd.film.shape)).all()


def test_a_film_that_is_not_there_is_told(tmp_path: Path, shared_data: Path):
    with pytest.raises(UnreadableFile):
        OddPictures(shared_data).make(Row("panoramic", "dental_xray/gone.jpg"))

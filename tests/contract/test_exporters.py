"""What every exporter must keep to, whatever it writes."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import numpy as np
import pytest

from app.io.exporters.spec import ExporterSpec, VertebraeExport
from app.io.exporters.table import EXPORTERS
from domain.annotation import Annotations
from domain.errors import ExportFailed
from domain.geometry import Points
from domain.image import Image

IMAGE = Image(np.zeros((64, 64), np.uint8))
CORNERS = Points(np.random.default_rng(4).uniform(0, 63, (68, 2)))
EXPORT = VertebraeExport("film", IMAGE, Annotations(IMAGE.sha256, points=CORNERS))
by_exporter = pytest.mark.parametrize("spec", EXPORTERS, ids=lambda spec: spec.name)


@by_exporter
def test_a_full_disk_leaves_the_older_result_whole(
    spec: ExporterSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"result{spec.ending}"
    path.write_bytes(b"yesterday's")

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportFailed) as refused:
        spec.write(EXPORT, path)
    assert refused.value.why == "The disk is full."
    assert refused.value.remedy
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"yesterday's"


@by_exporter
def test_a_newer_result_takes_the_place_of_an_older_one(spec: ExporterSpec, tmp_path: Path) -> None:
    path = tmp_path / f"result{spec.ending}"
    spec.write(EXPORT, path)
    first = path.stat().st_ino, path.read_bytes()
    spec.write(EXPORT, path)
    assert path.stat().st_ino != first[0]  # another file, not the old one written over
    assert len(path.read_bytes()) == len(first[1])


@by_exporter
def test_it_is_called_so_that_a_file_dialog_can_ask_for_it(spec: ExporterSpec) -> None:
    assert re.fullmatch(r"[a-z]+", spec.name)
    assert re.fullmatch(r"\.[a-z0-9]+", spec.ending)
    assert spec.title
    assert "(" not in spec.title  # the dialog puts the ending in brackets after it
    assert ";;" not in spec.title

"""Every exporter writes a whole file or none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.io.exporters.spec import VertebraeExport
from app.io.exporters.table import EXPORTERS
from domain.annotation import Annotations
from domain.errors import ExportFailed
from domain.geometry import Points
from domain.image import Image

IMAGE = Image(np.zeros((64, 64), np.uint8))
CORNERS = Points(np.random.default_rng(4).uniform(0, 63, (68, 2)))
EXPORT = VertebraeExport("film", IMAGE, Annotations(IMAGE.sha256, points=CORNERS))


@pytest.mark.parametrize("spec", EXPORTERS, ids=lambda spec: spec.name)
def test_writes_one_file(spec, tmp_path: Path) -> None:
    path = tmp_path / f"result{spec.ending}"
    spec.write(EXPORT, path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_size > 100


@pytest.mark.parametrize("spec", EXPORTERS, ids=lambda spec: spec.name)
def test_tells_a_failure(spec, tmp_path: Path) -> None:
    with pytest.raises(ExportFailed):
        spec.write(EXPORT, tmp_path / "gone" / f"result{spec.ending}")
    assert list(tmp_path.iterdir()) == []


def test_names_titles_and_endings_are_one_each() -> None:
    for field in ("name", "title", "ending"):
        values = [getattr(spec, field) for spec in EXPORTERS]
        assert len(set(values)) == len(values)

"""Boxes in YOLO's form become outlines in pixels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from domain.errors import UnreadableFile, WrongUse
from training.data import boxed_mouths
from training.data.panoramics import read_outlines, read_studies


@pytest.fixture
def site(tmp_path):
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    _, content = cv2.imencode(".jpg", np.full((40, 80), 90, np.uint8))
    for name in ("a", "b"):
        (tmp_path / "images" / f"{name}.jpg").write_bytes(content.tobytes())
    (tmp_path / "labels" / "a.txt").write_text("2 0.5 0.5 0.25 0.5\n1 0.1 0.1 0.1 0.1")
    (tmp_path / "labels" / "b.txt").write_text("1 0.1 0.1 0.1 0.1\n")
    return tmp_path


def test_only_implants_are_outlined(site):
    out = site / "out"
    assert boxed_mouths.main(["--data", str(site), "--out", str(out)]) == 0
    studies = read_studies(out)
    assert [study.with_implant for study in studies] == [True, False]
    (implant,) = read_outlines(studies[0].boxes).implants
    assert implant.tolist() == [[9.5, 29.5], [9.5, 49.5], [29.5, 49.5], [29.5, 29.5]]
    assert read_outlines(studies[1].boxes).implants == ()


def test_what_is_no_box_is_refused(site):
    (site / "labels" / "a.txt").write_text("2 0.5 0.5")
    with pytest.raises(UnreadableFile, match=r"a\.txt"):
        boxed_mouths.write(site, site / "out")


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(WrongUse, match="no pictures"):
        boxed_mouths.write(tmp_path, tmp_path / "out")

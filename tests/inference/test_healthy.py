"""The file of healthy studies beside weights."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from domain.errors import WeightsCorrupt
from domain.implant import SIDE, STUDY_FRAMES, ImplantOptions, Sampler
from domain.implant_scoring import Healthy
from inference.calibration import calibrated_options, healthy_path
from inference.entry import Part, WeightsEntry
from inference.healthy import Compared, healthy_bytes, read_healthy

SHAPE = STUDY_FRAMES, SIDE, SIDE
GRAIN = np.random.default_rng(2)
COMPARED = Compared(
    Healthy(
        GRAIN.normal(size=SHAPE).astype(np.float16).astype(float),
        np.full(SHAPE, 0.25),
        np.array([1.0, 2.5, 7.25]),
        places=20,
        smooth=4,
    ),
    ImplantOptions(level=250, steps=10, sampler=Sampler.DDIM),
)


def an_entry(folder, content=None):
    """Weights, with a file beside them where there is content."""
    healthy = None
    if content is not None:
        (folder / "small.healthy").write_bytes(content)
        healthy = Part("small.healthy", len(content), hashlib.sha256(content).hexdigest())
    return WeightsEntry(
        "small", "implant", "Small", sha256="ab" * 32, folder=folder, healthy=healthy
    )


def test_nothing_beside_the_weights_is_nothing(tmp_path):
    assert read_healthy(an_entry(tmp_path)) is None
    assert calibrated_options(an_entry(tmp_path)) is None


def test_what_was_written_is_read(tmp_path):
    content = healthy_bytes(COMPARED, weights_sha256="ab" * 32)
    assert content == healthy_bytes(COMPARED, weights_sha256="ab" * 32)
    entry = an_entry(tmp_path, content)
    read = read_healthy(entry)
    assert read.options == COMPARED.options == calibrated_options(entry)
    for name in ("mean", "spread", "scores", "places", "smooth"):
        assert np.array_equal(getattr(read.healthy, name), getattr(COMPARED.healthy, name))


def nonsense(values):
    return Compared(replace(COMPARED.healthy, **values), COMPARED.options)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no safetensors",
        healthy_bytes(COMPARED, weights_sha256="cd" * 32),
        healthy_bytes(nonsense({"mean": np.zeros((4, 4, 4))}), weights_sha256="ab" * 32),
        healthy_bytes(nonsense({"spread": np.zeros(SHAPE)}), weights_sha256="ab" * 32),
        healthy_bytes(nonsense({"mean": np.full(SHAPE, np.nan)}), weights_sha256="ab" * 32),
    ],
    ids=["empty", "other", "of other weights", "shape", "spread", "numbers"],
)
def test_anything_else_is_refused(tmp_path, content):
    entry = an_entry(tmp_path, content)
    with pytest.raises(WeightsCorrupt, match="Small"):
        read_healthy(entry)
    assert calibrated_options(entry) in (None, COMPARED.options)


def test_a_file_that_changed_or_is_gone_is_refused(tmp_path):
    entry = an_entry(tmp_path, healthy_bytes(COMPARED, weights_sha256="ab" * 32))
    path = healthy_path(entry)
    path.write_bytes(healthy_bytes(nonsense({"places": 3}), weights_sha256="ab" * 32))
    with pytest.raises(WeightsCorrupt, match="sha256"):
        read_healthy(entry)
    path.unlink()
    with pytest.raises(WeightsCorrupt, match=r"small\.healthy"):
        read_healthy(entry)


@pytest.mark.parametrize(
    ("changed", "fits"),
    [
        ({}, True),
        ({"seeds": 5, "inverted": True}, True),
        ({"level": 300}, False),
        ({"steps": 9}, False),
        ({"sampler": Sampler.DPM_SOLVER}, False),
    ],
)
def test_only_what_was_healed_alike_is_compared(changed, fits):
    assert COMPARED.fits(replace(COMPARED.options, **changed)) is fits

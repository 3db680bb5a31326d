"""The implant weights that ship: they load, are small, and compare what is healed by default."""

from __future__ import annotations

import torch

from domain.implant import ImplantOptions
from inference.device import pick_device
from inference.loader import load
from inference.manifest import catalogue, shipped_folder

MOST_BYTES = 16 * 2**20


def test_the_default_weights_compare_with_healthy_studies():
    entry = catalogue((shipped_folder(),)).default_for("implant")
    assert entry.bytes <= MOST_BYTES
    loaded = load(entry, device=pick_device("cpu"))
    assert loaded.healthy is not None
    assert loaded.healthy.fits(ImplantOptions())
    assert len(loaded.healthy.healthy.scores) == 47
    with torch.inference_mode():
        clip, level = torch.zeros(1, 1, 4, 128, 128), torch.tensor([300])
        said = loaded.module(clip, level, torch.tensor([4]))
    assert bool(said.isfinite().all())


def test_what_was_measured_stands_in_the_manifest_and_the_card():
    entry = catalogue((shipped_folder(),)).default_for("implant")
    measured = {metric.name: metric for metric in entry.metrics}
    needed = {"auroc_study", "auroc_matched", "auroc_brightness", "auroc_teeth", "froc"}
    assert needed | {"pixel_auprc", "count_error", "seconds_per_study"} <= measured.keys()
    card = (shipped_folder() / entry.card).read_text(encoding="utf-8")
    assert entry.sha256 in card
    assert f"{measured['auroc_study'].value:.3f}" in card

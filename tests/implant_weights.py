"""A folder of weights with a tiny network of the implant task, drawn by lot."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path

from inference.entry import WeightsEntry, canonical_json
from inference.manifest import MANIFEST_NAME, Manifest

WEIGHTS = "tiny"


def install_tiny(folder: Path) -> WeightsEntry:
    """Write weights and manifest; needs torch."""
    from inference.loader import save_weights, split_parts
    from tests.inference.implant.small import SMALL, small_network

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{WEIGHTS}.safetensors"
    save_weights(small_network(), path, architecture="space_time_unet", config=SMALL)
    content = path.read_bytes()
    entry = WeightsEntry(
        id=WEIGHTS,
        task="implant",
        title="A tiny network",
        architecture="space_time_unet",
        config_json=canonical_json(asdict(SMALL)),
        parts=split_parts(path),
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        default=True,
        folder=folder,
    )
    Manifest().with_entry(entry).write(folder / MANIFEST_NAME)
    return entry

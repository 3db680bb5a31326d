"""A rule listed as if it were a network: the manifest entry that stand-in engines answer for."""

from __future__ import annotations

import hashlib
from pathlib import Path

from inference.entry import Part, WeightsEntry

CONTENT = b"no weights, a rule"


def install_rule(folder: Path) -> WeightsEntry:
    """Write the rule's file into a folder; its entry, for a manifest there."""
    (folder / "rule.safetensors").write_bytes(CONTENT)
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    return WeightsEntry(
        id="rule",
        task="vertebrae",
        title="A rule",
        architecture="column_net",
        parts=(Part("rule.safetensors", len(CONTENT), sha256),),
        sha256=sha256,
        bytes=len(CONTENT),
        default=True,
        folder=folder,
    )

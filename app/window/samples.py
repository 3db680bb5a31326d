"""The samples of the welcome page, read from their table in resources."""

from __future__ import annotations

import json
from pathlib import Path

from app.places import program_root
from app.widgets.empty_page import SampleCard


def sample_cards() -> tuple[SampleCard, ...]:
    """One card a sample, in the table's order."""
    table = json.loads((_folder() / "samples.json").read_text(encoding="utf-8"))
    return tuple(
        SampleCard(
            id=row["file"],
            title=row["title"],
            subtitle="Synthetic, drawn by a program" if row["synthetic"] else "Real radiograph",
            thumbnail=str(_folder() / row["file"]),
            attribution=row["attribution"],
        )
        for row in table["samples"]
    )


def sample_path(name: str) -> Path:
    """The file of a sample."""
    return _folder() / name


def _folder() -> Path:
    return program_root() / "resources" / "samples"

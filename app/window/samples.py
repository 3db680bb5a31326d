"""The samples of the welcome page, read from their table in resources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from app.places import program_root
from app.session.retasking import use_task
from app.session.session import Session
from app.widgets.empty_page import SampleCard


def sample_cards() -> tuple[SampleCard, ...]:
    """One card a sample, in the table's order."""
    return tuple(
        SampleCard(
            id=row["file"],
            title=row["title"],
            subtitle="Synthetic, drawn by a program" if row["synthetic"] else "Real radiograph",
            thumbnail=str(_folder() / row["file"]),
            attribution=row["attribution"],
        )
        for row in _table()
    )


def sample_path(name: str) -> Path:
    """The file of a sample."""
    return _folder() / name


def open_sample(session: Session, name: str) -> None:
    """Bring a sample on screen; a new case is of the task that it is a sample of."""
    task = next(str(row["task"]) for row in _table() if row["file"] == name)

    def follow() -> None:
        current = session.current
        if current is not None and Path(current.case.path) == path and current.history.head is None:
            use_task(session, task, remembers=False)

    path = sample_path(name)
    session.case_shown.connect(follow, Qt.ConnectionType.SingleShotConnection)
    session.open_paths([path])


def _table() -> list[dict[str, Any]]:
    table = json.loads((_folder() / "samples.json").read_text(encoding="utf-8"))
    return list(table["samples"])


def _folder() -> Path:
    return program_root() / "resources" / "samples"

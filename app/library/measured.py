"""What networks were measured to be on a person's own films, so that they can be compared."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from inference.manifest import Metric

NAME = "measured.json"
MOST = 200  # the oldest go first


@dataclass(frozen=True)
class Measured:
    """One evaluation.

    Args:
        sha256: of the weights.
        films: what was measured on, in words.
        mode: in which the network was asked; "" for its usual one.
        day: when, ISO.
    """

    sha256: str
    films: str
    mode: str
    day: str
    figures: tuple[Metric, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """The same network on the same films: measured anew, the older figures go."""
        return self.sha256, self.films, self.mode


def read_measured(home: Path) -> tuple[Measured, ...]:
    """All that were kept, the oldest first; what cannot be read is left out."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        told = json.loads((home / NAME).read_text(encoding="utf-8"))
        return tuple(
            Measured(
                str(one["sha256"]),
                str(one["films"]),
                str(one["mode"]),
                str(one["day"]),
                tuple(Metric(**figure) for figure in one["figures"]),
            )
            for one in told
        )
    return ()


def keep_measured(found: Measured, home: Path) -> None:
    """Add one, so that a crash leaves the old list or the new one.

    Raises:
        OSError: it cannot be written.
    """
    others = [one for one in read_measured(home) if one.key != found.key]
    listed = [
        {**vars(one), "figures": [vars(figure) for figure in one.figures]}
        for one in [*others, found][-MOST:]
    ]
    home.mkdir(parents=True, exist_ok=True)
    fresh = home / f"{NAME}.tmp"
    fresh.write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    fresh.replace(home / NAME)

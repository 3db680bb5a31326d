"""The training that was begun last, so that it can be gone on with another day."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from app.session.run_order import TRAINABLE, TrainOrder, goes_on

NAME = "last-training.json"


def keep_training(order: TrainOrder, *, home: Path) -> None:
    """Note it; a computer that cannot write this loses only the convenience."""
    told = {
        "data": str(order.data),
        "out": str(order.out),
        "network": order.network.word,
        "init": None if order.init is None else str(order.init),
        "recipe": order.recipe,
        "steps": order.steps,
        "settings": order.settings,
    }
    with suppress(OSError):
        home.mkdir(parents=True, exist_ok=True)
        (home / NAME).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def forget_training(*, home: Path) -> None:
    """It came to its end."""
    with suppress(OSError):
        (home / NAME).unlink(missing_ok=True)


def stopped_training(*, home: Path) -> TrainOrder | None:
    """The one that was stopped and can be gone on with; None where there is none."""
    try:
        told = json.loads((home / NAME).read_text(encoding="utf-8"))
        network = next(one for one in TRAINABLE if one.word == told["network"])
        order = TrainOrder(
            Path(told["data"]),
            Path(told["out"]),
            network,
            init=None if told["init"] is None else Path(told["init"]),
            recipe=min(max(int(told["recipe"]), 0), len(network.recipes) - 1),
            steps=int(told["steps"]),
            settings=tuple(str(setting) for setting in told["settings"]),
        )
    except (OSError, ValueError, TypeError, KeyError, StopIteration):
        return None
    return order if goes_on(order.out) else None

"""What a run keeps between calls: its network, the average of it, its optimiser, how far it is."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from domain.errors import WrongUse
from training.ema import Ema
from training.journal import keep


class KeptRun(Protocol):
    """A run whose weights are averaged while it learns."""

    ema: Ema
    step: int
    seconds: float

    @property
    def network(self) -> nn.Module:
        """What learns."""

    @property
    def optimiser(self) -> torch.optim.Optimizer:
        """What teaches it."""

    @property
    def device(self) -> torch.device:
        """Where."""


def save_run(run: KeptRun, path: Path) -> None:
    """Write a checkpoint; an interrupted write leaves the former one."""
    state = {
        "network": run.network.state_dict(),
        "ema": run.ema.state,
        "optimiser": run.optimiser.state_dict(),
        "step": run.step,
        "seconds": run.seconds,
        "random": torch.get_rng_state(),
    }
    keep(path, state)


def resume_run(run: KeptRun, path: Path) -> Tensor:
    """Go on from a checkpoint; the state of chance in it, for whoever goes on with that too.

    Raises:
        WrongUse: it is of another network.
    """
    state = torch.load(path, weights_only=True, map_location=run.device)
    try:
        run.network.load_state_dict(state["network"])
    except RuntimeError as error:
        raise other_run(path) from error
    run.ema.state = state["ema"]
    run.optimiser.load_state_dict(state["optimiser"])
    run.step, run.seconds = state["step"], state["seconds"]
    random: Tensor = state["random"].cpu()
    return random


def other_run(path: Path) -> WrongUse:
    """What is said of a checkpoint that a run cannot go on from."""
    return WrongUse(
        f"{path} belongs to another run.",
        why="It holds another network.",
        remedy="Give another folder for the results (--out).",
    )

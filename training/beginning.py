"""Weights that a training begins with: read as data, of the network that is to learn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from domain.errors import WeightsIncompatible, WrongUse
from inference.checkpoints import read_state
from inference.families import State, recognise


def state_to_begin_with(
    path: Path, *, architecture: str, otherwise: Callable[[State], State] | None = None
) -> State:
    """The tensors of a weights file of ours, or of a checkpoint of the same network.

    Args:
        otherwise: makes something of a checkpoint that nobody recognises.

    Raises:
        WrongUse: the file is not there, or holds another architecture.
        UnreadableFile, WeightsCorrupt, WeightsIncompatible: as its readers say.
    """
    if not path.is_file():
        raise unfit(path, why="There is no such file.")
    state, own = read_state(path)
    if own is None:
        try:
            state, own = recognise(state)
        except WeightsIncompatible:
            if otherwise is None:
                raise
            return otherwise(state)
    if own.architecture != architecture:
        raise unfit(path, why=f"They hold {own.architecture!r}, not {architecture!r}.")
    return state


def unfit(path: Path, *, why: str) -> WrongUse:
    """What is said of weights that a training cannot begin with."""
    return WrongUse(f"The weights {path.name} cannot be gone on from.", why=why)

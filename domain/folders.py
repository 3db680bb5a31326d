"""A folder for results, made where it is missing; the same words for every verb that writes one."""

from __future__ import annotations

from pathlib import Path

from domain.errors import WrongUse


def make_results_folder(folder: Path) -> None:
    """Make a folder with those above it.

    Raises:
        WrongUse: nothing can be put there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUse(
            f"Results cannot be put into {folder}.",
            why=f"{error.strerror}.",
            remedy="Name a folder that exists or can be made.",
        ) from error

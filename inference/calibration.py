"""How the healthy studies beside implant weights were healed: only such are compared (no torch)."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference.entry import METADATA_KEY, WeightsEntry

if TYPE_CHECKING:
    from domain.implant import ImplantOptions

_LENGTH = struct.Struct("<Q")
_LONGEST = 2**20  # of a header


def healthy_path(entry: WeightsEntry) -> Path | None:
    """Where the file of these weights lies, if they have one."""
    return None if entry.healthy is None else entry.folder / entry.healthy.file


def calibrated_options(entry: WeightsEntry) -> ImplantOptions | None:
    """How to heal so that a study can be compared; None where these weights come without.

    What is wrong with the file is said when the network is loaded.
    """
    path = healthy_path(entry)
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
            header = file.read(min(length, _LONGEST))
        return options_from(said_in(header)["options"])
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return None


def said_in(header: bytes) -> dict[str, Any]:
    """What the file says of itself.

    Raises:
        ValueError, KeyError, TypeError: it is none of ours.
    """
    said: dict[str, Any] = json.loads(json.loads(header)["__metadata__"][METADATA_KEY])
    return said


def options_from(said: Mapping[str, Any]) -> ImplantOptions:
    """The options that stand in the file.

    Raises:
        ValueError, KeyError, TypeError: they are none.
    """
    from domain.implant import ImplantOptions, Sampler  # numpy: a manifest is read without

    return ImplantOptions(**{**said, "sampler": Sampler(said["sampler"])})


def healed_alike(options: ImplantOptions, other: ImplantOptions) -> bool:
    """Whether studies healed with these may be compared: level, steps and sampler are the same."""
    return replace(options, seeds=other.seeds, inverted=other.inverted) == other

"""One network that can be loaded, as a weights manifest describes it (no torch)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.provenance import Mode

SCHEMA = 1  # of manifests, and of what stands in a weights file's metadata
FORMAT = "safetensors"
UNKNOWN = "unknown"
METADATA_KEY = "caliper"  # the one key in a weights file that says what it holds
# Families of networks this Caliper can build, and the task each one serves.
ARCHITECTURE_TASKS: Mapping[str, str] = {
    "unet_ikem": "vertebrae",
    "hrnet_ocr": "vertebrae",
    "column_net": "vertebrae",
    "space_time_unet": "implant",
}


@dataclass(frozen=True)
class Part:
    """One file of an entry: its path below the manifest's folder, its size and its sha256."""

    file: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Ally:
    """Another entry that one needs to answer as measured.

    Args:
        id: its id.
        sha256: of its weights file.
        territory: the file that tells of which pictures it is asked.
    """

    id: str
    sha256: str
    territory: Part


@dataclass(frozen=True)
class Metric:
    """A measured figure, with its interval and how many cases it rests on where known."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None


@dataclass(frozen=True)
class WeightsEntry:
    """A network that can be loaded.

    Args:
        id: short and unique, "vertebrae-column-1".
        task: the task's word.
        title: what people read.
        version: of the weights.
        architecture: name of the network's family, one of ARCHITECTURE_TASKS.
        config_json: the network's configuration as canonical JSON.
        parts: the files that make up the weights file, in order.
        sha256: of the whole weights file.
        bytes: of the whole weights file.
        format: of the weights file.
        mode: which mode it runs in unless asked otherwise.
        default: whether it is what its task uses unless asked otherwise.
        card: path of the model card below the manifest's folder; empty if none.
        licence: of the weights.
        origin: where they come from.
        training_data: what they were trained on.
        intended_use: what they are for, and what not.
        metrics: what was measured.
        familiar: the file that tells which pictures are unlike those learnt from, if there is one.
        healthy: the file of healthy studies that others are compared with, if there is one.
        scout: the network that looks first and tells it what it found, if there is one.
        schema: of the manifest that it stood in.
        folder: where that manifest lies.
    """

    id: str
    task: str
    title: str
    version: str = ""
    architecture: str = ""
    config_json: str = "{}"
    parts: tuple[Part, ...] = ()
    sha256: str = ""
    bytes: int = 0
    format: str = FORMAT
    mode: Mode = Mode.CORRECTED
    default: bool = False
    card: str = ""
    licence: str = ""
    origin: str = ""
    training_data: str = ""
    intended_use: str = ""
    metrics: tuple[Metric, ...] = ()
    familiar: Part | None = None
    healthy: Part | None = None
    scout: Ally | None = None
    schema: int = SCHEMA
    folder: Path = field(default=Path(), compare=False)

    @property
    def config(self) -> dict[str, Any]:
        """The network's configuration, a fresh copy."""
        config: dict[str, Any] = json.loads(self.config_json)
        return config

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the parts lie."""
        return tuple(self.folder / part.file for part in self.parts)

    @property
    def beside(self) -> tuple[Part, ...]:
        """The files beside the weights that were fitted to them."""
        territory = None if self.scout is None else self.scout.territory
        known = self.familiar, self.healthy, territory
        return tuple(part for part in known if part is not None)

    @property
    def files(self) -> tuple[Part, ...]:
        """All that must be there: the parts, and what lies beside them."""
        return (*self.parts, *self.beside)

    @property
    def card_path(self) -> Path | None:
        """Where the model card lies, if there is one."""
        return self.folder / self.card if self.card else None

    @property
    def passport(self) -> tuple[tuple[str, str], ...]:
        """What a person should know before trusting them; what nobody told is unknown."""
        told = (
            ("Source", self.origin),
            ("Licence", self.licence),
            ("Training data", self.training_data),
            ("Intended use", self.intended_use),
        )
        return tuple((label, words.strip() or UNKNOWN) for label, words in told)

    @property
    def too_new(self) -> bool:
        """Whether this Caliper is too old for it."""
        known = self.architecture in ARCHITECTURE_TASKS and self.format == FORMAT
        return self.schema > SCHEMA or not known


def canonical_json(value: Any) -> str:
    """The same text for the same value, whatever the order of its keys.

    Raises:
        ValueError: the value holds infinities or what is not a number.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )

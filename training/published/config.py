"""Settings of a training run by the published protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from domain.provenance import Mode
from training.settings import changed, read_settings


class Loss(StrEnum):
    """What heat-maps are taught with: see training.published.losses."""

    BCE = "bce"
    MORPHOLOGY = "morphology"
    CROSS_ENTROPY = "cross_entropy"


@dataclass(frozen=True)
class PublishedRun:
    """A training run; the same file and seed give the same run.

    In mode `as_published` it is version 2 of the published protocol with its quirks:

    - flips do not swap left and right corners;
    - the worst corner may be one that is hinted already, and then the click is lost;
    - corners are cut to whole film pixels and mapped by x * s;
    - films are shrunk without anti-aliasing, after augmentation in full size;
    - the morphology loss applies the sigmoid twice and measures angles at the wrong corner;
    - corners are read as the expectation over whole maps.

    Mode `corrected` has none of them: flips swap, a hinted corner is not picked again, corners are
    exact and mapped by (x + 1/2) * s - 1/2, films are shrunk by area (to 1024 rows when loaded, to
    the frame after augmentation), the sigmoid is applied once, angles are measured at the middle
    corner, and corners are read in a window around the maximum.

    In both, films are split by people (training/data/aasce_split.json): the published split of
    AASCE has crops of one person's films on both sides. Vertebrae are in order from top to bottom.

    Args:
        architecture: "unet_ikem" or "hrnet_ocr", as inference.loader builds them.
        network: its configuration; what is left out is as published.
        first_hints: hints before the first pass, after the plain epochs.
        plain_epochs: without any hint at the beginning.
        passes: at most so many without gradients, each adding a hint.
        patience: epochs without a better second answer on validation films until it stops.
        steps: stop after so many, for a trial; 0 for none.
        max_minutes: stop after so many minutes of this call; 0 for none.
        save_minutes: between checkpoints.
        workers: threads that augment.
    """

    architecture: str = "unet_ikem"
    network: Mapping[str, Any] = field(default_factory=dict)
    mode: Mode = Mode.AS_PUBLISHED
    loss: Loss = Loss.BCE
    first_hints: bool = True
    plain_epochs: int = 20
    passes: int = 2
    epochs: int = 199
    patience: int = 36
    batch: int = 8
    rate: float = 1e-3
    seed: int = 42
    steps: int = 0
    max_minutes: float = 0.0
    save_minutes: float = 2.0
    workers: int = 2
    bfloat16: bool = False

    def __post_init__(self) -> None:
        for name in ("epochs", "patience", "batch", "workers"):
            if getattr(self, name) < 1:
                msg = f"{name} must be 1 or more, not {getattr(self, name)}"
                raise ValueError(msg)

    @property
    def as_published(self) -> bool:
        """Whether the quirks are kept."""
        return self.mode is Mode.AS_PUBLISHED

    @staticmethod
    def read(path: Path) -> PublishedRun:
        """A run from a YAML or JSON file.

        Raises:
            WrongUse: the file cannot be read, or sets what there is not.
        """
        return changed(PublishedRun(), read_settings(path))

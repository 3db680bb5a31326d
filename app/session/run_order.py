"""What a person wants trained or measured, and how that is said to the program's own verbs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from domain.errors import WrongUse

TASK = "vertebrae"
CHECKPOINTS = ("checkpoint.pt", "refiner-checkpoint.pt")


@dataclass(frozen=True)
class Trainable:
    """A network that can be trained here.

    Args:
        stage, config: as `main.py train` calls them.
        architecture: of weights that it can go on from.
        small: settings for a computer without a GPU.
    """

    title: str
    stage: str
    config: str
    architecture: str
    small: tuple[str, ...]


TRAINABLE = (
    Trainable(
        "ColumnNet (ours)",
        "column",
        "column",
        "column_net",
        ("batch=8", "workers=1", "bfloat16=false"),
    ),
    Trainable(
        "Close-ups of a ColumnNet (ours)",
        "refiner",
        "refiner",
        "column_net",
        ("films=4", "workers=1", "bfloat16=false"),
    ),
    Trainable("UNet-IKEM", "published", "unet-ikem", "unet_ikem", ("batch=2", "workers=1")),
    Trainable(
        "HRNet-W32 + OCR-IKEM", "published", "hrnet-ocr", "hrnet_ocr", ("batch=2", "workers=1")
    ),
)


@dataclass(frozen=True)
class TrainOrder:
    """A training run.

    Args:
        init: weights to go on from; None to begin anew.
        steps: 0 for as many as the settings have.
        settings: NAME=VALUE, one each.
    """

    data: Path
    out: Path
    network: Trainable
    init: Path | None = None
    steps: int = 0
    settings: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """For `main.py`."""
        said = ["train", TASK, *_places(self.data, self.out)]
        said += ["--stage", self.network.stage, "--config", self.network.config]
        said += [] if self.init is None else ["--init", str(self.init)]
        return (*said, *_settings(self.steps, self.settings))

    def require(self) -> None:
        """Refuse what cannot begin.

        Raises:
            WrongUse: with what is missing.
        """
        _require_places(self.data, self.out)
        if self.network.stage == "refiner" and self.init is None:
            raise WrongUse(
                "Close-ups belong to a ColumnNet.", remedy="Choose weights to start from."
            )
        _require_settings(self.settings)


@dataclass(frozen=True)
class EvaluateOrder:
    """An evaluation.

    Args:
        weights: an id, or a .safetensors file.
        part: "training" or "validation" films of our own split of AASCE; "" for all.
        limit: the first films alone; 0 for all.
    """

    data: Path
    out: Path
    weights: str
    clicks: int = 10
    part: str = ""
    limit: int = 0

    @property
    def arguments(self) -> tuple[str, ...]:
        """For `main.py`."""
        said = ["evaluate", TASK, *_places(self.data, self.out)]
        said += ["--weights", self.weights, "--clicks", str(self.clicks)]
        said += ["--part", self.part] if self.part else []
        said += ["--limit", str(self.limit)] if self.limit else []
        return tuple(said)

    def require(self) -> None:
        """Refuse what cannot begin.

        Raises:
            WrongUse: with what is missing.
        """
        _require_places(self.data, self.out)
        if not self.weights:
            raise WrongUse("No network is chosen.", remedy="Choose one, or a weights file.")


@dataclass(frozen=True)
class FineTuneOrder:
    """Learning from this person's own accepted cases.

    Args:
        steps: 0 for as many as the settings have.
        settings: NAME=VALUE, one each.
    """

    out: Path
    steps: int = 0
    settings: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """For `main.py`."""
        said = ["fine-tune", TASK, "--out", str(self.out), "--progress", "json"]
        return (*said, *_settings(self.steps, self.settings))

    def require(self) -> None:
        """Refuse what cannot begin.

        Raises:
            WrongUse: with what is missing.
        """
        _require_out(self.out)
        _require_settings(self.settings)


Order = TrainOrder | EvaluateOrder | FineTuneOrder


def goes_on(out: Path) -> bool:
    """Whether a run that was stopped lies in that folder."""
    return any((out / name).is_file() for name in CHECKPOINTS)


def _places(data: Path, out: Path) -> tuple[str, ...]:
    return ("--data", str(data), "--out", str(out), "--progress", "json")


def _require_places(data: Path, out: Path) -> None:
    if data == Path():
        raise WrongUse("No films are chosen.", remedy="Choose the folder with films and corners.")
    _require_out(out)
    if not data.is_dir():
        raise WrongUse(f"There is no folder {data}.", remedy="Choose the folder with the films.")


def _require_out(out: Path) -> None:
    if out == Path():
        raise WrongUse("No place for the results is chosen.", remedy="Choose a folder for them.")


def _require_settings(settings: tuple[str, ...]) -> None:
    for setting in settings:
        if "=" not in setting:
            raise WrongUse(f"“{setting}” sets nothing.", remedy="Write NAME=VALUE in a line.")


def _settings(steps: int, settings: tuple[str, ...]) -> tuple[str, ...]:
    said = ["--steps", str(steps)] if steps else []
    for setting in settings:
        said += ["--set", setting]
    return tuple(said)

"""What a person wants trained or measured, and how that is said to the program's own verbs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path

from domain.errors import WrongUse

TASK = "vertebrae"
IMPLANT = "implant"
CHECKPOINTS = ("checkpoint.pt", "refiner-checkpoint.pt")


@dataclass(frozen=True)
class Recipe:
    """A way to train a network: a file of settings, and what is set beside it."""

    title: str
    config: str
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trainable:
    """A network that can be trained here.

    Args:
        word: in names of folders.
        stage: as `main.py train` calls it.
        architecture: of weights that it can go on from.
        recipes: the usual one first.
        small: settings for a computer without a GPU.
    """

    title: str
    word: str
    stage: str
    architecture: str
    recipes: tuple[Recipe, ...]
    small: tuple[str, ...] = ()
    task: str = TASK


def _published(config: str) -> tuple[Recipe, ...]:
    return (
        Recipe("As published", config),
        Recipe("As published, its mistakes mended", config, ("mode=corrected",)),
    )


_SMALL = ("workers=1", "bfloat16=false")
TRAINABLE = (
    Trainable(
        "ColumnNet (ours)",
        "columnnet",
        "column",
        "column_net",
        (Recipe("Ours", "column"),),
        ("batch=8", *_SMALL),
    ),
    Trainable(
        "Close-ups of a ColumnNet (ours)",
        "close-ups",
        "refiner",
        "column_net",
        (Recipe("Ours", "refiner"),),
        ("films=4", *_SMALL),
    ),
    Trainable(
        "UNet-IKEM",
        "unet-ikem",
        "published",
        "unet_ikem",
        _published("unet-ikem"),
        ("batch=2", "workers=1"),
    ),
    Trainable(
        "HRNet-W32 + OCR-IKEM",
        "hrnet-ocr",
        "published",
        "hrnet_ocr",
        _published("hrnet-ocr"),
        ("batch=2", "workers=1"),
    ),
    Trainable(
        "Space-time U-Net (implants)",
        "implants",
        "column",
        "space_time_unet",
        (
            Recipe("Ours, for two cores", "implant"),
            Recipe("As published, for a large GPU", "implant-published"),
        ),
        task=IMPLANT,
    ),
)


@dataclass(frozen=True)
class TrainOrder:
    """A training run.

    Args:
        init: weights to go on from; None to begin anew.
        recipe: which of the network's.
        steps: 0 for as many as the settings have.
        settings: NAME=VALUE, one each.
    """

    data: Path
    out: Path
    network: Trainable
    init: Path | None = None
    recipe: int = 0
    steps: int = 0
    settings: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """For `main.py`."""
        recipe = self.network.recipes[self.recipe]
        said = ["train", self.network.task, *_places(self.data, self.out)]
        said += ["--stage", self.network.stage, "--config", recipe.config]
        said += [] if self.init is None else ["--init", str(self.init)]
        return (*said, *_settings(self.steps, (*recipe.settings, *self.settings)))

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
        mode: in which it is asked; "" for its usual one.
        limit: the first films alone; 0 for all.
        task: whose network it is.
    """

    data: Path
    out: Path
    weights: str
    clicks: int = 10
    part: str = ""
    mode: str = ""
    limit: int = 0
    task: str = TASK

    @property
    def arguments(self) -> tuple[str, ...]:
        """For `main.py`."""
        said = ["evaluate", self.task, *_places(self.data, self.out), "--weights", self.weights]
        if self.task == TASK:
            said += ["--clicks", str(self.clicks)]
            said += ["--part", self.part] if self.part else []
        said += ["--mode", self.mode] if self.mode else []
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
        weights: id of the ColumnNet to start from; "" for the one that ships.
    """

    out: Path
    steps: int = 0
    settings: tuple[str, ...] = ()
    weights: str = ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """For `main.py`."""
        said = ["fine-tune", TASK, "--out", str(self.out), "--progress", "json"]
        said += ["--weights", self.weights] if self.weights else []
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


def free_place(home: Path, word: str) -> Path:
    """A folder for the results of another run, that is not there yet."""
    return next(path for n in count(1) if not (path := home / "runs" / f"{word}-{n}").exists())


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

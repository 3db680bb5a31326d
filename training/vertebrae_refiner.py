"""Trains the Refiner on close-ups of the vertebrae of a column."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from domain.errors import WrongUse
from inference.device import pick_device
from inference.loader import save_weights
from inference.preprocess import cut
from models.vertebrae.column import ColumnNet
from models.vertebrae.crops import course_of, crops_around
from models.vertebrae.hints import CORNERS, VERTEBRAE
from models.vertebrae.refiner import Refiner, RefinerConfig, Told, nothing_told
from training.data.ahead import ahead
from training.data.augment import Taught
from training.journal import Journal, keep
from training.kept_run import other_run
from training.losses import heatmap_cross_entropy, masked_mean
from training.simulated_user import UserConfig, choose, hint_counts
from training.vertebrae import Places, films_of, load_films
from training.vertebrae_predictor import column_from_file
from training.watched import NOBODY, Watcher

FloatArray = NDArray[np.float64]
Rng = np.random.Generator
_MIRROR = np.array([1, 0, 3, 2])
CHECKPOINT = "refiner-checkpoint.pt"
_TELL = 50  # steps
_KEPT = ("network", "average", "optimiser")


@dataclass(frozen=True)
class RefinerRun:
    """A training run; the same file and seed give the same run.

    Args:
        steps: length of the run.
        films: films of a batch; each gives its seventeen vertebrae.
        alone: share of batches whose vertebrae see no neighbours, as one that a person adds.
        along, across: deviation of the column found before, in levels.
        turn_deg, zoom: deviation of its direction and of its scale (log).
    """

    network: RefinerConfig = field(default_factory=RefinerConfig)
    user: UserConfig = field(default_factory=lambda: UserConfig(none=0.4, slips=0.0))
    steps: int = 1600
    films: int = 8
    alone: float = 0.1
    workers: int = 1
    rate: float = 2e-3
    weight_decay: float = 0.02
    sigma_cells: float = 1.0
    l1_weight: float = 0.1
    along: float = 0.16
    across: float = 0.10
    turn_deg: float = 5.0
    zoom: float = 0.10
    bfloat16: bool = True
    seed: int = 2026

    @staticmethod
    def read(path: Path) -> RefinerRun:
        """A run from a JSON file; unknown names are refused."""
        values = json.loads(path.read_text(encoding="utf-8"))
        network = RefinerConfig(**values.pop("network", {}))
        user = UserConfig(**{"none": 0.4, "slips": 0.0, **values.pop("user", {})})
        return RefinerRun(network=network, user=user, **values)


class CloseUps(NamedTuple):
    """Crops (B, n, 1, size, size) of columns, levels (B, n) and corners (B, n, 4, 2) in them."""

    crops: Tensor
    levels: Tensor
    corners: Tensor


def close_ups(
    film: Taught, config: RefinerRun, *, rng: Rng
) -> tuple[NDArray[np.uint8], FloatArray]:
    """(17, size, size) crops around a column a little wrong, and (17, 4, 2) true corners."""
    course = course_of(film.corners)
    # A column is wrong as a whole, bends away slowly, and each vertebra errs a little on its own.
    bend = np.interp(np.arange(17), [0, 8, 16], rng.normal(0, 0.5, 3))[:, None]
    error = rng.normal(0, 0.6, 2) + bend + rng.normal(0, 0.6, (17, 2))
    level = course.level[:, None]
    moved = course.centres + level * config.along * error[:, :1] * course.down
    moved = moved + level * config.across * error[:, 1:] * course.aside
    angle = np.radians(rng.normal(0, config.turn_deg, (17, 1)))
    down = np.cos(angle) * course.down + np.sin(angle) * course.aside
    side = course.side * np.exp(rng.normal(0, config.zoom, 17))
    crops = crops_around(
        replace(course, centres=moved, down=down, side=side), size=config.network.size
    )
    pictures = cut(film.pyramid, crops)
    return pictures, crops.to_crop(film.corners.reshape(17, 4, 2))


def expose(pictures: NDArray[np.uint8], *, rng: Rng) -> NDArray[np.float32]:
    """Gamma, blur and noise as other films have them; grey values 0..255."""
    grey = pictures.astype(np.float32) / 255
    gamma = np.exp(rng.normal(0, 0.25, (len(grey), 1, 1))).astype(np.float32)
    grey = grey**gamma
    if rng.random() < 0.3:
        sigma = rng.uniform(0.4, 1.2)
        grey = np.stack([cv2.GaussianBlur(one, (0, 0), sigma) for one in grey])
    if rng.random() < 0.3:
        grey = grey + grey.std() * rng.normal(0, rng.uniform(0.05, 0.3), grey.shape)
    return np.asarray(255 * grey, dtype=np.float32)


def draw(step: int, *, films: list[Taught], config: RefinerRun) -> CloseUps:
    """The close-ups of a step."""
    rng = np.random.default_rng((config.seed, step))
    crops, corners = [], []
    for index in rng.choice(len(films), config.films):
        pictures, points = close_ups(films[index], config, rng=rng)
        if rng.random() < 0.5:
            pictures = pictures[:, :, ::-1]
            points = points[:, _MIRROR]
            points[..., 1] = config.network.size - 1 - points[..., 1]
        crops.append(expose(pictures, rng=rng))
        corners.append(points)
    greys = torch.from_numpy(np.stack(crops)).unsqueeze(2)
    levels = torch.arange(VERTEBRAE).expand(config.films, -1)
    truth = torch.from_numpy(np.stack(corners)).float()
    drawn = CloseUps(Refiner.normalised(greys), levels, truth)
    if rng.random() < config.alone:
        return CloseUps(*(part.flatten(0, 1).unsqueeze(1) for part in drawn))
    return drawn


class RefinerTrainer:
    """One run: the network, its average, the optimiser, and how far they are."""

    def __init__(self, config: RefinerRun, *, device: torch.device) -> None:
        torch.manual_seed(config.seed)
        self.config, self.device = config, device
        self.network = Refiner(config.network).to(device)
        self.network.to(memory_format=torch.channels_last)
        self.average = AveragedModel(self.network, avg_fn=_lean, use_buffers=True)
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), lr=config.rate, weight_decay=config.weight_decay
        )
        self.step, self.seconds = 0, 0.0

    @property
    def progress(self) -> float:
        """Share of the run that is done."""
        return self.step / self.config.steps

    @property
    def averaged(self) -> Refiner:
        """The network with its averaged weights, in evaluation mode."""
        network = self.average.module
        assert isinstance(network, Refiner)
        return network.eval()

    def learn(self, batch: CloseUps) -> dict[str, float]:
        """One step."""
        batch = CloseUps(*(part.to(self.device) for part in batch))
        rng = np.random.default_rng((self.config.seed, 1, self.step))
        warm = min(1.0, (self.step + 1) / 100)
        for group in self.optimiser.param_groups:
            falling = 0.01 + 0.495 * (1 + math.cos(math.pi * self.progress))
            group["lr"] = self.config.rate * warm * falling
        told = _user(self.network, batch, self.config, rng=rng)
        loss, parts = _loss(self.network, batch, told, self.config)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.average.update_parameters(self.network)
        self.step += 1
        return parts

    def save(self, path: Path) -> None:
        """Write a checkpoint; an interrupted write leaves the former one."""
        state = {name: getattr(self, name).state_dict() for name in _KEPT}
        keep(path, {**state, "step": self.step, "seconds": self.seconds})

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint.

        Raises:
            WrongUse: it is of another network.
        """
        state = torch.load(path, weights_only=True, map_location=self.device)
        try:
            for name in _KEPT:
                getattr(self, name).load_state_dict(state[name])
        except (RuntimeError, KeyError) as error:
            raise other_run(path) from error
        self.step, self.seconds = state["step"], state["seconds"]


def train(
    films: list[Taught],
    config: RefinerRun,
    *,
    out: Path,
    device: torch.device,
    watcher: Watcher = NOBODY,
) -> Refiner:
    """Train in a folder, resuming where a checkpoint is found; returns the averaged network."""
    trainer, kept, journal = (
        RefinerTrainer(config, device=device),
        out / CHECKPOINT,
        Journal(out, watcher),
    )
    if kept.is_file():
        trainer.resume(kept)
    watcher.tell("begin", step=trainer.step, of=config.steps, films=len(films), kept=0)
    drawn = ahead(
        partial(draw, films=films, config=config), first=trainer.step, workers=config.workers
    )
    try:
        _loop(trainer, drawn, journal)
    except KeyboardInterrupt:
        trainer.save(kept)
        watcher.tell("stopped", step=trainer.step)
        raise
    finally:
        drawn.close()
    trainer.save(kept)
    return trainer.averaged.cpu()


def _loop(trainer: RefinerTrainer, drawn: Iterator[CloseUps], journal: Journal) -> None:
    began, before = time.monotonic(), trainer.seconds
    while trainer.progress < 1:
        journal.watcher.go_on()
        parts = trainer.learn(next(drawn))
        trainer.seconds = before + time.monotonic() - began
        left = trainer.seconds * (1 / trainer.progress - 1)
        at = {"step": trainer.step, "of": trainer.config.steps}
        journal.watcher.tick(**at, seconds_left=round(left, 1))
        if trainer.step % _TELL == 0 or trainer.progress >= 1:
            told = {"step": trainer.step, "left_minutes": round(left / 60, 1), **parts}
            journal.log("losses", told)
            trainer.save(journal.out / CHECKPOINT)
            journal.watcher.tell("saved", step=trainer.step)


def run(config: RefinerRun, places: Places) -> Path:
    """Train a refiner for the column network of `places.init`; returns the weights of both.

    Raises:
        WrongUse: no column network was given, or there is nothing to learn from.
    """
    if places.init is None:
        raise WrongUse(
            "A refiner needs a column network.", remedy="Name its weights: --init FILE.safetensors."
        )
    column = column_from_file(places.init)
    places.out.mkdir(parents=True, exist_ok=True)
    films = load_films(films_of(places, "training"), watcher=places.watcher)
    if not films:
        raise WrongUse(f"There is nothing to learn from in {places.data}.")
    device = pick_device(places.device).torch_device
    refiner = train(films, config, out=places.out, device=device, watcher=places.watcher)
    whole = replace(
        column.config, refiner_size=config.network.size, refiner_width=config.network.width
    )
    network = ColumnNet(whole)
    network.load_state_dict(column.state_dict(), strict=False)
    network.refiner = refiner
    finished = places.out / "vertebrae-column.safetensors"
    save_weights(network, finished, architecture="column_net", config=whole)
    return finished


def _lean(average: Tensor, now: Tensor, steps: Tensor | int) -> Tensor:
    """A running mean that is as young as the run at first."""
    keep = min(0.995, (1 + float(steps)) / (10 + float(steps)))
    return average + (now - average) * (1 - keep)


def _user(
    network: Refiner, batch: CloseUps, config: RefinerRun, *, rng: np.random.Generator
) -> Told:
    """Hints at corners that the network places worst, as a person gives them."""
    columns, count = batch.levels.shape
    nothing = nothing_told(columns, count, device=batch.crops.device)
    counts = hint_counts(columns, config=config.user, rng=rng)
    if not counts.any():
        return nothing
    network.eval()
    with torch.no_grad(), _autocast(batch, config):
        found, _ = network.coordinates(network(batch.crops, batch.levels, nothing))
    network.train()
    points, inside = batch.corners.flatten(1, 2).cpu(), _inside(batch, config).flatten(1, 2).cpu()
    hints = choose(points, inside, found.flatten(1, 2).cpu(), counts, config=config.user, rng=rng)
    places, mask = torch.zeros_like(points), torch.zeros_like(inside)
    column, given = hints.mask.nonzero(as_tuple=True)
    corner = hints.landmarks[column, given]
    places[column, corner], mask[column, corner] = hints.points[column, given], True
    shape = (columns, count, CORNERS)
    return Told(places.view(*shape, 2).to(found.device), mask.view(shape).to(found.device))


def _inside(batch: CloseUps, config: RefinerRun) -> Tensor:
    """(B, n, 4) corners that their close-up shows."""
    edge = config.network.size - 0.5
    return ((batch.corners > -0.5) & (batch.corners < edge)).all(-1)


def _autocast(batch: CloseUps, config: RefinerRun) -> torch.autocast:
    return torch.autocast(batch.crops.device.type, torch.bfloat16, enabled=config.bfloat16)


def _loss(
    network: Refiner, batch: CloseUps, told: Told, config: RefinerRun
) -> tuple[Tensor, dict[str, float]]:
    with _autocast(batch, config):
        logits = network(batch.crops, batch.levels, told)
    stride = config.network.size / logits.shape[-1]
    inside = _inside(batch, config)
    surprise = heatmap_cross_entropy(
        logits.flatten(0, 1), batch.corners.flatten(0, 1), stride=stride, sigma=config.sigma_cells
    ).view(inside.shape)
    found, _ = network.coordinates(logits)
    heat = masked_mean(surprise, inside)
    distance = (found - batch.corners).norm(dim=-1)
    off = masked_mean(distance, inside)
    hinted = told.mask.flatten(1).any(1)[:, None, None] & inside & ~told.mask
    parts = {
        "heat": heat,
        "px": off,
        "px_alone": masked_mean(distance, inside & ~told.mask.flatten(1).any(1)[:, None, None]),
        "px_beside_hints": masked_mean(distance, hinted),
    }
    loss = heat + config.l1_weight * off
    return loss, {name: float(value.detach()) for name, value in parts.items()}

"""Trains ColumnNet on AASCE films: `main.py train vertebrae --data DIR --out DIR`."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from domain.errors import WrongUse
from inference.device import pick_device
from inference.loader import load_strictly, save_weights
from inference.preprocess import build_pyramid, look
from models.vertebrae.column import ColumnNet, ColumnNetConfig
from models.vertebrae.efficientnet_lite import load_imagenet
from models.vertebrae.framing import Frame, frame_of_film
from models.vertebrae.hints import VERTEBRAE, Hints, no_hints
from training.beginning import state_to_begin_with
from training.crew import Crew
from training.data.aasce import Labelled, half_of, is_sound, read_aasce, read_film, read_split
from training.data.ahead import ahead
from training.data.augment import Framings, Taught, to_teach
from training.data.batches import Batch, Batches, scaled
from training.data.boxed import read_boxed, taught_by
from training.ema import Ema
from training.imagenet import imagenet_state
from training.journal import Journal
from training.kept_run import resume_run, save_run
from training.losses import heatmap_cross_entropy, masked_mean
from training.simulated_user import UserConfig, choose, hint_counts, overrule, settle
from training.watched import NOBODY, Watcher

CHECKPOINT_NAME = "checkpoint.pt"
WEIGHTS_NAME = "vertebrae-column.safetensors"
NOTHING = torch.tensor(float("nan"))
_TELL, _TELL_S = 25, 20.0  # steps, and seconds where steps are slow


@dataclass(frozen=True)
class RunConfig:
    """A training run; the same file and seed give the same run.

    Args:
        steps: length of the schedule.
        ema_half_life: of the averaged weights, in samples.
        sigma_cells: of the target Gaussian, in heat-map cells.
        boxed_half: which half of the films with boxes is learnt from; the other is measured on.
        boxed_times: how often each of them comes in a round.
        workers: processes that draw pictures.
        save_minutes: between checkpoints.
        check_minutes: between looks at the validation films.
    """

    network: ColumnNetConfig = field(default_factory=ColumnNetConfig)
    user: UserConfig = field(default_factory=UserConfig)
    framings: Framings = field(default_factory=Framings)
    steps: int = 6000
    batch: int = 16
    rate: float = 1e-3
    encoder_rate: float = 5e-4
    warm_up: int = 200
    weight_decay: float = 0.03
    ema_half_life: float = 3000.0
    sigma_cells: float = 0.75
    l1_weight: float = 0.1
    guess_weight: float = 0.05
    likeness_weight: float = 0.3
    phantom_share: float = 0.04
    phantoms: int = 64
    boxed_half: str = "choose"
    boxed_times: int = 2
    workers: int = 1
    save_minutes: float = 2.0
    check_minutes: float = 6.0
    bfloat16: bool = True
    seed: int = 2026

    @staticmethod
    def read(path: Path) -> RunConfig:
        """A run from a JSON file.

        Raises:
            WrongUse: the file cannot be read, or sets what there is not.
        """
        try:
            values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            network = ColumnNetConfig(**values.pop("network", {}))
            user = UserConfig(**values.pop("user", {}))
            framings = Framings(**values.pop("framings", {}))
            return RunConfig(network=network, user=user, framings=framings, **values)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise WrongUse(
                f"The settings in {path} cannot be used.",
                why=f"{error}.",
                remedy="Compare them with training/configs/vertebrae-column.json.",
            ) from error


@dataclass(frozen=True)
class Places:
    """Where a run reads, computes and writes.

    Args:
        init: weights to go on from.
        limit: keeps the first films, for a trial.
        boxed: films of other places, with boxes around their vertebrae, to learn from as well.
        watcher: reads along.
        only: names of the films to learn from; None for all.
    """

    data: Path
    out: Path
    init: Path | None = None
    limit: int | None = None
    device: str = "cpu"
    boxed: Path | None = None
    watcher: Watcher = NOBODY
    only: frozenset[str] | None = None

    @property
    def journal(self) -> Journal:
        """Of a run that writes there."""
        return Journal(self.out, self.watcher)


@dataclass(frozen=True, eq=False)
class CheckFilm:
    """A validation film as the network sees it whole."""

    picture: Tensor
    frame: Frame
    corners: np.ndarray[Any, np.dtype[np.float64]]


class Trainer:
    """One run: network, its average, optimiser, and how far they are."""

    def __init__(self, config: RunConfig, *, init: Path | None, device: torch.device) -> None:
        torch.manual_seed(config.seed)
        self.config, self.device = config, device
        self.crew = Crew.join(device)
        self.network = ColumnNet(config.network)
        self._initialise(init)
        self.network.to(device=device)
        self.network.to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.AdamW(self._groups(), weight_decay=config.weight_decay)
        self.ema = Ema(self.network, half_life=config.ema_half_life)
        self.step, self.seconds = 0, 0.0

    @property
    def progress(self) -> float:
        """Share of the run that is done."""
        return self.step / self.config.steps

    def learn(self, batch: Batch) -> dict[str, float]:
        """One step."""
        rng = np.random.default_rng((self.config.seed, 1 + self.crew.rank, self.step))
        factor = self._factor()
        for group in self.optimiser.param_groups:
            group["lr"] = group["top"] * factor
        self.network.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.bfloat16):
            loss, parts = self._loss(batch, rng)
        loss.backward()  # type: ignore[no-untyped-call]
        self.crew.average(self.network.parameters())
        self.crew.agree(self.network.buffers())
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step += 1
        size = len(batch.pictures) * self.crew.size
        self.ema.update(self.network, samples=size, seen=self.step * size)
        return parts

    def averaged(self) -> ColumnNet:
        """The network with its averaged weights."""
        network = ColumnNet(self.config.network).eval()
        network.load_state_dict({name: value.cpu() for name, value in self.ema.state.items()})
        return network

    def save(self, path: Path) -> None:
        """Write a checkpoint; an interrupted write leaves the former one."""
        save_run(self, path)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint.

        Raises:
            WrongUse: it is of another network.
        """
        torch.set_rng_state(resume_run(self, path))

    def _initialise(self, init: Path | None) -> None:
        if init is not None:
            stored = state_to_begin_with(init, architecture="column_net")
            column = {k: v for k, v in stored.items() if not k.startswith("refiner.")}
            load_strictly(self.network, column, title=init.name)
            return
        state = imagenet_state(self.network.encoder.variant)
        if state is None:
            sys.stderr.write("No ImageNet weights at hand: the encoder starts from scratch.\n")
            return
        load_imagenet(self.network.encoder, state)

    def _groups(self) -> list[dict[str, Any]]:
        config = self.config
        groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
        for name, value in self.network.named_parameters():
            ours = not name.startswith("encoder.")
            plain = value.ndim < 2 or name in {"vertebra", "corner"}
            groups.setdefault((ours, plain), []).append(value)
        return [
            {
                "params": values,
                "top": config.rate if ours else config.encoder_rate,
                "weight_decay": 0.0 if plain else config.weight_decay,
            }
            for (ours, plain), values in groups.items()
        ]

    def _factor(self) -> float:
        warm = min(1.0, (self.step + 1) / self.config.warm_up)
        return warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress))))

    def _loss(self, batch: Batch, rng: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
        network, user = self.network, self.config.user
        pictures = scaled(batch.pictures.to(self.device))
        features = network.encode(pictures.contiguous(memory_format=torch.channels_last))
        counts = hint_counts(len(pictures), config=user, rng=rng)
        first = features.first.cpu()
        labelled = settle(batch.corners, batch.known, first, named=batch.named)
        points, known = overrule(*labelled, hinted=counts > 0, config=user, rng=rng)
        moved = (points != labelled[0]).any(-1).any(-1)
        hints = choose(points, known, first, counts, config=user, rng=rng)
        hints = Hints(*(part.to(self.device) for part in hints))
        points, known = points.to(self.device), known.to(self.device)
        counts, moved = counts.to(self.device), moved.to(self.device)
        decoded = network.decode(features, hints)
        found = network.expectation(decoded.logits)
        stride = self.config.network.rows / decoded.logits.shape[-2]
        surprise = heatmap_cross_entropy(
            decoded.logits, points, stride=stride, sigma=self.config.sigma_cells
        )
        alike = decoded.likeness.unsqueeze(1).expand(-1, VERTEBRAE, -1, -1, -1).flatten(1, 2)
        any_level = heatmap_cross_entropy(
            alike, points, stride=stride, sigma=self.config.sigma_cells
        )
        distance = (found - points).abs().sum(-1) / stride
        size = torch.tensor(
            [self.config.network.rows, self.config.network.columns], device=self.device
        )
        off = (decoded.guess - (points + 0.5) / size).abs() * size / stride
        parts = {
            "heat": masked_mean(surprise, known),
            "l1": masked_mean(distance, known),
            "likeness": masked_mean(any_level, known),
            "guess": masked_mean(off.sum(-1), known),
            **_by_kind(distance, known, counts=counts, moved=moved),
        }
        config = self.config
        loss = parts["heat"] + config.l1_weight * parts["l1"]
        loss = loss + config.guess_weight * parts["guess"]
        loss = loss + config.likeness_weight * parts["likeness"]
        return loss, {name: float(value.detach()) for name, value in parts.items()}


def _by_kind(
    distance: Tensor, known: Tensor, *, counts: Tensor, moved: Tensor
) -> dict[str, Tensor]:
    """The error of samples without hints, with hints, and with hints that overrule the count."""
    kinds = {"alone": counts == 0, "hinted": (counts > 0) & ~moved, "overruled": moved}
    return {
        name: masked_mean(distance.detach(), known & kind.unsqueeze(-1)) if kind.any() else NOTHING
        for name, kind in kinds.items()
    }


def load_films(films: list[Labelled], *, watcher: Watcher = NOBODY) -> list[Taught]:
    """Films as the augmentation wants them."""
    taught = []
    for done, film in enumerate(films):
        watcher.go_on()
        watcher.tick(stage="Reading films", step=done, of=len(films))
        pixels = read_film(film.path)
        taught.append(to_teach(pixels, film.corners_px(pixels.shape)))
    return taught


def load_checks(films: list[Labelled], *, rows: int, columns: int) -> list[CheckFilm]:
    """Validation films, whole."""
    checks = []
    for film in films:
        pixels = read_film(film.path)
        frame = frame_of_film(*pixels.shape, rows=rows, columns=columns)
        picture = scaled(torch.from_numpy(look(build_pyramid(pixels), frame)))[None, None]
        checks.append(CheckFilm(picture, frame, film.corners_px(pixels.shape)))
    return checks


def check(network: ColumnNet, films: list[CheckFilm]) -> dict[str, float]:
    """Error before any hint on whole films, one pass, in original pixels."""
    errors = []
    with torch.inference_mode():
        for film in films:
            decoded = network(film.picture, no_hints(1))
            points, _ = network.coordinates(decoded)
            found = film.frame.to_film(points[0].double().numpy())
            errors.append(float(np.linalg.norm(found - film.corners, axis=1).mean()))
    if not errors:
        return {}
    return {"mre_px": float(np.mean(errors)), "mre_px_median": float(np.median(errors))}


def run(config: RunConfig, places: Places) -> Path:
    """Train, resuming where a checkpoint is found; returns the finished weights' file."""
    places.out.mkdir(parents=True, exist_ok=True)
    rows, columns = config.network.rows, config.network.columns
    checks = load_checks(films_of(places, "validation"), rows=rows, columns=columns)
    trainer = Trainer(config, init=places.init, device=pick_device(places.device).torch_device)
    kept = places.out / CHECKPOINT_NAME
    if kept.is_file():
        trainer.resume(kept)
    (places.out / "config.json").write_text(json.dumps(asdict(config), indent=1), encoding="utf-8")
    batches = stream(config, places, rank=trainer.crew.rank)
    journal = places.journal
    told = {"films": batches.films, "kept": len(checks)}
    journal.watcher.tell("begin", step=trainer.step, of=config.steps, **told)
    sys.stderr.write(
        f"{batches.films} films to learn from, {len(checks)} to check; step {trainer.step}\n"
    )
    drawn = ahead(batches.draw, first=trainer.step, workers=config.workers)
    try:
        _loop(trainer, drawn, checks, journal)
    except KeyboardInterrupt:
        trainer.save(kept)
        journal.watcher.tell("stopped", step=trainer.step)
        sys.stderr.write(f"Stopped at step {trainer.step}; the same command goes on from there.\n")
        raise
    finally:
        drawn.close()
        trainer.crew.leave()
    return _finish(trainer, checks, journal)


def stream(config: RunConfig, places: Places, *, rank: int) -> Batches:
    """What a run learns from; each process of a crew draws its own.

    Raises:
        WrongUse: the folder holds no films to learn from.
    """
    films = films_of(places, "training")
    if not films:
        raise WrongUse(
            f"There is nothing to learn from in {places.data}.",
            why="All its films are kept for validation, or their labels contradict themselves.",
        )
    return Batches(
        load_films(films, watcher=places.watcher) + config.boxed_times * _boxed(config, places),
        _phantoms(config),
        size=config.batch,
        frame=(config.network.rows, config.network.columns),
        phantom_share=config.phantom_share,
        seed=config.seed + 1000 * rank,
        framings=config.framings,
    )


def _boxed(config: RunConfig, places: Places) -> list[Taught]:
    films = read_boxed(places.boxed) if places.boxed else []
    return [taught_by(film) for film in films if half_of(film.person) == config.boxed_half]


def _loop(
    trainer: Trainer, batches: Iterator[Batch], checks: list[CheckFilm], journal: Journal
) -> None:
    config = trainer.config
    saved = checked = told = trainer.seconds
    recent: list[dict[str, float]] = []
    started = time.monotonic()
    before = trainer.seconds
    while trainer.progress < 1:
        journal.watcher.go_on()
        recent.append(trainer.learn(next(batches)))
        trainer.seconds = trainer.crew.clock(before + time.monotonic() - started)
        if not trainer.crew.leads:
            continue
        left = trainer.seconds / trainer.progress - trainer.seconds
        journal.watcher.tick(step=trainer.step, of=config.steps, seconds_left=round(left, 1))
        if trainer.step % _TELL == 0 or trainer.seconds - told > _TELL_S:
            _tell(trainer, recent, journal)
            recent.clear()
            told = trainer.seconds
        if trainer.seconds - saved > 60 * config.save_minutes:
            trainer.save(journal.out / CHECKPOINT_NAME)
            journal.watcher.tell("saved", step=trainer.step)
            saved = trainer.seconds
        if trainer.seconds - checked > 60 * config.check_minutes:
            _check(trainer.averaged(), trainer, checks, journal)
            checked = trainer.seconds
    if recent and trainer.crew.leads:
        _tell(trainer, recent, journal)


def _finish(trainer: Trainer, checks: list[CheckFilm], journal: Journal) -> Path:
    """Write the last checkpoint and the averaged weights, which ship."""
    finished = journal.out / WEIGHTS_NAME
    if trainer.crew.leads:
        trainer.save(journal.out / CHECKPOINT_NAME)
        network = trainer.averaged()
        save_weights(network, finished, architecture="column_net", config=trainer.config.network)
        _check(network, trainer, checks, journal)
    return finished


def _check(network: ColumnNet, trainer: Trainer, checks: list[CheckFilm], journal: Journal) -> None:
    journal.log("check", {"step": trainer.step, **check(network, checks)})


def _tell(trainer: Trainer, recent: list[dict[str, float]], journal: Journal) -> None:
    parts = {name: [part[name] for part in recent] for name in recent[0]}
    means = {name: _mean(values) for name, values in parts.items()}
    left = trainer.seconds / max(trainer.progress, 1e-6) - trainer.seconds
    journal.log(
        "losses",
        {
            "step": trainer.step,
            "minutes": round(trainer.seconds / 60, 2),
            "left_minutes": round(left / 60, 1),
            **{name: round(value, 4) for name, value in means.items()},
        },
    )


def _mean(values: list[float]) -> float:
    """Of the steps that had such samples."""
    there = [value for value in values if not math.isnan(value)]
    return sum(there) / len(there) if there else math.nan


def films_of(places: Places, part: str) -> list[Labelled]:
    """Sound films of a part of the split; data that it does not know is all to learn from."""
    films = [film for film in read_aasce(places.data) if is_sound(film.unit_corners)]
    if places.only is not None:
        chosen = [film for film in films if film.name in places.only]
        return chosen[: places.limit] if part == "training" else []
    known = read_split("training") | read_split("validation")
    if part == "training" and not any(film.name in known for film in films):
        return films[: places.limit]
    wanted = read_split(part)
    return [film for film in films if film.name in wanted][: places.limit]


def _phantoms(config: RunConfig) -> list[Taught]:
    if not config.phantom_share:
        return []
    try:
        from training.phantoms.vertebrae import draw_phantom
    except ImportError:
        return []
    drawn = [draw_phantom(seed=n) for n in range(config.phantoms)]
    return [to_teach(phantom.film, phantom.corners) for phantom in drawn]

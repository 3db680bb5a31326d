"""Trains the network that heals dental studies: `main.py train implant --data DIR --out DIR`."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from domain.errors import CaliperError, WrongUse
from domain.implant import CLIP
from inference.device import pick_device
from inference.loader import save_weights
from models.diffusion.noising import add_noise
from models.diffusion.prediction import Predicts
from models.diffusion.schedule import linear_schedule
from models.implant.attention import SpaceTimeAttention
from models.implant.initialise import Beginning, initialise
from models.implant.pseudo_conv import PseudoConv3d
from models.implant.space_time_unet import SpaceTimeUNet, SpaceTimeUNetConfig
from training.crew import Crew
from training.data.ahead import ahead
from training.data.clips import Change, Clips, Drawer, Pictures
from training.data.panoramics import Opens, Study, open_picture, pictures_of, read_studies, to_learn
from training.diffusion_losses import published_loss, v_loss, x0_loss
from training.ema import Ema
from training.journal import Journal
from training.kept_run import resume_run, save_run
from training.memory import reuse_memory
from training.watched import NOBODY, Watcher

CHECKPOINT_NAME = "checkpoint.pt"
WEIGHTS_NAME = "implant.safetensors"
PICTURES_NAME = "pictures.npz"
_TELL_S = 30.0
_LEAST_RATE = 0.02  # of the top rate, at the end of a cosine


@dataclass(frozen=True)
class ImplantRun:
    """A training run; the same file and seed give the same run.

    Args:
        frames: a step learns from so many frames: single ones, or clips of four.
        singles: share of the run that learns from single frames, time left out.
        levels: noise levels that are taught, from the least.
        min_snr: above which levels count alike; not for a network that predicts the noise.
        cosine: whether the rate falls; else it stays.
        ema_half_life: of the averaged weights, in frames.
        young_average: early on the average is as young as the run.
        save_minutes: between checkpoints.
    """

    network: SpaceTimeUNetConfig = field(
        default_factory=lambda: SpaceTimeUNetConfig(
            width=32, unshuffle=4, embedding=256, attention=(16,), dropout=0.0, predicts=Predicts.V
        )
    )
    beginning: Beginning = Beginning.IMPROVED
    change: Change = Change.BY_CLIP
    steps: int = 5000
    frames: int = 16
    singles: float = 0.75
    levels: int = 700
    min_snr: float = 5.0
    rate: float = 5e-4
    momentum: float = 0.9
    weight_decay: float = 0.01
    warm_up: int = 200
    cosine: bool = True
    ema_half_life: float = 6000.0
    young_average: bool = True
    save_minutes: float = 3.0
    seed: int = 2026

    def clips_at(self, step: int) -> tuple[int, int]:
        """How many clips a step learns from, and of how many frames."""
        length = 1 if step < self.singles * self.steps else CLIP
        return max(1, self.frames // length), length


@dataclass(frozen=True)
class Places:
    """Where a run reads, computes and writes.

    Args:
        init: weights to go on from.
        limit: keeps the first studies, for a trial.
        opens: reads a study's file.
        watcher: reads along.
    """

    data: Path
    out: Path
    init: Path | None = None
    limit: int | None = None
    device: str = "cpu"
    opens: Opens = open_picture
    watcher: Watcher = NOBODY


class Trainer:
    """One run: network, its average, optimiser, and how far they are."""

    def __init__(self, config: ImplantRun, *, init: Path | None, device: torch.device) -> None:
        torch.manual_seed(config.seed)
        self.config, self.device = config, device
        self.crew = Crew.join(device)
        self.schedule = linear_schedule()
        self.network = SpaceTimeUNet(config.network)
        self._initialise(init)
        self.network.to(device=device)
        self.optimiser = torch.optim.AdamW(
            self._groups(), lr=config.rate, betas=(config.momentum, 0.999)
        )
        self.ema = Ema(self.network, half_life=config.ema_half_life)
        self.step, self.seconds = 0, 0.0
        torch.manual_seed(config.seed + 1000 * self.crew.rank)  # each its own noise

    @property
    def progress(self) -> float:
        """Share of the run that is done."""
        return self.step / self.config.steps

    def learn(self, clips: Clips) -> dict[str, float]:
        """One step; returns the losses of the quiet levels and of the noisy ones."""
        config = self.config
        for group in self.optimiser.param_groups:
            group["lr"] = config.rate * self._factor()
        self.network.train()
        leave_time_out(self.network, clips.frames.shape[2] == 1)
        level = torch.randint(config.levels, (len(clips.frames),))
        loss = self._loss(clips, level)
        loss.mean().backward()  # type: ignore[no-untyped-call]
        self.crew.average(self.network.parameters())
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step += 1
        samples = clips.frames.shape[0] * clips.frames.shape[2] * self.crew.size
        seen = self.step * samples if config.young_average else math.inf
        self.ema.update(self.network, samples=samples, seen=seen)
        return _by_level(loss.detach().cpu(), level, middle=config.levels // 2)

    def averaged(self) -> SpaceTimeUNet:
        """The network with its averaged weights."""
        network = SpaceTimeUNet(self.config.network).eval()
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
        random = resume_run(self, path)
        if self.crew.leads:
            torch.set_rng_state(random)
        else:  # noise of its own
            torch.manual_seed(self.config.seed + 1000 * self.crew.rank + self.step)

    def _initialise(self, init: Path | None) -> None:
        if init is None:
            initialise(self.network, self.config.beginning)
            return
        self.network.load_state_dict({k: v.float() for k, v in load_file(init).items()})

    def _groups(self) -> list[dict[str, object]]:
        values = list(self.network.parameters())
        return [
            {
                "params": [value for value in values if value.ndim > 1],
                "weight_decay": self.config.weight_decay,
            },
            {"params": [value for value in values if value.ndim < 2], "weight_decay": 0.0},
        ]

    def _factor(self) -> float:
        warm = min(1.0, (self.step + 1) / max(1, self.config.warm_up))
        if not self.config.cosine:
            return warm
        falling = 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress)))
        return warm * (_LEAST_RATE + (1 - _LEAST_RATE) * falling)

    def _loss(self, clips: Clips, level: Tensor) -> Tensor:
        """(B,) one for each clip."""
        x0 = clips.frames.to(self.device).float() / 127.5 - 1
        noise = torch.randn(x0.shape).to(self.device)
        x = add_noise(x0, noise, level=level, schedule=self.schedule)
        said = self.network(x, level.to(self.device), clips.starts.to(self.device))
        predicts, schedule = self.config.network.predicts, self.schedule
        if predicts is Predicts.EPS:
            return published_loss(said, x, x0=x0, noise=noise, level=level, schedule=schedule)
        said, most = said[:, :1], self.config.min_snr
        if predicts is Predicts.X0:
            return x0_loss(said, x0, level=level, schedule=schedule, most=most)
        return v_loss(said, x0, noise, level=level, schedule=schedule, most=most)


def leave_time_out(network: SpaceTimeUNet, alone: bool) -> None:
    """Whether every frame is looked at as if it were the only one."""
    for module in network.modules():
        if isinstance(module, PseudoConv3d | SpaceTimeAttention):
            module.alone = alone


def _by_level(loss: Tensor, level: Tensor, *, middle: int) -> dict[str, float]:
    quiet = level < middle
    return {
        "loss": float(loss.mean()),
        "quiet": float(loss[quiet].mean()),
        "noisy": float(loss[~quiet].mean()),
    }


def run(config: ImplantRun, places: Places) -> Path:
    """Train, resuming where a checkpoint is found; returns the finished weights' file.

    Raises:
        WrongUse: there is nothing to learn from.
    """
    reuse_memory()
    places.out.mkdir(parents=True, exist_ok=True)
    journal = Journal(places.out, places.watcher)
    pictures = load(places)
    trainer = Trainer(config, init=places.init, device=pick_device(places.device).torch_device)
    kept = places.out / CHECKPOINT_NAME
    if kept.is_file():
        trainer.resume(kept)
    (places.out / "config.json").write_text(json.dumps(asdict(config), indent=1), encoding="utf-8")
    journal.watcher.tell("begin", step=trainer.step, of=config.steps, studies=len(pictures))
    sys.stderr.write(f"{len(pictures)} studies to learn from; step {trainer.step}\n")
    drawer = Drawer(pictures, seed=config.seed + trainer.crew.rank, change=config.change)
    try:
        with closing(ahead(partial(_drawn, drawer, config), first=trainer.step)) as clips:
            _loop(trainer, clips, journal)
    except KeyboardInterrupt:
        trainer.save(kept)
        journal.watcher.tell("stopped", step=trainer.step)
        sys.stderr.write(f"Stopped at step {trainer.step}; the same command goes on from there.\n")
        raise
    finally:
        trainer.crew.leave()
    return _finish(trainer, journal)


def load(places: Places) -> list[Pictures]:
    """The pictures of all studies to learn from; one that cannot be read is named and left out.

    They are kept in the folder of the run, for when it goes on.

    Raises:
        WrongUse: there is none.
    """
    studies = to_learn(read_studies(places.data))[: places.limit]
    kept, names = places.out / PICTURES_NAME, [str(study.path) for study in studies]
    if kept.is_file():
        with np.load(kept) as found:
            if found["names"].tolist() == names:
                return [found[f"study{n}"] for n in range(len(found) - 1)]
    pictures = _read_all(studies, places)
    named = {f"study{n}": one for n, one in enumerate(pictures)}
    np.savez(kept, allow_pickle=False, names=np.array(names), **named)
    return pictures


def _read_all(studies: Sequence[Study], places: Places) -> list[Pictures]:
    pictures: list[Pictures] = []
    for done, study in enumerate(studies):
        places.watcher.go_on()
        places.watcher.tick(stage="Reading studies", step=done, of=len(studies))
        pictures += _readable(study, places.opens)
    if not pictures:
        raise WrongUse(
            f"There is nothing to learn from in {places.data}.",
            why="No study without implants can be read.",
        )
    return pictures


def _readable(study: Study, opens: Opens) -> list[Pictures]:
    try:
        found = pictures_of(study, opens)
    except CaliperError as error:
        sys.stderr.write(f"left out: {error}\n")
        return []
    return [found] if len(found) >= CLIP else []


def _drawn(drawer: Drawer, config: ImplantRun, step: int) -> Clips:
    clips, length = config.clips_at(step)
    return drawer.draw(step, clips=clips, length=length)


def _loop(trainer: Trainer, clips: Iterator[Clips], journal: Journal) -> None:
    config = trainer.config
    before = saved = told = trainer.seconds
    recent: list[dict[str, float]] = []
    started = time.monotonic()
    while trainer.progress < 1:
        journal.watcher.go_on()
        recent.append(trainer.learn(next(clips)))
        trainer.seconds = trainer.crew.clock(before + time.monotonic() - started)
        if not trainer.crew.leads:
            continue
        left = trainer.seconds / trainer.progress - trainer.seconds
        journal.watcher.tick(step=trainer.step, of=config.steps, seconds_left=round(left, 1))
        if trainer.seconds - told > _TELL_S or trainer.progress >= 1:
            _tell(trainer, recent, journal)
            recent, told = [], trainer.seconds
        if trainer.seconds - saved > 60 * config.save_minutes:
            trainer.save(journal.out / CHECKPOINT_NAME)
            journal.watcher.tell("saved", step=trainer.step)
            saved = trainer.seconds


def _tell(trainer: Trainer, recent: list[dict[str, float]], journal: Journal) -> None:
    left = trainer.seconds / trainer.progress - trainer.seconds
    values = {
        "step": trainer.step,
        "minutes": round(trainer.seconds / 60, 2),
        "left_minutes": round(left / 60, 1),
    }
    means = {
        name: round(float(np.nanmean([part[name] for part in recent])), 5) for name in recent[0]
    }
    journal.log("losses", {**values, **means})


def _finish(trainer: Trainer, journal: Journal) -> Path:
    """Write the last checkpoint and the averaged weights, which ship."""
    finished = journal.out / WEIGHTS_NAME
    if trainer.crew.leads:
        trainer.save(journal.out / CHECKPOINT_NAME)
        write_weights(trainer, finished)
    return finished


def write_weights(trainer: Trainer, path: Path) -> None:
    """The averaged weights as the program loads them."""
    network = trainer.averaged()
    config = trainer.config.network
    save_weights(network, path, architecture="space_time_unet", config=replace(config, dropout=0.0))

"""Trains the published networks: `main.py train vertebrae --stage published ...`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import cv2
import torch
from torch import Tensor

from domain.errors import WrongUse
from inference.device import pick_device
from training.journal import Journal
from training.memory import reuse_memory
from training.published.config import PublishedRun
from training.published.films import Batch, Stream, load, whole
from training.published.morphology import steadiest
from training.published.trainer import Trainer
from training.vertebrae import CHECKPOINT_NAME, Places, films_of

_TELL, _TELL_S = 25, 20.0  # steps, and seconds where steps are slow


def run(config: PublishedRun, places: Places) -> Path:
    """Train, going on where a checkpoint is found; returns the weights that validation chose.

    Beside them lie the weights of the last step, `…-last.safetensors`, and log.jsonl. Where no
    film is kept for validation, or none of them has been looked at yet, both are the same.

    Raises:
        WrongUse: there is nothing to learn from, or the folder belongs to another run.
        UnreadableFile: a film is missing or no picture.
    """
    started = time.monotonic()
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise WrongUse(
            "The published protocol is trained by one process.", remedy="Leave torchrun."
        )
    places.out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)  # films are augmented side by side
    torch.backends.cudnn.benchmark = True
    reuse_memory()
    stream, checks, told = _data(config, places)
    trainer = _trainer(config, places, stream=stream)
    (places.out / "config.json").write_text(json.dumps(asdict(config), indent=1), encoding="utf-8")
    journal = places.journal
    session = Session(trainer, checks, journal, started=started)
    journal.watcher.tell("begin", step=trainer.step, of=trainer.steps, **told)
    with closing(stream.ahead(trainer.step)) as batches:
        try:
            while not trainer.is_done and not session.is_over:
                journal.watcher.go_on()
                session.after(trainer.learn(next(batches)))
        except KeyboardInterrupt:
            trainer.save(places.out / CHECKPOINT_NAME)
            journal.watcher.tell("stopped", step=trainer.step)
            sys.stderr.write(f"Stopped at step {trainer.step}; the same command goes on.\n")
            raise
    return session.finish()


class Session:
    """What happens between steps: log, validation, checkpoints, the end of the time."""

    def __init__(
        self, trainer: Trainer, checks: Batch | None, journal: Journal, *, started: float
    ) -> None:
        self._trainer, self._checks = trainer, checks
        self._journal, self._started = journal, started
        self._before, self._from = trainer.seconds, trainer.step
        self._saved = self._told = started
        self._recent: list[dict[str, Tensor]] = []

    @property
    def is_over(self) -> bool:
        """Whether the minutes of this call are used."""
        minutes = self._trainer.config.max_minutes
        return bool(minutes) and time.monotonic() - self._started >= 60 * minutes

    @property
    def weights(self) -> Path:
        """The file that validation chooses for."""
        name = self._trainer.config.architecture.replace("_", "-")
        return self._journal.out / f"vertebrae-{name}.safetensors"

    def after(self, parts: dict[str, Tensor]) -> None:
        """Take in a step."""
        trainer = self._trainer
        self._recent.append(parts)
        ends_epoch = trainer.step % trainer.epoch_steps == 0
        if ends_epoch:
            self._judge()
        left = round(self._seconds_left, 1)
        self._journal.watcher.tick(step=trainer.step, of=trainer.steps, seconds_left=left)
        is_slow = time.monotonic() - self._told > _TELL_S
        if ends_epoch or trainer.step % _TELL == 0 or is_slow:
            self._tell()
        if time.monotonic() - self._saved > 60 * trainer.config.save_minutes:
            self._save()

    def finish(self) -> Path:
        """Write the checkpoint and the last weights."""
        trainer = self._trainer
        if self._recent:
            self._tell()
        self._save()
        if trainer.step % trainer.epoch_steps and self._checks is not None:
            found = _rounded(trainer.check(self._checks))
            self._journal.log("check", {"step": trainer.step, **found})
        trainer.write(self.weights.with_stem(f"{self.weights.stem}-last"))
        if not trainer.best_epoch:
            trainer.write(self.weights)
        return self.weights

    def _judge(self) -> None:
        """Validate after an epoch, and keep the weights if they are the best."""
        if self._checks is None:
            return
        trainer = self._trainer
        found = trainer.check(self._checks)
        if found["second_mre"] < trainer.best:
            trainer.best, trainer.best_epoch = found["second_mre"], trainer.epochs_done
            trainer.write(self.weights)
        at = {"step": trainer.step, "epoch": trainer.epochs_done}
        told = {**at, **_rounded(found), "best_epoch": trainer.best_epoch}
        self._journal.log("check", told)

    def _tell(self) -> None:
        trainer = self._trainer
        self._told = time.monotonic()
        trainer.seconds = self._before + self._told - self._started
        means = {
            name: float(torch.stack([parts[name] for parts in self._recent]).mean())
            for name in self._recent[0]
        }
        self._journal.log(
            "losses",
            {
                "step": trainer.step,
                "minutes": round(trainer.seconds / 60, 2),
                "left_minutes": round(self._seconds_left / 60, 1),
                **_rounded(means),
            },
        )
        self._recent.clear()

    @property
    def _seconds_left(self) -> float:
        trainer, spent = self._trainer, time.monotonic() - self._started
        left = spent / (trainer.step - self._from) * (trainer.steps - trainer.step)
        if trainer.config.max_minutes:
            left = min(left, 60 * trainer.config.max_minutes - spent)
        return max(0.0, left)

    def _save(self) -> None:
        self._trainer.seconds = self._before + time.monotonic() - self._started
        self._trainer.save(self._journal.out / CHECKPOINT_NAME)
        self._journal.watcher.tell("saved", step=self._trainer.step)
        self._saved = time.monotonic()


def _data(config: PublishedRun, places: Places) -> tuple[Stream, Batch | None, Mapping[str, int]]:
    """What is learnt from, what it is checked on, and how many films these are."""
    films, kept = films_of(places, "training"), films_of(places, "validation")
    if not films:
        raise WrongUse(
            f"There is nothing to learn from in {places.data}.",
            why="All its films are kept for validation, or their labels contradict themselves.",
        )
    sys.stderr.write(f"{len(films)} films to learn from, {len(kept)} to check\n")
    stream = Stream(load(films, config=config), config)
    checks = whole(load(kept, config=config), config=config) if kept else None
    return stream, checks, {"films": len(films), "kept": len(kept)}


def _trainer(config: PublishedRun, places: Places, *, stream: Stream) -> Trainer:
    trainer = Trainer(
        config,
        shape=steadiest(whole(stream.pictures, config=config).centres),
        epoch_steps=stream.steps_per_epoch,
        device=pick_device(places.device).torch_device,
    )
    kept = places.out / CHECKPOINT_NAME
    if kept.is_file():
        trainer.resume(kept)
    elif places.init is not None:
        trainer.start_from(places.init)
    return trainer


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.5g}") for name, value in values.items()}

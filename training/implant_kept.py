"""What healing leaves over of studies, kept on disk: a comparison that was stopped goes on.

One file for each study, way and seed; several processes share the work.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray

from domain.image import Image
from domain.implant import ImplantOptions
from training.data.panoramics import Study, open_picture
from training.implant_predictor import Healer, load_healer
from training.memory import reuse_memory

LeftOver = NDArray[np.float16]
Heals = Callable[[Healer, Image], LeftOver]


def by_pipeline(healer: Healer, image: Image) -> LeftOver:
    """(frames, rows, columns) as the window heals."""
    return healer.heal(image).left_over


@dataclass(frozen=True)
class Way:
    """A way to heal.

    Args:
        weights: an id or a file; what ships where None.
        options: its seeds are so many of the files.
        heals: heals a study once.
    """

    weights: str | None = None
    options: ImplantOptions = field(default_factory=ImplantOptions)
    heals: Heals = by_pipeline

    @property
    def name(self) -> str:
        """What it is called in tables."""
        options = self.options
        how = f"λ {options.level}, {options.steps} steps, {self.seeds} seeds"
        sampler = "" if options.sampler is ImplantOptions().sampler else options.sampler.value
        heals = "" if self.heals is by_pipeline else self.heals.__name__
        parts = (self.weights or "", how, sampler, heals)
        return ", ".join(part.replace("_", " ") for part in parts if part)

    @property
    def seeds(self) -> int:
        """How often each study is healed."""
        return self.options.seeds

    @property
    def healer(self) -> Healer:
        """Heals once, with the first seed."""
        return replace(_loaded(self.weights), options=replace(self.options, seeds=1))

    def folder(self, kept: Path) -> Path:
        """Where its files lie: the same network and options, the same folder."""
        options, heals = self.options, self.heals.__name__
        how = f"{options.level}-{options.steps}-{options.sampler.value}-{heals}"
        return kept / _identity(self.weights)[:12] / how


class _Job(NamedTuple):
    way: Way
    study: Path
    seed: int
    file: Path


class Healed(NamedTuple):
    """A study healed as often as its way says.

    Args:
        left_over: (frames, rows, columns) the mean over seeds.
        seconds: of the processor, for all seeds.
    """

    left_over: NDArray[np.float64]
    seconds: float


def heal_all(studies: Sequence[Study], ways: Sequence[Way], *, kept: Path, processes: int) -> None:
    """Heal what is not there yet.

    Raises:
        UnreadableFile: a study is no picture.
    """
    jobs = list(dict.fromkeys(_missing(studies, ways, kept)))
    started = time.monotonic()
    for done, file in enumerate(_done(jobs, processes), start=1):
        left = (time.monotonic() - started) / done * (len(jobs) - done)
        said = f"{done}/{len(jobs)} {file.parent.name} {file.stem}, {left:.0f} s to go"
        sys.stderr.write(f"{said}\n")


def healed(study: Study, way: Way, *, kept: Path, seeds: slice = slice(None)) -> Healed:
    """What `heal_all` left of a study, with some of the seeds."""
    found = [_read(file) for file in _files(study, way, kept)[seeds]]
    parts = [each for each in found if each is not None]
    mean = np.mean([part.left_over for part in parts], axis=0)
    return Healed(mean, sum(part.seconds for part in parts))


def _files(study: Study, way: Way, kept: Path) -> list[Path]:
    folder = way.folder(kept)
    return [folder / f"{study.path.stem}.{seed}.npz" for seed in range(way.seeds)]


def _missing(studies: Sequence[Study], ways: Sequence[Way], kept: Path) -> Iterator[_Job]:
    """All studies with one seed before any with the next: what is there can be used."""
    for way in ways:
        one = replace(way, options=replace(way.options, seeds=1))
        for seed in range(way.seeds):
            for study in studies:
                file = _files(study, way, kept)[seed]
                if _read(file) is None:
                    yield _Job(one, study.path, seed, file)


def _read(file: Path) -> Healed | None:
    """None where it is not there, or was not written to its end."""
    try:
        with file.open("rb") as content, np.load(content) as found:
            return Healed(found["left_over"].astype(np.float64), float(found["seconds"]))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def _done(jobs: Sequence[_Job], processes: int) -> Iterator[Path]:
    if processes == 1 or not jobs:
        reuse_memory()
        yield from map(_heal, jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin) as crew:
        try:
            for future in as_completed([crew.submit(_heal, job) for job in jobs]):
                yield future.result()
        finally:  # where one failed, or nobody wants more, the others are not begun
            crew.shutdown(cancel_futures=True)


def _begin() -> None:
    torch.set_num_threads(1)
    reuse_memory()


def _heal(job: _Job) -> Path:
    way, image = job.way, open_picture(job.study)
    began = time.process_time()
    left = way.heals(replace(way.healer, seed=job.seed), image)
    seconds = time.process_time() - began
    job.file.parent.mkdir(parents=True, exist_ok=True)
    part = job.file.with_suffix(".part.npz")
    np.savez(part, allow_pickle=False, left_over=left, seconds=np.array(seconds))
    part.replace(job.file)
    return job.file


@lru_cache(maxsize=2)
def _loaded(weights: str | None) -> Healer:
    return load_healer(weights, device="cpu")


@lru_cache(maxsize=8)
def _identity(weights: str | None) -> str:
    if weights is not None and Path(weights).is_file():
        return hashlib.sha256(Path(weights).read_bytes()).hexdigest()
    return str(_loaded(weights).network.entry.sha256)

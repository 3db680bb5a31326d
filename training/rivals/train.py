"""Trains a rival of healing on the same films: `python -m training.rivals.train --data … --out …`.

`--set kind=autoencoder` or `--set kind=anogan`; other settings are those of RivalRun. The same
command goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from domain.errors import WrongUse
from domain.folders import make_results_folder
from training.data.ahead import ahead
from training.data.clips import Change, Clips, Drawer
from training.implant import Places, load
from training.journal import Journal, keep
from training.memory import reuse_memory
from training.rivals.networks import AnoGan, Autoencoder
from training.rivals.stages import Kind, RivalRun, Stage, stages_of
from training.settings import changed, told

CHECKPOINT_NAME, WEIGHTS_NAME = "checkpoint.pt", "rival.safetensors"
_TELL_S = 30.0
_STREAM = 100_000  # steps: no stage is longer, so that each has pictures of its own


@dataclass
class Progress:
    """How far a run is.

    Args:
        stage: its number.
        step: of that stage.
        seconds: of one core, for the whole run so far.
    """

    stage: int = 0
    step: int = 0
    seconds: float = 0.0


class Run:
    """Network, stages and how far they are."""

    def __init__(self, config: RivalRun, journal: Journal) -> None:
        self.config, self.journal, self.progress = config, journal, Progress()
        self.network, self.stages = stages_of(config)

    @property
    def stage(self) -> Stage:
        """The one that learns now."""
        return self.stages[self.progress.stage]

    def save(self) -> None:
        """Write a checkpoint; an interrupted write leaves the former one."""
        state = {
            "kind": self.config.kind.value,
            "progress": asdict(self.progress),
            "network": self.network.state_dict(),
            "stage": self.stage.state(),
            "random": torch.get_rng_state(),
        }
        keep(self.journal.out / CHECKPOINT_NAME, state)

    def resume(self) -> None:
        """Go on from a checkpoint, if there is one.

        Raises:
            WrongUse: it is of another rival.
        """
        path = self.journal.out / CHECKPOINT_NAME
        if not path.is_file():
            return
        state = torch.load(path, weights_only=True)
        if state["kind"] != self.config.kind:
            raise WrongUse(
                f"{path} belongs to another run.",
                why=f"It holds the rival {state['kind']!r}.",
                remedy="Give another folder for the results (--out).",
            )
        self.progress = Progress(**state["progress"])
        for done in self.stages[: self.progress.stage]:
            done.end()  # what no longer learns is still; its weights come now
        self.network.load_state_dict(state["network"])
        self.stage.restore(state["stage"])
        torch.set_rng_state(state["random"])


def train(config: RivalRun, places: Places) -> Path:
    """Train, resuming where a checkpoint is found; returns the finished weights' file.

    Raises:
        WrongUse: there is nothing to learn from.
    """
    reuse_memory()
    make_results_folder(places.out)
    pictures = load(places)
    run = Run(config, Journal(places.out))
    run.resume()
    drawer = Drawer(pictures, seed=config.seed, change=Change.BY_CLIP)
    (places.out / "config.json").write_text(json.dumps(asdict(config), indent=1), encoding="utf-8")
    try:
        while True:
            _learn(run, drawer)
            if run.progress.stage == len(run.stages) - 1:
                break
            run.stage.end()
            run.progress = replace(run.progress, stage=run.progress.stage + 1, step=0)
    except KeyboardInterrupt:
        run.save()
        sys.stderr.write("Stopped; the same command goes on from there.\n")
        raise
    run.save()
    run.stage.end()
    return _write(run)


def _learn(run: Run, drawer: Drawer) -> None:
    """The rest of a stage."""
    stage, progress, config = run.stage, run.progress, run.config
    draw = partial(_drawn, drawer, count=config.pictures, first=progress.stage * _STREAM)
    saved = told_at = before = progress.seconds
    started, recent = time.process_time(), list[dict[str, float]]()
    with closing(ahead(draw, first=progress.step)) as drawn:
        while progress.step < stage.steps:
            recent.append(stage.learn(progress.step, _scaled(drawn)))
            progress.step += 1
            progress.seconds = before + time.process_time() - started
            if progress.seconds - told_at > _TELL_S or progress.step == stage.steps:
                _tell(run, recent)
                recent, told_at = [], progress.seconds
            if progress.seconds - saved > 60 * config.save_minutes:
                run.save()
                saved = progress.seconds


def _drawn(drawer: Drawer, step: int, *, count: int, first: int) -> Clips:
    return drawer.draw(first + step, clips=count, length=1)


def _scaled(drawn: Iterator[Clips]) -> Tensor:
    return next(drawn).frames[:, :, 0].float() / 127.5 - 1


def _tell(run: Run, recent: Sequence[dict[str, float]]) -> None:
    names = sorted({name for part in recent for name in part})
    means = {
        name: round(float(np.mean([part[name] for part in recent if name in part])), 5)
        for name in names
    }
    minutes = round(run.progress.seconds / 60, 2)
    run.journal.log(run.stage.name, {"step": run.progress.step, "minutes": minutes, **means})


def _write(run: Run) -> Path:
    path = run.journal.out / WEIGHTS_NAME
    said = {"kind": run.config.kind.value, "seconds": f"{run.progress.seconds:.0f}"}
    save_file(run.network.state_dict(), path, metadata=said)
    return path


_NETWORKS: dict[str, Callable[[], Autoencoder]] = {
    Kind.AUTOENCODER: Autoencoder,
    Kind.ANOGAN: AnoGan,
}


def load_rival(folder: Path) -> tuple[Kind, Autoencoder]:
    """The trained network of a run's folder.

    Raises:
        WrongUse: there is none, or it is something else.
    """
    path = folder / WEIGHTS_NAME
    try:
        with safe_open(path, framework="pt") as held:
            kind = Kind((held.metadata() or {}).get("kind", ""))
            network = _NETWORKS[kind]()
            network.load_state_dict({name: held.get_tensor(name) for name in held.keys()})  # noqa: SIM118
    except (OSError, SafetensorError, ValueError, RuntimeError) as error:
        raise WrongUse(
            f"There is no trained rival in {folder}.",
            why=f"{error}.",
            remedy="Train one: python -m training.rivals.train.",
        ) from error
    return kind, network.eval()


def main(argv: Sequence[str] | None = None) -> int:
    """Train one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, help="the first studies alone, for a trial")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args(argv)
    config = RivalRun()
    for text in arguments.set:
        config = changed(config, told(text))
    print(train(config, Places(arguments.data, arguments.out, limit=arguments.limit)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

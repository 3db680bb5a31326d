"""The network that learns, step by step, and how good it is on films it does not learn from."""

from __future__ import annotations

import json
import math
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from domain.errors import WrongUse
from inference.families import State
from inference.loader import build, load_strictly, save_weights
from models.vertebrae.hints import POINTS
from models.vertebrae.hrnet_names import from_imagenet
from models.vertebrae.hrnet_ocr import HrnetOcr
from training.beginning import state_to_begin_with, unfit
from training.journal import keep
from training.published.config import PublishedRun
from training.published.films import Batch
from training.published.losses import loss_parts
from training.published.morphology import Shape
from training.published.rounds import follow_up, plan, question, read

_GPU_BATCHES = 4  # looked at together in validation, which needs less memory than learning


class Trainer:
    """One run: network, optimiser, how far they are, and the best second answer so far.

    Args:
        shape: what the morphology loss measures.
        epoch_steps: steps in an epoch.
    """

    def __init__(
        self, config: PublishedRun, *, shape: Shape, epoch_steps: int, device: torch.device
    ) -> None:
        torch.manual_seed(config.seed)
        self.config, self.device, self.epoch_steps = config, device, epoch_steps
        self.shape = Shape(*(part.to(device) for part in shape))
        self.network = build(config.architecture, config.network).to(device)
        self.network.to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.Adam(
            self.network.parameters(), lr=config.rate, fused=device.type == "cuda"
        )
        self.step, self.seconds = 0, 0.0
        self.best, self.best_epoch = math.inf, 0

    @property
    def epochs_done(self) -> int:
        """Whole epochs."""
        return self.step // self.epoch_steps

    @property
    def steps(self) -> int:
        """Length of the run, if nothing stops it early."""
        return self.config.steps or self.config.epochs * self.epoch_steps

    @property
    def is_done(self) -> bool:
        """Whether the last step is made, or validation films have seen nothing better for long."""
        stale = self.epochs_done - self.best_epoch >= self.config.patience
        return self.step >= self.steps or (math.isfinite(self.best) and stale)

    def learn(self, batch: Batch) -> dict[str, Tensor]:
        """One step; the parts of its loss stay on the device."""
        config = self.config
        torch.manual_seed(config.seed * 1_000_003 + self.step)  # dropout, after a resume too
        rng = np.random.default_rng((config.seed, 11, self.step))
        hints = plan(len(batch.pictures), epoch=self.epochs_done + 1, config=config, rng=rng)
        asked = question(batch, hints.hinted, device=self.device)
        for _ in range(hints.passes):
            with self._cast():
                asked = follow_up(asked, self.network, as_published=config.as_published)
        with self._cast():  # of its own: older torch reuses weights cast without slope
            answer = asked.teach(self.network.train())
        parts = loss_parts(answer, asked, config=config, shape=self.shape)
        torch.stack(list(parts.values())).sum().backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step += 1
        return {name: value.detach() for name, value in parts.items()}

    @torch.no_grad()
    def check(self, films: Batch) -> dict[str, float]:
        """Mean error in network pixels without a hint, and with one on the worst corner.

        The hinted corner counts as right.
        """
        errors: list[Tensor] = []
        quirks = self.config.as_published
        size = self.config.batch * (_GPU_BATCHES if self.device.type == "cuda" else 1)
        for start in range(0, len(films.pictures), size):
            chunk = Batch(*(part[start : start + size] for part in films))
            none = torch.zeros(len(chunk.pictures), POINTS, dtype=torch.bool)
            asked = question(chunk, none, device=self.device)
            with self._cast():
                asked = follow_up(asked, self.network, as_published=quirks)
                maps = asked.ask(self.network).float().sigmoid()
            first, second = (
                (read(seen, as_published=quirks) - asked.centres).norm(dim=-1)
                for seen in (asked.previous_maps, maps)
            )
            second = second.masked_fill(asked.hinted, 0.0)
            errors.append(torch.stack([first.mean(1), second.mean(1)]))
        if not errors:
            return {}
        one, two = torch.cat(errors, dim=1).mean(1).tolist()
        return {"first_mre": one, "second_mre": two}

    def write(self, path: Path) -> None:
        """Write the weights as they are."""
        settings = getattr(self.network, "config", self.config.network)
        save_weights(self.network, path, architecture=self.config.architecture, config=settings)

    def start_from(self, path: Path) -> None:
        """Take weights of the same architecture; HRNet also what a file learnt on ImageNet has.

        Raises:
            WrongUse: the file is not there, or holds another architecture.
            UnreadableFile, WeightsCorrupt, WeightsIncompatible: as its readers say.
        """
        needed, architecture = self.network.state_dict(), self.config.architecture

        def learnt_on_imagenet(state: State) -> State:
            try:
                return {**needed, **from_imagenet(state, needed=needed)}
            except ValueError as error:
                raise unfit(path, why=f"As a network learnt on ImageNet, {error}.") from error

        otherwise = learnt_on_imagenet if isinstance(self.network, HrnetOcr) else None
        state = state_to_begin_with(path, architecture=architecture, otherwise=otherwise)
        load_strictly(self.network, state, title=path.name)

    def save(self, path: Path) -> None:
        """Write a checkpoint."""
        state = {
            "trained": self._trained,
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "best": self.best,
            "best_epoch": self.best_epoch,
        }
        keep(path, state)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint.

        Raises:
            WrongUse: it is of another network.
        """
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location=self.device)
        if state.get("trained") != self._trained:
            raise WrongUse(
                f"{path} belongs to another run.",
                why=f"It holds {state.get('trained')}; this run trains {self._trained}.",
                remedy="Give another --out.",
            )
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.seconds = state["step"], state["seconds"]
        self.best, self.best_epoch = state["best"], state["best_epoch"]

    @property
    def _trained(self) -> str:
        config = self.config
        return (
            f"{config.architecture} {json.dumps(dict(config.network))} {config.loss} {config.mode}"
        )

    def _cast(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.bfloat16)

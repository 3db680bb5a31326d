"""What each rival learns, stage by stage: an autoencoder in one, f-AnoGAN in two."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from training.ema import Ema
from training.rivals.networks import LATENT, AnoGan, Autoencoder

_HALF_LIFE = 4000.0  # of averaged weights, in pictures
_LEAST_RATE = 0.02  # of the top rate, at the end of a cosine


class Kind(StrEnum):
    """Which rival."""

    AUTOENCODER = "autoencoder"
    ANOGAN = "anogan"


@dataclass(frozen=True)
class RivalRun:
    """A training run.

    Args:
        steps: of the autoencoder; of the generator.
        encoder_steps: of the encoder of f-AnoGAN, after its generator.
        pictures: a step learns from so many.
        critic_steps: of the critic for each of the generator (published: five).
        penalty: weight of the gradient penalty.
        features: weight of the critic's features in the encoder's loss (published: one).
        rate, gan_rate: of the autoencoder and the encoder; of generator and critic.
        save_minutes: between checkpoints.
    """

    kind: Kind = Kind.AUTOENCODER
    steps: int = 4000
    encoder_steps: int = 1500
    pictures: int = 16
    critic_steps: int = 2
    penalty: float = 10.0
    features: float = 1.0
    rate: float = 1e-3
    gan_rate: float = 3e-4
    save_minutes: float = 2.0
    seed: int = 2026


class Stage(Protocol):
    """A part of a run."""

    name: str
    steps: int

    def learn(self, step: int, pictures: Tensor) -> dict[str, float]:
        """One step from (B, 1, SIDE, SIDE) pictures; returns its losses."""

    def end(self) -> None:
        """Leave the networks as the next stage needs them."""

    def state(self) -> dict[str, Any]:
        """All that is needed to go on, networks apart."""

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""


def stages_of(config: RivalRun) -> tuple[Autoencoder, tuple[Stage, ...]]:
    """A fresh network and its stages, in order."""
    torch.manual_seed(config.seed)
    if config.kind is Kind.AUTOENCODER:
        network = Autoencoder()
        return network, (Redraw(network, config),)
    gan = AnoGan()
    return gan, (Forge(gan, config), Find(gan, config))


class Redraw:
    """The autoencoder: mean squared error."""

    name = "autoencoder"

    def __init__(self, network: Autoencoder, config: RivalRun) -> None:
        self.steps, self._network, self._rate = config.steps, network, config.rate
        self._optimiser = torch.optim.Adam(network.parameters(), lr=config.rate)
        self._ema = Ema(network, half_life=_HALF_LIFE)

    def learn(self, step: int, pictures: Tensor) -> dict[str, float]:
        """One step."""
        loss = (self._network(pictures) - pictures).square().mean()
        _take(self._optimiser, loss, rate=_falling(self._rate, step, self.steps))
        self._ema.update(self._network, samples=len(pictures), seen=(step + 1) * len(pictures))
        return {"loss": loss.item()}

    def end(self) -> None:
        """The averaged weights stay."""
        self._network.load_state_dict(self._ema.state)

    def state(self) -> dict[str, Any]:
        """Optimiser and average."""
        return {"optimiser": self._optimiser.state_dict(), "ema": self._ema.state}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self._optimiser.load_state_dict(state["optimiser"])
        self._ema.state = dict(state["ema"])


class Forge:
    """Generator against critic: Wasserstein distance with gradient penalty (Gulrajani 2017)."""

    name = "gan"

    def __init__(self, network: AnoGan, config: RivalRun) -> None:
        # Counted in steps of either network, so that each learns from fresh pictures.
        self._turns = config.critic_steps + 1
        self.steps, self._network, self._penalty = (
            config.steps * self._turns,
            network,
            config.penalty,
        )
        generator, critic = network.generator, network.critic
        self._forger = torch.optim.Adam(generator.parameters(), config.gan_rate, (0.0, 0.9))
        self._judge = torch.optim.Adam(critic.parameters(), config.gan_rate, (0.0, 0.9))
        self._ema = Ema(generator, half_life=_HALF_LIFE)

    def learn(self, step: int, pictures: Tensor) -> dict[str, float]:
        """The critic's step, or after enough of them the generator's."""
        generator, critic = self._network.generator, self._network.critic
        places = torch.randn(len(pictures), LATENT)
        if step % self._turns == self._turns - 1:
            loss = -critic(generator(places)).mean()
            _take(self._forger, loss)
            self._judge.zero_grad(set_to_none=True)
            seen = (step + 1) // self._turns * len(pictures)
            self._ema.update(generator, samples=len(pictures), seen=seen)
            return {"forged": loss.item()}
        with torch.no_grad():
            forged = generator(places)
        gap = critic(forged).mean() - critic(pictures).mean()
        bend = _gradient_penalty(self._network, pictures, forged)
        _take(self._judge, gap + self._penalty * bend)
        return {"gap": -gap.item(), "penalty": bend.item()}

    def end(self) -> None:
        """The averaged generator stays; neither learns any more."""
        self._network.generator.load_state_dict(self._ema.state)
        for part in (self._network.generator, self._network.critic):
            part.requires_grad_(False)

    def state(self) -> dict[str, Any]:
        """Both optimisers and the average."""
        optimisers = self._forger.state_dict(), self._judge.state_dict()
        return {"optimisers": list(optimisers), "ema": self._ema.state}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        for optimiser, kept in zip((self._forger, self._judge), state["optimisers"], strict=True):
            optimiser.load_state_dict(kept)
        self._ema.state = dict(state["ema"])


class Find:
    """The encoder that finds a picture's place (izi_f): residual and the critic's features."""

    name = "encoder"

    def __init__(self, network: AnoGan, config: RivalRun) -> None:
        self.steps, self._network = config.encoder_steps, network
        self._rate, self._features = config.rate, config.features
        self._optimiser = torch.optim.Adam(network.encoder.parameters(), lr=config.rate)

    def learn(self, step: int, pictures: Tensor) -> dict[str, float]:
        """One step."""
        network = self._network
        drawn = network(pictures)
        residual = (drawn - pictures).square().mean()
        apart = network.critic.features(drawn) - network.critic.features(pictures)
        features = apart.square().mean()
        loss = residual + self._features * features
        _take(self._optimiser, loss, rate=_falling(self._rate, step, self.steps))
        return {"residual": residual.item(), "features": features.item()}

    def end(self) -> None:
        """Nothing is left to do."""

    def state(self) -> dict[str, Any]:
        """The optimiser."""
        return {"optimiser": self._optimiser.state_dict()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self._optimiser.load_state_dict(state["optimiser"])


def _take(optimiser: torch.optim.Optimizer, loss: Tensor, *, rate: float | None = None) -> None:
    if rate is not None:
        for group in optimiser.param_groups:
            group["lr"] = rate
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(_parameters(optimiser), 10.0)
    optimiser.step()


def _parameters(optimiser: torch.optim.Optimizer) -> Iterable[Tensor]:
    return [value for group in optimiser.param_groups for value in group["params"]]


def _falling(rate: float, step: int, steps: int) -> float:
    half = 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
    return rate * (_LEAST_RATE + (1 - _LEAST_RATE) * half)


def _gradient_penalty(network: AnoGan, real: Tensor, forged: Tensor) -> Tensor:
    """How far the critic's slope between real and forged pictures is from one."""
    share = torch.rand(len(real), 1, 1, 1)
    between = (share * real + (1 - share) * forged).requires_grad_()
    (slope,) = torch.autograd.grad(network.critic(between).sum(), between, create_graph=True)
    penalty: Tensor = (slope.flatten(1).norm(dim=1) - 1).square().mean()
    return penalty

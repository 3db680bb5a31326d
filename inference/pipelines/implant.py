"""Heals a study, and tells what is left over of it."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from domain.errors import NotForThisTask, WeightsIncompatible
from domain.implant import SIDE, ImplantDoubt, ImplantFindings, ImplantOptions
from domain.implant_plan import StudyPlan
from domain.implant_scoring import left_over
from domain.implant_study import network_pictures
from domain.provenance import Mode
from inference.bench import Bench, LoadedNetwork
from inference.boundaries import stopping_at_layers
from inference.contracts import Report, Request, Showing
from inference.implant.batches import Batches
from inference.implant.compared import compared_with
from inference.implant.healing import Healing, require_possible
from models.implant.clips import from_clips, starts, to_clips
from models.implant.space_time_unet import SpaceTimeUNet

Frames = NDArray[np.float64]


class _Asked(NamedTuple):
    """A study, and how it is to be healed."""

    real: Frames
    plan: StudyPlan
    options: ImplantOptions
    mode: Mode
    seed: int


@torch.inference_mode()
def run(request: Request, report: Report, bench: Bench) -> ImplantFindings:
    """Heal the study as often as there are seeds; what is left over is the mean.

    Raises:
        NeedPixels: the engine does not hold the study.
        NotForThisTask: the pictures are not those of the plan.
        WrongUse: there is no such level, step or seed.
        WeightsIncompatible: the weights belong to another task, or to other frames.
    """
    asked = _asked(request, bench)
    require_possible(asked.options, mode=asked.mode)
    loaded = bench.network(request.weights_id)
    network = _network(loaded)
    clips = to_clips(torch.from_numpy(asked.real).float()).to(next(network.parameters()).device)
    batches = Batches(network, starts(len(clips), mode=asked.mode))
    healing = Healing(batches, clips, options=asked.options, mode=asked.mode)
    show = report if isinstance(report, Showing) else None
    with stopping_at_layers(report) as stoppable:
        noised, healed = _healed(healing, asked, report=stoppable, show=show)
    compared = getattr(loaded, "healthy", None) if asked.mode is Mode.CORRECTED else None
    findings = _findings(asked, noised, healed)
    return compared_with(findings, healed, real=asked.real, compared=compared)


def _asked(request: Request, bench: Bench) -> _Asked:
    stack, plan = bench.pixels(request.images[0]), request.prompt
    options = request.options if isinstance(request.options, ImplantOptions) else ImplantOptions()
    if not isinstance(plan, StudyPlan) or stack.ndim != 3 or len(plan) != len(stack):
        raise NotForThisTask(
            "This is no study of dental X-rays.",
            why=f"Its pictures are {stack.shape}, and it does not say where they lie.",
            remedy="Open the study again.",
        )
    grey = np.asarray(255 - stack if options.inverted else stack, dtype=np.uint8)
    real = network_pictures(grey, mode=request.mode).astype(np.float64)
    return _Asked(real, plan, options, request.mode, request.seed)


def _network(loaded: LoadedNetwork) -> SpaceTimeUNet:
    network = loaded.module
    if not isinstance(network, SpaceTimeUNet):
        raise WeightsIncompatible(
            "These weights cannot find implants.",
            why=f"They hold a network of the family {loaded.entry.architecture!r}.",
            remedy="Choose weights of the implant task.",
        )
    if network.config.side != SIDE:
        raise WeightsIncompatible(
            "These weights cannot look at a study.",
            why=f"They see {network.config.side} pixels a side, and studies are drawn {SIDE}.",
            remedy="Choose other weights of the implant task.",
        )
    return network


def _healed(
    healing: Healing, asked: _Asked, *, report: Report, show: Showing | None
) -> tuple[Frames, list[Frames]]:
    """The noised study of the first seed, and (F, SIDE, SIDE) the healed one of each."""
    seeds, healed = asked.options.seeds, list[Frames]()
    total = seeds * len(healing.levels)
    noised = None
    for number in range(seeds):
        stage = "healing" if seeds == 1 else f"healing, {number + 1} of {seeds}"
        sample = None
        for step in healing.steps(asked.seed + number):
            sample = _frames(step.x)
            noised = sample if noised is None else noised
            report(number * len(healing.levels) + step.done, total, stage)
            if show is not None:
                show.show(partial(_unfinished, asked, noised, sample))
        assert sample is not None
        healed.append(sample)
    assert noised is not None
    return noised, healed


def _frames(clips: Tensor) -> Frames:
    return np.asarray(from_clips(clips).double().cpu().numpy(), dtype=np.float64)


def _findings(asked: _Asked, noised: Frames, healed: list[Frames]) -> ImplantFindings:
    rest = np.stack([left_over(asked.real, one) for one in healed])
    doubts = (
        (ImplantDoubt.STILL, asked.plan.shows_one_picture),
        (ImplantDoubt.MISSING, bool(asked.plan.missing)),
    )
    return ImplantFindings(
        options=asked.options,
        plan=asked.plan,
        noised=_greys(noised),
        healed=_greys(np.mean([np.clip(one, -1, 1) for one in healed], axis=0)),
        left_over=rest.mean(axis=0).astype(np.float16),
        spread=rest.std(axis=0).astype(np.float16),
        doubts=tuple(doubt for doubt, holds in doubts if holds),
    )


def _unfinished(asked: _Asked, noised: Frames, now: Frames) -> ImplantFindings:
    nothing = np.zeros((0, SIDE, SIDE), np.float16)
    return ImplantFindings(
        asked.options, asked.plan, _greys(noised), _greys(now), left_over=nothing, spread=nothing
    )


def _greys(frames: NDArray[np.floating]) -> NDArray[np.uint8]:
    greys: NDArray[np.uint8] = np.clip(np.rint((frames + 1) * 127.5), 0, 255).astype(np.uint8)
    return greys

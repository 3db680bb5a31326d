"""Local noising: heals once more only what a first healing could not explain.

`python -m training.implant_local --data CASES --kept DIR --out DIR --try level=400 --try level=550`
holds it against healing the whole study, and against its mask alone, as `training.implant_choice`
does. Outside the places that the first healing left over the film itself stands, noised to each
level: what is dreamt anew has a true neighbourhood ("RePaint", 2022, without its jumps back).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from domain.image import Image
from domain.implant import ImplantOptions
from domain.implant_scoring import left_over, smoothed
from domain.implant_study import network_pictures, study_frames
from domain.provenance import Mode
from inference.implant.batches import Batches
from inference.implant.healing import SCHEDULE
from models.diffusion.levels import solver_levels
from models.diffusion.noising import add_noise, noise_like, seeded
from models.diffusion.prediction import Denoiser, Guess, denoiser
from models.diffusion.samplers import dpm_solver
from models.implant.clips import from_clips, starts, to_clips
from training import implant_choice
from training.implant_calibration import SMOOTH
from training.implant_kept import LeftOver, Way
from training.implant_predictor import Healer

CUT, AROUND = 0.08, 9
"""What is healed anew: left over by more than this share of the grey range after smoothing as the
score smooths, in a window of so many pixels."""


@torch.inference_mode()
def by_local_noising(healer: Healer, image: Image) -> LeftOver:
    """(frames, rows, columns) left over where a first healing at the usual level left something."""
    first = _first(healer, image)
    real = network_pictures(study_frames(image).pixels, mode=Mode.CORRECTED).astype(np.float64)
    clips = to_clips(torch.from_numpy(real).float())
    network = Batches(healer.network.module, starts(len(clips), mode=Mode.CORRECTED))
    options = healer.options
    noise = noise_like(clips, seeded(healer.seed))
    ask = denoiser(network, schedule=SCHEDULE, predicts=network.predicts, clip=True)
    levels = solver_levels(options.level, steps=options.steps, schedule=SCHEDULE)
    *_, last = dpm_solver(
        add_noise(clips, noise, level=options.level, schedule=SCHEDULE),
        held(ask, clips, noise, mask=to_clips(unexplained(first))),
        schedule=SCHEDULE,
        levels=levels,
    )
    return left_over(real, from_clips(last.x).double().numpy()).astype(np.float16)


def by_mask_alone(healer: Healer, image: Image) -> LeftOver:
    """What the first healing left over at those places: the same without a second healing."""
    first = _first(healer, image)
    return np.where(unexplained(first).numpy() > 0, first, np.float16(0))


def _first(healer: Healer, image: Image) -> LeftOver:
    return replace(healer, options=ImplantOptions()).heal(image).left_over


def unexplained(left: LeftOver) -> Tensor:
    """Where (frames, rows, columns) left over are to be healed anew."""
    over = np.abs(smoothed(left.astype(np.float64), times=SMOOTH)) > CUT
    wide = F.max_pool2d(torch.from_numpy(over[None]).float(), AROUND, stride=1, padding=AROUND // 2)
    return wide[0]


def held(ask: Denoiser, clean: Tensor, noise: Tensor, *, mask: Tensor) -> Denoiser:
    """A network that sees the clean sample's own noised self, and answers it, outside a mask.

    Args:
        clean: (B, ...).
        noise: of its shape, the one the sample was noised with.
        mask: of its shape; above 0 the network is free.
    """

    def answer(x: Tensor, level: int) -> Guess:
        own = add_noise(clean, noise, level=level, schedule=SCHEDULE)
        guess = ask(torch.where(mask > 0, x, own), level)
        x0 = torch.where(mask > 0, guess.x0, clean)
        return guess._replace(x0=x0, eps=torch.where(mask > 0, guess.eps, noise))

    return answer


def main(argv: Sequence[str] | None = None) -> int:
    """Heal, compare with whole healing, write."""
    return implant_choice.main(
        argv, heals=by_local_noising, first=[Way(), Way(heals=by_mask_alone)]
    )


if __name__ == "__main__":
    raise SystemExit(main())

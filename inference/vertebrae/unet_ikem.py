"""Finds corners with the published UNet-IKEM: each round is fed the previous round's maps."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from domain.annotation import Hint
from domain.provenance import Mode
from domain.vertebrae import VertebraeFindings, VertebraePrompt
from inference.bench import Bench
from inference.contracts import Report, Request
from inference.preprocess import Film, grey_levels
from inference.vertebrae.asked import options_of
from inference.vertebrae.published import Rounds, latest, picture, placed
from models.vertebrae.heatmaps import (
    decode_window,
    deviation_of_sums,
    expectation_of_sums,
    film_points,
)
from models.vertebrae.interaction import FRAME
from models.vertebrae.unet_drag import Ground, Told, UNetDrag
from models.vertebrae.unet_ikem import UNetIkem

_AT_ONCE = 17  # maps in the making: so many stay in the processor's cache
_READY: WeakKeyDictionary[UNetIkem, UNetDrag] = WeakKeyDictionary()


class _Asked(NamedTuple):
    """A film and how it is looked at."""

    grey: Film
    as_published: bool

    @property
    def film(self) -> tuple[int, int]:
        return self.grey.shape[0], self.grey.shape[1]


@torch.inference_mode()
def find_corners(
    request: Request, prompt: VertebraePrompt, report: Report, bench: Bench
) -> VertebraeFindings:
    """The corners after all rounds; rounds answered before are taken from the cache.

    While the last round's hints move, what image, previous round and other hints decide is too.
    """
    loaded = bench.network(request.weights_id)
    net = _ready(loaded.module)
    options = options_of(request)
    pixels = bench.pixels(request.images[0])
    asked = _Asked(
        grey_levels(pixels, inverted=options.inverted), request.mode is Mode.AS_PUBLISHED
    )
    base = ("vertebrae", loaded.entry.sha256, request.images[0], request.mode, options)
    logits: Tensor | None = None
    for told in range(len(prompt.rounds) + 1):
        rounds = prompt.rounds[:told]
        known = bench.cache.get((*base, rounds))
        if known is None:
            report(told, len(prompt.rounds) + 1, "finding corners")
            staying, moving = _split(rounds)
            key = (*base, "ground", rounds[:-1], told, tuple(staying))
            ground: Ground | None = bench.cache.get(key)
            if ground is None:
                ground = _ground(net, logits, staying, asked=asked)
                if moving:
                    bench.cache[key] = ground
            known = net.answer(ground, _told(moving, asked=asked, like=ground.narrow))
            bench.cache[(*base, rounds)] = known
        logits = known
    assert logits is not None
    corners, spread = _read(logits, asked=asked)
    for index, hint in latest(prompt.rounds).items():
        corners[index], spread[index] = (hint.row, hint.column), 0.0
    return VertebraeFindings(corners, spread)


def _ready(module: UNetIkem) -> UNetDrag:
    """The network made ready for drags, once in its life."""
    known = _READY.get(module)
    if known is None:
        known = _READY[module] = UNetDrag(module)
    return known


def _ground(
    net: UNetDrag, before: Tensor | None, staying: dict[int, Hint], *, asked: _Asked
) -> Ground:
    image = picture(asked.grey, like=net.scale, as_published=asked.as_published)
    previous = None if before is None else _maps(before.to(memory_format=torch.channels_last))
    return net.ground(image, previous, _told(staying, asked=asked, like=image))


def _split(rounds: Rounds) -> tuple[dict[int, Hint], dict[int, Hint]]:
    """The hints that hold in the last round: those of rounds before, and its own, which move."""
    moving = latest(rounds[-1:])
    staying = {index: hint for index, hint in latest(rounds).items() if index not in moving}
    return staying, moving


def _told(hints: dict[int, Hint], *, asked: _Asked, like: Tensor) -> Told:
    centres, index = placed(hints, film=asked.film, as_published=asked.as_published)
    return Told(centres.to(like.device), index.to(like.device))


def _maps(logits: Tensor) -> Tensor:
    """Heat-maps as large as the frame."""
    return F.interpolate(logits, size=FRAME, mode="bilinear", align_corners=True).sigmoid_()


def _read(logits: Tensor, *, asked: _Asked) -> tuple[np.ndarray, np.ndarray]:
    """Corners (68, 2) and their spread (68,), in film pixels.

    No map is kept: corners and spread come from its sums by row and by column, or its peak.
    """
    by_row, by_column, peaks = [], [], []
    for some in torch.split(logits.float().contiguous(), _AT_ONCE, dim=1):
        maps = _maps(some)
        by_row.append(maps.sum(-1))
        by_column.append(maps.sum(-2))
        if not asked.as_published:
            peaks.append(decode_window(maps))
    sums = torch.cat(by_row, dim=1)[0], torch.cat(by_column, dim=1)[0]
    centres = expectation_of_sums(*sums) if asked.as_published else torch.cat(peaks, dim=1)[0]
    points = film_points(centres, film=asked.film, frame=FRAME, as_published=asked.as_published)
    return points.double().cpu().numpy(), deviation_of_sums(*sums, frame=asked.film).cpu().numpy()

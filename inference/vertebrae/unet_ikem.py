"""Finds corners with the published UNet-IKEM: each round is fed the previous round's maps."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

from domain.annotation import Hint
from domain.provenance import Mode
from domain.vertebrae import CORNER_COUNT, VertebraeFindings, VertebraePrompt
from inference.bench import Bench
from inference.contracts import Report, Request
from inference.preprocess import Film, grey_levels
from inference.vertebrae.asked import options_of
from models.vertebrae.heatmaps import (
    decode_expectation,
    decode_window,
    film_points,
    hint_maps,
    network_centres,
)
from models.vertebrae.unet_ikem import UNetIkem

FRAME = (512, 256)
Rounds = tuple[tuple[Hint, ...], ...]


@torch.inference_mode()
def find_corners(
    request: Request, prompt: VertebraePrompt, report: Report, bench: Bench
) -> VertebraeFindings:
    """The corners after all rounds; rounds answered before are taken from the cache."""
    loaded = bench.network(request.weights_id)
    net: UNetIkem = loaded.module
    pixels = bench.pixels(request.images[0])
    film = (int(pixels.shape[0]), int(pixels.shape[1]))
    as_published = request.mode is Mode.AS_PUBLISHED
    options = options_of(request)
    grey = grey_levels(pixels, inverted=options.inverted)
    image = _picture(grey, like=next(net.parameters()))
    maps = torch.zeros(1, CORNER_COUNT, *FRAME, device=image.device)
    base = ("vertebrae", loaded.entry.sha256, request.images[0], request.mode, options)
    for told in range(len(prompt.rounds) + 1):
        rounds = prompt.rounds[:told]
        known = bench.cache.get((*base, rounds))
        if known is None:
            report(told, len(prompt.rounds) + 1, "finding corners")
            hints = _hint_maps(rounds, film=film, as_published=as_published, like=image)
            known = net(hints, maps, image).sigmoid()
            bench.cache[(*base, rounds)] = known
        maps = known
    decode = decode_expectation if as_published else decode_window
    points = film_points(decode(maps)[0], film=film, frame=FRAME, as_published=as_published)
    corners = points.double().cpu().numpy()
    spread = _spread(maps, film=film)
    for index, hint in _latest(prompt.rounds).items():
        corners[index], spread[index] = (hint.row, hint.column), 0.0
    return VertebraeFindings(corners, spread)


def _picture(grey: Film, *, like: Tensor) -> Tensor:
    """(1, 3, 512, 256) in [-1, 1]: bilinear on uint8 without anti-aliasing, as published."""
    small = cv2.resize(grey, FRAME[::-1], interpolation=cv2.INTER_LINEAR)
    image = torch.from_numpy(np.asarray(small)).to(like.device, like.dtype) / 127.5 - 1
    return image.expand(1, 3, *FRAME)


def _latest(rounds: Rounds) -> dict[int, Hint]:
    return {hint.index: hint for hints in rounds for hint in hints}


def _hint_maps(
    rounds: Rounds, *, film: tuple[int, int], as_published: bool, like: Tensor
) -> Tensor:
    hints = _latest(rounds)
    placed = torch.tensor([[h.row, h.column] for h in hints.values()]).reshape(-1, 2)
    centres = network_centres(placed, film=film, frame=FRAME, as_published=as_published)
    index = torch.tensor(list(hints), dtype=torch.long)
    return hint_maps(centres, index=index, frame=FRAME).to(like.device)


def _spread(maps: Tensor, *, film: tuple[int, int]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """(68,) standard deviation in film pixels of each map taken as a density."""
    density = maps[0].double() / maps[0].double().sum((1, 2), keepdim=True)
    variance = torch.zeros(CORNER_COUNT, dtype=torch.double, device=maps.device)
    for axis, (length, full) in enumerate(zip(FRAME, film, strict=True)):
        place = torch.arange(length, device=maps.device, dtype=torch.double) * (full / length)
        profile = density.sum(2 - axis)
        mean = profile @ place
        variance += profile @ place**2 - mean**2
    result: np.ndarray[tuple[int], np.dtype[np.float64]] = (
        variance.clamp_min(0).sqrt().cpu().numpy()
    )
    return result

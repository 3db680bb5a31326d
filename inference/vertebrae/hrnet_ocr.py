"""Finds corners with HRNet-W32 + OCR-IKEM or its parent, each round fed the one before."""

from __future__ import annotations

import torch
from torch import Tensor

from domain.provenance import Mode
from domain.vertebrae import CORNER_COUNT, VertebraeFindings, VertebraePrompt
from inference.bench import Bench
from inference.contracts import Report, Request
from inference.preprocess import grey_levels
from inference.vertebrae.asked import options_of
from inference.vertebrae.published import Rounds, latest, picture, placed
from models.vertebrae.heatmaps import (
    decode_expectation,
    decode_window,
    deviation_of_sums,
    film_points,
    hint_maps,
)
from models.vertebrae.hrnet_ocr import HrnetOcr
from models.vertebrae.interaction import FRAME


@torch.inference_mode()
def find_corners(
    request: Request, prompt: VertebraePrompt, report: Report, bench: Bench
) -> VertebraeFindings:
    """The corners after all rounds; rounds answered before are taken from the cache."""
    loaded = bench.network(request.weights_id)
    net: HrnetOcr = loaded.module
    pixels = bench.pixels(request.images[0])
    film = (int(pixels.shape[0]), int(pixels.shape[1]))
    as_published = request.mode is Mode.AS_PUBLISHED
    options = options_of(request)
    grey = grey_levels(pixels, inverted=options.inverted)
    image = picture(grey, like=next(net.parameters()), as_published=as_published)
    maps = torch.zeros(1, CORNER_COUNT, *FRAME, device=image.device)
    base = ("vertebrae", loaded.entry.sha256, request.images[0], request.mode, options)
    for told in range(len(prompt.rounds) + 1):
        rounds = prompt.rounds[:told]
        known = bench.cache.get((*base, rounds))
        if known is None:
            report(told, len(prompt.rounds) + 1, "finding corners")
            hints = _hint_maps(rounds, film=film, as_published=as_published, like=image)
            previous = maps * (hints.amax((2, 3), keepdim=True) > 0) if net.config.parent else maps
            known = net(hints, previous, image).sigmoid()
            bench.cache[(*base, rounds)] = known
        maps = known
    whole = as_published and not net.config.parent
    decode = decode_expectation if whole else decode_window
    points = film_points(decode(maps)[0], film=film, frame=FRAME, as_published=as_published)
    corners = points.double().cpu().numpy()
    spread = deviation_of_sums(maps[0].sum(-1), maps[0].sum(-2), frame=film).cpu().numpy()
    for index, hint in latest(prompt.rounds).items():
        corners[index], spread[index] = (hint.row, hint.column), 0.0
    return VertebraeFindings(corners, spread)


def _hint_maps(
    rounds: Rounds, *, film: tuple[int, int], as_published: bool, like: Tensor
) -> Tensor:
    centres, index = placed(latest(rounds), film=film, as_published=as_published)
    return hint_maps(centres, index=index, frame=FRAME).to(like.device)

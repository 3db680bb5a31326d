"""Finds corners with our own network: the film is encoded once, a drag costs a decode."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from domain.annotation import Hint
from domain.doubts import Doubt
from domain.errors import WeightsCorrupt
from domain.vertebrae import VertebraeFindings, VertebraePrompt
from inference.bench import Bench, Drawer, LoadedNetwork
from inference.contracts import PixelArray, Report, Request
from inference.device import on_one_core
from inference.preprocess import Film, Pyramid, build_pyramid, grey_levels, look
from inference.vertebrae.asked import options_of
from inference.vertebrae.closer_look import Found, Kept, fit_extras, look_closer
from models.vertebrae.column import TOKENS, ColumnNet, Features
from models.vertebrae.evenness import unevenness
from models.vertebrae.familiar import Picture, picture_of
from models.vertebrae.framing import Frame, frame_of_column, frame_of_film
from models.vertebrae.hints import CORNERS, VERTEBRAE, Hints, no_hints
from models.vertebrae.kriging import leant, residuals
from models.vertebrae.spacing import keep_apart

FloatArray = NDArray[np.float64]
_GREY_CENTRE, _GREY_SCALE = 127.0, 128.0
_STAGES = 5
# Unevenness of a column above which a scout is asked wherever the picture lies, and by how much
# more uneven its advice may leave the column: chosen on half of the validation people.
_DOUBTFUL = 20.0
_WORSE = 20.0


class Glance(NamedTuple):
    """A film seen through one frame: the frame and what the network made of it."""

    frame: Frame
    features: Features


class Seen(NamedTuple):
    """A film as the network knows it: as a whole, close to the column found there, and itself.

    What speaks against it is known from the picture alone.
    """

    whole: Glance
    column: Glance
    pyramid: Pyramid
    doubts: tuple[Doubt, ...] = ()


def find_corners(
    request: Request, prompt: VertebraePrompt, report: Report, bench: Bench
) -> VertebraeFindings:
    """The corners for a set of hints; the answer depends on the set alone, not on its order."""
    loaded = bench.network(request.weights_id)
    net: ColumnNet = loaded.module
    options = options_of(request)
    key = ("vertebrae", loaded.entry.sha256, request.images[0], options)
    seen: Seen | None = bench.cache.get(key)
    if seen is None:
        film = grey_levels(bench.pixels(request.images[0]), inverted=options.inverted)
        seen = _see(net, film, report, scout=_scout(loaded, bench))
        bench.cache[key] = seen
    latest = {hint.index: hint for hints in prompt.rounds for hint in hints}
    hints = tuple(latest[index] for index in sorted(latest))
    found: VertebraeFindings | None = bench.cache.get((*key, hints))
    if found is None:  # what a hand leads up to is often asked already when it lets go
        report(_STAGES - 1, _STAGES, "placing corners")
        if hints:
            alone, kept = _alone(net, seen, bench, key=key), Drawer(bench.cache, key)
            with on_one_core():
                found = answer(net, seen, hints, kept=kept, first=alone)
        else:  # most films are never dragged: nothing is kept
            found = answer(net, seen, hints)
        bench.cache[(*key, hints)] = _locked(found)
    if not prompt.extras or net.refiner is None:
        return found
    extras = fit_extras(net.refiner, seen.pyramid, found.corners, prompt.extras)
    return replace(
        found,
        extras=extras.corners.reshape(-1, CORNERS, 2),
        extra_spread=extras.spread.reshape(-1, CORNERS),
    )


def answer(
    net: ColumnNet,
    seen: Seen,
    hints: tuple[Hint, ...],
    *,
    kept: Kept | None = None,
    first: FloatArray | None = None,
) -> VertebraeFindings:
    """Decode what was seen for these hints; hinted corners are where the hand left them.

    Args:
        kept: what close-ups of this film and network gave before, to be looked up and added to.
        first: (68, 2) the answer without hints, by which they tell how labels lie off elsewhere.
    """
    placed = np.array([[hint.row, hint.column] for hint in hints]).reshape(-1, 2)
    # A hand that points outside the found column says that the column was found in the wrong place.
    glance = seen.column if _inside(seen.column.frame, placed) else seen.whole
    index = [hint.index for hint in hints]
    told = residuals(first, placed, index) if hints and first is not None else None
    # The levels are told against the close-ups' answer, which was found in the column's frame.
    shift = told.shift if told is not None and glance is seen.column else None
    found = _decode(net, glance, hints, placed, shift=shift)
    if net.refiner is not None:
        usual = _first(glance)
        found = look_closer(net.refiner, seen.pyramid, found, hints=hints, usual=usual, kept=kept)
    corners, spread = found
    if told is not None:
        corners = leant(corners, index=index, off=told.off)
    corners[index], spread[index] = placed, 0.0
    held = np.isin(np.arange(VERTEBRAE), [number // CORNERS for number in index])
    corners = keep_apart(corners, held=held)
    corners[index] = placed
    return VertebraeFindings(corners, spread, doubts=seen.doubts)


def _alone(net: ColumnNet, seen: Seen, bench: Bench, *, key: tuple[object, ...]) -> FloatArray:
    """(68, 2) the answer without hints, which a window has asked for before a hand helps."""
    found: VertebraeFindings | None = bench.cache.get((*key, ()))
    if found is None:
        found = bench.cache[(*key, ())] = _locked(answer(net, seen, ()))
    return found.corners


def _locked(found: VertebraeFindings) -> VertebraeFindings:
    found.corners.flags.writeable = found.spread.flags.writeable = False
    return found


def see(net: ColumnNet, pixels: PixelArray, *, scout: ColumnNet | None = None) -> Seen:
    """Look at a film: as a whole first, then close to the column found there."""
    return _see(net, grey_levels(pixels), lambda done, total, stage: None, scout=scout)


def _see(net: ColumnNet, film: Film, report: Report, *, scout: ColumnNet | None = None) -> Seen:
    report(0, _STAGES, "preparing the film")
    pyramid = build_pyramid(film)
    report(1, _STAGES, "looking at the whole film")
    whole = _whole(net, pyramid, shape=film.shape)
    report(2, _STAGES, "looking at the column")
    column = _closer(net, pyramid, whole)
    picture = known(net, whole)
    if scout is not None and _asks(net, picture, column):
        report(3, _STAGES, "asking a second network")
        own = _closer(scout, pyramid, _whole(scout, pyramid, shape=film.shape))
        column = _heeding(net, column, advice=_first(own))
    doubts = net.familiar.doubts(picture) if net.familiar is not None else ()
    return Seen(whole, column, pyramid, doubts)


def _closer(net: ColumnNet, pyramid: Pyramid, glance: Glance) -> Glance:
    """The column that is found in a glance, seen from close by."""
    found, _ = _decode(net, glance, (), np.zeros((0, 2)))
    frame = frame_of_column(found, rows=net.config.rows, columns=net.config.columns)
    return _glance(net, pyramid, frame)


def _asks(net: ColumnNet, picture: Picture, column: Glance) -> bool:
    """Whether a scout is asked: where it is at home, or the column found alone is doubtful."""
    if net.territory is None:
        return False
    return net.territory.holds(picture) or unevenness(_first(column)) > _DOUBTFUL


@torch.inference_mode()
def _heeding(net: ColumnNet, column: Glance, *, advice: FloatArray) -> Glance:
    """The column told of (68, 2) advice in film pixels, unless that leaves it more uneven."""
    points = torch.from_numpy(column.frame.to_network(advice)).float()
    features = net.advised(column.features, points[None].to(_device(net)))
    told = column._replace(features=features)
    return told if unevenness(_first(told)) <= unevenness(_first(column)) + _WORSE else column


def _first(glance: Glance) -> FloatArray:
    """(68, 2) film pixels of the column that the network finds there without a hand."""
    return glance.frame.to_film(glance.features.first[0].double().cpu().numpy())


def _scout(loaded: LoadedNetwork, bench: Bench) -> ColumnNet | None:
    """The network that looks before this one, as it was measured with."""
    ally = loaded.entry.scout
    if ally is None:
        return None
    scout = bench.network(ally.id)
    if scout.entry.sha256 != ally.sha256:
        raise WeightsCorrupt(
            f"The weights {ally.id} are others than this network was measured with.",
            why=f"Their sha256 begins with {scout.entry.sha256[:12]}, not {ally.sha256[:12]}.",
            remedy="Install Caliper again, or choose another network.",
        )
    module: ColumnNet = scout.module
    return module


def known(net: ColumnNet, whole: Glance) -> Picture:
    """What tells whether a picture is like others."""
    span = TOKENS * net.config.stride
    return picture_of(whole.features.tokens, columns=net.config.columns // span)


def see_whole(net: ColumnNet, pixels: PixelArray) -> Glance:
    """The first look at a film alone."""
    film = grey_levels(pixels)
    return _whole(net, build_pyramid(film), shape=film.shape)


def _whole(net: ColumnNet, pyramid: Pyramid, *, shape: tuple[int, ...]) -> Glance:
    rows, columns = shape
    frame = frame_of_film(rows, columns, rows=net.config.rows, columns=net.config.columns)
    return _glance(net, pyramid, frame)


@torch.inference_mode()
def _glance(net: ColumnNet, pyramid: Pyramid, frame: Frame) -> Glance:
    picture = torch.from_numpy(look(pyramid, frame)).to(_device(net))
    image = ((picture.float() - _GREY_CENTRE) / _GREY_SCALE)[None, None]
    return Glance(frame, net.encode(image.contiguous(memory_format=torch.channels_last)))


@torch.inference_mode()
def _decode(
    net: ColumnNet,
    glance: Glance,
    hints: tuple[Hint, ...],
    placed: FloatArray,
    *,
    shift: NDArray[np.int64] | None = None,
) -> Found:
    told = no_hints(1, device=_device(net))
    if hints:
        points = torch.from_numpy(glance.frame.to_network(placed)).float()
        index = torch.tensor([hint.index for hint in hints])
        told = Hints(*(part[None].to(_device(net)) for part in (points, index, index >= 0)))
    levels = None if shift is None else torch.from_numpy(shift)[None].to(_device(net))
    points, spread = net.coordinates(net.decode(glance.features, told, shift=levels))
    corners = glance.frame.to_film(points[0].double().cpu().numpy())
    # One number for both axes: the frame may squeeze rows and columns differently.
    scale = np.sqrt(glance.frame.row_scale * glance.frame.column_scale)
    return Found(corners, spread[0].double().cpu().numpy() / scale)


def _inside(frame: Frame, placed: FloatArray) -> bool:
    points = frame.to_network(placed)
    return bool(((points >= -0.5) & (points <= [frame.rows - 0.5, frame.columns - 0.5])).all())


def _device(net: ColumnNet) -> torch.device:
    return next(net.parameters()).device

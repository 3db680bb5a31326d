"""Corners as Gaussian maps and back: targets, hints, and two ways to read a corner off a map."""

from __future__ import annotations

import torch
from torch import Tensor

SIGMA = 7.5  # network pixels
_WINDOW = 15
_SHARPNESS = 10.0


def network_centres(
    points: Tensor,
    *,
    film: tuple[int, int],
    frame: tuple[int, int] = (512, 256),
    as_published: bool = False,
) -> Tensor:
    """Centres in network pixels, fractional, of corners in film pixels.

    Args:
        points: (..., 2) rows and columns, pixel centres at integers.
        film: rows and columns of the film.
        frame: rows and columns of the network's frame.
        as_published: truncate to whole FILM pixels and map x * s, as the original does.
    """
    scale = _ratio(frame, film, like=points)
    if as_published:
        return points.trunc() * scale
    return (points + 0.5) * scale - 0.5


def film_points(
    centres: Tensor,
    *,
    film: tuple[int, int],
    frame: tuple[int, int] = (512, 256),
    as_published: bool = False,
) -> Tensor:
    """Film pixels of points in network pixels: the way back from `network_centres`."""
    scale = _ratio(film, frame, like=centres)
    if as_published:
        return centres * scale
    return (centres + 0.5) * scale - 0.5


def _ratio(above: tuple[int, int], below: tuple[int, int], *, like: Tensor) -> Tensor:
    top = torch.tensor(above, dtype=like.dtype, device=like.device)
    return top / torch.tensor(below, dtype=like.dtype, device=like.device)


def target_maps(
    centres: Tensor, *, frame: tuple[int, int] = (512, 256), sigma: float = SIGMA
) -> Tensor:
    """Gaussians of peak 1 (..., rows, columns) around centres (..., 2) in network pixels.

    A Gaussian is the product of one over the rows and one over the columns, which is how it is
    made: 70 times fewer exponentials than pixel by pixel.
    """
    by_row = profile(centres[..., 0], frame[0], sigma=sigma)
    by_column = profile(centres[..., 1], frame[1], sigma=sigma)
    return by_row.unsqueeze(-1) * by_column.unsqueeze(-2)


def profile(centre: Tensor, length: int, *, sigma: float = SIGMA) -> Tensor:
    """A Gaussian's share along one axis, (..., length), for centres (...)."""
    place = torch.arange(length, dtype=centre.dtype, device=centre.device)
    return torch.exp(-0.5 * ((place - centre.unsqueeze(-1)) / sigma) ** 2)


def hint_maps(
    centres: Tensor,
    *,
    index: Tensor,
    keypoints: int = 68,
    frame: tuple[int, int] = (512, 256),
    sigma: float = SIGMA,
) -> Tensor:
    """Maps (1, keypoints, rows, columns): a Gaussian for each hint, zero for all other corners.

    Args:
        centres: (H, 2) in network pixels.
        index: (H,) which corner each hint places; no corner twice.
        keypoints: how many corners there are.
        frame: rows and columns of the network's frame.
        sigma: width of a Gaussian in network pixels.

    Raises:
        ValueError: an index is out of range or comes twice, or the lengths differ.
    """
    chosen = index.tolist()
    if len(chosen) != centres.shape[0] or len(set(chosen)) != len(chosen):
        msg = f"each hint needs a corner of its own, got {chosen} for {centres.shape[0]} centres"
        raise ValueError(msg)
    if any(not 0 <= corner < keypoints for corner in chosen):
        msg = f"corners run from 0 to {keypoints - 1}, got {chosen}"
        raise ValueError(msg)
    maps = torch.zeros(1, keypoints, *frame, dtype=centres.dtype, device=centres.device)
    maps[0, index] = target_maps(centres, frame=frame, sigma=sigma)
    return maps


def decode_expectation(maps: Tensor) -> Tensor:
    """Expected position (..., 2) over whole maps (..., rows, columns) that hold no negative value.

    Pulled towards the centre of the frame where a map is weak; exact for a clean Gaussian away from
    the borders. The published way. A map of zeros reads as the centre of the frame.
    """
    return expectation_of_sums(maps.float().sum(-1), maps.float().sum(-2))


def expectation_of_sums(by_row: Tensor, by_column: Tensor) -> Tensor:
    """The same (..., 2) from what the maps sum up to in each row and in each column."""
    return torch.stack([_mean_place(by_row), _mean_place(by_column)], dim=-1)


def deviation_of_sums(by_row: Tensor, by_column: Tensor, *, frame: tuple[float, float]) -> Tensor:
    """One standard deviation (...) of maps taken as densities, from their sums (..., length).

    Args:
        frame: what the maps are as large as, in the unit of the answer.
    """
    variance = torch.zeros(by_row.shape[:-1], dtype=torch.double, device=by_row.device)
    for sums, full in ((by_row, frame[0]), (by_column, frame[1])):
        length = sums.shape[-1]
        density = sums.double() / sums.double().sum(-1, keepdim=True)
        place = torch.arange(length, device=sums.device, dtype=torch.double) * (full / length)
        variance += density @ place**2 - (density @ place) ** 2
    return variance.clamp_min(0).sqrt()


def _mean_place(weights: Tensor) -> Tensor:
    place = torch.arange(weights.shape[-1], dtype=weights.dtype, device=weights.device)
    total = weights.sum(-1)
    mean = (weights * place).sum(-1) / total.clamp_min(torch.finfo(weights.dtype).tiny)
    return torch.where(total > 0, mean, place.mean())


def decode_window(maps: Tensor, *, window: int = _WINDOW, sharpness: float = _SHARPNESS) -> Tensor:
    """Expected position (..., 2) in a window around each map's maximum.

    The window's pixels are weighed by softmax(sharpness * value); what hangs over the border counts
    for nothing. The way of the parent system (MICCAI 2022).

    Args:
        maps: (..., rows, columns), values 0..1.
        window: side of the window, odd.
        sharpness: the larger, the closer to the maximum itself.
    """
    if window < 1 or window % 2 == 0:
        msg = f"a window has an odd side, not {window}"
        raise ValueError(msg)
    rows, columns = maps.shape[-2:]
    flat = maps.float().reshape(-1, rows * columns)
    best = _first_peak(flat.view(-1, rows, columns))
    reach = torch.arange(window, device=maps.device) - window // 2
    row = (best // columns).unsqueeze(1) + reach  # N, window
    column = (best % columns).unsqueeze(1) + reach
    inside = _within(row, rows).unsqueeze(2) & _within(column, columns).unsqueeze(1)
    spot = row.clamp(0, rows - 1).unsqueeze(2) * columns + column.clamp(0, columns - 1).unsqueeze(1)
    patch = flat.gather(1, spot.flatten(1)).view(spot.shape) * sharpness
    weight = patch.masked_fill(~inside, -torch.inf).flatten(1).softmax(1).view(spot.shape)
    found_row = (weight.sum(2) * row).sum(1)
    found_column = (weight.sum(1) * column).sum(1)
    return torch.stack([found_row, found_column], dim=-1).reshape(*maps.shape[:-2], 2)


def _first_peak(maps: Tensor) -> Tensor:
    """(N,) where each of (N, rows, columns) is largest: an argmax in an eighth of its time."""
    row = maps.amax(-1).argmax(-1, keepdim=True)
    within = maps.gather(1, row.unsqueeze(-1).expand(-1, -1, maps.shape[-1])).argmax(-1)
    return (row * maps.shape[-1] + within).squeeze(-1)


def _within(place: Tensor, length: int) -> Tensor:
    return (place >= 0) & (place < length)

"""Fits what tells pictures unlike the training films apart, and how many vertebrae they show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from domain.image import image_identity
from inference.vertebrae.column_net import answer, known, see, see_whole
from models.vertebrae.column import ColumnNet
from models.vertebrae.familiar import FEWEST, PROBES, Familiar, Nearest, Picture, terms
from models.vertebrae.hints import VERTEBRAE
from training.data.aasce import HALVES, Film, half_of, read_aasce, read_film, read_people
from training.data.boxed import read_boxed
from training.data.changed import CHANGES, cropped_to
from training.data.odd import SECOND_SITE, Odd, Truth
from training.phantoms.vertebrae import draw_phantom

FloatArray = NDArray[np.float64]

PEOPLE = 150  # of the training films, one film each
PHANTOMS = 7
CUT = "cut across"
_SHRINK = 0.05
_RIDGE = 30.0
_SEED = 1


@dataclass(frozen=True, eq=False)
class Looked:
    """A picture as the network sees it.

    Args:
        name, kind, half, truth: as of the picture.
        shape: its rows and columns.
        true: (68, 2) its corners in pixels, where they are known.
        features: (2, width) of the whole picture.
        found: (68, 2) the corners found, where the true ones are known and somebody asked.
    """

    name: str
    kind: str
    half: str
    truth: Truth
    shape: tuple[int, ...]
    true: FloatArray | None
    features: FloatArray
    found: FloatArray | None

    @property
    def picture(self) -> Picture:
        """The features as the detector takes them."""
        return Picture(*_tensor(self.features))

    @property
    def shown(self) -> tuple[int, int]:
        """The first vertebra whose centre is in the picture, and how many are.

        A film whose corners nobody knows is taken to show all.
        """
        if self.true is None:
            return 0, VERTEBRAE
        centres = self.true.reshape(-1, 4, 2).mean(axis=1)
        inside = ((centres >= 0) & (centres < self.shape)).all(axis=1)
        return int(inside.argmax()), int(inside.sum())

    @property
    def levels_off(self) -> float | None:
        """How far off the column stands, in levels: the median over its vertebrae, if known."""
        if self.true is None or self.found is None:
            return None
        true, found = (part.reshape(-1, 4, 2).mean(axis=1) for part in (self.true, self.found))
        step = np.median(np.linalg.norm(np.diff(true, axis=0), axis=1))
        return float(np.median(np.linalg.norm(found - true, axis=1)) / step)


class Looker:
    """Shows pictures to a network; what it saw once is kept.

    Args:
        weights_sha256: of the network.
        cache: a folder for what was seen; none to see all again.
    """

    def __init__(self, net: ColumnNet, *, weights_sha256: str, cache: Path | None = None) -> None:
        self._net, self._weights, self._cache = net, weights_sha256, cache
        if cache is not None:
            cache.mkdir(parents=True, exist_ok=True)

    def look(self, odd: Odd, *, find: bool = True) -> Looked:
        """What the network makes of a picture.

        Args:
            find: its corners too, where the true ones are known.
        """
        features = self._once(odd.film, "features", self._features)
        found = None
        if find and odd.corners is not None:
            found = self._once(odd.film, "corners", self._corners)
        said = (odd.name, odd.kind, odd.half, odd.truth, odd.film.shape, odd.corners)
        return Looked(*said, features, found)

    def _once(self, film: Film, what: str, make: Callable[[Film], FloatArray]) -> FloatArray:
        if self._cache is None:
            return make(film)
        kept = self._cache / f"{self._weights[:12]}-{image_identity(film)[:24]}.{what}.npy"
        if not kept.is_file():
            np.save(kept, make(film))
        return np.asarray(np.load(kept))

    def _features(self, film: Film) -> FloatArray:
        picture = known(self._net, see_whole(self._net, film))
        return torch.stack(picture).double().cpu().numpy()

    def _corners(self, film: Film) -> FloatArray:
        return answer(self._net, see(self._net, film), ()).corners


def learnt_from(data: Path) -> Iterator[Odd]:
    """What the detector learns from: films of the training people, whole, cut across at random and
    changed, the half of the second site that the network learnt from, and phantoms."""
    films, people = read_aasce(data / "spine", part="training"), read_people()
    one_each = list({people[film.name]: film for film in reversed(films)}.values())
    np.random.default_rng(_SEED).shuffle(one_each)
    for number, labelled in enumerate(one_each[:PEOPLE]):
        film = read_film(labelled.path)
        corners = labelled.corners_px(film.shape)
        yield Odd(labelled.name, "whole film", "", film, corners)
        yield Odd(labelled.name, CUT, "", *cut_at_random(film, corners, _chance(number)))
        for kind in PROBES:
            yield Odd(labelled.name, kind, "", *CHANGES[kind](film, corners, _chance(number)))
    for boxed in read_boxed(data / "spine_open"):
        if half_of(boxed.person) == HALVES[0]:
            film = read_film(boxed.path)
            yield Odd(boxed.name, SECOND_SITE, "", film)
            yield Odd(boxed.name, "mirrored", "", np.ascontiguousarray(film[:, ::-1]))
    for seed in range(PHANTOMS):
        phantom = draw_phantom(seed)
        yield Odd(f"phantom {seed}", "phantom", "", phantom.film, phantom.corners)


def cut_at_random(
    film: Film, corners: FloatArray, rng: np.random.Generator
) -> tuple[Film, FloatArray]:
    """A film that shows some of its vertebrae, as many as it may be."""
    count = int(rng.integers(FEWEST + 1, VERTEBRAE))
    first = int(rng.integers(0, VERTEBRAE - count + 1))
    return cropped_to(film, corners, first=first, last=first + count - 1)


def _chance(number: int) -> np.random.Generator:
    return np.random.default_rng(number)


def fit(learnt: Sequence[Looked], chosen_on: Sequence[Looked]) -> Familiar:
    """What pictures that a network learnt from have in common, and from where on to tell.

    Args:
        learnt: with the vertebrae that they show.
        chosen_on: pictures of the list that the limits are chosen on.
    """
    films = [looked for looked in learnt if looked.kind not in PROBES]
    features = np.array([looked.features[0] for looked in films])
    depends = terms(*torch.tensor([looked.shown for looked in films]).T).double().numpy()
    course = np.linalg.lstsq(depends, features, rcond=None)[0]
    off = features - depends @ course
    deviation = off.std(axis=0)
    alike = (1 - _SHRINK) * np.cov((off / deviation).T) + _SHRINK * np.eye(off.shape[1])
    whiten = np.linalg.cholesky(np.linalg.inv(alike)) / deviation[:, None]
    tensors = {
        "whiten": _tensor(whiten),
        "course": _tensor(course),
        "probes": _tensor(np.stack([_probe(kind, films, learnt) for kind in PROBES])),
        "offsets": torch.zeros(len(PROBES)),
        "limits": torch.tensor([np.inf, 0.0]),
    }
    return with_limits(tensors, chosen_on)


def _probe(kind: str, films: Sequence[Looked], learnt: Sequence[Looked]) -> FloatArray:
    """The direction (width,) in which films lie that were changed so, by ridge regression."""
    some = [film for film in films if kind != "mirrored" or film.kind != CUT]
    changed = [looked for looked in learnt if looked.kind == kind]
    side = 1 if kind == "mirrored" else 0
    features = np.array([looked.features[side] for looked in (*some, *changed)])
    wanted = np.repeat([-1.0, 1.0], [len(some), len(changed)])
    deviation = features.std(axis=0)
    known = (features - features.mean(axis=0)) / deviation
    squares = known.T @ known + _RIDGE * np.eye(known.shape[1])
    weight: FloatArray = np.linalg.solve(squares, known.T @ (wanted - wanted.mean())) / deviation
    return weight


def with_limits(tensors: dict[str, Tensor], chosen_on: Sequence[Looked]) -> Familiar:
    """A Familiar whose limits make the fewest mistakes on these pictures."""
    familiar = Familiar(tensors)
    whole = [one for one in chosen_on if one.truth is Truth.NOTHING]
    few = [one for one in chosen_on if one.truth is Truth.FEW]
    unlike = [one for one in chosen_on if one.truth is Truth.UNLIKE]
    near, far = (
        [nearest(familiar, one).distance for one in some] for some in ((*whole, *few), unlike)
    )
    enough = best_limit(
        *([nearest(familiar, one).vertebrae for one in some] for some in (few, whole))
    )
    offsets = []
    for kind in PROBES:
        others = whole if kind == "mirrored" else (*whole, *few)
        changed = [one for one in chosen_on if one.kind == kind]
        found = ([familiar.probed(one.picture)[kind] for one in some] for some in (others, changed))
        offsets.append(-best_limit(*found))
    limits = torch.tensor([best_limit(near, far), enough])
    return Familiar(tensors | {"offsets": torch.tensor(offsets), "limits": limits})


def nearest(familiar: Familiar, looked: Looked) -> Nearest:
    """What the detector makes of a picture."""
    return familiar.nearest(looked.picture)


def best_limit(low: Sequence[float], high: Sequence[float]) -> float:
    """Between two groups, each counting for half, where the fewest stand on the wrong side.

    Where several do, the middle of the widest gap.
    """
    places = np.unique(np.concatenate([low, high]))
    between = (places[1:] + places[:-1]) / 2
    wrong = [np.mean(np.array(low) > at) + np.mean(np.array(high) <= at) for at in between]
    least = np.flatnonzero(np.isclose(wrong, min(wrong)))
    return float(between[least[np.argmax(np.diff(places)[least])]])


def auroc(low: Sequence[float], high: Sequence[float]) -> float:
    """The chance that one of the high group lies above one of the low group."""
    apart = np.sign(np.subtract.outer(np.asarray(high, float), np.asarray(low, float)))
    return float((apart.mean() + 1) / 2)


def _tensor(values: FloatArray) -> Tensor:
    return torch.from_numpy(np.asarray(values)).float()

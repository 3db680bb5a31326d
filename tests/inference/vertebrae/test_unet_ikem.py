"""The pipeline of UNet-IKEM finds what the network, asked round by round in full, finds."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest
import torch

from domain.annotation import Hint
from domain.provenance import Mode
from domain.vertebrae import VertebraePrompt
from inference.bench import Bench, Shelf
from inference.contracts import Request
from inference.pipelines import vertebrae
from models.vertebrae.heatmaps import (
    decode_expectation,
    decode_window,
    film_points,
    hint_maps,
    network_centres,
)
from models.vertebrae.interaction import FRAME
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig
from tests.golden.fill import filled

FILM = np.random.default_rng(5).integers(0, 255, (700, 300), dtype=np.uint8)
ROUNDS = (
    (Hint(3, 200.0, 150.0),),
    (Hint(20, 400.4, 120.6), Hint(21, 405.0, 140.0)),
    (Hint(3, 210.0, 155.0),),
)


@dataclass(frozen=True)
class Entry:
    sha256: str = "w"
    architecture: str = "unet_ikem"


@dataclass(frozen=True, eq=False)
class Network:
    module: UNetIkem
    entry: Entry = field(default_factory=Entry)
    dtype: str = "float32"


@pytest.fixture(scope="module")
def plain():
    network = UNetIkem(UNetIkemConfig(width=8)).eval().requires_grad_(False)
    state = filled(network.state_dict())
    state["hint_fusion_layer.scale"] = torch.tensor([-2.0])
    network.load_state_dict(state)
    return network


@pytest.fixture
def bench(plain):
    held = Network(copy.deepcopy(plain))
    return Bench({"film": FILM}, lambda _: held, Shelf(2**28), device=None)


def ask(bench, mode, rounds):
    request = Request("vertebrae", "w", ("film",), prompt=VertebraePrompt(rounds), mode=mode)
    return vertebrae.run(request, lambda done, total, stage: None, bench)


@torch.inference_mode()
def in_full(network, mode, rounds):
    """Corners and spread from whole maps, with nothing kept and nothing left out."""
    published = mode is Mode.AS_PUBLISHED
    way = cv2.INTER_LINEAR if published else cv2.INTER_AREA
    small = cv2.resize(FILM, FRAME[::-1], interpolation=way)
    image = (torch.from_numpy(small) / 127.5 - 1).expand(1, 3, *FRAME)
    maps, hints = torch.zeros(1, 68, *FRAME), {}
    for number in range(len(rounds) + 1):
        hints |= {hint.index: hint for hint in (*rounds[:number],)[-1:] for hint in hint}
        placed = torch.tensor([[h.row, h.column] for h in hints.values()]).reshape(-1, 2)
        centres = network_centres(placed, film=FILM.shape, as_published=published)
        told = hint_maps(centres, index=torch.tensor(list(hints), dtype=torch.long))
        maps = network(told, maps, image).sigmoid()
    decode = decode_expectation if published else decode_window
    corners = film_points(decode(maps)[0], film=FILM.shape, as_published=published)
    density = maps[0].double() / maps[0].double().sum((1, 2), keepdim=True)
    rows = torch.arange(512.0, dtype=torch.double).view(-1, 1) * (FILM.shape[0] / 512)
    columns = torch.arange(256.0, dtype=torch.double) * (FILM.shape[1] / 256)
    variance = torch.zeros(68, dtype=torch.double)
    for place in (rows, columns):
        variance += (density * place**2).sum((1, 2)) - (density * place).sum((1, 2)) ** 2
    corners, spread = corners.double().numpy(), variance.sqrt().numpy()
    for index, hint in hints.items():
        corners[index], spread[index] = (hint.row, hint.column), 0.0
    return corners, spread


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_answer_is_that_of_the_whole_way(bench, plain, mode, count):
    found = ask(bench, mode, ROUNDS[:count])
    corners, spread = in_full(plain, mode, ROUNDS[:count])
    np.testing.assert_allclose(found.corners, corners, rtol=0, atol=0.01)  # film pixels
    np.testing.assert_allclose(found.spread, spread, rtol=0, atol=0.01)


@pytest.mark.parametrize("mode", list(Mode))
def test_what_was_kept_changes_no_answer(bench, plain, mode):
    """A drag through many places answers as an engine that was just started."""
    for row in (380.0, 390.0, 400.4):
        moving = (Hint(20, row, 120.6), Hint(21, 405.0, 140.0))
        carried = ask(bench, mode, (ROUNDS[0], moving))
    bench.cache.clear()
    fresh = ask(bench, mode, ROUNDS[:2])
    np.testing.assert_array_equal(carried.corners, fresh.corners)
    np.testing.assert_array_equal(carried.spread, fresh.spread)


def test_hinted_corners_are_where_the_hand_left_them(bench):
    found = ask(bench, Mode.CORRECTED, ROUNDS)
    assert found.corners[3].tolist() == [210.0, 155.0]
    assert found.spread[[3, 20, 21]].tolist() == [0.0, 0.0, 0.0]
    assert (np.delete(found.spread, [3, 20, 21]) > 0).all()

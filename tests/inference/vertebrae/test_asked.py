"""Whatever hints come end in an answer that holds them or in a sentence, for every network."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from domain.annotation import Hint
from domain.doubts import DoubtKind
from domain.errors import NotForThisTask
from domain.provenance import Mode
from domain.vertebrae import CORNER_COUNT, VertebraeFindings, VertebraePrompt, corner_index
from inference.answers import wrong_answer
from inference.bench import Bench, Shelf
from inference.contracts import Request, Response
from inference.pipelines.vertebrae import run
from models.vertebrae.column import ColumnNet, ColumnNetConfig
from models.vertebrae.hrnet_ocr import HrnetOcr, HrnetOcrConfig
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig

SHA = "a" * 64
ROWS, COLUMNS = 600, 240
NETWORKS = {
    "column_net": lambda: ColumnNet(ColumnNetConfig(refiner_size=64)),
    "unet_ikem": lambda: UNetIkem(UNetIkemConfig(width=4)),
    "hrnet_ocr": lambda: HrnetOcr(HrnetOcrConfig(width=2)),
}
every_corner = [Hint(n, 20.0 + 8 * (n // 2), 80.0 + 60 * (n % 2)) for n in range(CORNER_COUNT)]


@pytest.fixture(scope="module", params=list(NETWORKS))
def bench(request: pytest.FixtureRequest) -> Bench:
    torch.manual_seed(0)
    entry = SimpleNamespace(sha256="b" * 64, architecture=request.param, scout=None)
    loaded = SimpleNamespace(module=NETWORKS[request.param]().eval(), entry=entry)
    film = np.random.default_rng(0).integers(0, 255, (ROWS, COLUMNS), dtype=np.uint8)
    return Bench({SHA: film}, lambda _: loaded, Shelf(2**28), device="cpu")


def ask(bench: Bench, *hints: Hint, mode: Mode = Mode.CORRECTED) -> VertebraeFindings:
    request = Request("vertebrae", "w", (SHA,), prompt=VertebraePrompt((hints,)), mode=mode)
    found = run(request, lambda *_: None, bench)
    assert wrong_answer(request, Response(request.id, found, origin_of(request))) == ""
    held = {hint.index: (hint.row, hint.column) for hint in hints}
    for index, place in held.items():
        assert tuple(found.corners[index]) == place
    return found


def origin_of(request: Request):
    from domain.provenance import ModelOrigin

    return ModelOrigin(request.weights_id, "b" * 64, request.mode, "cpu", "float32", 0.0, "0")


def told(found: VertebraeFindings) -> set[DoubtKind]:
    return {doubt.kind for doubt in found.doubts}


def at(name: str, row: float, column: float) -> Hint:
    return Hint(corner_index(name), row, column)


@pytest.mark.parametrize(
    "hint",
    [
        at("T7.TL", float("nan"), 100),
        at("T7.TL", 100, float("inf")),
        at("T7.TL", 1e9, 100),
        at("T7.TL", 100, -3 * COLUMNS),
        Hint(-1, 100, 100),
        Hint(CORNER_COUNT, 100, 100),
    ],
    ids=repr,
)
def test_a_hint_that_is_nowhere_is_refused_in_a_sentence(bench, hint):
    with pytest.raises(NotForThisTask, match="hint"):
        ask(bench, hint)
    ask(bench, at("T7.TL", 200, 100))  # and the next question is answered


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("place", [(-40.0, 120.0), (700.0, 120.0), (300.0, -90.0), (300.0, 400.0)])
def test_a_hint_beside_the_film_holds(bench, place, mode):
    assert told(ask(bench, at("L5.BR", *place), mode=mode)) == set()


def test_all_68_corners_may_be_hints(bench):
    found = ask(bench, *every_corner)
    assert not found.doubts
    assert not found.spread.any()


def test_a_corner_that_is_hinted_twice_in_one_round_is_where_it_was_put_last(bench):
    found = ask(bench, at("T7.TL", 10, 10), at("T7.TL", 200, 100))
    assert tuple(found.corners[corner_index("T7.TL")]) == (200, 100)
    assert not found.doubts


def test_two_hints_on_one_pixel_hold_and_are_told(bench):
    found = ask(bench, at("T7.TL", 200, 100), at("T8.TL", 200, 100))
    assert told(found) == {DoubtKind.SAME_PLACE}


def test_all_hints_on_one_pixel_hold_and_are_told(bench):
    found = ask(bench, *(Hint(index, 300.0, 120.0) for index in range(CORNER_COUNT)))
    assert DoubtKind.SAME_PLACE in told(found)


def test_a_column_that_is_hinted_upside_down_holds_and_is_told(bench):
    found = ask(bench, at("T1.TL", 560, 100), at("L5.TL", 60, 100))
    assert told(found) == {DoubtKind.ORDER}
    turned = [Hint(67 - hint.index, hint.row, hint.column) for hint in every_corner]
    assert told(ask(bench, *turned)) == {DoubtKind.ORDER, DoubtKind.SIDES}


def test_contradictory_hints_on_a_film_of_the_smallest_size_end_in_an_answer(bench):
    small = Bench({SHA: np.zeros((32, 32), np.uint8)}, bench.network, Shelf(2**28), device="cpu")
    found = ask(small, at("T1.TL", 31, 31), at("L5.BR", 0, 0))
    assert told(found) == {DoubtKind.ORDER}

"""The answer depends on film and hints alone; the hand's corners stay where they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from domain.annotation import Hint
from domain.doubts import Doubt, DoubtKind
from domain.errors import Cancelled, NeedPixels, WeightsCorrupt
from domain.vertebrae import VertebraeOptions, VertebraePrompt
from inference.bench import Bench, Shelf
from inference.contracts import CancelToken, Request
from inference.pipelines.vertebrae import run
from inference.vertebrae import column_net
from models.vertebrae.column import ColumnNet, ColumnNetConfig
from models.vertebrae.familiar import Picture

SHA = "a" * 64


@dataclass
class Counted:
    """A network that counts how often it looks at a film."""

    net: ColumnNet
    encodes: int = 0

    def __post_init__(self) -> None:
        self.net.encoder.register_forward_hook(self._count)

    def _count(self, *_: object) -> None:
        self.encodes += 1


@pytest.fixture(scope="module", params=[0, 64], ids=["alone", "with a refiner"])
def net(request: pytest.FixtureRequest) -> ColumnNet:
    torch.manual_seed(0)
    return ColumnNet(ColumnNetConfig(refiner_size=request.param)).eval()


@pytest.fixture
def film() -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).integers(0, 255, (600, 240), dtype=np.uint8)


def bench_of(
    net: ColumnNet, images: dict[str, Any], *, cache: Shelf | None = None, scout: Any = None
) -> Bench:
    ally = None if scout is None else SimpleNamespace(id="scout", sha256="c" * 64)
    loaded = {"w": held(net, "b" * 64, scout=ally), "scout": scout}
    shelf = Shelf(2**28) if cache is None else cache
    return Bench(images=images, network=loaded.__getitem__, cache=shelf, device="cpu")


def held(net: ColumnNet, sha256: str, *, scout: Any = None) -> SimpleNamespace:
    entry = SimpleNamespace(sha256=sha256, architecture="column_net", scout=scout)
    return SimpleNamespace(module=net, entry=entry)


def ask(bench: Bench, *hints: Hint, report: Any = None) -> np.ndarray[Any, Any]:
    request = Request(
        "vertebrae", "w", images=(SHA,), prompt=VertebraePrompt(tuple((h,) for h in hints))
    )
    return run(request, report or (lambda *_: None), bench).corners


def test_hinted_corners_stay_exactly_where_the_hand_left_them(net, film):
    corners = ask(bench_of(net, {SHA: film}), Hint(5, 211.25, 97.125))
    assert tuple(corners[5]) == (211.25, 97.125)


def test_a_hint_moves_others_and_the_order_of_hints_does_not_matter(net, film):
    bench = bench_of(net, {SHA: film})
    first, second = Hint(5, 200.0, 90.0), Hint(40, 400.0, 120.0)
    free = ask(bench)
    both = ask(bench, first, second)
    others = np.setdiff1d(np.arange(68), [5, 40])
    assert np.abs(both[others] - free[others]).max() > 1e-3
    assert np.array_equal(both, ask(bench, second, first))


def test_what_was_answered_once_is_not_computed_again(net, film, monkeypatch):
    answered = []
    answer = column_net.answer
    monkeypatch.setattr(
        column_net,
        "answer",
        lambda *asked, **kept: answered.append(asked[-1]) or answer(*asked, **kept),
    )
    bench = bench_of(net, {SHA: film})
    preview, final = (ask(bench, Hint(5, 200.0, 90.0)) for _ in range(2))
    assert np.array_equal(preview, final)
    ask(bench, Hint(5, 200.0, 90.5))
    ask(bench)
    # The first hint needs the answer without one, which is then kept like any other.
    assert [len(hints) for hints in answered] == [0, 1, 1]
    with pytest.raises(ValueError, match="read-only"):
        final[0] = 0.0


def test_a_hand_is_answered_on_one_core_and_a_film_on_all(net, film, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    told, answer = [], column_net.answer

    def answered(*arguments: Any, **named: Any) -> Any:
        told.append(list(asked))
        return answer(*arguments, **named)

    asked: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    monkeypatch.setattr(column_net, "answer", answered)
    bench = bench_of(net, {SHA: film})
    ask(bench)
    ask(bench, Hint(5, 211.25, 97.125))
    assert told == [[], [1]]
    assert asked == [1, 2]


def test_close_ups_that_a_hand_leaves_alone_are_looked_at_once(net, film, monkeypatch):
    if net.refiner is None:
        pytest.skip("no close-ups")
    looked = []
    see = net.refiner.see
    monkeypatch.setattr(net.refiner, "see", lambda crops: looked.append(len(crops)) or see(crops))
    bench, hint = bench_of(net, {SHA: film}), Hint(5, 200.0, 90.0)
    ask(bench)
    moved = ask(bench, hint)
    assert looked == [17, 17]
    ask(bench, Hint(5, 200.0, 91.0))
    assert sum(looked[2:]) < 17
    alone = bench_of(net, {SHA: film})
    assert np.allclose(ask(alone, hint), moved, atol=1e-3)


def test_a_preview_that_is_superseded_gives_up_before_its_close_ups(net, film, monkeypatch):
    if net.refiner is None:
        pytest.skip("no close-ups")
    bench, token, placed = bench_of(net, {SHA: film}), CancelToken(), []
    before = ask(bench, Hint(5, 200.0, 90.0))
    place = net.refiner.place
    monkeypatch.setattr(net.refiner, "place", lambda *seen: placed.append(1) or place(*seen))
    handle = net.guess.register_forward_hook(lambda *_: token.cancel())
    try:
        with pytest.raises(Cancelled):
            ask(bench, Hint(5, 230.0, 90.0), report=lambda *_: token.check())
    finally:
        handle.remove()
    assert placed == []
    assert np.array_equal(ask(bench, Hint(5, 200.0, 90.0)), before)


def test_a_point_dragged_twice_counts_once(net, film):
    bench = bench_of(net, {SHA: film})
    again = ask(bench, Hint(5, 200.0, 90.0), Hint(5, 230.0, 95.0))
    assert np.array_equal(again, ask(bench, Hint(5, 230.0, 95.0)))


def test_same_answer_after_the_cache_is_lost(net, film):
    hint = Hint(30, 300.0, 100.0)
    bench = bench_of(net, {SHA: film})
    ask(bench)
    fresh = bench_of(net, {SHA: film})
    assert np.array_equal(ask(bench, hint), ask(fresh, hint))


def test_an_answer_given_up_between_layers_leaves_the_next_one_whole(net, film):
    hint, bench = Hint(30, 300.0, 100.0), bench_of(net, {SHA: film})
    ask(bench)
    reached = 0

    def give_up(*_: object) -> None:
        nonlocal reached
        reached += 1
        if reached > 12:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        ask(bench, hint, report=give_up)
    assert np.array_equal(ask(bench, hint), ask(bench_of(net, {SHA: film}), hint))


def test_a_drag_costs_no_second_look_at_the_film(film):
    torch.manual_seed(1)
    counted = Counted(ColumnNet(ColumnNetConfig()).eval())
    bench = bench_of(counted.net, {SHA: film})
    ask(bench)
    looks = counted.encodes
    for row in range(200, 210):
        ask(bench, Hint(5, float(row), 90.0))
    assert looks == 2
    assert counted.encodes == looks


def test_a_hint_far_outside_the_column_is_taken_in_the_whole_film(net, film):
    seen = column_net.see(net, film)
    outside = Hint(0, 0.0, 0.0)
    findings = column_net.answer(net, seen, (outside,))
    assert tuple(findings.corners[0]) == (0.0, 0.0)
    assert np.isfinite(findings.corners).all()


@pytest.mark.parametrize("shape", [(32, 32), (2000, 40), (40, 2000), (64, 48, 3)])
def test_odd_films_still_get_finite_corners(net, shape):
    film = np.zeros(shape, dtype=np.uint8)
    assert np.isfinite(ask(bench_of(net, {SHA: film}))).all()


def test_sixteen_bit_films_are_read_by_their_own_range(net):
    eight = np.tile(np.arange(0, 256, dtype=np.uint8), (400, 1))
    sixteen = eight.astype(np.uint16) * 16 + 1000
    a, b = ask(bench_of(net, {SHA: eight})), ask(bench_of(net, {SHA: sixteen}))
    assert np.abs(a - b).max() < 12


def test_missing_pixels_are_asked_for(net):
    with pytest.raises(NeedPixels):
        ask(bench_of(net, {}))


def test_a_cancelled_question_stops_at_the_next_report(net, film):
    def report(*_: object) -> None:
        raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        ask(bench_of(net, {SHA: film}), report=report)


def test_a_film_whose_dark_is_bright_is_turned_first(
    net: ColumnNet, film: np.ndarray[Any, Any]
) -> None:
    shown = ask(bench_of(net, {SHA: film}))
    negative = bench_of(net, {SHA: 255 - film})
    assert not np.array_equal(ask(negative), shown)
    request = Request("vertebrae", "w", images=(SHA,), options=VertebraeOptions(inverted=True))
    turned = run(request, lambda *_: None, negative)
    assert np.allclose(turned.corners, shown, atol=1e-9)


def test_what_a_picture_is_doubted_for_is_said_with_every_answer(net, film, monkeypatch):
    monkeypatch.setattr(net, "familiar", Stranger())
    bench = bench_of(net, {SHA: film})
    request = Request("vertebrae", "w", images=(SHA,), prompt=VertebraePrompt())
    prompt = VertebraePrompt(((Hint(5, 200.0, 90.0),),))
    first = run(request, lambda *_: None, bench)
    hinted = run(replace(request, prompt=prompt), lambda *_: None, bench)
    assert first.doubts == hinted.doubts == (Doubt(DoubtKind.UNLIKE),)
    assert net.familiar.asked == 1  # of the picture alone, not while the hand moves


class Stranger(torch.nn.Module):
    """To whom every picture is unlike all others."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def doubts(self, picture: Picture) -> tuple[Doubt, ...]:
        assert {part.shape for part in picture} == {(ColumnNetConfig().width,)}
        self.asked += 1
        return (Doubt(DoubtKind.UNLIKE),)


@dataclass(frozen=True)
class Land:
    """A territory that holds all pictures, or none."""

    is_all: bool

    def holds(self, picture: Picture) -> bool:
        return self.is_all


@pytest.mark.parametrize("is_all", [True, False])
def test_of_an_even_column_a_scout_is_asked_within_its_territory_alone(
    net, film, monkeypatch, is_all
):
    monkeypatch.setattr(column_net, "unevenness", lambda corners: 15.0)
    alone = ask(bench_of(net, {SHA: film}))
    torch.manual_seed(5)
    scout = Counted(ColumnNet(ColumnNetConfig(rows=128, columns=64)).eval())
    monkeypatch.setattr(net, "territory", Land(is_all=is_all))
    bench = bench_of(net, {SHA: film}, scout=held(scout.net, "c" * 64))
    told = ask(bench)
    assert scout.encodes == (2 if is_all else 0)
    assert np.array_equal(told, alone) != is_all
    ask(bench, Hint(5, 200.0, 90.0))
    assert scout.encodes == (2 if is_all else 0)  # of the film alone, not while the hand moves


@pytest.mark.parametrize(("told", "is_heeded"), [(25.0, True), (70.0, False)])
def test_of_an_uneven_column_a_scout_is_asked_anywhere_but_not_heeded_when_worse(
    net, film, monkeypatch, told, is_heeded
):
    torch.manual_seed(5)
    scout = Counted(ColumnNet(ColumnNetConfig(rows=128, columns=64)).eval())
    alone = column_net._first(column_net.see(net, film).column)
    monkeypatch.setattr(
        column_net, "unevenness", lambda found: 30.0 if np.allclose(found, alone) else told
    )
    apart = ask(bench_of(net, {SHA: film}))
    monkeypatch.setattr(net, "territory", Land(is_all=False))
    heard = ask(bench_of(net, {SHA: film}, scout=held(scout.net, "c" * 64)))
    assert scout.encodes == 2
    assert np.array_equal(heard, apart) != is_heeded


def test_a_scout_other_than_the_one_measured_with_is_refused(net, film):
    with pytest.raises(WeightsCorrupt, match="others than this network was measured with"):
        ask(bench_of(net, {SHA: film}, scout=held(net, "d" * 64)))

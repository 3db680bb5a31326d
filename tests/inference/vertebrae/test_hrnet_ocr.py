"""Published networks answer round by round; the parent forgets what nobody hinted."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from domain.annotation import Hint
from domain.provenance import Mode
from domain.vertebrae import VertebraePrompt
from inference.bench import Bench, Shelf
from inference.contracts import Request
from inference.pipelines.vertebrae import run
from models.vertebrae.heatmaps import decode_expectation, decode_window, film_points
from models.vertebrae.hrnet_ocr import HrnetOcr, HrnetOcrConfig
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig
from tests.models.vertebrae.recipe import telling

SHA = "a" * 64
FILM = (600, 240)
FIRST, SECOND = Hint(5, 200.0, 90.0), Hint(40, 400.0, 120.0)
NETWORKS = {
    "unet_ikem": lambda: UNetIkem(UNetIkemConfig(width=4)),  # answering takes over its layers
    "hrnet_ocr": lambda: HrnetOcr(HrnetOcrConfig(width=2)),
    "parent": lambda: HrnetOcr(HrnetOcrConfig(width=2, parent=True)),
}
every = pytest.mark.parametrize("name", ["hrnet_ocr", "parent"])
modes = pytest.mark.parametrize("mode", [Mode.AS_PUBLISHED, Mode.CORRECTED])


class Sitting:
    """One film and one network; remembers what the network was asked."""

    def __init__(self, name):
        net = telling(NETWORKS[name]())
        self.asked, self.logits = [], []
        self.hook = net.register_forward_hook(self.note)
        architecture = "hrnet_ocr" if name == "parent" else name
        entry = SimpleNamespace(sha256="b" * 64, architecture=architecture, scout=None)
        loaded = SimpleNamespace(module=net, entry=entry)
        film = np.random.default_rng(0).integers(0, 255, FILM, dtype=np.uint8)
        self.bench = Bench({SHA: film}, lambda _: loaded, Shelf(2**28), device="cpu")

    def note(self, _, maps, logits):
        self.asked.append(maps)
        self.logits.append(logits)

    def ask(self, *rounds, mode=Mode.CORRECTED):
        prompt = VertebraePrompt(tuple((hint,) for hint in rounds))
        request = Request("vertebrae", "w", images=(SHA,), prompt=prompt, mode=mode)
        return run(request, lambda *_: None, self.bench)


@pytest.fixture
def sitting(name):
    sitting = Sitting(name)
    yield sitting
    sitting.hook.remove()


@pytest.mark.parametrize("name", NETWORKS)
@modes
def test_hints_hold_exactly_and_others_follow(sitting, mode):
    free = sitting.ask(mode=mode)
    told = sitting.ask(FIRST, SECOND, mode=mode)
    assert told.corners[[5, 40]].tolist() == [[200.0, 90.0], [400.0, 120.0]]
    assert told.spread[[5, 40]].tolist() == [0.0, 0.0]
    others = np.setdiff1d(np.arange(68), [5, 40])
    assert (told.spread[others] > 0).all()
    assert np.abs(told.corners[others] - free.corners[others]).max() > 1e-3


@every
def test_each_round_hears_hints_and_the_round_before(sitting, name):
    sitting.ask(FIRST, SECOND)
    hinted = [{n for n in range(68) if hints[0, n].any()} for hints, _, _ in sitting.asked]
    assert hinted == [set(), {5}, {5, 40}]
    first, second, third = (previous[0] for _, previous, _ in sitting.asked)
    assert not first.any()
    for now, before, known in ((second, 0, [5]), (third, 1, [5, 40])):
        answer = sitting.logits[before].sigmoid()[0]
        others = np.setdiff1d(np.arange(68), known)
        assert torch.equal(now[known], answer[known])
        assert torch.equal(now[others], answer[others] * (name != "parent"))


@every
def test_rounds_that_were_answered_are_not_asked_again(sitting):
    once = sitting.ask(FIRST)
    assert len(sitting.asked) == 2
    sitting.ask(FIRST, SECOND)
    assert len(sitting.asked) == 3
    assert np.array_equal(sitting.ask(FIRST).corners, once.corners)
    assert len(sitting.asked) == 3


@every
@modes
def test_corners_are_read_as_their_authors_did_or_around_the_maximum(sitting, name, mode):
    corners = sitting.ask(mode=mode).corners
    published = mode is Mode.AS_PUBLISHED
    decode = decode_expectation if published and name != "parent" else decode_window
    read = decode(sitting.logits[0].sigmoid())[0]
    expected = film_points(read, film=FILM, as_published=published)
    np.testing.assert_allclose(corners, expected.numpy(), atol=1e-3)

"""Hints matter in both published networks: their order, their gates, and the previous answer."""

from __future__ import annotations

import pytest
import torch

from models.vertebrae.hrnet_ocr import HrnetOcr, HrnetOcrConfig
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig
from tests.models.vertebrae.recipe import ask, telling, telling_question

CLEARLY = 0.02  # a thousand times the networks' float32 noise


def unet(*, gating):
    return telling(UNetIkem(UNetIkemConfig(width=8, gating=gating)))


def hrnet(*, gating):
    return telling(HrnetOcr(HrnetOcrConfig(width=4, gating=gating)))


both = pytest.mark.parametrize("make", [unet, hrnet])


@both
@pytest.mark.parametrize("gating", [True, False])
def test_hints_order_and_previous_answer_matter(make, gating):
    network = make(gating=gating)
    hints, previous, image = telling_question()
    logits = ask(network, hints, previous, image)
    masked = previous * (hints.amax((2, 3), keepdim=True) > 0)  # as the parent system does
    for other in (
        (torch.zeros_like(hints), previous, image),  # hints ignored
        (previous, hints, image),  # the other order
        (hints, masked, image),
        (hints, torch.zeros_like(previous), image),
    ):
        assert (ask(network, *other) - logits).abs().max() > CLEARLY


@both
def test_concat_order_is_hints_first(make):
    network = make(gating=False)
    hints, previous, image = telling_question()
    logits = ask(network, hints, previous, image)
    weight = network.hint_fusion_layer.hintmap_encoder[0].weight
    with torch.no_grad():
        weight[:, 68:] = 0
    deaf = ask(network, hints, previous, image)
    assert torch.equal(deaf, ask(network, hints, torch.zeros_like(previous), image))
    assert (deaf - logits).abs().max() > CLEARLY


@both
def test_gating_lets_a_hint_reach_the_whole_film(make):
    """With the fused path closed, a hint still changes the answer everywhere: through the gates."""
    network = make(gating=True)
    with torch.no_grad():
        network.hint_fusion_layer.scale.zero_()
    gates = []
    network.iggnet.register_forward_hook(lambda _, __, output: gates.append(output))
    hints, previous, image = telling_question(batch=1)
    logits = ask(network, hints, previous, image)
    assert ((gates[0] > 0.05) & (gates[0] < 0.95)).any()  # not all shut or open, whatever is asked
    unhinted = ask(network, torch.zeros_like(hints), previous, image)
    changed = (logits - unhinted).abs().amax(dim=1) > CLEARLY / 1000
    assert changed.float().mean() > 0.99
    ungated = make(gating=False)
    state = {k: v for k, v in network.state_dict().items() if not k.startswith("iggnet.")}
    ungated.load_state_dict(state)
    assert (ask(ungated, hints, previous, image) - logits).abs().max() > CLEARLY

"""The network made ready for drags answers as the network itself."""

from __future__ import annotations

import copy

import pytest
import torch
from torch.nn import functional

from models.vertebrae.heatmaps import decode_expectation, hint_maps
from models.vertebrae.unet_drag import Told, UNetDrag
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig
from tests.golden.fill import filled, input_numbers

FRAME = (192, 128)  # large enough that a hint does not reach all of it
TOLERANCE = 2e-5  # logits; as in test_unet_ikem
NOTHING = Told(torch.zeros(0, 2), torch.zeros(0, dtype=torch.long))
VARIANTS = [
    UNetIkemConfig(width=8),
    UNetIkemConfig(width=8, gating=False),
    UNetIkemConfig(width=8, activation="relu", head="single"),
]


def telling(config):
    """A narrow network whose hint path is strong, its norms unlike the identity."""
    network = UNetIkem(config).eval().requires_grad_(False)
    state = filled(network.state_dict())
    state["hint_fusion_layer.scale"] = torch.tensor([-2.0])
    state["hint_fusion_layer.hintmap_encoder.0.weight"] *= 8
    network.load_state_dict(state)
    return network


def told(*hints):
    return Told(
        torch.tensor([[row, column] for row, column, _ in hints]),
        torch.tensor([index for _, _, index in hints]),
    )


@pytest.fixture(scope="module", params=VARIANTS, ids=["published", "no gating", "August 2023"])
def pair(request):
    network = telling(request.param)
    return network, UNetDrag(copy.deepcopy(network), frame=FRAME)


@pytest.fixture(scope="module")
def question():
    previous = torch.sigmoid(2 * input_numbers((1, 68, *FRAME), k=1001))
    return input_numbers((1, 3, *FRAME), k=1000).clamp(-1, 1), previous


def expected(network, question, *parts):
    image, previous = question
    centres = torch.cat([part.centres for part in parts])
    index = torch.cat([part.corner for part in parts])
    with torch.inference_mode():
        return network(hint_maps(centres, index=index, frame=FRAME), previous, image)


def enlarged(logits):
    return functional.interpolate(logits, size=FRAME, mode="bilinear", align_corners=True)


@pytest.mark.parametrize(
    "moving",
    [
        told((90.3, 60.8, 20)),
        told((0.0, 0.0, 20)),
        told((191.0, 127.0, 67)),
        told((3.5, 120.0, 0)),
        told((-60.0, 300.0, 20)),
        told((90.3, 60.8, 20), (96.0, 71.2, 21), (180.0, 9.0, 66)),
        NOTHING,
    ],
    ids=["middle", "first corner", "last corner", "edge", "outside", "three", "none"],
)
@pytest.mark.parametrize("staying", [NOTHING, told((150.0, 30.5, 5), (40.0, 100.0, 9))])
def test_answers_are_the_network_s_own(pair, question, staying, moving):
    network, drag = pair
    ground = drag.ground(*question, staying)
    logits = enlarged(drag.answer(ground, moving))
    reference = expected(network, question, staying, moving)
    torch.testing.assert_close(logits, reference, rtol=0, atol=TOLERANCE)


def test_a_ground_serves_every_place_of_the_hand(pair, question):
    network, drag = pair
    ground = drag.ground(*question, NOTHING)
    for row in (20.0, 100.0, 20.0):
        moving = told((row, 60.0, 20))
        logits = enlarged(drag.answer(ground, moving))
        reference = expected(network, question, moving)
        torch.testing.assert_close(logits, reference, rtol=0, atol=TOLERANCE)


def test_the_hint_is_heard(pair, question):
    _, drag = pair
    ground = drag.ground(*question, NOTHING)
    far = drag.answer(ground, told((20.0, 60.0, 20))) - drag.answer(ground, told((150.0, 60.0, 20)))
    assert far.abs().max() > 1e3 * TOLERANCE


def test_without_a_previous_answer_its_maps_are_zero(pair, question):
    network, drag = pair
    image, previous = question
    moving = told((90.0, 60.0, 20))
    logits = enlarged(drag.answer(drag.ground(image, None, NOTHING), moving))
    reference = expected(network, (image, torch.zeros_like(previous)), moving)
    torch.testing.assert_close(logits, reference, rtol=0, atol=TOLERANCE)


def test_bfloat16_moves_no_corner_by_half_a_pixel(question):
    network = telling(VARIANTS[0])
    moving = told((90.0, 60.0, 20))
    reference = decode_expectation(expected(network, question, moving).sigmoid())
    drag = UNetDrag(network.to(torch.bfloat16), frame=FRAME)
    image, previous = (part.to(torch.bfloat16) for part in question)
    logits = drag.answer(drag.ground(image, previous, NOTHING), moving).float()
    moved = decode_expectation(enlarged(logits).sigmoid()) - reference
    assert moved.norm(dim=-1).max() < 0.5

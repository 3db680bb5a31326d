"""Shapes, the reading of maps, indifference to light, and what vertebrae tell one another."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from models.vertebrae.refiner import Refiner, RefinerConfig, Told, nothing_told

SIZE = 96
LEVELS = torch.arange(17).unsqueeze(0)


@pytest.fixture(scope="module")
def refiner() -> Refiner:
    torch.manual_seed(0)
    return Refiner(RefinerConfig()).eval()


def crops(count: int = 17, *, seed: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, count, 1, SIZE, SIZE, generator=generator)


def told_at(vertebra: int, corner: int, place: tuple[float, float]) -> Told:
    told = nothing_told(1, 17)
    told.points[0, vertebra, corner] = torch.tensor(place)
    told.mask[0, vertebra, corner] = True
    return told


def test_maps_of_four_corners_at_half_size(refiner: Refiner) -> None:
    logits = refiner(crops(3), torch.tensor([[0, 8, 16]]), nothing_told(1, 3))
    assert logits.shape == (1, 3, 4, 48, 48)


def test_a_peak_is_read_where_it_stands(refiner: Refiner) -> None:
    logits = torch.full((1, 4, 48, 48), -50.0)
    logits[0, :, 10, 20] = 50.0
    points, spread = refiner.coordinates(logits)
    assert torch.allclose(points[0], torch.tensor([20.5, 40.5]))
    assert torch.allclose(spread, torch.zeros(1, 4), atol=1e-2)


def test_two_equal_peaks_are_read_between_and_told_as_unsure(refiner: Refiner) -> None:
    logits = torch.full((1, 4, 48, 48), -50.0)
    logits[0, :, 10, 10] = logits[0, :, 10, 20] = 50.0
    points, spread = refiner.coordinates(logits)
    assert torch.allclose(points[0], torch.tensor([20.5, 30.5]))
    assert torch.allclose(spread, torch.full((1, 4), 10.0), atol=1e-2)


def test_light_and_contrast_of_a_film_do_not_matter() -> None:
    grey = 40 + 100 * torch.rand(1, 5, 1, SIZE, SIZE)
    a, b = Refiner.normalised(grey), Refiner.normalised(0.5 * grey + 60)
    assert torch.allclose(a, b, atol=1e-4)


def test_an_empty_crop_stays_finite() -> None:
    assert torch.isfinite(Refiner.normalised(torch.full((1, 1, 1, SIZE, SIZE), 9.0))).all()


def test_the_level_is_heard(refiner: Refiner) -> None:
    seen, nothing = crops(1), nothing_told(1, 1)
    upper, lower = (refiner(seen, torch.tensor([[level]]), nothing) for level in (0, 16))
    assert not torch.allclose(upper, lower)


def test_a_hint_is_heard_by_its_neighbours_and_where_it_stands_matters(refiner: Refiner) -> None:
    alone = refiner(crops(), LEVELS, nothing_told(1, 17))
    here, there = (
        refiner(crops(), LEVELS, told_at(5, 1, place)) for place in ((40.0, 60.0), (44.0, 60.0))
    )
    assert not torch.allclose(alone[0, 12], here[0, 12])
    assert not torch.allclose(here[0, 12], there[0, 12])


def test_what_is_not_meant_is_not_heard(refiner: Refiner) -> None:
    told = told_at(5, 1, (40.0, 60.0))
    told.mask[:] = False
    assert torch.equal(
        refiner(crops(), LEVELS, told), refiner(crops(), LEVELS, nothing_told(1, 17))
    )


def test_columns_of_a_batch_do_not_hear_one_another(refiner: Refiner) -> None:
    both = torch.cat([crops(seed=1), crops(seed=2)])
    together = refiner(both, LEVELS.expand(2, -1), nothing_told(2, 17))
    assert torch.allclose(together[:1], refiner(both[:1], LEVELS, nothing_told(1, 17)), atol=1e-4)


def plainly(refiner: Refiner, seen: Tensor, told: Told) -> Tensor:
    """The answer as its layers say it, one after the other, with nothing computed before."""
    maps = [refiner.stem(seen.flatten(0, 1))]
    for layer in refiner.down:
        maps.append(layer(maps[-1]))
    side = SIZE // 8
    cells = torch.arange(side, dtype=torch.float32)
    centre = (told.points.flatten(0, 1) + 0.5) / 8 - 0.5
    bell = torch.exp(-0.5 * (cells - centre.unsqueeze(-1)) ** 2)
    spots = bell[:, :, 0].unsqueeze(-1) * bell[:, :, 1].unsqueeze(-2)
    drawn = refiner.hint_map(spots * told.mask.flatten(0, 1)[..., None, None])
    half, quarter, eighth, coarsest = maps
    talk = refiner._talk(coarsest.mean((-1, -2)), LEVELS[:, : seen.shape[1]], told)
    own, mixed = (
        double(refiner.narrow(coarsest + n)) + eighth for n in (0.0, spread(refiner, talk))
    )
    rough = double(refiner.rough(refiner.up(mixed + drawn)))
    pixels = refiner.fine[1](double(refiner.fine[0](own)) + quarter)
    pixels = refiner.pixel(refiner.fine[2](double(pixels) + refiner.lift(half)))
    keys = refiner.look(talk).view(len(talk), 4, -1)
    likeness = torch.einsum("nkc,nchw->nkhw", keys, pixels) / pixels.shape[1] ** 0.5
    return (rough + likeness).unsqueeze(0)


def double(image: Tensor) -> Tensor:
    return nn.functional.interpolate(image, scale_factor=2, mode="bilinear")


def spread(refiner: Refiner, talk: Tensor) -> Tensor:
    return refiner.spread(talk)[..., None, None]


@pytest.mark.parametrize("hinted", [(), (0,), (1, 4, 16)])
def test_what_is_convolved_before_changes_no_answer(
    refiner: Refiner, hinted: tuple[int, ...]
) -> None:
    told = nothing_told(1, 17)
    for vertebra in hinted:
        told.points[0, vertebra, 2] = torch.tensor([3.0 + vertebra, 90.0])
        told.mask[0, vertebra, 2] = True
    with torch.no_grad():
        usual = plainly(refiner, crops(), told)
        assert torch.allclose(refiner(crops(), LEVELS, told), usual, atol=1e-4)


def test_what_was_seen_is_not_changed_by_an_answer(refiner: Refiner) -> None:
    with torch.inference_mode():
        seen = refiner.see(crops()[0])
        before = [part.clone() for part in seen]
        refiner.place(seen, LEVELS, told_at(5, 1, (40.0, 60.0)))
    assert all(torch.equal(*pair) for pair in zip(seen, before, strict=True))


def test_gradients_reach_every_weight_with_hints_and_without() -> None:
    torch.manual_seed(0)
    for told in (told_at(1, 1, (40.0, 60.0)), nothing_told(1, 17)):
        learning = Refiner(RefinerConfig(width=4))
        learning(crops(), LEVELS, told).square().sum().backward()
        idle = [name for name, value in learning.named_parameters() if value.grad is None]
        assert idle == []

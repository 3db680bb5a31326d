"""Shapes, the reading of maps, and indifference to light."""

from __future__ import annotations

import pytest
import torch

from models.vertebrae.refiner import Refiner, RefinerConfig


@pytest.fixture(scope="module")
def refiner() -> Refiner:
    torch.manual_seed(0)
    return Refiner(RefinerConfig()).eval()


def test_maps_of_four_corners_at_half_size(refiner: Refiner) -> None:
    logits = refiner(torch.zeros(3, 1, 64, 64), torch.tensor([0, 8, 16]))
    assert logits.shape == (3, 4, 32, 32)


def test_a_peak_is_read_where_it_stands(refiner: Refiner) -> None:
    logits = torch.full((1, 4, 32, 32), -50.0)
    logits[0, :, 10, 20] = 50.0
    points, spread = refiner.coordinates(logits)
    assert torch.allclose(points[0], torch.tensor([20.5, 40.5]))
    assert torch.allclose(spread, torch.zeros(1, 4), atol=1e-2)


def test_two_equal_peaks_are_read_between_and_told_as_unsure(refiner: Refiner) -> None:
    logits = torch.full((1, 4, 32, 32), -50.0)
    logits[0, :, 10, 10] = logits[0, :, 10, 20] = 50.0
    points, spread = refiner.coordinates(logits)
    assert torch.allclose(points[0], torch.tensor([20.5, 30.5]))
    assert torch.allclose(spread, torch.full((1, 4), 10.0), atol=1e-2)


def test_light_and_contrast_of_a_film_do_not_matter(refiner: Refiner) -> None:
    crops = 40 + 100 * torch.rand(5, 1, 64, 64)
    a, b = Refiner.normalised(crops), Refiner.normalised(0.5 * crops + 60)
    assert torch.allclose(a, b, atol=1e-4)


def test_an_empty_crop_stays_finite(refiner: Refiner) -> None:
    assert torch.isfinite(Refiner.normalised(torch.full((1, 1, 64, 64), 9.0))).all()


def test_the_level_is_heard(refiner: Refiner) -> None:
    crops = torch.rand(1, 1, 64, 64)
    upper, lower = refiner(crops, torch.tensor([0])), refiner(crops, torch.tensor([16]))
    assert not torch.allclose(upper, lower)

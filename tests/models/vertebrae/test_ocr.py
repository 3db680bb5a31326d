"""Regions gather what their pixels look like, and pixels look at all of them."""

from __future__ import annotations

import pytest
import torch

from models.vertebrae.ocr import ObjectAttention, gather_regions


def test_a_sharp_region_looks_like_its_pixel():
    features = torch.randn(2, 5, 3, 4)
    regions = torch.zeros(2, 2, 3, 4)
    regions[:, 0, 1, 2] = 1000  # one pixel
    looks = gather_regions(features, regions)  # the other region is the whole film
    assert looks.shape == (2, 5, 2, 1)
    torch.testing.assert_close(looks[:, :, 0, 0], features[:, :, 1, 2])
    torch.testing.assert_close(looks[:, :, 1, 0], features.mean((2, 3)))


@pytest.fixture
def attention():
    torch.manual_seed(0)
    return ObjectAttention(8, keys=4).eval()


def test_the_order_of_regions_does_not_matter(attention):
    features, looks = torch.randn(1, 8, 3, 4), torch.randn(1, 8, 6, 1)
    context = attention(features, looks)
    assert context.shape == features.shape
    torch.testing.assert_close(attention(features, looks.flip(2)), context)


def test_each_pixel_looks_for_itself(attention):
    features, looks = torch.randn(1, 8, 3, 4), 5 * torch.randn(1, 8, 6, 1)
    swapped = attention(features.flip(3), looks)
    torch.testing.assert_close(swapped, attention(features, looks).flip(3))
    assert attention(features, looks).std(dim=(2, 3)).max() > 1e-4

"""Gaussian maps: exact, fractional, and read back by both ways of decoding."""

from __future__ import annotations

import pytest
import torch

from models.vertebrae.heatmaps import (
    decode_expectation,
    decode_window,
    film_points,
    hint_maps,
    network_centres,
    target_maps,
)

FILM = (2304, 1024)


def test_published_centres_truncate_on_the_film():
    points = torch.tensor([[1001.9, 333.7]], dtype=torch.float64)
    centre = network_centres(points, film=FILM, as_published=True)
    expected = torch.tensor([[222.4444444, 83.25]], dtype=torch.float64)
    torch.testing.assert_close(centre, expected, rtol=0, atol=1e-6)


def test_corrected_centres_keep_the_fraction_and_pixel_centres():
    edges = torch.tensor([[-0.5, -0.5], [2303.5, 1023.5]], dtype=torch.float64)
    expected = torch.tensor([[-0.5, -0.5], [511.5, 255.5]], dtype=torch.float64)
    torch.testing.assert_close(network_centres(edges, film=FILM), expected)
    nudged = network_centres(edges + 0.1, film=FILM) - expected
    assert (nudged > 0).all()


@pytest.mark.parametrize("as_published", [True, False])
def test_there_and_back(as_published):
    points = torch.tensor([[0.0, 0.0], [1001.0, 333.0], [2303.0, 1023.0]], dtype=torch.float64)
    centres = network_centres(points, film=FILM, as_published=as_published)
    back = film_points(centres, film=FILM, as_published=as_published)
    torch.testing.assert_close(back, points)


def test_targets_are_round_gaussians_around_fractional_centres():
    centres = torch.tensor([[222.4444, 83.25], [-3.0, 260.0]], dtype=torch.float64)
    maps = target_maps(centres)
    rows = torch.arange(512, dtype=torch.float64).view(1, -1, 1)
    columns = torch.arange(256, dtype=torch.float64).view(1, 1, -1)
    squared = (rows - centres[:, :1, None]) ** 2 + (columns - centres[:, 1:, None]) ** 2
    torch.testing.assert_close(maps, torch.exp(-0.5 * squared / 7.5**2), rtol=0, atol=1e-12)


def test_hints_fill_their_own_map_only():
    centres = torch.tensor([[20.5, 30.25], [40.0, 10.0]])
    maps = hint_maps(centres, index=torch.tensor([40, 5]), frame=(64, 64))
    assert maps.shape == (1, 68, 64, 64)
    assert set(maps.amax((0, 2, 3)).nonzero().flatten().tolist()) == {5, 40}
    torch.testing.assert_close(maps[0, 40], target_maps(centres[0], frame=(64, 64)))
    assert hint_maps(centres[:0], index=torch.tensor([], dtype=torch.long)).abs().max() == 0


@pytest.mark.parametrize("index", [[5], [5, 5], [5, 68], [-1, 5]])
def test_wrong_hints_are_refused(index):
    with pytest.raises(ValueError, match="corner"):
        hint_maps(torch.zeros(2, 2), index=torch.tensor(index))


def test_both_ways_find_a_clean_centre():
    centres = torch.tensor([[[100.3, 80.6], [250.0, 128.75]]])
    maps = target_maps(centres)
    torch.testing.assert_close(decode_expectation(maps), centres, rtol=0, atol=1e-3)
    torch.testing.assert_close(decode_window(maps), centres, rtol=0, atol=0.2)


def test_expectation_is_pulled_to_the_middle_of_a_weak_map_and_the_window_is_not():
    centres = torch.tensor([[60.0, 40.0]])
    maps = 0.5 * target_maps(centres) + 0.01
    pulled = decode_expectation(maps)[0]
    assert pulled[0] > 150
    torch.testing.assert_close(decode_window(maps), centres, rtol=0, atol=1e-3)


def test_expectation_of_nothing_is_the_middle():
    middle = decode_expectation(torch.zeros(1, 1, 512, 256))
    torch.testing.assert_close(middle, torch.tensor([[[255.5, 127.5]]]))


def test_window_ignores_what_hangs_over_the_border():
    maps = target_maps(torch.tensor([[0.0, 255.0]]))
    row, column = decode_window(maps)[0].tolist()
    # by hand: softmax over the 8 x 8 pixels of the window that lie inside
    patch = (10 * maps[0, :8, -8:]).double().flatten().softmax(0).view(8, 8)
    place = torch.arange(8.0, dtype=torch.float64)
    assert row == pytest.approx((patch.sum(1) * place).sum().item(), abs=1e-4)
    assert column == pytest.approx(248 + (patch.sum(0) * place).sum().item(), abs=1e-4)


def test_window_follows_the_highest_of_two_peaks():
    maps = 0.6 * target_maps(torch.tensor([60.0, 40.0])) + target_maps(torch.tensor([400.0, 200.0]))
    torch.testing.assert_close(decode_window(maps), torch.tensor([400.0, 200.0]), rtol=0, atol=0.01)


@pytest.mark.parametrize("window", [0, -1, 4])
def test_an_even_window_is_refused(window):
    with pytest.raises(ValueError, match="odd"):
        decode_window(torch.zeros(1, 8, 8), window=window)

"""Reading a column: all vertebrae on the same count, none twice, corners refined where they are."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
import torch

from models.vertebrae.chain import Told, _best_path, _refine, read_column

ROWS, COLUMNS, STEP = 64, 32, 3.0
NOBODY = torch.zeros(1, 17, dtype=torch.bool)


def column(*, shift: float = 0.0) -> torch.Tensor:
    """(1, 68, 2) corners in cells, levels STEP apart."""
    level = 5.0 + STEP * (torch.arange(17).view(17, 1) + shift).expand(17, 4)
    row = level + torch.tensor([-1.0, -1.0, 1.0, 1.0])
    across = torch.tensor([14.0, 18.0, 14.0, 18.0]).expand(17, 4)
    return torch.stack([row, across], dim=-1).view(1, 68, 2)


def bumps(points: torch.Tensor, *, height: torch.Tensor | float = 1.0) -> torch.Tensor:
    """Chances (1, 68, rows, columns) of a peak at each point."""
    down = torch.arange(ROWS).view(1, 1, -1, 1) - points[..., 0, None, None]
    across = torch.arange(COLUMNS).view(1, 1, 1, -1) - points[..., 1, None, None]
    return height * torch.exp(-(down**2 + across**2) / (2 * 0.7**2))


def logits(chance: torch.Tensor) -> torch.Tensor:
    return (chance + 1e-6).log()


def test_clear_maps_give_their_peaks() -> None:
    truth = column()
    found = read_column(logits(bumps(truth)), truth + 0.8)
    assert float((found - truth).abs().max()) < 0.15


def test_in_doubt_all_vertebrae_agree() -> None:
    """Each map has peaks at two levels, and noise decides which is higher: one count wins."""
    torch.manual_seed(0)
    right, wrong = column(), column(shift=1.0)
    share = (0.56 + 0.15 * torch.randn(1, 68, 1, 1)).clamp(0.1, 0.9)
    maps = bumps(right, height=share) + bumps(wrong, height=1 - share)
    single = maps.flatten(2).argmax(-1) // COLUMNS
    mixed = (single - right[..., 0]).abs() > 1.5
    assert 8 < int(mixed.sum()) < 34  # corner by corner the count would be mixed
    blurred = right * share.squeeze(-1) + wrong * (1 - share.squeeze(-1))
    found = read_column(logits(maps), blurred)
    assert float((found - right).abs().max()) < STEP / 2.5


@pytest.mark.parametrize("shift", [-1.5, -1.0, 1.0, 1.5])
def test_a_start_that_is_off_by_levels_is_mended(shift: float) -> None:
    truth = column()
    found = read_column(logits(bumps(truth)), column(shift=shift))
    assert float((found - truth).abs().max()) < 0.4


def test_one_blank_vertebra_is_put_between_its_neighbours() -> None:
    truth = column()
    maps = bumps(truth)
    maps[:, 32:36] = 0.0
    found = read_column(logits(maps), truth)
    assert float((found - truth).abs().max()) < 1.0


def test_films_of_a_batch_do_not_mix() -> None:
    one, other = column(), column(shift=1.0)
    both = read_column(
        torch.cat([logits(bumps(one)), logits(bumps(other))]), torch.cat([one, other])
    )
    alone = read_column(logits(bumps(other)), other)
    assert torch.allclose(both[1:], alone, atol=1e-4)


def test_a_course_beyond_the_map_stays_finite() -> None:
    start = column() + torch.tensor([300.0, -200.0])
    assert bool(read_column(torch.zeros(1, 68, ROWS, COLUMNS), start).isfinite().all())


def test_a_course_that_skips_a_vertebra_leaves_no_gap_once_a_hand_told_the_count() -> None:
    """The lower maps are in doubt by a level, the course has a gap, but the film has none."""
    truth, slipped = column(), column()
    slipped[:, 52:] += torch.tensor([STEP, 0.0])
    maps = bumps(truth)
    maps[:, 52:] = bumps(truth, height=0.47)[:, 52:] + bumps(slipped, height=0.53)[:, 52:]
    found = read_column(logits(maps), slipped, told=Told(slipped, NOBODY))
    assert float((found - truth).abs().max()) < STEP / 2.5
    alone = read_column(logits(maps), slipped)
    assert float((alone - slipped).abs().max()) < STEP / 2.5, "nobody said where the count is right"


def test_levels_that_hints_count_do_not_slip_though_the_maps_would() -> None:
    right, wrong = column(), column(shift=1.0)
    maps = logits(bumps(right, height=0.3) + bumps(wrong, height=0.7))
    counted = NOBODY.clone()
    counted[:, 4:12] = True
    found = read_column(maps, right, told=Told(right, counted))
    assert float((found - right)[:, 16:48].abs().max()) < STEP / 2.5
    alone = read_column(maps, right, told=Told(right, NOBODY))
    assert float((alone - wrong).abs().max()) < STEP / 2.5


def test_what_the_maps_show_clearly_is_believed_against_the_hints() -> None:
    right, elsewhere = column(), column(shift=1.0)
    found = read_column(logits(bumps(right)), right, told=Told(elsewhere, ~NOBODY))
    assert float((found - right).abs().max()) < STEP / 2.5


def test_a_corner_is_refined_within_its_window_alone() -> None:
    log_chance = torch.randn(1, 2, 9, 12, generator=torch.Generator().manual_seed(0))
    places = torch.tensor([[[4.3, 5.6], [-3.0, 40.0]]])
    rows, columns = torch.arange(9.0).view(-1, 1), torch.arange(12.0)
    near = ((rows - 4.3).abs() <= 1.25) & ((columns - 5.6).abs() <= 2.25)
    chance = log_chance[0, 0].exp() * near
    mean = torch.stack([(chance * rows).sum(), (chance * columns).sum()]) / chance.sum()
    refined = _refine(log_chance, places)[0]
    assert torch.allclose(refined[0], mean, atol=1e-5)
    assert refined[1].tolist() == [0.0, 11.0], "beyond the map the nearest cell counts"


def test_a_map_smaller_than_the_window_is_read() -> None:
    refined = _refine(torch.zeros(1, 1, 2, 3), torch.tensor([[[0.5, 1.0]]]))
    assert torch.allclose(refined[0, 0], torch.tensor([0.5, 1.0]))


def test_the_best_path_is_the_best_of_all() -> None:
    generator = torch.Generator().manual_seed(0)
    scores = torch.randn(1, 3, 6, generator=generator)
    along = torch.arange(6.0).unsqueeze(0) / 2

    def worth(path: tuple[int, ...]) -> float:
        total = sum(float(scores[0, n, place]) for n, place in enumerate(path))
        for above, below in pairwise(path):
            step = float(along[0, below] - along[0, above])
            total -= 0.5 * ((step - 1) / 0.15) ** 2 if step >= 0.4 else float("inf")
        return total

    best = max(product(range(6), repeat=3), key=worth)
    assert tuple(_best_path(scores, along)[0].tolist()) == best

"""ColumnNet: what a hint does, what padding must not do, and where its pixels lie."""

from __future__ import annotations

import pytest
import torch

from models.vertebrae.column import (
    ColumnNet,
    ColumnNetConfig,
    Decoded,
    Features,
    _joined,
    _share,
)
from models.vertebrae.hints import (
    POINTS,
    Hints,
    counted,
    expect,
    heard,
    no_hints,
    read_hints,
)

SMALL = ColumnNetConfig(
    rows=64, columns=32, width=48, heads=4, image_layers=1, joint_layers=1, pixel_width=16
)


@pytest.fixture(scope="module")
def network() -> ColumnNet:
    torch.manual_seed(0)
    return ColumnNet(SMALL).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def features(network: ColumnNet) -> Features:
    torch.manual_seed(1)
    return network.encode(torch.randn(1, 1, 64, 32))


def hints(*told: tuple[int, float, float]) -> Hints:
    points = torch.tensor([[row, column] for _, row, column in told])[None]
    landmarks = torch.tensor([landmark for landmark, _, _ in told])[None]
    return Hints(points, landmarks, torch.ones(1, len(told), dtype=torch.bool))


def straight_column() -> torch.Tensor:
    """(1, 68, 2): levels 10 px apart, corners 4 px off the centre."""
    level = 20.0 + 10.0 * torch.arange(17).view(17, 1).expand(17, 4)
    row = level + torch.tensor([-3.0, -3.0, 3.0, 3.0])
    column = torch.tensor([60.0, 68.0, 60.0, 68.0]).expand(17, 4)
    return torch.stack([row, column], dim=-1).view(1, POINTS, 2)


def test_one_heat_map_for_each_corner(network: ColumnNet, features: Features) -> None:
    decoded = network.decode(features, no_hints(1))
    assert decoded.logits.shape == (1, POINTS, 16, 8)
    points, spread = network.coordinates(decoded)
    assert points.shape == (1, POINTS, 2)
    assert spread.shape == (1, POINTS)
    assert torch.allclose(points, features.first)


def test_a_hint_reaches_every_vertebra(network: ColumnNet, features: Features) -> None:
    told, _ = network.coordinates(network.decode(features, hints((30, 5.0, 5.0))))
    moved = (told - features.first).norm(dim=-1).view(17, 4).amax(dim=1)
    assert bool((moved > 1e-4).all())


def test_the_order_of_hints_does_not_matter(network: ColumnNet, features: Features) -> None:
    three = [(3, 5.0, 6.0), (40, 30.0, 20.0), (64, 60.0, 9.0)]
    one = network.decode(features, hints(*three)).logits
    other = network.decode(features, hints(*reversed(three))).logits
    assert torch.allclose(one, other, atol=1e-4)


def test_levels_that_are_known_better_are_taken(network: ColumnNet, features: Features) -> None:
    told = hints((30, 5.0, 5.0), (40, 30.0, 20.0))
    own = read_hints(features.first, told).shift
    alike, other = (network.decode(features, told, shift=own + by) for by in (0, 1))
    assert torch.equal(alike.logits, network.decode(features, told).logits)
    assert not torch.allclose(other.logits, alike.logits)


def test_padding_says_nothing(network: ColumnNet, features: Features) -> None:
    alone = network.decode(features, hints((3, 5.0, 6.0))).logits
    padded = hints((3, 5.0, 6.0), (50, 44.0, 3.0))
    mask = torch.tensor([[True, False]])
    assert torch.allclose(
        alone, network.decode(features, padded._replace(mask=mask)).logits, atol=1e-4
    )
    silent = padded._replace(mask=torch.zeros(1, 2, dtype=torch.bool))
    none = network.decode(features, no_hints(1)).logits
    assert torch.allclose(none, network.decode(features, silent).logits, atol=1e-4)


def test_coordinates_are_pixel_centres(network: ColumnNet) -> None:
    logits = torch.full((1, POINTS, 16, 8), -50.0)
    logits[0, :, 3, 5] = 50.0
    decoded = Decoded(logits, torch.zeros(1, POINTS, 2), torch.zeros(1, 4, 16, 8), None)
    points, spread = network.coordinates(decoded)
    # Cell (3, 5) of stride 4 covers pixels 12..15 and 20..23.
    assert torch.allclose(points[0, 7], torch.tensor([13.5, 21.5]))
    assert float(spread.max()) < 1e-3


@pytest.mark.parametrize("levels", [-2, -1, 1, 2])
def test_a_hint_a_level_off_moves_the_whole_column(levels: int) -> None:
    first = straight_column()
    place = first[0, 4 * 9 + 1] + torch.tensor([10.0 * levels + 0.3, 0.5])
    moved = expect(first, hints((4 * 9 + 1, float(place[0]), float(place[1]))))
    free = [n for n in range(POINTS) if n != 4 * 9 + 1]
    wanted = first + torch.tensor([10.0 * levels, 0.0])
    assert torch.allclose(moved[0, free], wanted[0, free], atol=1e-3)
    assert torch.allclose(moved[0, 4 * 9 + 1], place)


def test_a_hint_within_its_level_takes_its_neighbours_along_a_little() -> None:
    first = straight_column()
    row, column = (float(v) for v in first[0, 20] + 3.0)
    moved = (expect(first, hints((20, row, column))) - first).norm(dim=-1).view(17, 4).mean(dim=1)
    assert float(moved[5]) == pytest.approx(3.0 * 2**0.5, abs=1e-3)
    assert bool((moved[5:].diff() < 0).all())
    assert bool((moved[:6].diff() > 0).all())
    assert float(moved[16]) < 0.05


def test_each_vertebra_obeys_its_nearest_hint() -> None:
    first = straight_column()
    low = [(n, *(first[0, n] + torch.tensor([10.0, 0.0])).tolist()) for n in (4 * 14, 4 * 15)]
    moved = expect(first, hints((8, *first[0, 8].tolist()), *low))
    by_level = (moved - first).view(17, 4, 2)[..., 0].mean(dim=1)
    assert torch.allclose(by_level[:8], torch.zeros(8), atol=1e-3)
    assert torch.allclose(by_level[9:], torch.full((8,), 10.0), atol=1e-3)


def test_one_hint_against_another_is_loose() -> None:
    first = straight_column()
    low = first[0, 4 * 15] + torch.tensor([10.0, 0.0])
    moved = expect(first, hints((8, *first[0, 8].tolist()), (4 * 15, *low.tolist())))
    by_level = (moved - first).view(17, 4, 2)[..., 0].mean(dim=1)
    assert float(by_level[:6].abs().max()) < 0.5
    assert float(by_level[15]) == pytest.approx(10.0, abs=0.1)


def test_hints_that_agree_move_the_column_though_one_of_them_lies_nearer_to_where_it_was() -> None:
    first = straight_column()
    low, near = first[0, 4 * 12] + torch.tensor([10.0, 0.0]), first[0, 4 * 2] + 7.0
    two = hints((4 * 12, *low.tolist()), (8, float(near[0]), float(first[0, 8, 1])))
    by_level = (expect(first, two) - first).view(17, 4, 2)[:, 1:, 0].mean(dim=1)
    assert torch.allclose(by_level, torch.full((17,), 10.0), atol=1e-3)


def test_corners_of_one_vertebra_tell_of_its_level_together() -> None:
    first = straight_column()
    off = torch.tensor([6.0, 0.0])
    three = hints(*((n, *(first[0, n] + off).tolist()) for n in (4, 5, 7)))
    by_level = (expect(first, three) - first).view(17, 4, 2)[..., 0].mean(dim=1)
    assert float(by_level[8:].max()) < 2.0, "a vertebra that is not quite right moves no column"


def test_levels_between_hints_that_agree_are_counted() -> None:
    first = straight_column()

    def level_of(vertebra: int, *, off: float = 0.0) -> tuple[int, float, float]:
        row, column = first[0, 4 * vertebra].tolist()
        return 4 * vertebra, row + off, column

    def sure(*told: tuple[int, float, float]) -> list[int]:
        return counted(first, hints(*told))[0].nonzero().flatten().tolist()

    assert sure(level_of(5)) == [5]
    assert sure(level_of(9), level_of(3)) == [3, 4, 5, 6, 7, 8, 9]
    low = level_of(12, off=10.0), level_of(14, off=10.0)
    assert sure(level_of(2), level_of(4), *low) == [2, 3, 4, 12, 13, 14]
    nobody = hints(level_of(3))._replace(mask=torch.zeros(1, 1, dtype=torch.bool))
    assert not bool(counted(first, nobody).any())


@pytest.mark.parametrize(("vertebra", "levels"), [(16, 1), (0, -1), (16, 2)])
def test_a_hint_beyond_the_column_is_told_by_the_vertebra_that_stands_at_its_end(
    vertebra: int, levels: int
) -> None:
    first = straight_column()
    place = first[0, 4 * vertebra + 1] + torch.tensor([10.0 * levels, 0.0])
    given = hints((4 * vertebra + 1, float(place[0]), float(place[1])))
    told = heard(first, given, expect(first, given))
    assert int(told.landmarks) == 4 * (vertebra - levels) + 1
    assert torch.allclose(told.points[0, 0], first[0, 4 * vertebra + 1], atol=1e-3)


def test_hints_inside_the_column_are_heard_as_they_are() -> None:
    first = straight_column()
    given = hints((20, *(first[0, 20] + 3.0).tolist()), (45, *first[0, 45].tolist()))
    told = heard(first, given, expect(first, given))
    assert all(torch.equal(a, b) for a, b in zip(told, given, strict=True))


def test_what_the_hand_told_itself_is_not_told_again() -> None:
    first = straight_column()
    below = torch.tensor([10.0, 0.0])
    given = hints(*((4 * n, *(first[0, 4 * n] + below).tolist()) for n in (15, 16)))
    told = heard(first, given, expect(first, given))
    assert told.mask.tolist() == [[True, False]]


def test_gradients_reach_every_weight() -> None:
    torch.manual_seed(0)
    network = ColumnNet(SMALL)
    network.train()
    both = Hints(
        torch.tensor([[[5.0, 6.0]], [[30.0, 9.0]]]),
        torch.tensor([[3], [44]]),
        torch.ones(2, 1, dtype=torch.bool),
    )
    decoded = network(torch.randn(2, 1, 64, 32), both)
    points, _ = network.coordinates(decoded)
    (points.square().sum() + decoded.guess.sum()).backward()
    idle = [name for name, value in network.named_parameters() if value.grad is None]
    assert idle == []


def test_advice_moves_the_first_answer_towards_itself(
    network: ColumnNet, features: Features
) -> None:
    advice = features.first + torch.tensor([6.0, 0.0])
    advised = network.advised(features, advice)
    before = (features.first - advice).norm(dim=-1).mean()
    assert (advised.first - advice).norm(dim=-1).mean() < 0.7 * before
    points, _ = network.coordinates(network.decode(advised, no_hints(1)))
    assert torch.allclose(points, advised.first)
    assert torch.equal(advised.tokens, features.tokens)


def test_a_hint_is_heard_over_advice(network: ColumnNet, features: Features) -> None:
    """It is weighed against the advised answer, which alone remembers the advice."""
    advised = network.advised(features, features.first + torch.tensor([6.0, 0.0]))
    told = hints((30, 5.0, 5.0))
    decoded = network.decode(advised, told)
    assert decoded.expected is not None
    assert torch.allclose(decoded.expected.points, expect(advised.first, told))
    forgotten = network.decode(advised._replace(advice=None), told)
    assert torch.equal(forgotten.logits, decoded.logits)


def test_maps_joined_by_their_shares_are_those_joined_side_by_side(network: ColumnNet) -> None:
    generator = torch.Generator().manual_seed(0)
    conv = network.to_fine[0]
    assert isinstance(conv, torch.nn.Conv2d)
    small = torch.randn(1, 128, 5, 3, generator=generator)
    large = torch.randn(1, conv.in_channels - 128, 10, 6, generator=generator)
    wide = torch.nn.functional.interpolate(small, scale_factor=2, mode="bilinear")
    usual = conv(torch.cat([wide, large], dim=1))
    assert torch.allclose(_joined(conv, small, _share(conv, large)), usual, atol=1e-5)


def test_pixels_are_asked_as_their_layer_tells_them(network: ColumnNet) -> None:
    generator = torch.Generator().manual_seed(0)
    keys = torch.randn(1, POINTS, SMALL.pixel_width, generator=generator)
    image = torch.randn(1, SMALL.pixel_width, 6, 4, generator=generator)
    scores, likeness = network._scored(keys, image)
    usual = keys @ network.pixel(image).flatten(2) / SMALL.pixel_width**0.5
    assert torch.allclose(scores.flatten(1, 2).flatten(2), usual, atol=1e-5)
    assert torch.allclose(likeness, network.likeness(image), atol=1e-5)

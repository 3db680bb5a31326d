"""The morphology loss: the steadiest distances and angles, and what it costs to break them."""

from __future__ import annotations

import pytest
import torch

from training.published.morphology import Shape, morphology, steadiest


def films(count: int = 40) -> torch.Tensor:
    """Random corners, but 3 keeps its distance to 4, and 10, 11, 12 their angle at 11."""
    torch.manual_seed(0)
    points = 200 * torch.rand(count, 20, 2)
    points[:, 4] = points[:, 3] + torch.tensor([0.0, 30.0])
    size, turn = 20 + 60 * torch.rand(count), 6.28 * torch.rand(count)
    arm = torch.stack([size * turn.cos(), size * turn.sin()], dim=1)
    points[:, 10] = points[:, 11] + arm
    points[:, 12] = points[:, 11] + 0.5 * torch.stack([-arm[:, 1], arm[:, 0]], dim=1)
    return points


def test_what_varies_least_is_chosen() -> None:
    shape = steadiest(films(), count=5)
    assert shape.pairs.shape == (5, 2)
    assert shape.triples.shape == (5, 3)
    assert shape.pairs[0].tolist() == [3, 4]
    assert shape.triples[0].tolist() == [10, 11, 12]
    assert (shape.triples[:, 0] != shape.triples[:, 1]).all()
    assert (shape.triples[:, 2] != shape.triples[:, 1]).all()


def test_one_film_is_enough() -> None:
    shape = steadiest(films(1), count=3)
    assert len(shape.pairs) == len(shape.triples) == 3


def test_the_truth_costs_nothing_and_a_bend_something() -> None:
    shape = Shape(torch.tensor([[0, 1]]), torch.tensor([[0, 1, 2]]))
    truth = torch.tensor([[[0.0, 0.0], [0.0, 40.0], [40.0, 40.0]]])
    assert float(morphology(truth, truth, shape)) == pytest.approx(0, abs=1e-4)
    assert float(morphology(truth + 7.5, truth, shape)) == pytest.approx(0, abs=1e-4)
    longer = truth.clone()
    longer[0, 0, 1] = -5.0  # five pixels farther, the same angle at the middle
    assert float(morphology(longer, truth, shape)) == pytest.approx(5, abs=1e-3)
    straight = truth.clone()
    straight[0, 2] = torch.tensor([0.0, 80.0])  # a right angle becomes a straight one
    assert float(morphology(straight, truth, shape)) == pytest.approx(1, abs=1e-3)
    mirrored = truth.clone()
    mirrored[0, 2, 0] = -40.0  # the same angle to the other side
    assert float(morphology(mirrored, truth, shape)) == pytest.approx(2, abs=1e-3)


def test_the_vertex_matters() -> None:
    shape = Shape(torch.tensor([[0, 1]]), torch.tensor([[0, 1, 2]]))
    truth = torch.tensor([[[0.0, 0.0], [0.0, 40.0], [40.0, 40.0]]])
    moved = truth.clone()
    moved[0, 2, 0] = 90.0  # along its own arm: nothing changes at the middle
    assert float(morphology(moved, truth, shape)) == pytest.approx(0, abs=1e-3)
    assert float(morphology(moved, truth, shape, vertex=0)) > 0.01


def test_points_on_one_spot_have_a_finite_slope() -> None:
    points = torch.full((1, 3, 2), 5.0, requires_grad=True)
    shape = Shape(torch.tensor([[0, 1]]), torch.tensor([[0, 1, 2]]))
    truth = torch.tensor([[[0.0, 0.0], [0.0, 40.0], [40.0, 40.0]]])
    morphology(points, truth, shape).backward()
    assert points.grad is not None
    assert points.grad.isfinite().all()

"""Close-ups for training hold their truth, and training lowers the error."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from domain.errors import WrongUse
from models.vertebrae.refiner import Refiner, RefinerConfig, nothing_told
from training.data.augment import Taught, to_teach
from training.simulated_user import UserConfig
from training.vertebrae import Places
from training.vertebrae_refiner import (
    RefinerRun,
    RefinerTrainer,
    _user,
    close_ups,
    draw,
    run,
    train,
)

SMALL = RefinerConfig(size=64, width=8)
ONE = RefinerRun(bfloat16=False, films=1)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def film() -> Taught:
    """A dark film with seventeen bright boxes."""
    pixels = np.full((700, 260), 30, dtype=np.uint8)
    corners = []
    for v in range(17):
        top, left = 40 + 36 * v, 100
        pixels[top : top + 24, left : left + 50] = 220
        corners += [(top + d, left + a) for d in (0, 23) for a in (0, 49)]
    return to_teach(pixels, np.array(corners, dtype=float))


def test_truth_lies_on_the_edges_of_the_boxes(film: Taught) -> None:
    rng = np.random.default_rng(0)
    pictures, points = close_ups(film, RefinerRun(), rng=rng)
    assert pictures.shape == (17, 96, 96)
    centres = np.rint(points.mean(axis=1)).astype(int)
    seen = [pictures[n, r, c] for n, (r, c) in enumerate(centres) if 0 <= r < 96 and 0 <= c < 96]
    assert len(seen) >= 15
    assert np.mean(seen) > 180


def test_left_stays_left_in_mirrored_batches(film: Taught) -> None:
    for step in range(4):
        corners = draw(step, films=[film], config=ONE).corners.flatten(0, 1)
        assert (corners[:, 1, 1] > corners[:, 0, 1]).all()
        assert (corners[:, 2, 0] > corners[:, 0, 0]).all()


def test_the_same_step_is_the_same_batch(film: Taught) -> None:
    first, again = (draw(3, films=[film], config=ONE) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


def test_training_lowers_the_error(film: Taught, tmp_path: Path) -> None:
    config = replace(ONE, network=RefinerConfig(size=48, width=8), steps=60, rate=5e-3)
    crops, levels, corners = draw(10_000, films=[film], config=config)
    inside = ((corners > 0) & (corners < 47)).all(-1)

    def error(refiner: Refiner) -> float:
        logits = refiner.eval()(crops, levels, nothing_told(*levels.shape)).detach()
        return float((refiner.coordinates(logits)[0] - corners).norm(dim=-1)[inside].mean())

    torch.manual_seed(0)
    before = error(Refiner(config.network))
    assert error(train([film], config, out=tmp_path, device=CPU)) < 0.75 * before


def test_a_stopped_run_goes_on_where_it_was(
    film: Taught, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    learn = RefinerTrainer.learn

    def note(self: RefinerTrainer, batch: Any) -> dict[str, float]:
        drawn.append(self.step)
        return learn(self, batch)

    monkeypatch.setattr(RefinerTrainer, "learn", note)
    for steps, now in ((2, [0, 1]), (4, [2, 3])):
        drawn.clear()
        run_now = RefinerRun(network=SMALL, bfloat16=False, steps=steps, films=1)
        train([film], run_now, out=tmp_path, device=CPU)
        kept = torch.load(tmp_path / "refiner-checkpoint.pt", weights_only=True)
        assert kept["step"] == steps
        assert drawn == now


def test_without_a_column_network_there_is_nothing_to_refine(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="--init"):
        run(RefinerRun(), Places(tmp_path, tmp_path))


def test_vertebrae_seen_alone_are_columns_of_one(film: Taught) -> None:
    crops, levels, corners = draw(0, films=[film], config=replace(ONE, alone=1.0))
    assert crops.shape[:2] == levels.shape == corners.shape[:2] == (17, 1)


def test_hints_stand_at_true_corners_and_are_not_everywhere(film: Taught, tmp_path: Path) -> None:
    config = replace(ONE, network=SMALL, films=4, user=UserConfig(none=0.5, slips=0.0, jitter_px=0))
    batch = draw(5, films=[film], config=config)
    trainer = RefinerTrainer(config, device=CPU)
    counts = []
    for seed in range(6):
        told = _user(trainer.network, batch, config, rng=np.random.default_rng(seed))
        assert torch.equal(told.points[told.mask], batch.corners[told.mask])
        counts += told.mask.flatten(1).sum(1).tolist()
    assert min(counts) == 0
    assert max(counts) >= 1

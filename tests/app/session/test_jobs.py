"""What the window tells the worker without asking anything."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.session import jobs as module
from app.session.jobs import HAND_RESTS_S, HAND_TOLD_S, Jobs
from tests.app.session.sitting import RuleWorker


def test_a_moving_hand_is_told_of_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now, told = [5.0], list[tuple[float, float]]()
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    jobs = Jobs()
    jobs.hand_moves()  # nobody works yet
    worker = RuleWorker(jobs)
    monkeypatch.setattr(worker, "hand_moves", lambda seconds: told.append((now[0], seconds)))
    jobs.employ(worker)
    for _ in range(50):
        jobs.hand_moves()
        now[0] += HAND_TOLD_S / 4
    gaps = [later - sooner for (sooner, _), (later, _) in pairwise(told)]
    assert len(gaps) > 5
    assert min(gaps) >= HAND_TOLD_S
    assert max(gaps) < HAND_RESTS_S, "it would count as resting"
    assert {seconds for _, seconds in told} == {HAND_RESTS_S}

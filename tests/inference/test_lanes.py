"""Which question is asked next."""

from __future__ import annotations

from inference.contracts import Lane, Request
from inference.lanes import Job, Lanes


def job(case_id, lane):
    return Job(case_id=case_id, request=Request("vertebrae", "w"), images={}, lane=lane)


def drained(lanes):
    jobs = []
    while (taken := lanes.take()) is not None:
        jobs.append(taken)
    return jobs


def test_a_newer_preview_takes_the_slot_of_its_own_case_only():
    lanes = Lanes()
    old, other, new = (job(case, Lane.PREVIEW) for case in ("a", "b", "a"))
    assert lanes.add(old) is None
    assert lanes.add(other) is None
    assert lanes.add(new) is old
    assert drained(lanes) == [new, other]


def test_a_final_ends_the_waiting_preview_of_its_case_only():
    lanes = Lanes()
    mine, other, final = job("a", Lane.PREVIEW), job("b", Lane.PREVIEW), job("a", Lane.FINAL)
    lanes.add(mine)
    lanes.add(other)
    assert lanes.add(final) is mine
    assert drained(lanes) == [final, other]


def test_a_batch_job_neither_drops_a_preview_nor_goes_before_anybody():
    lanes = Lanes()
    batch, preview, final = job("a", Lane.BATCH), job("a", Lane.PREVIEW), job("b", Lane.FINAL)
    assert [lanes.add(each) for each in (batch, preview, final)] == [None, None, None]
    assert drained(lanes) == [final, preview, batch]


def test_fifty_finals_keep_their_order_and_a_moving_hand_gets_every_other_turn():
    lanes = Lanes()
    finals = [job(f"case {n}", Lane.FINAL) for n in range(50)]
    for final in finals:
        lanes.add(final)
    taken = []
    for _ in range(60):
        lanes.add(job("hand", Lane.PREVIEW))
        taken.append(lanes.take())
    assert [each for each in taken if each.lane is Lane.FINAL] == finals[:30]
    taken += drained(lanes)
    assert [each for each in taken if each.lane is Lane.FINAL] == finals


def test_a_job_put_back_is_next():
    lanes = Lanes()
    first, second, preview = job("a", Lane.FINAL), job("b", Lane.FINAL), job("c", Lane.PREVIEW)
    lanes.add(first)
    lanes.add(second)
    assert lanes.take() is first
    lanes.add(preview)
    lanes.put_back(first)
    assert drained(lanes) == [first, preview, second]


def test_a_job_is_removed_wherever_it_waits():
    lanes = Lanes()
    jobs = [job("a", lane) for lane in (Lane.PREVIEW, Lane.BATCH)] + [job("b", Lane.FINAL)]
    for each in jobs:
        lanes.add(each)
    assert lanes.remove(-1) is None
    for each in jobs:
        assert lanes.remove(each.request.id) is each
        assert lanes.remove(each.request.id) is None
    assert len(lanes) == 0
    assert lanes.take() is None


def test_emptying_gives_every_job_once():
    lanes = Lanes()
    jobs = [job("a", Lane.FINAL), job("b", Lane.PREVIEW), job("c", Lane.BATCH)]
    for each in jobs:
        lanes.add(each)
    assert lanes.empty() == jobs
    assert lanes.empty() == []

"""Unfinished findings on their way to the window: not too often, and not of what is given up."""

from __future__ import annotations

from domain.errors import Cancelled
from inference import serving
from inference.contracts import CancelToken, Preview, Progress, Showing
from tests.inference.test_foreman import Stage


def test_what_there_is_so_far_is_passed_on_until_a_job_is_given_up():
    stage = Stage().up()
    job = stage.submit()
    stage.say(Preview(job, "half"))
    stage.say(Preview(job + 1, "another's"))
    stage.foreman.cancel(job)
    stage.say(Preview(job, "late"))
    assert [event for event in stage.events if isinstance(event, Preview)] == [Preview(job, "half")]
    stage.answer(job)
    assert stage.ends() == {job: Cancelled}


def test_a_preview_is_a_boundary():
    stage = Stage().up()
    job = stage.submit()
    stage.pass_time(100)
    stage.say(Preview(job, "half"))
    stage.pass_time(100)
    assert not stage.engine.ended


def test_previews_are_made_at_most_ten_times_a_second(monkeypatch):
    now, said, made = [100.0], [], []
    monkeypatch.setattr(serving.time, "monotonic", lambda: now[0])
    report = serving._Reporter(7, token=CancelToken(), say=said.append)
    assert isinstance(report, Showing)
    for step in range(100):
        now[0] += 0.03
        report.show(lambda step=step: made.append(step) or step)
    assert made == list(range(0, 100, 4))
    assert said == [Preview(7, step) for step in made]
    report(100, 100, "done")
    assert isinstance(said[-1], Progress)

"""The whole way of a study: worker, the real engine, the pipeline and a tiny network."""

from __future__ import annotations

import importlib.util
import os
import pickle
import queue
import signal
import sys
from dataclasses import replace

import numpy as np
import pytest

from domain.errors import Cancelled, WrongUse
from domain.implant import ImplantOptions, Sampler
from inference.contracts import Failure, Lane, Preview, Progress, Request, Response, next_request_id
from inference.worker import Worker
from tests.implant_weights import WEIGHTS, install_tiny

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed"),
    pytest.mark.slow,
]
LONG_S = 60.0


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    install_tiny(folder)
    return folder


@pytest.fixture
def desk(project_root, weights):
    with Desk(project_root, weights) as there:
        yield there


class Desk:
    """Asks, and keeps all that is told until an end."""

    def __init__(self, project_root, folder):
        from tests.inference.implant.small import a_study

        self.study, self.events = a_study(16), queue.SimpleQueue()
        main = str(project_root / "main.py")
        command = (sys.executable, main, "engine", "--device", "cpu", "--weights", str(folder))
        self.worker = Worker(command, on_event=self.events.put)

    def __enter__(self):
        self.worker.start()
        return self

    def __exit__(self, *_):
        self.worker.close()

    def ask(self, **options):
        asked = ImplantOptions(**({"level": 100, "steps": 3} | options))
        images, plan = (self.study.sha256,), self.study.plan
        request = Request("implant", WEIGHTS, images, prompt=plan, options=asked, seed=3)
        self.worker.submit("a", request, {self.study.sha256: self.study.pixels}, Lane.FINAL)
        return request

    def until(self, *kinds):
        told = []
        while True:
            told.append(self.events.get(timeout=LONG_S))
            if isinstance(told[-1], kinds):
                return told


def test_a_study_is_shown_on_the_way_and_answered_the_same_after_a_kill(desk):
    request = desk.ask()
    told = desk.until(Response, Failure)
    assert isinstance(told[-1], Response), told[-1]
    shown = [event for event in told if isinstance(event, Preview)]
    assert shown
    assert {event.request_id for event in shown} == {request.id}
    assert not shown[0].findings.is_finished
    assert np.array_equal(shown[0].findings.noised, told[-1].findings.noised)
    os.kill(desk.worker.engine_pid, signal.SIGKILL)
    again = replace(request, id=next_request_id())
    desk.worker.submit("a", again, {desk.study.sha256: desk.study.pixels}, Lane.FINAL)
    second = desk.until(Response, Failure)[-1]
    assert pickle.dumps(second.findings) == pickle.dumps(told[-1].findings)


def test_a_cancelled_study_ends_and_the_engine_lives_on(desk):
    request = desk.ask(level=999, sampler=Sampler.DDPM)
    desk.until(Progress)
    engine = desk.worker.engine_pid
    desk.worker.cancel(request.id)
    end = desk.until(Response, Failure)[-1]
    assert isinstance(end.error, Cancelled)
    desk.ask()
    assert isinstance(desk.until(Response, Failure)[-1], Response)
    assert desk.worker.engine_pid == engine


def test_what_cannot_be_asked_is_said(desk):
    desk.ask(level=1000)
    assert isinstance(desk.until(Response, Failure)[-1].error, WrongUse)

"""A deed is done once for each turn, in a process of its own."""

from __future__ import annotations

import os

import pytest

from benchmarks.deeds import Deed, plain_environment
from inference.process import engine_environment

SCRIPT = """
from itertools import count
from benchmarks.deeds import serve
turns = count()
serve(lambda: next(turns))
"""


def test_the_warm_up_is_not_told():
    with Deed("-c", SCRIPT, env=os.environ) as deed:
        done = [deed.do() for _ in range(3)]
    assert [one.result for one in done] == [1, 2, 3]
    assert all(one.seconds >= 0 for one in done)


def test_a_process_that_ended_is_told():
    with Deed("-c", "pass", env=os.environ) as deed, pytest.raises((RuntimeError, OSError)):
        deed.do()


def test_plain_differs_from_an_engine_by_its_allocator_alone():
    ours = engine_environment(os.environ)
    left_out = set(ours) - set(plain_environment())
    assert left_out
    assert all(name.startswith("MALLOC_") for name in left_out)

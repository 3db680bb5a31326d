"""Draws what the next steps learn from while the network learns."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

Drawn = TypeVar("Drawn", bound=tuple[Any, ...])
_AHEAD = 3  # draws for each worker
_source: Any = None  # in a worker: what it draws from


def ahead(
    draw: Callable[[int], Drawn], *, first: int, workers: int = 1
) -> Generator[Drawn, None, None]:
    """`draw(first)`, `draw(first + 1)` …: the same whoever draws them, so that a run can resume.

    Args:
        draw: gives a named tuple of tensors; what it holds is copied to each worker once.
        workers: processes that draw; one is a thread of this process.
    """
    pool, call = _threads(draw) if workers == 1 else _processes(draw, workers)
    try:
        waiting = deque(pool.submit(call, first + n) for n in range(_AHEAD * workers + 1))
        for step in count(first + len(waiting)):
            drawn = waiting.popleft().result()
            waiting.append(pool.submit(call, step))
            yield drawn.opened() if isinstance(drawn, _Sent) else drawn
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Sent:
    """A draw on its way between processes: arrays need no shared memory."""

    kind: type[Any]
    arrays: tuple[NDArray[np.generic], ...]

    def opened(self) -> Any:
        return self.kind(*map(torch.from_numpy, self.arrays))


def _threads(draw: Callable[[int], Drawn]) -> tuple[Executor, Callable[[int], Any]]:
    return ThreadPoolExecutor(1, thread_name_prefix="ahead"), draw


def _processes(draw: Callable[[int], Drawn], workers: int) -> tuple[Executor, Callable[[int], Any]]:
    # Spawned: a process that uses a GPU must not be forked.
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, spawn, initializer=_begin, initargs=(draw,)), _draw_there


def _begin(draw: Callable[[int], Any]) -> None:
    global _source
    _source = draw
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)


def _end_with_parent() -> None:
    """A run that is killed leaves no worker behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _draw_there(step: int) -> _Sent:
    drawn = _source(step)
    return _Sent(type(drawn), tuple(part.numpy() for part in drawn))

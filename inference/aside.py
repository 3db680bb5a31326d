"""Lets work that can wait stand aside while a hand moves: the cores are the window's then."""

from __future__ import annotations

import time
from collections.abc import Callable

GLANCE_S = 0.005
MOST_S = 5.0
"""A piece of work stands aside no longer than this, however long the hand moves."""


class Aside:
    """Until when there is a hand to wait for; told by one thread, waited for by another."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._until = clock()

    def hand_moves(self, seconds: float) -> None:
        """A hand moves now, and so may it for some seconds."""
        self._until = self._clock() + seconds

    def waiting(self, check: Callable[[], None]) -> Callable[[], None]:
        """A call that waits while a hand moves, for one piece of work.

        Args:
            check: called all the while; what it raises ends the wait.
        """
        left = MOST_S

        def wait() -> None:
            nonlocal left
            check()
            while left > 0 and self._clock() < self._until:
                began = self._clock()
                self._sleep(GLANCE_S)
                left -= self._clock() - began
                check()

        return wait

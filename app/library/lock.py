"""One writing Caliper for each library: a lock that the operating system frees, even on kill -9."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        # flock belongs to this opening of the file: it keeps out this same process as well.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class InstanceLock:
    """Holds the lock from its making until `free`.

    Raises:
        BlockingIOError: another Caliper holds it.
        OSError: the lock file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._descriptor)
        except OSError as error:
            self.free()
            # Windows says "permission denied" for a lock that somebody else holds.
            raise BlockingIOError(*error.args) from error

    def free(self) -> None:
        """Let the next one write."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

"""What a child that reads files nobody trusts may take of memory and of the processor.

Linux bounds both, macOS the processor alone, Windows neither: there the parent's clock must do.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY_LIMIT_BYTES = 2 * 2**30  # above what the child needs to stand there
MAPPED_LIMIT_BYTES = 8 * 2**30  # of frames in a file; mapped, they take addresses, not memory

_is_child = False
_bound_bytes = 0


def bound_this_process() -> None:
    """Bound the address space for good; what follows may bound its processor time too."""
    global _is_child, _bound_bytes
    _is_child = True
    if sys.platform != "linux":
        return
    import resource

    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    _bound_bytes = in_use + MEMORY_LIMIT_BYTES
    most = _bound_bytes + MAPPED_LIMIT_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (_bound_bytes, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_mapping(size: int) -> None:
    """Let this process, where it is bounded, map a file of so many bytes beside its memory.

    Holds until the next call; 0 takes it back.
    """
    if not _bound_bytes:
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (min(_bound_bytes + size, most), most))


@contextmanager
def processor_seconds(limit_s: float) -> Iterator[None]:
    """End this process, where it is a child, if the block takes more processor time than that.

    For work inside a library that cannot be interrupted: the system ends it, and the parent says
    so. Elsewhere than in a child, and on Windows, nothing is bounded.
    """
    if not _is_child or sys.platform == "win32":
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)


def why_it_ended(exit_code: int | None) -> str:
    """What is said of a child that did not survive a file."""
    if sys.platform != "win32" and exit_code == -signal.SIGPROF:
        return "Reading it takes longer than a film needs."
    if sys.platform != "win32" and exit_code == -signal.SIGABRT:  # libraries do so without memory
        return "Its reader gave up: it is damaged, or needs more memory than a film may take."
    return f"The reader crashed on it (exit code {exit_code})."

"""Whether memory ran out, told by name and text: torch may not be there, and has several kinds."""

from __future__ import annotations


def is_out_of_memory(error: BaseException) -> bool:
    """Whether it is that."""
    names = {kind.__name__ for kind in type(error).__mro__}
    text = str(error).lower()
    return (
        bool(names & {"MemoryError", "OutOfMemoryError"})
        or "can't allocate memory" in text
        or "out of memory" in text
    )

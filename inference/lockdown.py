"""Takes from a process what it does not need, before it reads a file that nobody trusts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

CPU_SECONDS = 120
_REFUSED = (
    "socket.", "subprocess.", "pty.", "shutil.", "ftplib.", "smtplib.", "urllib.", "webbrowser.",
    "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.startfile", "os.kill",
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate",
    "os.chmod", "os.chown", "os.putenv", "ctypes.dlopen", "winreg.", "_winapi.CreateProcess",
)  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def lock_down(*, writable: Path, memory: int, file_bytes: int) -> None:
    """From here on: no network, no child, one writable file, bounded memory and time.

    Python's own doors are shut by an audit hook, which no Python code can take away again. Memory,
    file size and processor time are bounded by the system where it has such limits.

    Args:
        writable: the one file that may be written.
        memory: bytes that the process may take beyond what it has now (Linux).
        file_bytes: the largest file it may write.
    """
    allowed = os.path.realpath(writable)
    _limit_resources(memory=memory, file_bytes=file_bytes)

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(_REFUSED):
            raise PermissionError(f"{event} is refused while weights are read")
        if event == "open" and _writes(arguments) and not _is(arguments[0], allowed):
            raise PermissionError(f"writing {arguments[0]!r} is refused while weights are read")

    sys.addaudithook(refuse)


def _writes(arguments: tuple[Any, ...]) -> bool:
    mode, flags = arguments[1], arguments[2]
    by_mode = isinstance(mode, str) and any(letter in mode for letter in "wax+")
    return by_mode or (isinstance(flags, int) and bool(flags & _WRITING))


def _is(path: Any, allowed: str) -> bool:
    return isinstance(path, str | os.PathLike) and os.path.realpath(path) == allowed


def _limit_resources(*, memory: int, file_bytes: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: file_bytes,
    }
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limits[resource.RLIMIT_AS] = pages * resource.getpagesize() + memory
    for kind, limit in limits.items():
        _, hard = resource.getrlimit(kind)
        lowest = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (lowest, lowest))

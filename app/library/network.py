"""Whether a folder is on a network share, where SQLite's write-ahead log must not be used."""

from __future__ import annotations

import re
import sys
from pathlib import Path

MOUNTS = Path("/proc/mounts")
NETWORK_SYSTEMS = frozenset(
    (
        *("9p", "afs", "ceph", "cifs", "davfs", "drvfs", "fuse.ceph", "fuse.glusterfs"),
        *("fuse.rclone", "fuse.sshfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4"),
        *("smb3", "smbfs", "vboxsf", "virtiofs"),
    )
)
DRIVE_REMOTE = 4  # GetDriveTypeW


def is_on_network(folder: Path) -> bool:
    """Whether the folder is known to be on a network share (macOS does not tell: False there)."""
    if sys.platform == "win32":
        import ctypes

        drive = folder.absolute().drive
        kind = ctypes.windll.kernel32.GetDriveTypeW(drive + "\\")
        return drive.startswith("\\\\") or kind == DRIVE_REMOTE
    if not MOUNTS.exists():
        return False
    return file_system(folder.resolve(), mounts=MOUNTS.read_text("utf-8")) in NETWORK_SYSTEMS


def file_system(folder: Path, *, mounts: str) -> str:
    """The type of the file system that holds `folder`; empty where the table does not say.

    Args:
        folder: absolute, without links.
        mounts: the text of /proc/mounts.
    """
    kind, depth = "", -1
    for line in mounts.splitlines():
        fields = line.split()
        point = Path(_unescaped(fields[1]))
        # Of two on the same place the later covers the earlier.
        if folder.is_relative_to(point) and len(point.parts) >= depth:
            kind, depth = fields[2], len(point.parts)
    return kind


def _unescaped(text: str) -> str:
    """Spaces and the like stand in the table as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)

"""Whether the files of a weights entry are there and are what they should be (no torch)."""

from __future__ import annotations

import hashlib
import threading
import time
from enum import StrEnum
from pathlib import Path

from domain.errors import WeightsCorrupt, WeightsIncompatible, WeightsMissing
from inference.entry import WeightsEntry

_CHUNK = 2**20
_CLOCK_GRAIN_NS = 2_000_000_000  # FAT counts in two seconds


class WeightsState(StrEnum):
    """What a person is told of an entry."""

    INSTALLED = "installed"
    MISSING = "missing"
    CORRUPT = "corrupt"
    TOO_NEW = "too_new"


def quick_state(entry: WeightsEntry) -> WeightsState:
    """The state as far as sizes tell; no file is read."""
    if entry.too_new:
        return WeightsState.TOO_NEW
    for part in entry.files:
        try:
            size = (entry.folder / part.file).stat().st_size
        except OSError:
            return WeightsState.MISSING
        if size != part.bytes:
            return WeightsState.CORRUPT
    return WeightsState.INSTALLED if entry.parts else WeightsState.MISSING


def state_of(entry: WeightsEntry, *, again: bool = False) -> WeightsState:
    """The state, with the sha256 of each part and of the whole checked.

    Files whose path, time and size are those of an earlier check are not read, except `again`.
    """
    quick = quick_state(entry)
    if quick is not WeightsState.INSTALLED:
        return quick
    try:
        right = _CHECKED.holds(entry, again=again)
    except OSError:
        return WeightsState.MISSING
    return WeightsState.INSTALLED if right else WeightsState.CORRUPT


def read_weights(entry: WeightsEntry) -> bytes:
    """The whole weights file, its parts joined, every sha256 checked on the very bytes returned.

    Raises:
        WeightsMissing: a part is not there.
        WeightsCorrupt: a part, or the whole, is not what the manifest describes.
        WeightsIncompatible: it needs a newer Caliper.
    """
    if entry.too_new:
        raise _too_new(entry)
    joined = bytearray()
    for part, path in zip(entry.parts, entry.paths, strict=True):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise WeightsMissing(
                f"The weights {entry.title!r} are not installed.",
                why=f"{part.file} cannot be read ({error.strerror}).",
                remedy="Import them again, or install Caliper again.",
            ) from error
        _require(content, sha256=part.sha256, file=part.file, entry=entry)
        joined += content
    whole = bytes(joined)
    _require(whole, sha256=entry.sha256, file="the whole file", entry=entry)
    return whole


def _too_new(entry: WeightsEntry) -> WeightsIncompatible:
    return WeightsIncompatible(
        f"The weights {entry.title!r} need a newer Caliper.",
        why=f"This one does not know their network ({entry.architecture or 'unnamed'}).",
        remedy="Update Caliper, or choose other weights.",
    )


def _require(content: bytes, *, sha256: str, file: str, entry: WeightsEntry) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise WeightsCorrupt(
            f"The weights {entry.title!r} are damaged.",
            why=f"{file} has the sha256 {found[:12]}…, not {sha256[:12]}….",
            remedy="Import them again, or install Caliper again.",
        )


class _Checked:
    """Remembers which files were found to hold what, by path, time and size."""

    def __init__(self) -> None:
        self._results: dict[tuple[object, ...], bool] = {}
        self._lock = threading.Lock()

    def holds(self, entry: WeightsEntry, *, again: bool) -> bool:
        """Whether parts and whole have the right sha256; OSError where they cannot be read."""
        paths = [entry.folder / part.file for part in entry.files]
        key = (entry.sha256, entry.files, tuple(map(_fingerprint, paths)))
        with self._lock:
            known = None if again else self._results.get(key)
        if known is None:
            known = _hashes_agree(entry)
            if all(map(_at_rest, paths)):
                with self._lock:
                    self._results[key] = known
        return known


_CHECKED = _Checked()


def _fingerprint(path: Path) -> tuple[str, int, int]:
    status = path.stat()
    return str(path.absolute()), status.st_mtime_ns, status.st_size


def _at_rest(path: Path) -> bool:
    """Whether the file is old enough that another change would show in its time."""
    return time.time_ns() - path.stat().st_mtime_ns > _CLOCK_GRAIN_NS


def _hashes_agree(entry: WeightsEntry) -> bool:
    whole = hashlib.sha256()
    for part, path in zip(entry.parts, entry.paths, strict=True):
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(_CHUNK):
                digest.update(piece)
                whole.update(piece)
        if digest.hexdigest() != part.sha256:
            return False
    for beside in entry.beside:
        content = (entry.folder / beside.file).read_bytes()
        if hashlib.sha256(content).hexdigest() != beside.sha256:
            return False
    return whole.hexdigest() == entry.sha256

"""Looking after weights: list, import, verify, remove; no torch, the airlock is apart."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain import errors
from domain.errors import CaliperError, UnreadableFile, WrongUse
from domain.provenance import Mode
from inference.entry import ARCHITECTURE_TASKS, UNKNOWN, Part, WeightsEntry, canonical_json
from inference.entry_json import check_id
from inference.integrity import WeightsState, state_of
from inference.manifest import MANIFEST_NAME, Manifest, catalogue

AIRLOCK_SECONDS = 600
MAX_BYTES = 4 << 30
_KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_CHUNK = 1 << 20
_OUT_OF_TIME = -getattr(signal, "SIGXCPU", -1)  # Windows has no such limit


@dataclass(frozen=True)
class WeightsStatus:
    """An entry, its state, and whether a person imported it (and may remove it)."""

    entry: WeightsEntry
    state: WeightsState
    imported: bool


def list_weights(*, shipped: Path, imported: Path) -> tuple[WeightsStatus, ...]:
    """All weights of both folders with their state; files unchanged since a check are not read."""
    return _statuses(shipped=shipped, imported=imported, again=False)


def verify_weights(
    *, shipped: Path, imported: Path, weights_id: str | None = None
) -> tuple[WeightsStatus, ...]:
    """All weights, or one, with every file read and its sha256 checked now.

    Raises:
        WeightsMissing: no weights have that id.
    """
    if weights_id is not None:
        catalogue((shipped, imported)).find(weights_id)
    return _statuses(shipped=shipped, imported=imported, again=True, only=weights_id)


def _statuses(
    *, shipped: Path, imported: Path, again: bool, only: str | None = None
) -> tuple[WeightsStatus, ...]:
    return tuple(
        WeightsStatus(entry, state_of(entry, again=again), imported=entry.folder == imported)
        for entry in catalogue((shipped, imported)).entries
        if only in (None, entry.id)
    )


def remove_weights(weights_id: str, *, shipped: Path, imported: Path) -> WeightsEntry:
    """Take imported weights away: off the list first, then off the disk.

    Raises:
        WeightsMissing: no weights have that id.
        WrongUse: they came with the program.
    """
    entry = catalogue((shipped, imported)).find(weights_id)
    if entry.folder != imported:
        raise WrongUse(
            f"The weights {weights_id!r} cannot be removed.",
            why="They came with Caliper.",
            remedy="Only imported weights can be removed.",
        )
    listing = imported / MANIFEST_NAME
    rest = Manifest.read(listing).without(weights_id)
    rest.write(listing)
    kept = {path for other in rest.entries for path in _files_of(other)}
    for path in _files_of(entry) - kept:
        path.unlink(missing_ok=True)
    return entry


def _files_of(entry: WeightsEntry) -> set[Path]:
    files = {entry.folder / part.file for part in entry.files}
    return files if entry.card_path is None else files | {entry.card_path}


@dataclass(frozen=True)
class ImportOrder:
    """What a person wants to import.

    Args:
        source: a checkpoint (.pt, .pth) or a safetensors file.
        weights_id: how to call it; made from the content where not given.
        title: what people read; the file's name where not given.
        licence, origin, training_data, intended_use: its passport, as far as the person knows.
        mode: which mode it runs in unless asked otherwise.
    """

    source: Path
    weights_id: str | None = None
    title: str | None = None
    licence: str = ""
    origin: str = ""
    training_data: str = ""
    intended_use: str = ""
    mode: Mode = Mode.CORRECTED


def import_weights(order: ImportOrder, *, shipped: Path, imported: Path) -> WeightsEntry:
    """Convert a file in the airlock and list it; the same file twice is one entry.

    Raises:
        UnreadableFile: the file cannot be opened, or would run code.
        WeightsIncompatible: it holds no network that Caliper can use.
        WrongUse: the id cannot be used.
    """
    _require_file(order.source)
    imported.mkdir(parents=True, exist_ok=True)
    unfinished = imported / f"import-{os.getpid()}.tmp"
    try:
        found = run_airlock(order.source, unfinished)
        entry = _new_entry(order, found, content=unfinished, folder=imported)
        if any(entry.id == other.id for other in Manifest.read(shipped / MANIFEST_NAME).entries):
            raise _bad_id(entry.id, why="Weights that came with Caliper are called so.")
        unfinished.replace(entry.paths[0])
    finally:
        unfinished.unlink(missing_ok=True)
    (imported / entry.card).write_text(_card(entry), encoding="utf-8")
    listing = imported / MANIFEST_NAME
    Manifest.read(listing).with_entry(entry).write(listing)
    return entry


def _require_file(source: Path) -> None:
    try:
        size = source.stat().st_size if source.is_file() else None
    except OSError:
        size = None
    if size is None:
        raise UnreadableFile(f"There is no file {source}.", remedy="Check the name.")
    if size > MAX_BYTES:
        raise UnreadableFile(
            f"The file {source.name} is refused.",
            why=f"It has {size / 2**30:.1f} GiB; no network here needs more than 4.",
        )


def _new_entry(
    order: ImportOrder, found: Mapping[str, Any], *, content: Path, folder: Path
) -> WeightsEntry:
    architecture = found["architecture"]
    sha256, original = _sha256(content), _sha256(order.source)
    given = order.weights_id
    weights_id = f"{architecture}-{sha256[:8]}" if given is None else given
    try:
        check_id(weights_id)
    except ValueError as error:
        raise _bad_id(weights_id, why=f"{error}.") from error
    size = content.stat().st_size
    return WeightsEntry(
        id=weights_id,
        task=ARCHITECTURE_TASKS[architecture],
        title=order.title or order.source.stem,
        architecture=architecture,
        config_json=canonical_json(found["config"]),
        parts=(Part(f"{weights_id}.safetensors", size, sha256),),
        sha256=sha256,
        bytes=size,
        mode=order.mode,
        card=f"{weights_id}.md",
        licence=order.licence,
        origin=f"{order.origin.strip() or UNKNOWN} (imported from {order.source.name}, "
        f"sha256 {original})",
        training_data=order.training_data,
        intended_use=order.intended_use,
        folder=folder,
    )


def _bad_id(weights_id: str, *, why: str) -> WrongUse:
    return WrongUse(
        f"The weights cannot be called {weights_id!r}.", why=why, remedy="Choose another id."
    )


def _card(entry: WeightsEntry) -> str:
    # What a person typed or a file is called is shown as it is, not as markup.
    title = re.sub(r"[^\w .,()+-]", " ", entry.title)
    return (
        f"# {title}\n\n"
        f"A network of the family {entry.architecture} that was imported here; nothing was "
        "measured by Caliper.\n\n"
        f"Configuration: `{entry.config_json}`\n"
    )


def run_airlock(source: Path, target: Path) -> Mapping[str, Any]:
    """Convert in a process of its own; what it found: architecture and config.

    Raises:
        UnreadableFile: the process refused the file, died or took too long.
        WeightsIncompatible: the file holds no network that Caliper can use.
    """
    command = [*airlock_command(), str(source.absolute()), str(target.absolute())]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=Path(__file__).resolve().parent.parent,
            env=_airlock_environment(os.environ),
            timeout=AIRLOCK_SECONDS,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired as error:
        raise _died(source, why=f"Reading it took more than {AIRLOCK_SECONDS} s.") from error
    answer = _last_line(done.stdout)
    if "error" in answer:
        raise _error_of(answer)
    if done.returncode == _OUT_OF_TIME:
        raise _died(source, why="Reading it took more processor time than any weights need.")
    if done.returncode != 0 or answer.get("architecture") not in ARCHITECTURE_TASKS:
        tail = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise _died(source, why=f"The process that read it ended ({done.returncode}). {tail}")
    return answer


def airlock_command() -> Sequence[str]:
    """How the airlock is started; a frozen program has no modules to run, but a verb."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "airlock")
    return (sys.executable, "-s", "-m", "inference.airlock")


def _airlock_environment(base: Mapping[str, str]) -> dict[str, str]:
    kept = {name: base[name] for name in _KEPT_VARIABLES if name in base}
    return {**kept, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONUTF8": "1"}


def _last_line(output: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(output.decode(errors="replace").strip().rpartition("\n")[2])
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _error_of(answer: Mapping[str, Any]) -> CaliperError:
    kind = getattr(errors, str(answer["error"]), UnreadableFile)
    known = kind if isinstance(kind, type) and issubclass(kind, CaliperError) else UnreadableFile
    what, why, remedy = (str(answer.get(name, "")) for name in ("what", "why", "remedy"))
    return known(what, why=why, remedy=remedy)


def _died(source: Path, *, why: str) -> UnreadableFile:
    return UnreadableFile(
        f"The file {source.name} could not be read.", why=why, remedy="Nothing was imported."
    )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()

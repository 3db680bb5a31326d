"""Which weights there are: the manifests of the program's folder and of the person's (no torch)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from domain.errors import CaliperError, WeightsCorrupt, WeightsIncompatible, WeightsMissing
from inference.calibration import calibrated_options
from inference.entry import SCHEMA, Metric, Part, WeightsEntry
from inference.entry_json import manifest_from_json, manifest_to_json
from inference.integrity import WeightsState, quick_state, state_of

__all__ = [
    "MANIFEST_NAME",
    "Manifest",
    "Metric",
    "Part",
    "WeightsEntry",
    "WeightsState",
    "calibrated_options",
    "catalogue",
    "quick_state",
    "shipped_folder",
    "state_of",
]

MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """A list of weights, of one folder or of several."""

    entries: tuple[WeightsEntry, ...] = ()
    schema: int = SCHEMA

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """The manifest of a file, or an empty one where there is no file.

        Raises:
            WeightsCorrupt: it cannot be read, or does not say what it must.
        """
        try:
            tree = json.loads(path.read_text(encoding="utf-8"))
            entries, schema = manifest_from_json(tree, folder=path.parent)
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, RecursionError) as error:
            raise WeightsCorrupt(
                f"The list of weights {path} cannot be read.",
                why=f"{error}.",
                remedy="Install Caliper again, or move the file away if it is yours.",
            ) from error
        return cls(entries, schema)

    def write(self, path: Path) -> None:
        """Write it so that a crash leaves the old one or the new one.

        Raises:
            WeightsIncompatible: it was written by a newer Caliper, which knows more than this one.
        """
        if self.schema > SCHEMA:
            raise WeightsIncompatible(
                f"The list of weights {path} was written by a newer Caliper.",
                why="Changing it would lose what this one does not understand.",
                remedy="Update Caliper.",
            )
        text = json.dumps(manifest_to_json(self.entries), indent=2, ensure_ascii=False)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        with unfinished.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)

    def with_entry(self, entry: WeightsEntry) -> Manifest:
        """A manifest that holds an entry, instead of an older one with the same id."""
        return Manifest((*self.without(entry.id).entries, entry), schema=self.schema)

    def without(self, weights_id: str) -> Manifest:
        """A manifest that lacks an entry."""
        kept = tuple(entry for entry in self.entries if entry.id != weights_id)
        return Manifest(kept, schema=self.schema)

    def entries_for(self, task: str) -> tuple[WeightsEntry, ...]:
        """All entries of a task, in the manifest's order."""
        return tuple(entry for entry in self.entries if entry.task == task)

    def default_for(self, task: str) -> WeightsEntry:
        """The task's default where its files are there, else the first entry whose files are.

        Raises:
            WeightsCorrupt, WeightsIncompatible: the default is there, and that is wrong with it.
            WeightsMissing: nothing is installed for the task.
        """
        entries = sorted(self.entries_for(task), key=lambda entry: not entry.default)
        for entry in entries:
            if quick_state(entry) is WeightsState.INSTALLED:
                return entry
        raise _nothing_for(task, entries)

    def find(self, weights_id: str) -> WeightsEntry:
        """The entry with an id.

        Raises:
            WeightsMissing: there is none.
        """
        for entry in self.entries:
            if entry.id == weights_id:
                return entry
        known = ", ".join(entry.id for entry in self.entries) or "none"
        raise WeightsMissing(
            f"No weights are called {weights_id!r}.", remedy=f"Known weights: {known}."
        )


def _nothing_for(task: str, entries: list[WeightsEntry]) -> CaliperError:
    kinds: dict[WeightsState, type[CaliperError]] = {
        WeightsState.CORRUPT: WeightsCorrupt,
        WeightsState.TOO_NEW: WeightsIncompatible,
    }
    words = {
        WeightsState.CORRUPT: "damaged",
        WeightsState.TOO_NEW: "made for a newer Caliper",
        WeightsState.MISSING: "listed, but not on disk",
    }
    first = quick_state(entries[0]) if entries else WeightsState.MISSING
    return kinds.get(first, WeightsMissing)(
        f"No network is installed for {task}.",
        why=f"{entries[0].title!r} is {words[first]}." if entries else "",
        remedy="Import weights, or install Caliper again.",
    )


def catalogue(folders: Iterable[Path]) -> Manifest:
    """The manifests of several folders as one; of two entries with one id the first folder's wins.

    Raises:
        WeightsCorrupt: a manifest cannot be read.
    """
    found: dict[str, WeightsEntry] = {}
    for folder in folders:
        for entry in Manifest.read(folder / MANIFEST_NAME).entries:
            found.setdefault(entry.id, entry)
    return Manifest(tuple(found.values()))


def shipped_folder() -> Path:
    """Where the weights lie that came with the program; a frozen program unpacks them elsewhere."""
    unpacked = getattr(sys, "_MEIPASS", None)
    root = Path(unpacked) if unpacked else Path(__file__).resolve().parent.parent
    return root / "weights"

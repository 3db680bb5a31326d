"""Entries of a weights manifest from JSON and to JSON; what is wrong is named (no torch)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

from domain.provenance import Mode
from inference.entry import FORMAT, SCHEMA, Ally, Metric, Part, WeightsEntry, canonical_json

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
Tree = Mapping[str, Any]


def manifest_from_json(tree: Any, *, folder: Path) -> tuple[tuple[WeightsEntry, ...], int]:
    """Entries and schema of a manifest.

    Of a newer schema only id, task and title are understood: such entries are known, and too new.

    Raises:
        ValueError: something is missing, of the wrong kind, or contradicts itself.
    """
    top = _object(tree, what="the manifest")
    schema = _count(top, "schema")
    read = _entry if schema <= SCHEMA else _newer_entry
    entries = tuple(
        read(_object(each, what="an entry"), folder=folder, schema=schema)
        for each in _items(top, "weights")
    )
    ids = [entry.id for entry in entries]
    for weights_id in ids:
        if ids.count(weights_id) > 1:
            raise ValueError(f"two entries are called {weights_id!r}")
    return entries, schema


def manifest_to_json(entries: tuple[WeightsEntry, ...]) -> dict[str, Any]:
    """What `manifest_from_json` reads."""
    return {"schema": SCHEMA, "weights": [entry_to_json(entry) for entry in entries]}


def entry_to_json(entry: WeightsEntry) -> dict[str, Any]:
    """One entry of the list."""
    tree: dict[str, Any] = {
        "id": entry.id,
        "task": entry.task,
        "title": entry.title,
        "version": entry.version,
        "format": entry.format,
        "bytes": entry.bytes,
        "sha256": entry.sha256,
        "parts": [vars(part) for part in entry.parts],
        "architecture": {"name": entry.architecture, "config": entry.config},
        "mode": entry.mode.value,
        "default": entry.default,
        "card": entry.card,
        "licence": entry.licence,
        "origin": entry.origin,
        "training_data": entry.training_data,
        "intended_use": entry.intended_use,
        "metrics": {metric.name: _metric_tree(metric) for metric in entry.metrics},
    }
    for name, part in (("familiar", entry.familiar), ("healthy", entry.healthy)):
        if part is not None:
            tree[name] = vars(part)
    if entry.scout is not None:
        tree["scout"] = asdict(entry.scout)
    return tree


def check_id(weights_id: str) -> str:
    """The id, where it can be one: it also names files.

    Raises:
        ValueError: it cannot.
    """
    if not _ID.fullmatch(weights_id):
        raise ValueError(f"{weights_id!r} is no id: small letters, digits, '.', '_' and '-'")
    return weights_id


def _entry(tree: Tree, *, folder: Path, schema: int) -> WeightsEntry:
    weights_id = check_id(_text(tree, "id"))
    architecture = _object(tree.get("architecture"), what=f"architecture of {weights_id}")
    config = _object(architecture.get("config", {}), what=f"config of {weights_id}")
    parts = tuple(_part(_object(each, what="a part")) for each in _items(tree, "parts"))
    size = _count(tree, "bytes")
    if sum(part.bytes for part in parts) != size:
        raise ValueError(f"the parts of {weights_id} do not add up to {size} bytes")
    card = _text(tree, "card", default="")
    scout = tree.get("scout")
    return WeightsEntry(
        id=weights_id,
        task=_text(tree, "task"),
        title=_text(tree, "title"),
        version=_text(tree, "version", default=""),
        architecture=_text(architecture, "name"),
        config_json=canonical_json(dict(config)),
        parts=parts,
        sha256=_sha256(tree),
        bytes=size,
        format=_text(tree, "format", default=FORMAT),
        mode=Mode(_text(tree, "mode", default=Mode.CORRECTED.value)),
        default=_flag(tree, "default"),
        card=_below(card) if card else "",
        licence=_text(tree, "licence", default=""),
        origin=_text(tree, "origin", default=""),
        training_data=_text(tree, "training_data", default=""),
        intended_use=_text(tree, "intended_use", default=""),
        metrics=_metrics(_object(tree.get("metrics", {}), what=f"metrics of {weights_id}")),
        familiar=_beside(tree, "familiar"),
        healthy=_beside(tree, "healthy"),
        scout=_ally(_object(scout, what="scout")) if scout is not None else None,
        schema=schema,
        folder=folder,
    )


def _newer_entry(tree: Tree, *, folder: Path, schema: int) -> WeightsEntry:
    return WeightsEntry(
        id=check_id(_text(tree, "id")),
        task=_text(tree, "task", default=""),
        title=_text(tree, "title", default=_text(tree, "id")),
        schema=schema,
        folder=folder,
    )


def _part(tree: Tree) -> Part:
    return Part(file=_below(_text(tree, "file")), bytes=_count(tree, "bytes"), sha256=_sha256(tree))


def _beside(tree: Tree, name: str) -> Part | None:
    part = tree.get(name)
    return None if part is None else _part(_object(part, what=name))


def _ally(tree: Tree) -> Ally:
    territory = _part(_object(tree.get("territory"), what="territory"))
    return Ally(id=check_id(_text(tree, "id")), sha256=_sha256(tree), territory=territory)


def _metrics(tree: Tree) -> tuple[Metric, ...]:
    return tuple(_metric(name, each) for name, each in sorted(tree.items()))


def _metric(name: str, tree: Any) -> Metric:
    figures = tree if isinstance(tree, Mapping) else {"value": tree}
    value = _number(figures, "value", name=name)
    if value is None:
        raise ValueError(f"metric {name!r} has no value")
    n = _number(figures, "n", name=name)
    return Metric(
        name,
        value,
        low=_number(figures, "low", name=name),
        high=_number(figures, "high", name=name),
        n=None if n is None else int(n),
    )


def _metric_tree(metric: Metric) -> dict[str, float]:
    figures = {name: value for name, value in vars(metric).items() if name != "name"}
    return {name: value for name, value in figures.items() if value is not None}


def _object(value: Any, *, what: str) -> Tree:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} must be an object, not {value!r}")
    return value


def _items(tree: Tree, key: str) -> list[Any]:
    value = tree.get(key)
    if not isinstance(value, list):
        raise ValueError(f"{key!r} must be a list, not {value!r}")
    return value


def _text(tree: Tree, key: str, *, default: str | None = None) -> str:
    value = tree.get(key, default)
    if not isinstance(value, str) or (default is None and not value):
        raise ValueError(f"{key!r} must be text, not {value!r}")
    return value


def _count(tree: Tree, key: str) -> int:
    value = tree.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{key!r} must be a whole number, not {value!r}")
    return value


def _number(tree: Tree, key: str, *, name: str) -> float | None:
    value = tree.get(key)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(f"{key!r} of metric {name!r} must be a number, not {value!r}")
    return float(value)


def _flag(tree: Tree, key: str) -> bool:
    value = tree.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"{key!r} must be true or false, not {value!r}")
    return value


def _sha256(tree: Tree) -> str:
    value = _text(tree, "sha256")
    if not _SHA256.fullmatch(value):
        raise ValueError(f"{value!r} is no sha256")
    return value


def _below(path: str) -> str:
    """The path, where it leads to a place below the manifest's folder on every system."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path:
        raise ValueError(f"{path!r} leads out of the manifest's folder")
    return path

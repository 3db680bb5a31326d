"""Manifest entries survive JSON; what is wrong with one is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.provenance import Mode
from inference.entry import Metric
from inference.entry_json import manifest_from_json, manifest_to_json

FOLDER = Path("somewhere")
HASH = "0" * 64


def tree(**changes):
    entry = {
        "id": "vertebrae-column-1",
        "task": "vertebrae",
        "title": "ColumnNet",
        "version": "1.0",
        "format": "safetensors",
        "bytes": 30,
        "sha256": HASH,
        "parts": [
            {"file": "a.safetensors.1", "bytes": 20, "sha256": "1" * 64},
            {"file": "sub/a.safetensors.2", "bytes": 10, "sha256": "2" * 64},
        ],
        "architecture": {"name": "column_net", "config": {"width": 8, "dropout": 0.05}},
        "mode": "as_published",
        "default": True,
        "card": "column.md",
        "licence": "Apache-2.0",
        "origin": "trained here",
        "training_data": "films of one site",
        "metrics": {"mre_px.0": {"value": 50.0, "low": 40.0, "high": 61.5, "n": 60}, "fr": 0.5},
    }
    return {"schema": 1, "weights": [entry | changes]}


def test_an_entry_says_everything():
    (entry,), schema = manifest_from_json(tree(), folder=FOLDER)
    assert schema == 1
    assert (entry.id, entry.task, entry.mode, entry.default) == (
        "vertebrae-column-1", "vertebrae", Mode.AS_PUBLISHED, True,
    )  # fmt: skip
    assert entry.config == {"width": 8, "dropout": 0.05}
    assert entry.paths == (FOLDER / "a.safetensors.1", FOLDER / "sub" / "a.safetensors.2")
    assert entry.card_path == FOLDER / "column.md"
    assert entry.metrics == (Metric("fr", 0.5), Metric("mre_px.0", 50.0, 40.0, 61.5, 60))
    assert not entry.too_new
    assert entry.passport == (
        ("Source", "trained here"),
        ("Licence", "Apache-2.0"),
        ("Training data", "films of one site"),
        ("Intended use", "unknown"),
    )


def test_there_and_back():
    entries, _ = manifest_from_json(tree(), folder=FOLDER)
    written = json.loads(json.dumps(manifest_to_json(entries)))
    assert manifest_from_json(written, folder=FOLDER)[0] == entries


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"id": "Über"}, "id"),
        ({"id": "../x"}, "id"),
        ({"task": None}, "task"),
        ({"bytes": 31}, "add up"),
        ({"bytes": -1}, "bytes"),
        ({"bytes": True}, "bytes"),
        ({"sha256": "abc"}, "sha256"),
        ({"parts": {}}, "parts"),
        ({"parts": [{"file": "/etc/x", "bytes": 30, "sha256": HASH}]}, "folder"),
        ({"parts": [{"file": "../x", "bytes": 30, "sha256": HASH}]}, "folder"),
        ({"parts": [{"file": "..\\x", "bytes": 30, "sha256": HASH}]}, "folder"),
        ({"parts": [{"file": "C:x", "bytes": 30, "sha256": HASH}]}, "folder"),
        ({"card": "../../secret.md"}, "folder"),
        ({"architecture": "unet"}, "architecture"),
        ({"architecture": {"name": "column_net", "config": [1]}}, "config"),
        ({"mode": "fast"}, "fast"),
        ({"default": 1}, "default"),
        ({"metrics": {"x": "good"}}, "metric"),
        ({"metrics": {"x": {"low": 1}}}, "metric"),
    ],
)
def test_what_is_wrong_is_named(changes, named):
    with pytest.raises(ValueError, match=named):
        manifest_from_json(tree(**changes), folder=FOLDER)


@pytest.mark.parametrize("wrong", [[], {}, {"schema": 1}, {"schema": "1", "weights": []}, None])
def test_no_manifest_at_all(wrong):
    with pytest.raises(ValueError, match="must be"):
        manifest_from_json(wrong, folder=FOLDER)


def test_two_entries_with_one_id_are_refused():
    twice = tree()
    twice["weights"] *= 2
    with pytest.raises(ValueError, match="two entries"):
        manifest_from_json(twice, folder=FOLDER)


def test_a_newer_schema_is_known_and_too_new():
    newer = {"schema": 2, "weights": [{"id": "x", "task": "vertebrae", "shards": {"odd": 1}}]}
    (entry,), schema = manifest_from_json(newer, folder=FOLDER)
    assert schema == 2
    assert entry.too_new
    assert entry.title == "x"


@pytest.mark.parametrize(
    "changes", [{"architecture": {"name": "column_net_9"}}, {"format": "safetensors2"}]
)
def test_an_unknown_network_or_format_is_too_new(changes):
    (entry,), _ = manifest_from_json(tree(**changes), folder=FOLDER)
    assert entry.too_new

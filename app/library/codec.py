"""Annotations as compact, versioned JSON text; every float comes back bit for bit."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from app.library.checked import as_integer, as_list, as_mapping, as_number, as_text, as_truth
from app.library.codec_implants import decisions_of, fields_of
from domain.annotation import Annotations, CurveEnds, Hint, Vertebra
from domain.doubts import Doubt, DoubtKind
from domain.errors import CaliperError
from domain.geometry import FloatArray, Points
from domain.grid import Grid
from domain.measures import Measure, MeasureKind
from domain.provenance import Mode, ModelOrigin
from domain.vertebrae import MAX_LABEL_SHIFT, column_named, shift_of, shifted_column

VERSION = 4
"""What is read. Version 2 adds `ends`, `measures` and `calibration`, version 3 the `column` where
`shift` cannot say it, version 4 `implants`; a text that has none of them stays version 1, so that
an older Caliper reads it and refuses only what it would lose."""


class DamagedRevision(CaliperError):
    """One stored revision cannot be understood; the others of its case can."""


def encode(annotations: Annotations) -> str:
    """The text that `decode` reads back."""
    points, origin = annotations.points, annotations.origin
    shift = shift_of(annotations)
    fields: dict[str, object] = {
        "v": _least_version(annotations),
        "image": annotations.image_sha256,
        "points": None if points is None else points.coordinates.tolist(),
        "rounds": [
            [[hint.index, float(hint.row), float(hint.column)] for hint in hints]
            for hints in annotations.rounds
        ],
        "pins": sorted(annotations.pins),
        "shift": shift or 0,
        "confidence": [float(value) for value in annotations.confidence],
        "accepted": annotations.accepted,
        "origin": None if origin is None else origin_fields(origin),
    }
    if shift is None:
        fields["column"] = [[one.name, one.slot] for one in annotations.column]
    if annotations.curve_ends:
        fields["ends"] = [[ends.upper, ends.lower] for ends in annotations.curve_ends]
    if annotations.measures:
        fields["measures"] = [_measure_items(measure) for measure in annotations.measures]
    if annotations.calibration is not None:
        grid = annotations.calibration
        fields["calibration"] = [*grid.require_spacing(), grid.source]
    if annotations.doubts:  # no new version: an older Caliper passes over them, and keeps the rest
        fields["doubts"] = [
            [doubt.kind.value, doubt.count, list(doubt.landmarks)] for doubt in annotations.doubts
        ]
    if annotations.implants is not None:
        fields["implants"] = fields_of(annotations.implants)
    return json.dumps(fields, separators=(",", ":"))


def decode(text: str, *, revision_id: str) -> Annotations:
    """What `encode` wrote.

    Args:
        revision_id: named in the refusal.

    Raises:
        DamagedRevision: the text is damaged, or a newer Caliper wrote it.
    """
    try:
        fields = as_mapping(json.loads(text))
        version = as_integer(fields["v"])
        if version > VERSION:
            raise _newer(revision_id, version)
        return _annotations(fields)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise DamagedRevision(
            f"Revision {revision_id[:12]} of this case is damaged and was left out.",
            why=f"Its stored text cannot be read ({error}).",
            remedy="The other revisions are complete; go on from one of them.",
        ) from error


def _newer(revision_id: str, version: int) -> DamagedRevision:
    return DamagedRevision(
        f"Revision {revision_id[:12]} was written by a newer Caliper and was left out.",
        why=f"It has format {version}; this Caliper reads up to {VERSION}.",
        remedy="Open the case with the newer Caliper.",
    )


def _annotations(fields: dict[str, Any]) -> Annotations:
    points, origin = fields["points"], fields["origin"]
    return Annotations(
        as_text(fields["image"]),
        points=None if points is None else Points(_coordinates(points)),
        rounds=tuple(tuple(_hint(hint) for hint in hints) for hints in as_list(fields["rounds"])),
        pins=frozenset(as_integer(index) for index in as_list(fields["pins"])),
        column=_column(fields),
        confidence=tuple(as_number(value) for value in as_list(fields["confidence"])),
        accepted=as_truth(fields["accepted"]),
        origin=None if origin is None else origin_of(as_mapping(origin)),
        curve_ends=tuple(_ends(pair) for pair in as_list(fields.get("ends", []))),
        measures=tuple(_measure(items) for items in as_list(fields.get("measures", []))),
        calibration=_calibration(fields.get("calibration")),
        doubts=_doubts(fields.get("doubts", [])),
        implants=decisions_of(fields["implants"]) if "implants" in fields else None,
    )


def _least_version(annotations: Annotations) -> int:
    if annotations.implants is not None:
        return 4
    if shift_of(annotations) is None:
        return 3
    return 2 if annotations.curve_ends or annotations.measures or annotations.calibration else 1


def _column(fields: dict[str, Any]) -> tuple[Vertebra, ...]:
    if "column" not in fields:
        shift = as_integer(fields["shift"])
        if abs(shift) > MAX_LABEL_SHIFT:
            msg = f"names cannot be moved by {shift} levels"
            raise ValueError(msg)
        return shifted_column(shift)
    pairs = [as_list(pair) for pair in as_list(fields["column"])]
    slots = [None if slot is None else as_integer(slot) for _, slot in pairs]
    return column_named([as_text(name) for name, _ in pairs], slots)


def _coordinates(points: object) -> FloatArray:
    rows = [[as_number(value) for value in as_list(point)] for point in as_list(points)]
    # An empty list has no second axis of its own.
    return np.array(rows, dtype=np.float64) if rows else np.empty((0, 2))


def _hint(hint: object) -> Hint:
    index, row, column = as_list(hint)
    return Hint(as_integer(index), as_number(row), as_number(column))


def _ends(pair: object) -> CurveEnds:
    upper, lower = as_list(pair)
    return CurveEnds(as_integer(upper), as_integer(lower))


def _measure_items(measure: Measure) -> list[object]:
    points = [[float(row), float(column)] for row, column in measure.points]
    return [measure.id, measure.kind.value, points, measure.label]


def _measure(items: object) -> Measure:
    name, kind, points, label = as_list(items)
    places = [[as_number(value) for value in as_list(place)] for place in as_list(points)]
    pairs = tuple((row, column) for row, column in places)
    return Measure(as_text(name), MeasureKind(as_text(kind)), pairs, as_text(label))


def _calibration(items: object) -> Grid | None:
    if items is None:
        return None
    rows, columns, source = as_list(items)
    return Grid((as_number(rows), as_number(columns)), as_text(source))


def _doubts(items: object) -> tuple[Doubt, ...]:
    """Those that this Caliper knows."""
    told = (as_list(doubt) for doubt in as_list(items))
    return tuple(
        Doubt(DoubtKind(kind), as_integer(count), tuple(map(as_integer, as_list(landmarks))))
        for kind, count, landmarks in told
        if kind in set(DoubtKind)
    )


def origin_fields(origin: ModelOrigin) -> dict[str, object]:
    """What `origin_of` reads."""
    return {
        "weights": origin.weights_id,
        "sha256": origin.weights_sha256,
        "mode": origin.mode.value,
        "device": origin.device,
        "dtype": origin.dtype,
        "seconds": float(origin.seconds),
        "version": origin.version,
    }


def origin_of(fields: dict[str, Any]) -> ModelOrigin:
    """What `origin_fields` wrote.

    Raises:
        KeyError, TypeError, ValueError: it did not write this.
    """
    return ModelOrigin(
        weights_id=as_text(fields["weights"]),
        weights_sha256=as_text(fields["sha256"]),
        mode=Mode(fields["mode"]),
        device=as_text(fields["device"]),
        dtype=as_text(fields["dtype"]),
        seconds=as_number(fields["seconds"]),
        version=as_text(fields["version"]),
    )

"""Annotations as compact, versioned JSON text; every float comes back bit for bit."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import numpy as np

from domain.annotation import Annotations, CurveEnds, Hint, Vertebra
from domain.doubts import Doubt, DoubtKind
from domain.errors import CaliperError
from domain.geometry import FloatArray, Points
from domain.grid import Grid
from domain.measures import Measure, MeasureKind
from domain.provenance import Mode, ModelOrigin
from domain.vertebrae import MAX_LABEL_SHIFT, column_named, shift_of, shifted_column

VERSION = 3
"""What is read. Version 2 adds `ends`, `measures` and `calibration`, version 3 the `column` where
`shift` cannot say it; a text that has none of them stays version 1, so that an older Caliper reads
it and refuses only what it would lose."""


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
        "origin": None if origin is None else _origin_fields(origin),
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
    return json.dumps(fields, separators=(",", ":"))


def decode(text: str, *, revision_id: str) -> Annotations:
    """What `encode` wrote.

    Args:
        revision_id: named in the refusal.

    Raises:
        DamagedRevision: the text is damaged, or a newer Caliper wrote it.
    """
    try:
        fields = _mapping(json.loads(text))
        version = _integer(fields["v"])
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
        _text(fields["image"]),
        points=None if points is None else Points(_coordinates(points)),
        rounds=tuple(tuple(_hint(hint) for hint in hints) for hints in _items(fields["rounds"])),
        pins=frozenset(_integer(index) for index in _items(fields["pins"])),
        column=_column(fields),
        confidence=tuple(_number(value) for value in _items(fields["confidence"])),
        accepted=_truth(fields["accepted"]),
        origin=None if origin is None else _origin(_mapping(origin)),
        curve_ends=tuple(_ends(pair) for pair in _items(fields.get("ends", []))),
        measures=tuple(_measure(items) for items in _items(fields.get("measures", []))),
        calibration=_calibration(fields.get("calibration")),
        doubts=_doubts(fields.get("doubts", [])),
    )


def _least_version(annotations: Annotations) -> int:
    if shift_of(annotations) is None:
        return VERSION
    return 2 if annotations.curve_ends or annotations.measures or annotations.calibration else 1


def _column(fields: dict[str, Any]) -> tuple[Vertebra, ...]:
    if "column" not in fields:
        shift = _integer(fields["shift"])
        if abs(shift) > MAX_LABEL_SHIFT:
            msg = f"names cannot be moved by {shift} levels"
            raise ValueError(msg)
        return shifted_column(shift)
    pairs = [_items(pair) for pair in _items(fields["column"])]
    slots = [None if slot is None else _integer(slot) for _, slot in pairs]
    return column_named([_text(name) for name, _ in pairs], slots)


def _coordinates(points: object) -> FloatArray:
    rows = [[_number(value) for value in _items(point)] for point in _items(points)]
    # An empty list has no second axis of its own.
    return np.array(rows, dtype=np.float64) if rows else np.empty((0, 2))


def _hint(hint: object) -> Hint:
    index, row, column = _items(hint)
    return Hint(_integer(index), _number(row), _number(column))


def _ends(pair: object) -> CurveEnds:
    upper, lower = _items(pair)
    return CurveEnds(_integer(upper), _integer(lower))


def _measure_items(measure: Measure) -> list[object]:
    points = [[float(row), float(column)] for row, column in measure.points]
    return [measure.id, measure.kind.value, points, measure.label]


def _measure(items: object) -> Measure:
    name, kind, points, label = _items(items)
    places = [[_number(value) for value in _items(place)] for place in _items(points)]
    pairs = tuple((row, column) for row, column in places)
    return Measure(_text(name), MeasureKind(_text(kind)), pairs, _text(label))


def _calibration(items: object) -> Grid | None:
    if items is None:
        return None
    rows, columns, source = _items(items)
    return Grid((_number(rows), _number(columns)), _text(source))


def _doubts(items: object) -> tuple[Doubt, ...]:
    """Those that this Caliper knows."""
    told = (_items(doubt) for doubt in _items(items))
    return tuple(
        Doubt(DoubtKind(kind), _integer(count), tuple(map(_integer, _items(landmarks))))
        for kind, count, landmarks in told
        if kind in set(DoubtKind)
    )


def _origin_fields(origin: ModelOrigin) -> dict[str, object]:
    return {
        "weights": origin.weights_id,
        "sha256": origin.weights_sha256,
        "mode": origin.mode.value,
        "device": origin.device,
        "dtype": origin.dtype,
        "seconds": float(origin.seconds),
        "version": origin.version,
    }


def _origin(fields: dict[str, Any]) -> ModelOrigin:
    return ModelOrigin(
        weights_id=_text(fields["weights"]),
        weights_sha256=_text(fields["sha256"]),
        mode=Mode(fields["mode"]),
        device=_text(fields["device"]),
        dtype=_text(fields["dtype"]),
        seconds=_number(fields["seconds"]),
        version=_text(fields["version"]),
    )


def _mapping(value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    return _refuse(value, "a group of fields")


def _items(value: object) -> list[Any]:
    if isinstance(value, list):
        return value
    return _refuse(value, "a list")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return _refuse(value, "text")


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    return _refuse(value, "true or false")


def _integer(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _refuse(value, "a whole number")


def _number(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return _refuse(value, "a number")


def _refuse(value: object, expected: str) -> NoReturn:
    msg = f"expected {expected}, found {str(value)[:40]!r}"
    raise TypeError(msg)

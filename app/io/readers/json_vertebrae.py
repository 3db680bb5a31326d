"""Reads back the corners that Caliper exported as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from app.io.exporters.json_vertebrae import SCHEMA
from app.io.readers.matching import number
from domain.annotation import Annotations, CurveEnds, Hint
from domain.doubts import Doubt, DoubtKind
from domain.errors import UnreadableFile
from domain.geometry import Points
from domain.grid import Grid
from domain.measures import Measure, MeasureKind
from domain.numbering import LEVELS
from domain.provenance import Mode, ModelOrigin
from domain.repair import LEAST_VERTEBRAE, MOST_VERTEBRAE, UNKNOWN_SPREAD
from domain.vertebrae import CORNERS, column_named, corner_index

MAX_JSON_BYTES = 4 * 2**20

Json = dict[str, Any]


def read_vertebrae_json(path: Path, *, image_sha256: str) -> Annotations:
    """Read back what `write_vertebrae_json` wrote, for the image with that identity.

    Raises:
        UnreadableFile: not such a file, or a damaged one.
        ImageMismatch: it belongs to another image.
    """
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise _not_ours(path, "It is far larger than any result of one film.")
        document = json.loads(path.read_bytes())
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise _not_ours(path, f"It does not say “{SCHEMA}”.")
        annotations = _annotations(document)
    except OSError as error:
        raise _not_ours(path, f"The system says: {error.strerror}.") from error
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise _not_ours(path, f"It is damaged ({error}).") from error
    annotations.require_image(image_sha256)
    return annotations


def _annotations(document: Json) -> Annotations:
    corners = [
        vertebra["corners"][corner] for vertebra in document["vertebrae"] for corner in CORNERS
    ]
    names = [str(vertebra["name"]) for vertebra in document["vertebrae"]]
    if not LEAST_VERTEBRAE <= len(names) <= MOST_VERTEBRAE:
        msg = f"{LEAST_VERTEBRAE} to {MOST_VERTEBRAE} vertebrae expected"
        raise ValueError(msg)
    spreads = [corner["spread_px"] for corner in corners]
    is_sure = any(spread is not None for spread in spreads)
    count = len(corners)
    return Annotations(
        image_sha256=str(document["image"]["sha256"]),
        points=Points(
            np.array([(number(corner["row"]), number(corner["column"])) for corner in corners])
        ),
        rounds=tuple(
            tuple(_read_hint(hint, count=count) for hint in hints) for hints in document["hints"]
        ),
        pins=frozenset(_index(pin, count=count) for pin in document["pins"]),
        column=column_named(names, _slots(document["vertebrae"])),
        confidence=tuple(UNKNOWN_SPREAD if s is None else number(s) for s in spreads if is_sure),
        accepted=document["accepted"] is True,
        origin=_read_origin(document["network"]),
        curve_ends=_read_ends(document.get("curves"), names=names),
        measures=tuple(_read_measure(measure) for measure in document.get("measures", [])),
        calibration=_read_calibration(document.get("calibration")),
        doubts=_read_doubts(document.get("doubts", [])),
    )


def _slots(vertebrae: list[Json]) -> list[int | None]:
    """Which of the network's vertebrae these are; older files hold just those, in order."""
    if not all("network_level" in vertebra for vertebra in vertebrae):
        return list(range(len(vertebrae)))
    levels = [vertebra["network_level"] for vertebra in vertebrae]
    return [None if level is None else LEVELS.index(level) for level in levels]


def _index(named: Json, *, count: int) -> int:
    index = int(named["index"])
    if not 0 <= index < count:
        msg = f"there is no corner {index}"
        raise ValueError(msg)
    return index


def _read_hint(hint: Json, *, count: int) -> Hint:
    row, column = float(hint["row"]), float(hint["column"])
    if not np.isfinite([row, column]).all():
        msg = "a hint is not finite"
        raise ValueError(msg)
    return Hint(_index(hint, count=count), row, column)


def _read_ends(curves: Json | None, *, names: list[str]) -> tuple[CurveEnds, ...]:
    """The ends that a person chose; older files say nothing of curves."""
    if curves is None or curves["ends_by"] != "person":
        return ()
    pairs = [
        (names.index(curve["upper"]), names.index(curve["lower"])) for curve in curves["curves"]
    ]
    return tuple(CurveEnds(*pair) for pair in pairs)


def _read_measure(measure: Json) -> Measure:
    places = tuple((number(place["row"]), number(place["column"])) for place in measure["points"])
    kind = MeasureKind(measure["kind"])
    return Measure(str(measure["id"]), kind, places, str(measure["label"]))


def _read_calibration(calibration: Json | None) -> Grid | None:
    if calibration is None:
        return None
    rows, columns = (number(side) for side in calibration["spacing_mm"])
    return Grid((rows, columns), str(calibration["spacing_source"]))


def _read_doubts(doubts: list[Json]) -> tuple[Doubt, ...]:
    """Those that this Caliper knows."""
    return tuple(
        Doubt(
            DoubtKind(doubt["kind"]),
            int(doubt["count"]),
            tuple(corner_index(name) for name in doubt["network_corners"]),
        )
        for doubt in doubts
        if doubt["kind"] in set(DoubtKind)
    )


def _read_origin(network: Json | None) -> ModelOrigin | None:
    if network is None:
        return None
    return ModelOrigin(
        weights_id=str(network["weights_id"]),
        weights_sha256=str(network["weights_sha256"]),
        mode=Mode(network["mode"]),
        device=str(network["device"]),
        dtype=str(network["dtype"]),
        seconds=float(network["seconds"]),
        version=str(network["program_version"]),
    )


def _not_ours(path: Path, why: str) -> UnreadableFile:
    return UnreadableFile(
        f"“{path.name}” is no result of this program.",
        why=why,
        remedy="Choose a JSON file that Caliper exported.",
    )

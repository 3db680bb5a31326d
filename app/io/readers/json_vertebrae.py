"""Reads back the corners that Caliper exported as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from app.io.exporters.json_vertebrae import SCHEMA
from app.io.readers.matching import number
from domain.annotation import Annotations, CurveEnds, Hint
from domain.errors import UnreadableFile
from domain.geometry import Points
from domain.grid import Grid
from domain.measures import Measure, MeasureKind
from domain.provenance import Mode, ModelOrigin
from domain.vertebrae import (
    CORNER_COUNT,
    CORNERS,
    MAX_LABEL_SHIFT,
    VERTEBRA_COUNT,
    level_names,
)

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
    if len(document["vertebrae"]) != VERTEBRA_COUNT:
        msg = f"{VERTEBRA_COUNT} vertebrae expected"
        raise ValueError(msg)
    shift = int(document["label_shift"])
    if abs(shift) > MAX_LABEL_SHIFT:
        msg = f"label shift {shift} is out of range"
        raise ValueError(msg)
    spreads = [corner["spread_px"] for corner in corners]
    known = [float(spread) for spread in spreads if spread is not None]
    return Annotations(
        image_sha256=str(document["image"]["sha256"]),
        points=Points(
            np.array([(number(corner["row"]), number(corner["column"])) for corner in corners])
        ),
        rounds=tuple(tuple(_read_hint(hint) for hint in hints) for hints in document["hints"]),
        pins=frozenset(_index(pin) for pin in document["pins"]),
        label_shift=shift,
        confidence=tuple(known) if len(known) == CORNER_COUNT else (),
        accepted=document["accepted"] is True,
        origin=_read_origin(document["network"]),
        curve_ends=_read_ends(document.get("curves"), names=level_names(shift)),
        measures=tuple(_read_measure(measure) for measure in document.get("measures", [])),
        calibration=_read_calibration(document.get("calibration")),
    )


def _index(named: Json) -> int:
    index = int(named["index"])
    if not 0 <= index < CORNER_COUNT:
        msg = f"there is no corner {index}"
        raise ValueError(msg)
    return index


def _read_hint(hint: Json) -> Hint:
    row, column = float(hint["row"]), float(hint["column"])
    if not np.isfinite([row, column]).all():
        msg = "a hint is not finite"
        raise ValueError(msg)
    return Hint(_index(hint), row, column)


def _read_ends(curves: Json | None, *, names: tuple[str, ...]) -> tuple[CurveEnds, ...]:
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

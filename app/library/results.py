"""A healed study as bytes for the library, and back: no pickle, nothing but arrays and text."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import astuple, dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.library.checked import as_integer, as_known, as_list, as_mapping, as_number, as_text, known
from app.library.codec import origin_fields, origin_of
from app.library.codec_implants import doubts_of, options_items, options_of
from domain.errors import CaliperError
from domain.implant import ImplantFindings, ImplantOptions
from domain.implant_plan import StudyPlan
from domain.panorama import Window
from domain.provenance import ModelOrigin

VERSION = 1
FACTS = "facts.json"
ARRAYS: dict[str, type[np.generic]] = {
    "noised": np.uint8,
    "healed": np.uint8,
    "left_over": np.float16,
    "spread": np.float16,
    "standing_out": np.float16,
}
MAY_MISS = "standing_out"
MOST_BYTES = 64 << 20  # of one array; what claims to be larger is damaged


class DamagedResult(CaliperError):
    """A kept result cannot be understood; it can be computed again."""


@dataclass(frozen=True, eq=False)
class StoredResult:
    """What a network found in a study, and all that is needed to find it again.

    Args:
        seed: of the first of its `options.seeds` runs.
    """

    findings: ImplantFindings
    origin: ModelOrigin
    seed: int = 0


def key_of(options: ImplantOptions, *, seed: int, weights_id: str) -> str:
    """What a result is known by: the same question, the same key."""
    asked = {"weights": weights_id, "seed": seed, "options": options_items(options)}
    return json.dumps(asked, sort_keys=True)


@dataclass(frozen=True)
class AskedFor:
    """What a result answers."""

    options: ImplantOptions
    seed: int
    weights_id: str


def asked_for(key: str) -> AskedFor:
    """What `key_of` made the key of.

    Raises:
        DamagedResult: it made it of nothing.
    """
    try:
        asked = as_mapping(json.loads(key))
        options, seed = options_of(asked["options"]), as_integer(asked["seed"])
        return AskedFor(options, seed, as_text(asked["weights"]))
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedResult("A kept result has lost its name.", why=f"{error}.") from error


def encode(result: StoredResult) -> bytes:
    """The bytes that `decode` reads: a zip of arrays in numpy's own format, and their facts."""
    findings = result.findings
    facts = {
        "v": VERSION,
        "options": options_items(findings.options),
        "seed": result.seed,
        "plan": _plan_fields(findings.plan),
        "origin": origin_fields(result.origin),
        "numbers": [known(v) for v in (findings.cut, findings.score, findings.p_value)],
        "healthy": [float(score) for score in findings.healthy],
        "doubts": [doubt.value for doubt in findings.doubts],
    }
    room = BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(FACTS, json.dumps(facts))
        for name, kind in ARRAYS.items():
            array = getattr(findings, name)
            if array is not None:
                with archive.open(name, "w") as file:
                    np.lib.format.write_array(
                        file, np.ascontiguousarray(array, dtype=kind), allow_pickle=False
                    )
    return room.getvalue()


def decode(content: bytes) -> StoredResult:
    """What `encode` wrote.

    Raises:
        DamagedResult: the bytes are damaged, or a newer Caliper wrote them.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            facts = as_mapping(json.loads(archive.read(FACTS)))
            if as_integer(facts["v"]) > VERSION:
                msg = "a newer Caliper wrote it"
                raise ValueError(msg)
            arrays = {name: _array(archive, name) for name in ARRAYS}
            result = _result(facts, arrays)
            _require_one_shape(arrays, pictures=len(result.findings.plan))
            return result
    except (
        *(zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError),
        *(KeyError, TypeError, ValueError, RecursionError, RuntimeError, MemoryError),
    ) as error:
        raise DamagedResult(
            "What was computed before cannot be read.",
            why=f"It is damaged ({error}).",
            remedy="Localise again.",
        ) from error


def _result(facts: dict[str, Any], arrays: dict[str, Any]) -> StoredResult:
    cut, score, p_value = (as_known(value) for value in as_list(facts["numbers"]))
    findings = ImplantFindings(
        options_of(facts["options"]),
        _plan(as_mapping(facts["plan"])),
        **arrays,
        cut=cut,
        healthy=tuple(as_number(value) for value in as_list(facts["healthy"])),
        score=score,
        p_value=p_value,
        doubts=doubts_of(facts["doubts"]),
    )
    return StoredResult(findings, origin_of(as_mapping(facts["origin"])), as_integer(facts["seed"]))


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any] | None:
    if name == MAY_MISS and name not in archive.namelist():
        return None
    if archive.getinfo(name).file_size > MOST_BYTES:
        msg = f"{name} is too large"
        raise ValueError(msg)
    array: NDArray[Any] = np.load(BytesIO(archive.read(name)), allow_pickle=False)
    if array.dtype != ARRAYS[name] or array.ndim != 3:
        msg = f"{name} is {array.dtype}, of {array.ndim} axes"
        raise ValueError(msg)
    array.setflags(write=False)
    return array


def _require_one_shape(arrays: dict[str, NDArray[Any] | None], *, pictures: int) -> None:
    shapes = {array.shape for array in arrays.values() if array is not None}
    if len(shapes) != 1 or next(iter(shapes))[0] != pictures:
        msg = f"arrays of {sorted(shapes)} for {pictures} pictures"
        raise ValueError(msg)


def _plan_fields(plan: StudyPlan) -> dict[str, object]:
    return {
        "shape": [plan.rows, plan.columns],
        "windows": [[float(edge) for edge in astuple(window)] for window in plan.windows],
        "numbers": list(plan.numbers),
        "padded": plan.padded,
        "missing": list(plan.missing),
        "mirrored": plan.mirrored,
    }


def _plan(fields: dict[str, Any]) -> StudyPlan:
    rows, columns = (as_integer(value) for value in as_list(fields["shape"]))
    edges = [[as_number(edge) for edge in as_list(one)] for one in as_list(fields["windows"])]
    return StudyPlan(
        rows,
        columns,
        tuple(Window(*four) for four in edges),
        numbers=tuple(as_integer(number) for number in as_list(fields["numbers"])),
        padded=as_integer(fields["padded"]),
        missing=tuple(as_integer(number) for number in as_list(fields["missing"])),
        mirrored=fields.get("mirrored") is True,
    )

"""What a judge said of each study, kept between calls: healing many studies takes its time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.errors import WrongUse
from training.data.panoramics import Study
from training.implant_protocol import Pointed, StudyResult

_NUMBERS = "score", "p_value", "brightness", "seconds", "found", "unlike"
_PLACES = "hits", "alarms", "right", "wrong"


def study_key(study: Study) -> str:
    """What a study is kept by: its name and what is in its file."""
    content = study.path.read_bytes() if study.path.is_file() else b""
    return f"{study.name} {hashlib.sha256(content).hexdigest()[:16]}"


def keep_results(results: Mapping[str, StudyResult], path: Path, *, said: str) -> None:
    """Write them.

    Args:
        results: by the key of their study.
        said: what they come from: nothing is kept of anything else.
    """
    arrays: dict[str, Any] = {"said": np.array(said), "keys": np.array(list(results))}
    every = list(results.values())
    arrays["pointed"] = np.array([one.pointed is not None for one in every])
    for name in _NUMBERS:
        arrays[name] = np.array([getattr(one, name) for one in every], np.float64)
    for name in _PLACES:
        parts = [_heat(one.pointed, name) for one in every]
        arrays[name] = np.concatenate([np.zeros(0, np.float32), *parts])
        arrays[f"{name}_count"] = np.array([len(part) for part in parts])
    fresh = path.with_suffix(".new.npz")
    np.savez(fresh, allow_pickle=False, **arrays)
    fresh.replace(path)


def kept_results(path: Path, studies: Mapping[str, Study], *, said: str) -> dict[str, StudyResult]:
    """What is kept of these studies, by their keys; nothing where it comes from something else.

    Raises:
        WrongUse: the file cannot be read.
    """
    if not path.is_file():
        return {}
    try:
        with np.load(path) as held:
            arrays = dict(held)
        return _results(arrays, studies) if str(arrays["said"]) == said else {}
    except (OSError, ValueError, KeyError) as error:
        raise WrongUse(f"{path} cannot be read.", why=f"{error}.", remedy="Delete it.") from error


def _heat(pointed: Pointed | None, name: str) -> NDArray[np.float32]:
    return np.asarray(getattr(pointed, name, np.zeros(0)), dtype=np.float32)


def _results(arrays: Mapping[str, Any], studies: Mapping[str, Study]) -> dict[str, StudyResult]:
    ends = {name: np.cumsum(arrays[f"{name}_count"])[:-1] for name in _PLACES}
    places = {name: np.split(arrays[name].astype(np.float64), ends[name]) for name in _PLACES}
    results = {}
    for n, key in enumerate(arrays["keys"].tolist()):
        if key not in studies:
            continue
        pointed = Pointed(*(places[name][n] for name in _PLACES)) if arrays["pointed"][n] else None
        numbers = {name: float(arrays[name][n]) for name in _NUMBERS}
        results[key] = StudyResult(
            study=studies[key],
            score=numbers["score"],
            p_value=numbers["p_value"],
            brightness=numbers["brightness"],
            seconds=numbers["seconds"],
            found=int(numbers["found"]),
            unlike=bool(numbers["unlike"]),
            pointed=pointed,
        )
    return results

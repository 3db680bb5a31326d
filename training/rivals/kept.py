"""What a judge said of each study, kept between calls: healing many studies takes its time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.errors import WrongUse
from training.data.panoramics import Study
from training.implant_protocol import Pointed, StudyResult

_NUMBERS = "score", "p_value", "brightness", "seconds", "found", "unlike"
_PLACES = "hits", "alarms", "right", "wrong"


def keep_results(results: Sequence[StudyResult], path: Path, *, said: str) -> None:
    """Write them.

    Args:
        said: what they come from: other results are made where it is another.
    """
    arrays: dict[str, Any] = {
        "said": np.array(said),
        "names": np.array([one.study.name for one in results]),
        "pointed": np.array([one.pointed is not None for one in results]),
    }
    for name in _NUMBERS:
        arrays[name] = np.array([getattr(one, name) for one in results], np.float64)
    for name in _PLACES:
        parts = [_heat(one.pointed, name) for one in results]
        arrays[name] = np.concatenate([np.zeros(0, np.float32), *parts])
        arrays[f"{name}_count"] = np.array([len(part) for part in parts])
    fresh = path.with_suffix(".new.npz")
    np.savez_compressed(fresh, allow_pickle=False, **arrays)
    fresh.replace(path)


def kept_results(path: Path, studies: Sequence[Study], *, said: str) -> list[StudyResult] | None:
    """What is kept of these studies; None where nothing is, or it comes from something else.

    Raises:
        WrongUse: the file cannot be read.
    """
    if not path.is_file():
        return None
    try:
        with np.load(path) as held:
            arrays = dict(held)
        if str(arrays["said"]) != said or arrays["names"].tolist() != [s.name for s in studies]:
            return None
        return _results(arrays, studies)
    except (OSError, ValueError, KeyError) as error:
        raise WrongUse(f"{path} cannot be read.", why=f"{error}.", remedy="Delete it.") from error


def _heat(pointed: Pointed | None, name: str) -> NDArray[np.float32]:
    return np.asarray(getattr(pointed, name, np.zeros(0)), dtype=np.float32)


def _results(arrays: Mapping[str, Any], studies: Sequence[Study]) -> list[StudyResult]:
    places = {
        name: np.split(arrays[name].astype(np.float64), np.cumsum(arrays[f"{name}_count"])[:-1])
        for name in _PLACES
    }
    results = []
    for n, study in enumerate(studies):
        pointed = Pointed(*(places[name][n] for name in _PLACES)) if arrays["pointed"][n] else None
        score, p_value, bright, seconds, found, unlike = (float(arrays[k][n]) for k in _NUMBERS)
        results.append(
            StudyResult(study, score, p_value, bright, seconds, int(found), bool(unlike), pointed)
        )
    return results

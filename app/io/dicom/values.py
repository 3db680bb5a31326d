"""Values of DICOM elements, each read so that a damaged one counts as missing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence as Items

from app.io.dicom.source import DAMAGE


def value(dataset: Dataset, keyword: str) -> Any:
    """What stands there as pydicom reads it, None where nothing sensible does."""
    try:
        found = dataset.get(keyword)
    except DAMAGE:
        return None
    return None if isinstance(found, str | MultiValue) and len(found) == 0 else found


def text(dataset: Dataset, keyword: str) -> str:
    """One line of text; of several values the first."""
    try:
        found = values(dataset, keyword)
        return " ".join(str(found[0]).replace("\0", " ").split()) if found else ""
    except DAMAGE:
        return ""


def values(dataset: Dataset, keyword: str) -> list[Any]:
    """All values of an element."""
    found = value(dataset, keyword)
    if found is None:
        return []
    return list(found) if isinstance(found, MultiValue | list | tuple) else [found]


def numbers(dataset: Dataset, keyword: str) -> list[float]:
    """All values as finite numbers; empty where any of them is none."""
    try:
        found = [float(item) for item in values(dataset, keyword)]
    except DAMAGE:
        return []
    return found if all(map(math.isfinite, found)) else []


def number(dataset: Dataset, keyword: str) -> float | None:
    """The first value as a finite number."""
    found = numbers(dataset, keyword)
    return found[0] if found else None


def whole(dataset: Dataset, keyword: str, *, default: int = 0) -> int:
    """The first value as an integer."""
    found = number(dataset, keyword)
    return default if found is None else int(found)


def items(dataset: Dataset, keyword: str) -> Sequence[Dataset]:
    """The items of a sequence."""
    found = value(dataset, keyword)
    return list(found) if isinstance(found, Items) else []


def first_date(dataset: Dataset, keywords: Iterable[str]) -> str:
    """The first of some dates that is one, as YYYY-MM-DD, or ""."""
    for keyword in keywords:
        digits = text(dataset, keyword).replace(".", "").replace("-", "")[:8]
        try:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).isoformat()
        except ValueError:
            continue
    return ""

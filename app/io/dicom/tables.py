"""Lookup tables of grey values (PS3.3 C.11.1 and C.11.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from app.io.dicom.values import items, numbers, text, value

LARGEST = 2**16


@dataclass(frozen=True, eq=False)
class GreyTable:
    """A table from grey values to grey values.

    Args:
        first: the value that the first entry belongs to; smaller ones get it too.
        entries: (n,) uint16.
        bits: how many each entry has.
    """

    first: int
    entries: NDArray[np.uint16]
    bits: int
    name: str = ""

    def apply(self, values: NDArray[np.number]) -> NDArray[np.uint16]:
        """The entries of some values, those beyond the ends included."""
        places = np.rint(values - np.float64(self.first)).clip(0, len(self.entries) - 1)
        return np.asarray(self.entries[places.astype(np.intp)])


def table_in(dataset: Dataset, keyword: str, *, is_little: bool) -> GreyTable | None:
    """The first whole table of a sequence, None where there is none.

    Args:
        is_little: whether the file's words are little endian; tables may be stored as bytes.
    """
    tables = (_table(item, is_little=is_little) for item in items(dataset, keyword))
    return next((table for table in tables if table is not None), None)


def _table(item: Dataset, *, is_little: bool) -> GreyTable | None:
    described = numbers(item, "LUTDescriptor")
    if len(described) != 3:
        return None
    count, first, bits = (int(number) for number in described)
    count = count or LARGEST
    entries = _entries(value(item, "LUTData"), count=count, is_little=is_little)
    if not (0 < count <= LARGEST and 0 < bits <= 16 and entries is not None):
        return None
    name = text(item, "LUTExplanation")
    return GreyTable(first, entries, max(bits, int(entries.max()).bit_length(), 1), name)


def _entries(data: object, *, count: int, is_little: bool) -> NDArray[np.uint16] | None:
    """`count` entries, from numbers or from bytes; entries of 8 bits may be packed in pairs."""
    if isinstance(data, bytes):
        wide = len(data) >= 2 * count
        kind = ("<u2" if is_little else ">u2") if wide else "u1"
        found = np.frombuffer(data, kind, count=min(count, len(data) // (2 if wide else 1)))
    else:
        try:
            found = np.array(data, dtype=np.int64).ravel().astype(np.uint16)
        except (TypeError, ValueError, OverflowError):
            return None
        if len(found) == (count + 1) // 2 and count > 1:
            found = found.astype("<u2").view(np.uint8)
    return found[:count].astype(np.uint16) if len(found) >= count else None

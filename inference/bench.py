"""What a pipeline finds on its bench: pixels, networks, a cache and the device (no torch)."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Protocol

from domain.errors import NeedPixels
from inference.contracts import PixelArray

CacheKey = tuple[Any, ...]


class AllyEntry(Protocol):
    """Another network that one needs."""

    @property
    def id(self) -> str:
        """Its weights."""

    @property
    def sha256(self) -> str:
        """Of its weights file."""


class NetworkEntry(Protocol):
    """What the weights manifest says of a network."""

    @property
    def sha256(self) -> str:
        """Of the weights file."""

    @property
    def architecture(self) -> str:
        """Name of the network's family."""

    @property
    def scout(self) -> AllyEntry | None:
        """The network that looks first, if there is one."""


class LoadedNetwork(Protocol):
    """A network in memory, on the device."""

    @property
    def module(self) -> Any:
        """The torch module, in evaluation mode."""

    @property
    def entry(self) -> NetworkEntry:
        """Which weights it holds."""

    @property
    def dtype(self) -> str:
        """The number format it computes in."""


class Shelf(MutableMapping[CacheKey, Any]):
    """A mapping that forgets what was used longest ago once it holds more than `max_bytes`.

    Whatever is taken from it may be gone at the next look: use `get` and compute again.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._items: OrderedDict[CacheKey, tuple[Any, int]] = OrderedDict()
        self._bytes = 0

    def __getitem__(self, key: CacheKey) -> Any:
        value, _ = self._items[key]
        self._items.move_to_end(key)
        return value

    def __setitem__(self, key: CacheKey, value: Any) -> None:
        self.pop(key, None)
        size = size_in_bytes(value)
        if size > self._max_bytes:
            return
        self._items[key] = (value, size)
        self._bytes += size
        while self._bytes > self._max_bytes:
            del self[next(iter(self._items))]

    def __delitem__(self, key: CacheKey) -> None:
        _, size = self._items.pop(key)
        self._bytes -= size

    def __iter__(self) -> Iterator[CacheKey]:
        return iter(tuple(self._items))

    def __len__(self) -> int:
        return len(self._items)

    @property
    def bytes_held(self) -> int:
        """How much memory its values take."""
        return self._bytes


class Drawer(MutableMapping[Any, Any]):
    """What a shelf holds under keys that begin alike, by what follows."""

    def __init__(self, shelf: Shelf, key: CacheKey) -> None:
        self._shelf, self._key = shelf, key

    def __getitem__(self, key: Any) -> Any:
        return self._shelf[(*self._key, key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._shelf[(*self._key, key)] = value

    def __delitem__(self, key: Any) -> None:
        del self._shelf[(*self._key, key)]

    def __iter__(self) -> Iterator[Any]:
        size = len(self._key)
        return (key[size] for key in self._shelf if key[:size] == self._key and len(key) > size)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def size_in_bytes(value: Any) -> int:
    """Memory of an array, a tensor, or a tuple, list, mapping or dataclass of them."""
    nbytes = getattr(value, "nbytes", None)
    if isinstance(nbytes, int):
        return nbytes
    if isinstance(value, Mapping):
        return sum(size_in_bytes(part) for part in value.values())
    if isinstance(value, (tuple, list)):
        return sum(size_in_bytes(part) for part in value)
    if is_dataclass(value):
        return sum(size_in_bytes(getattr(value, field.name)) for field in fields(value))
    return sys.getsizeof(value)


@dataclass(frozen=True, eq=False)
class Bench:
    """All that a pipeline may reach while it answers one request.

    Args:
        images: pixels of the request's images by sha256.
        network: weights id -> the network in memory, loaded where needed; raises WeightsMissing and
            its kin.
        cache: for features and maps; the first part of a key is the task's word.
        device: the torch device to compute on.
    """

    images: Mapping[str, PixelArray]
    network: Callable[[str], LoadedNetwork]
    cache: Shelf
    device: Any

    def pixels(self, sha256: str) -> PixelArray:
        """The read-only pixels of an image.

        Raises:
            NeedPixels: the engine does not hold them.
        """
        try:
            return self.images[sha256]
        except KeyError:
            what = f"The engine does not hold the pixels of image {sha256[:12]}."
            raise NeedPixels(what) from None

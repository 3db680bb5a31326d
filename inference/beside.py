"""Small files beside weights that were fitted to them: what they know of pictures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import Tensor, nn

from domain.errors import WeightsCorrupt, WeightsMissing
from inference.entry import Part, WeightsEntry
from models.vertebrae import familiar, territory
from models.vertebrae.familiar import Familiar
from models.vertebrae.territory import Territory

_WEIGHTS = "weights_sha256"
Fitted = TypeVar("Fitted", Familiar, Territory)
Shapes = Callable[[int], Mapping[str, tuple[int, ...]]]
_SHAPES: Mapping[type[nn.Module], Shapes] = {
    Familiar: familiar.shapes,
    Territory: territory.shapes,
}


def read_beside(entry: WeightsEntry, part: Part, kind: type[Fitted]) -> Fitted:
    """What a file beside an entry's weights holds.

    Raises:
        WeightsMissing: the file is not there.
        WeightsCorrupt: it is not what the manifest describes, or was fitted to other weights.
    """
    try:
        content = (entry.folder / part.file).read_bytes()
    except OSError as error:
        raise WeightsMissing(
            f"The weights {entry.title!r} are not installed whole.",
            why=f"{part.file} cannot be read ({error.strerror}).",
            remedy="Install Caliper again.",
        ) from error
    try:
        if hashlib.sha256(content).hexdigest() != part.sha256:
            raise ValueError("its sha256 is another")
        return fitted_from(content, kind, weights_sha256=entry.sha256)
    except (SafetensorError, ValueError, KeyError) as error:
        raise WeightsCorrupt(
            f"The weights {entry.title!r} are damaged.",
            why=f"{part.file} is not what the list of weights says: {error}.",
            remedy="Install Caliper again.",
        ) from error


def fitted_from(content: bytes, kind: type[Fitted], *, weights_sha256: str) -> Fitted:
    """What `fitted_bytes` wrote.

    Raises:
        SafetensorError, ValueError, KeyError: it is something else, or for other weights.
    """
    tensors: dict[str, Tensor] = safetensors.load(content)
    length = int.from_bytes(content[:8], "little")
    if json.loads(content[8 : 8 + length])["__metadata__"][_WEIGHTS] != weights_sha256:
        raise ValueError("it was fitted to other weights")
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if found != _SHAPES[kind](found["whiten"][0]):
        raise ValueError(f"it holds {found}")
    if not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise ValueError("it holds what is no number")
    return kind(tensors)


def fitted_bytes(fitted: Familiar | Territory, *, weights_sha256: str) -> bytes:
    """The file of one; the same values give the same bytes."""
    names = _SHAPES[type(fitted)](1)
    tensors = {name: getattr(fitted, name).contiguous() for name in names}
    content: bytes = safetensors.save(tensors, metadata={_WEIGHTS: weights_sha256})
    return content

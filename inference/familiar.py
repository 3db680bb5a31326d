"""What lies beside weights to tell which pictures are unlike those they learnt from."""

from __future__ import annotations

import hashlib
import json

from safetensors import SafetensorError
from safetensors import torch as safetensors

from domain.errors import WeightsCorrupt, WeightsMissing
from inference.entry import WeightsEntry
from models.vertebrae.familiar import Familiar, shapes

_WEIGHTS = "weights_sha256"


def read_familiar(entry: WeightsEntry) -> Familiar | None:
    """What an entry says it knows of pictures; None where it names no such file.

    Raises:
        WeightsMissing: the file is not there.
        WeightsCorrupt: it is not what the manifest describes, or was fitted to other weights.
    """
    part = entry.familiar
    if part is None:
        return None
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
        return familiar_from(content, weights_sha256=entry.sha256)
    except (SafetensorError, ValueError, KeyError) as error:
        raise WeightsCorrupt(
            f"The weights {entry.title!r} are damaged.",
            why=f"{part.file} is not what the list of weights says: {error}.",
            remedy="Install Caliper again.",
        ) from error


def familiar_from(content: bytes, *, weights_sha256: str) -> Familiar:
    """What `familiar_bytes` wrote.

    Raises:
        SafetensorError, ValueError, KeyError: it is something else, or for other weights.
    """
    tensors = safetensors.load(content)
    length = int.from_bytes(content[:8], "little")
    if json.loads(content[8 : 8 + length])["__metadata__"][_WEIGHTS] != weights_sha256:
        raise ValueError("it was fitted to other weights")
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if found != shapes(found["whiten"][0]):
        raise ValueError(f"it holds {found}")
    if not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise ValueError("it holds what is no number")
    return Familiar(tensors)


def familiar_bytes(familiar: Familiar, *, weights_sha256: str) -> bytes:
    """The file of a Familiar; the same values give the same bytes."""
    tensors = {name: getattr(familiar, name).contiguous() for name in shapes(1)}
    content: bytes = safetensors.save(tensors, metadata={_WEIGHTS: weights_sha256})
    return content

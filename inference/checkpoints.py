"""Checkpoints of other programs: opened as data, and their wrappers taken off."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import Tensor

from domain.errors import CaliperError, UnreadableFile, WeightsIncompatible
from inference.archive import require_plain
from inference.families import Recognised, State, recognise
from inference.loader import read_metadata, require_known_schema

WRAPPERS = ("model_ema", "model", "state_dict", "model_state_dict")
PREFIXES = ("module.",)
_DEPTH = 4  # wrappers inside wrappers
_SHARING = 4  # how often a number may be used by several tensors

# Training loops store their figures as numpy scalars; these build nothing but such a number.
_SCALAR = np._core.multiarray.scalar  # type: ignore[attr-defined]
_SAFE_NUMBERS: list[Any] = [
    np.dtype,
    (_SCALAR, "numpy.core.multiarray.scalar"),
    (_SCALAR, "numpy._core.multiarray.scalar"),
    *(type(np.dtype(kind)) for kind in ("f2", "f4", "f8", "i4", "i8", "?")),
]


def read_checkpoint(path: Path) -> tuple[State, Recognised]:
    """The tensors of a checkpoint under their plain names, and the network they belong to.

    Raises:
        UnreadableFile: the file cannot be opened as data.
        WeightsIncompatible: it holds no network that Caliper can use.
    """
    state, own = read_state(path)
    return (state, own) if own else recognise(state)


def read_state(path: Path) -> tuple[State, Recognised | None]:
    """The tensors of a file under their plain names, and what it says itself that they are.

    Raises:
        UnreadableFile: the file cannot be opened as data.
        WeightsIncompatible: it holds no tensors, or such as no network can use.
    """
    if _is_safetensors(path):
        content = path.read_bytes()
        return plain_state(_open_safetensors(content, path=path)), _own_words(content)
    require_plain(path)
    return plain_state(_open_pickle(path)), None


def _is_safetensors(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(9)[8:] == b"{"  # the JSON header follows eight bytes of length


def _open_safetensors(content: bytes, *, path: Path) -> State:
    try:
        state: State = safetensors.load(content)
    except SafetensorError as error:
        raise _unreadable(path, why=f"As a safetensors file it is broken: {error}.") from error
    return state


def _own_words(content: bytes) -> Recognised | None:
    """What a weights file of Caliper's own says it is."""
    try:
        said = read_metadata(content)
    except CaliperError:
        return None
    require_known_schema(said)
    architecture, config = said.get("architecture"), said.get("config")
    if isinstance(architecture, str) and isinstance(config, dict):
        return Recognised(architecture, config)
    return None


def _open_pickle(path: Path) -> Any:
    """Whatever the file holds, made of tensors, numbers, texts, lists and dicts alone."""
    try:
        with torch.serialization.safe_globals(_SAFE_NUMBERS):
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise _refused(path, error) from error
    except MemoryError as error:
        raise _unreadable(path, why="It would need far more memory than its size.") from error
    except (RuntimeError, ValueError, TypeError, KeyError, EOFError, OSError) as error:
        first = str(error).partition("\n")[0]
        raise _unreadable(path, why=f"It is no checkpoint, or a broken one: {first}.") from error
    except (AttributeError, IndexError, AssertionError, RecursionError) as error:
        raise _unreadable(path, why="It is no checkpoint, or a broken one.") from error


def _refused(path: Path, error: pickle.UnpicklingError) -> CaliperError:
    asked = re.search(r"GLOBAL ([\w.]+)", str(error))
    if asked is None:
        return _unreadable(path, why="It is no checkpoint, or a broken one.")
    return UnreadableFile(
        f"The file {path.name} is refused.",
        why=f"To open it, code would have to run: it asks for {asked.group(1)}.",
        remedy="Ask its author for a file that holds tensors alone (a state dict).",
    )


def _unreadable(path: Path, *, why: str) -> UnreadableFile:
    return UnreadableFile(
        f"The file {path.name} cannot be opened as weights.",
        why=why,
        remedy="Choose a .pt, .pth or .safetensors file, or download it again.",
    )


def plain_state(tree: Any) -> State:
    """The state dict inside whatever a training program saved around it.

    Raises:
        WeightsIncompatible: there is none, or it holds what no network can use.
    """
    state = _strip(_unwrap(tree))
    for key, tensor in state.items():
        _require_plain(key, tensor)
    _require_held(state)
    for key, tensor in state.items():
        _require_finite(key, tensor)
    return {key: _at_most_float32(tensor) for key, tensor in state.items()}


def _unwrap(tree: Any) -> State:
    for _ in range(_DEPTH):
        if isinstance(tree, list | tuple) and tree:
            tree = tree[0]
            continue
        if not isinstance(tree, Mapping):
            break
        if tree and all(isinstance(value, Tensor) for value in tree.values()):
            return {str(key): value for key, value in tree.items()}
        inner = [tree[key] for key in WRAPPERS if isinstance(tree.get(key), Mapping | list | tuple)]
        if not inner:
            break
        tree = inner[0]
    raise WeightsIncompatible(
        "The file holds no network.",
        why=f"No list of named tensors was found, neither alone nor under {', '.join(WRAPPERS)}.",
        remedy="Choose the file that the training program saved as its checkpoint.",
    )


def _strip(state: State) -> State:
    for prefix in PREFIXES:
        while all(key.startswith(prefix) for key in state):
            state = {key.removeprefix(prefix): tensor for key, tensor in state.items()}
    return state


def _require_plain(key: str, tensor: Tensor) -> None:
    plain = tensor.layout is torch.strided and tensor.device.type == "cpu"
    if not plain or tensor.is_quantized or tensor.is_complex():
        raise _unusable(key, why="It is no plain list of numbers.")


def _require_held(state: State) -> None:
    """Tensors may share numbers, but a small file must not blow up to a huge network."""
    held = {
        storage.data_ptr(): storage.nbytes()
        for storage in (tensor.untyped_storage() for tensor in state.values())
    }
    claimed = {key: tensor.numel() * tensor.element_size() for key, tensor in state.items()}
    if sum(claimed.values()) > _SHARING * sum(held.values()):
        largest = max(claimed, key=claimed.__getitem__)
        raise _unusable(largest, why="The tensors claim far more numbers than the file holds.")


def _require_finite(key: str, tensor: Tensor) -> None:
    if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
        raise _unusable(key, why="It holds infinite numbers: that training run diverged.")


def _unusable(key: str, *, why: str) -> WeightsIncompatible:
    return WeightsIncompatible(
        f"The tensor {key!r} cannot be used.", why=why, remedy="Choose other weights."
    )


def _at_most_float32(tensor: Tensor) -> Tensor:
    detached = tensor.detach()
    return detached.float() if detached.dtype is torch.float64 else detached

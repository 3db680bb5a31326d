"""Networks from weights files and to weights files; safetensors only, nothing in them is run."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import Tensor, nn

from domain.errors import WeightsCorrupt, WeightsIncompatible
from inference.beside import read_beside
from inference.entry import METADATA_KEY, SCHEMA, Part, WeightsEntry, canonical_json
from inference.healthy import Compared, read_healthy
from inference.integrity import read_weights
from inference.strict import Differences
from models.vertebrae.familiar import Familiar
from models.vertebrae.territory import Territory

PART_LIMIT = 16 * 2**20
_HEADER_LENGTH = 8
_PLANAR = 4  # dimensions of a convolution over rows and columns
Config = Mapping[str, Any]


def _unet_ikem(config: Config) -> nn.Module:
    from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig

    return UNetIkem(UNetIkemConfig(**config))


def _hrnet_ocr(config: Config) -> nn.Module:
    from models.vertebrae.hrnet_ocr import HrnetOcr, HrnetOcrConfig

    return HrnetOcr(HrnetOcrConfig(**config))


def _column_net(config: Config) -> nn.Module:
    from models.vertebrae.column import ColumnNet, ColumnNetConfig

    return ColumnNet(ColumnNetConfig(**config))


def _space_time_unet(config: Config) -> nn.Module:
    from models.implant.space_time_unet import SpaceTimeUNet, SpaceTimeUNetConfig

    return SpaceTimeUNet(SpaceTimeUNetConfig(**config))


# One for each of inference.entry's ARCHITECTURE_TASKS; a network is imported when it is needed.
ARCHITECTURES: Mapping[str, Callable[[Config], nn.Module]] = {
    "unet_ikem": _unet_ikem,
    "hrnet_ocr": _hrnet_ocr,
    "column_net": _column_net,
    "space_time_unet": _space_time_unet,
}


class Placed(Protocol):
    """What names a torch device: inference.device.Device, or what the engine calls one."""

    @property
    def torch_device(self) -> Any:
        """Where the network goes."""


@dataclass(frozen=True, eq=False)
class LoadedNetwork:
    """A network in memory on its device, in evaluation mode, and which weights it holds.

    Args:
        healthy: studies to compare with, where they lie beside the weights.
    """

    module: nn.Module
    entry: WeightsEntry
    healthy: Compared | None = None

    @property
    def dtype(self) -> str:
        """The number format of its parameters, which is the one it computes in."""
        first = next(self.module.parameters())
        return str(first.dtype).removeprefix("torch.")


def load(
    entry: WeightsEntry, *, device: Placed, dtype: torch.dtype = torch.float32
) -> LoadedNetwork:
    """The network of a manifest entry, on the device, laid out channels-last.

    Args:
        entry: which weights.
        device: where to.
        dtype: of parameters and computation, whatever format the file stores.

    Raises:
        WeightsMissing: a file is not there.
        WeightsCorrupt: a file is not what the manifest describes.
        WeightsIncompatible: it fits no network of this Caliper.
    """
    module = module_from_bytes(read_weights(entry), entry=entry)
    module.eval().requires_grad_(False)
    module.to(device=device.torch_device, dtype=dtype)
    lay_out(module)
    if entry.familiar is not None:
        module.familiar = read_beside(entry, entry.familiar, Familiar).to(device.torch_device)
    if entry.scout is not None:
        territory = read_beside(entry, entry.scout.territory, Territory)
        module.territory = territory.to(device.torch_device)
    return LoadedNetwork(module, entry, read_healthy(entry))


def lay_out(module: nn.Module) -> None:
    """Channels-last, for all that has four dimensions; what has five has no such layout."""
    for parameter in module.parameters():
        if parameter.ndim == _PLANAR:
            parameter.data = parameter.data.to(memory_format=torch.channels_last)


def module_from_bytes(content: bytes, *, entry: WeightsEntry) -> nn.Module:
    """The network that a weights file holds, checked against its entry, strictly loaded.

    Raises:
        WeightsCorrupt: the file is no safetensors file, or contradicts the manifest.
        WeightsIncompatible: its tensors do not fit the network it names.
    """
    said = read_metadata(content)
    require_known_schema(said)
    listed = {"architecture": entry.architecture, "config": entry.config}
    if {key: said.get(key) for key in listed} != listed:
        raise WeightsCorrupt(
            f"The weights {entry.title!r} are not what the manifest says.",
            why=f"The file holds {said.get('architecture')!r} with {said.get('config')}.",
            remedy="Import them again, or install Caliper again.",
        )
    module = build(entry.architecture, entry.config)
    try:
        state = safetensors.load(content)
    except SafetensorError as error:
        raise _no_safetensors(str(error)) from error
    load_strictly(module, state, title=entry.title)
    _require_numbers(module, entry=entry)
    return module


def build(architecture: str, config: Config) -> nn.Module:
    """A network with fresh weights.

    Raises:
        WeightsIncompatible: there is no such network, or it has no such configuration.
    """
    maker = ARCHITECTURES.get(architecture)
    if maker is None:
        raise WeightsIncompatible(
            f"No network is called {architecture!r}.",
            why=f"This Caliper knows {', '.join(ARCHITECTURES)}.",
            remedy="Update Caliper, or choose other weights.",
        )
    try:
        return maker(config)
    except (TypeError, ValueError) as error:
        raise WeightsIncompatible(
            f"The network {architecture} cannot be built.",
            why=f"Its configuration {dict(config)} is refused: {error}.",
            remedy="Update Caliper, or choose other weights.",
        ) from error


def load_strictly(module: nn.Module, state: Mapping[str, Tensor], *, title: str) -> None:
    """Copy every tensor into the network, in the network's own number format.

    Raises:
        WeightsIncompatible: one is missing, unexpected or of another shape.
    """
    differences = Differences.between(module.state_dict(), state)
    if differences:
        raise WeightsIncompatible(
            f"The weights {title!r} do not fit their network.",
            why=differences.words,
            remedy="Choose other weights.",
        )
    module.load_state_dict(dict(state), strict=True)


def read_metadata(content: bytes) -> dict[str, Any]:
    """What a weights file says of itself: schema, architecture, config.

    Raises:
        WeightsCorrupt: it is no safetensors file, or says nothing.
    """
    try:
        (length,) = struct.unpack_from("<Q", content)
        header = json.loads(content[_HEADER_LENGTH : _HEADER_LENGTH + length])
        said = json.loads(header["__metadata__"][METADATA_KEY])
    except (struct.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _no_safetensors(f"its header says nothing about the network ({error})") from error
    if not isinstance(said, dict):
        raise _no_safetensors("its header says nothing about the network")
    return said


def require_known_schema(said: Mapping[str, Any]) -> None:
    """Refuse what a newer Caliper wrote.

    Raises:
        WeightsIncompatible: the file's own words are of a later form than this one knows.
    """
    schema = said.get("schema", SCHEMA)
    if not isinstance(schema, int) or schema > SCHEMA:
        raise WeightsIncompatible(
            "These weights were written by a newer Caliper.",
            why=f"Their form is number {schema}; this one knows {SCHEMA}.",
            remedy="Update Caliper, or choose other weights.",
        )


def _require_numbers(module: nn.Module, *, entry: WeightsEntry) -> None:
    for key, tensor in module.state_dict().items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise WeightsCorrupt(
                f"The weights {entry.title!r} cannot be used.",
                why=f"{key} holds what is no number.",
                remedy="Choose other weights.",
            )


def _no_safetensors(why: str) -> WeightsCorrupt:
    return WeightsCorrupt(
        "This is no weights file of Caliper.",
        why=f"As a safetensors file, {why}.",
        remedy="Import the original file instead.",
    )


def save_weights(
    module: nn.Module,
    path: Path,
    *,
    architecture: str,
    config: object,
    dtype: torch.dtype = torch.bfloat16,
) -> None:
    """Write a network's weights; the same weights give the same bytes.

    Args:
        module: the network.
        path: the file to write.
        architecture: one of ARCHITECTURES.
        config: the network's configuration, a dataclass or a mapping.
        dtype: of what has two or more dimensions. Vectors (norms, biases) are small and their
            rounding hurts most, so they stay float32; whole numbers stay as they are.

    Raises:
        WeightsIncompatible: a value does not fit into the number format.
    """
    state = {key: _narrowed(key, tensor, dtype) for key, tensor in module.state_dict().items()}
    path.write_bytes(to_bytes(state, architecture=architecture, config=config))


def to_bytes(state: Mapping[str, Tensor], *, architecture: str, config: object) -> bytes:
    """A weights file; one metadata key, because several would be written in random order."""
    settings = asdict(config) if is_dataclass(config) and not isinstance(config, type) else config
    said = {"schema": SCHEMA, "architecture": architecture, "config": settings}
    ready = {key: tensor.detach().cpu().contiguous().clone() for key, tensor in state.items()}
    content: bytes = safetensors.save(ready, metadata={METADATA_KEY: canonical_json(said)})
    return content


def _narrowed(key: str, tensor: Tensor, dtype: torch.dtype) -> Tensor:
    if not tensor.is_floating_point():
        return tensor
    narrow = tensor.detach().to(dtype if tensor.ndim >= 2 else torch.float32)
    if not bool(narrow.isfinite().all()):
        raise WeightsIncompatible(
            f"The weights {key!r} cannot be stored.",
            why=f"A value is infinite or too large for {narrow.dtype}.",
            remedy="Store them as bfloat16, or look for a run that diverged.",
        )
    return narrow


def split_parts(path: Path, *, limit: int = PART_LIMIT) -> tuple[Part, ...]:
    """The parts of a weights file as the manifest lists them; a large file becomes several.

    A file over the limit is replaced by NAME.1, NAME.2 …, each at most `limit` bytes. Parts of an
    earlier, longer file with that name are removed.
    """
    content = path.read_bytes()
    for old in path.parent.glob(f"{path.name}.*"):
        if old.suffix[1:].isdigit():
            old.unlink()
    if len(content) <= limit:
        return (_part(path.name, content),)
    pieces = [content[start : start + limit] for start in range(0, len(content), limit)]
    parts = []
    for number, piece in enumerate(pieces, start=1):
        name = f"{path.name}.{number}"
        path.with_name(name).write_bytes(piece)
        parts.append(_part(name, piece))
    path.unlink()
    return tuple(parts)


def _part(name: str, content: bytes) -> Part:
    return Part(name, len(content), hashlib.sha256(content).hexdigest())

"""What lies beside implant weights: healthy studies that others are compared with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import Tensor

from domain.errors import WeightsCorrupt
from domain.implant import SIDE, STUDY_FRAMES, ImplantOptions
from domain.implant_scoring import Healthy
from inference.calibration import healed_alike, healthy_path, options_from, said_in
from inference.entry import METADATA_KEY, WeightsEntry, canonical_json

_SHAPE = STUDY_FRAMES, SIDE, SIDE


@dataclass(frozen=True, eq=False)
class Compared:
    """Healthy studies, and how they were healed: only what was healed so may be compared."""

    healthy: Healthy
    options: ImplantOptions

    def fits(self, options: ImplantOptions) -> bool:
        """Whether a study healed with these options may be compared."""
        return healed_alike(options, self.options)


def read_healthy(entry: WeightsEntry) -> Compared | None:
    """What weights can be compared with; None where no such file is listed.

    Raises:
        WeightsCorrupt: it cannot be read, or was made with other weights.
    """
    path = healthy_path(entry)
    if path is None or entry.healthy is None:
        return None
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != entry.healthy.sha256:
            raise ValueError("its sha256 is another")
        return healthy_from(content, weights_sha256=entry.sha256)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise WeightsCorrupt(
            f"The weights {entry.title!r} are damaged.",
            why=f"{path.name} holds no healthy studies of theirs: {error}.",
            remedy="Install Caliper again.",
        ) from error


def healthy_from(content: bytes, *, weights_sha256: str) -> Compared:
    """What `healthy_bytes` wrote.

    Raises:
        SafetensorError, ValueError, KeyError, TypeError: it is something else, or of other weights.
    """
    tensors = safetensors.load(content)
    length = int.from_bytes(content[:8], "little")
    said = said_in(content[8 : 8 + length])
    if said["weights_sha256"] != weights_sha256:
        raise ValueError("it was made with other weights")
    if not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise ValueError("it holds what is no number")
    mean, spread = (_array(tensors, name) for name in ("mean", "spread"))
    if mean.shape != _SHAPE or spread.shape != _SHAPE or spread.min() <= 0:
        raise ValueError(f"it holds {mean.shape} and {spread.shape}")
    scores = np.sort(_array(tensors, "scores"))
    how = (int(tensors[name]) for name in ("places", "smooth"))
    healthy = Healthy(mean, spread, scores, *how)
    return Compared(healthy, options_from(said["options"]))


def healthy_bytes(compared: Compared, *, weights_sha256: str) -> bytes:
    """The file; the same values give the same bytes."""
    healthy = compared.healthy
    tensors = {
        "mean": torch.from_numpy(np.ascontiguousarray(healthy.mean, np.float16)),
        "spread": torch.from_numpy(np.ascontiguousarray(healthy.spread, np.float16)),
        "scores": torch.from_numpy(healthy.scores.astype(np.float64)),
        "places": torch.tensor(healthy.places),
        "smooth": torch.tensor(healthy.smooth),
    }
    said = {"weights_sha256": weights_sha256, "options": asdict(compared.options)}
    content: bytes = safetensors.save(tensors, metadata={METADATA_KEY: canonical_json(said)})
    return content


def _array(tensors: Mapping[str, Tensor], name: str) -> NDArray[np.float64]:
    return np.asarray(tensors[name].double().numpy(), dtype=np.float64)

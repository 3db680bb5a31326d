"""What evaluation asks corners of: the same code as the window's, without engine and worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from domain.annotation import Hint
from domain.errors import WeightsIncompatible, WrongUse
from inference.device import pick_device
from inference.loader import build, load, load_strictly, read_metadata
from inference.manifest import catalogue, shipped_folder
from inference.vertebrae.column_net import Seen, answer, see
from models.vertebrae.column import ColumnNet

FloatArray = NDArray[np.float64]


class Predictor(Protocol):
    """Finds 68 corners on a film, given hints."""

    def predict(
        self, film: NDArray[np.uint8], hints: tuple[Hint, ...]
    ) -> tuple[FloatArray, FloatArray]:
        """(68, 2) corners and (68,) spreads, in film pixels."""


class ColumnPredictor:
    """ColumnNet through the pipeline of the engine; remembers the last film it saw."""

    def __init__(self, network: ColumnNet) -> None:
        self._network = network
        self._film: NDArray[np.uint8] | None = None
        self._seen: Seen | None = None

    def predict(
        self, film: NDArray[np.uint8], hints: tuple[Hint, ...]
    ) -> tuple[FloatArray, FloatArray]:
        """(68, 2) corners and (68,) spreads, in film pixels."""
        if self._seen is None or film is not self._film:
            self._film, self._seen = film, see(self._network, film)
        found = answer(self._network, self._seen, hints)
        return np.asarray(found.corners), np.asarray(found.spread)


def load_predictor(weights: str | None, *, device: str) -> tuple[Predictor, str]:
    """A predictor and the name of its weights: an entry of the manifest, or a file.

    Raises:
        WeightsMissing, WeightsCorrupt, WeightsIncompatible: as the loader says.
        WrongUse: the file is not there.
    """
    if weights is not None and Path(weights).suffix == ".safetensors":
        return ColumnPredictor(column_from_file(Path(weights), device=device)), Path(weights).name
    manifest = catalogue((shipped_folder(),))
    entry = manifest.find(weights) if weights else manifest.default_for("vertebrae")
    network: Any = load(entry, device=pick_device(device)).module
    if not isinstance(network, ColumnNet):
        raise WeightsIncompatible(
            f"The weights {entry.id} cannot be evaluated here.",
            why=f"Evaluation knows column_net, these hold {entry.architecture}.",
        )
    return ColumnPredictor(network), entry.id


def column_from_file(path: Path, *, device: str = "cpu") -> ColumnNet:
    """The network of a weights file that is in no manifest yet, in evaluation mode.

    Raises:
        WrongUse: the file is not there.
        WeightsCorrupt, WeightsIncompatible: as the loader says.
    """
    if not path.is_file():
        raise WrongUse(
            f"There are no weights at {path}.", remedy="Give a .safetensors file or an id."
        )
    from safetensors.torch import load as parse

    content = path.read_bytes()
    said = read_metadata(content)
    network = build(str(said.get("architecture")), said.get("config", {}))
    if not isinstance(network, ColumnNet):
        raise WeightsIncompatible(f"{path.name} holds no ColumnNet.")
    load_strictly(network, parse(content), title=path.name)
    network.eval().requires_grad_(False)
    placed: ColumnNet = network.to(pick_device(device).torch_device)
    return placed

"""What evaluation asks corners of: the pipeline of the window, without engine and worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from domain.annotation import Hint
from domain.errors import WeightsIncompatible, WrongUse
from domain.image import image_identity
from domain.provenance import Mode
from domain.vertebrae import VertebraePrompt
from inference.bench import Bench, LoadedNetwork, Shelf
from inference.beside import read_beside
from inference.contracts import Request
from inference.device import pick_device
from inference.entry import Ally, WeightsEntry
from inference.loader import build, lay_out, load, load_strictly, read_metadata
from inference.manifest import catalogue, shipped_folder
from inference.pipelines import vertebrae
from models.vertebrae.column import ColumnNet
from models.vertebrae.familiar import Familiar
from models.vertebrae.territory import Territory

FloatArray = NDArray[np.float64]
_CACHE_BYTES = 1 << 29


class Predictor(Protocol):
    """Finds 68 corners on a film, given hints."""

    def predict(
        self, film: NDArray[np.uint8], hints: tuple[Hint, ...]
    ) -> tuple[FloatArray, FloatArray]:
        """(68, 2) corners and (68,) spreads, in film pixels.

        Args:
            hints: one a click, in the order of the clicks; a corner may come again.
        """


@dataclass(frozen=True)
class Named:
    """A network that stands in no manifest."""

    sha256: str
    architecture: str
    scout: Ally | None = None


@dataclass(frozen=True, eq=False)
class Held:
    """A network in memory, as the pipeline wants it."""

    module: Any
    entry: Named
    dtype: str = "float32"


class PipelinePredictor:
    """Any network of the task through the pipeline; every click is a round of its own.

    Args:
        network: the network, and `scout` the one that looks before it, if it wants one.
    """

    def __init__(
        self, network: LoadedNetwork, *, mode: Mode, scout: LoadedNetwork | None = None
    ) -> None:
        self._networks, self._mode = {"": network}, mode
        if scout is not None and network.entry.scout is not None:
            self._networks[network.entry.scout.id] = scout
        self._film: NDArray[np.uint8] | None = None
        self._sha256 = ""
        self._cache = Shelf(_CACHE_BYTES)

    def predict(
        self, film: NDArray[np.uint8], hints: tuple[Hint, ...]
    ) -> tuple[FloatArray, FloatArray]:
        """(68, 2) corners and (68,) spreads, in film pixels."""
        if film is not self._film:
            self._film, self._sha256 = film, image_identity(film)
        bench = Bench({self._sha256: film}, self._networks.__getitem__, self._cache, device=None)
        prompt = VertebraePrompt(tuple((hint,) for hint in hints))
        request = Request("vertebrae", "", (self._sha256,), prompt=prompt, mode=self._mode)
        found = vertebrae.run(request, lambda done, total, stage: None, bench)
        return np.asarray(found.corners), np.asarray(found.spread)


@dataclass(frozen=True)
class Loaded:
    """A predictor, the name of its weights, and the mode it runs in."""

    predictor: Predictor
    name: str
    mode: Mode


def load_predictor(
    weights: str | None,
    *,
    device: str,
    mode: Mode | None = None,
    folders: Sequence[Path] = (),
) -> Loaded:
    """A predictor from an entry of a manifest, or from a file that is in none yet.

    Args:
        weights: an id, or a .safetensors file; the default of the task where None.
        mode: what the manifest says where None.
        folders: weights beside those that ship.

    Raises:
        WeightsMissing, WeightsCorrupt, WeightsIncompatible: as the loader says.
        WrongUse: the file is not there.
    """
    if weights is not None and Path(weights).suffix == ".safetensors":
        mode = mode or Mode.CORRECTED
        predictor = file_predictor(Path(weights), device=device, mode=mode)
        return Loaded(predictor, Path(weights).name, mode)
    manifest = catalogue((shipped_folder(), *folders))
    entry = manifest.find(weights) if weights else manifest.default_for("vertebrae")
    mode = mode or entry.mode
    return Loaded(entry_predictor(entry, device=device, mode=mode), entry.id, mode)


def entry_predictor(
    entry: WeightsEntry, *, device: str = "cpu", mode: Mode | None = None
) -> PipelinePredictor:
    """A predictor from an entry, with the one of its manifest that looks first, if it wants one.

    Raises:
        WeightsMissing, WeightsCorrupt, WeightsIncompatible: as the loader says.
    """
    network = load(entry, device=pick_device(device))
    return PipelinePredictor(network, mode=mode or entry.mode, scout=_scout_of(entry, device))


def tuned_predictor(weights: Path, parent: WeightsEntry) -> PipelinePredictor:
    """A predictor from weights that an entry's were tuned to, used as those are.

    Raises:
        WrongUse, WeightsMissing, WeightsCorrupt, WeightsIncompatible: as the loader says.
    """
    held = held_from_file(weights)
    held.module.familiar, held.module.territory = beside_of(parent)
    held = replace(held, entry=replace(held.entry, scout=parent.scout))
    return PipelinePredictor(held, mode=parent.mode, scout=_scout_of(parent, "cpu"))


def beside_of(entry: WeightsEntry) -> tuple[Familiar | None, Territory | None]:
    """What an entry's network knows of pictures: which are like those learnt from, and of which its
    scout is asked.

    Raises:
        WeightsMissing, WeightsCorrupt: as the loader says.
    """
    known, ally = entry.familiar, entry.scout
    familiar = None if known is None else read_beside(entry, known, Familiar)
    return familiar, None if ally is None else read_beside(entry, ally.territory, Territory)


def _scout_of(entry: WeightsEntry, device: str) -> LoadedNetwork | None:
    if entry.scout is None:
        return None
    found = catalogue((entry.folder, shipped_folder())).find(entry.scout.id)
    return load(found, device=pick_device(device))


def file_predictor(
    path: Path, *, device: str = "cpu", mode: Mode = Mode.CORRECTED
) -> PipelinePredictor:
    """A predictor from a weights file that is in no manifest yet.

    Raises:
        WrongUse: the file is not there.
        WeightsCorrupt, WeightsIncompatible: as the loader says.
    """
    return PipelinePredictor(held_from_file(path, device=device), mode=mode)


def column_from_file(path: Path, *, device: str = "cpu") -> ColumnNet:
    """The ColumnNet of a weights file that is in no manifest yet, in evaluation mode.

    Raises:
        WrongUse: the file is not there.
        WeightsCorrupt, WeightsIncompatible: as the loader says, or it holds another network.
    """
    network = held_from_file(path, device=device).module
    if not isinstance(network, ColumnNet):
        raise WeightsIncompatible(f"{path.name} holds no ColumnNet.")
    return network


def held_from_file(path: Path, *, device: str = "cpu") -> Held:
    """The network, of any architecture, of a weights file that is in no manifest yet.

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
    architecture = str(said.get("architecture"))
    network = build(architecture, said.get("config", {}))
    load_strictly(network, parse(content), title=path.name)
    network.eval().requires_grad_(False)
    placed = network.to(pick_device(device).torch_device)
    lay_out(placed)
    return Held(placed, Named(sha256=str(path), architecture=architecture))

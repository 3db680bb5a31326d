"""What evaluation asks to heal studies: the pipeline of the window, without engine and worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from domain.image import Image
from domain.implant import ImplantFindings, ImplantOptions
from domain.implant_study import study_frames
from domain.provenance import Mode
from inference.bench import Bench, LoadedNetwork, Shelf
from inference.contracts import Request
from inference.device import pick_device
from inference.loader import load
from inference.manifest import catalogue, shipped_folder
from inference.pipelines import implant
from training.vertebrae_predictor import held_from_file


class Heals(Protocol):
    """Says what stands out of a study: a Healer, or what it is compared with."""

    @property
    def mode(self) -> Mode:
        """As published or corrected."""

    def heal(self, image: Image) -> ImplantFindings:
        """What it finds."""


@dataclass(frozen=True, eq=False)
class Healer:
    """A network that heals studies.

    Args:
        name: of its weights.
        options: how it heals.
        seed: of the first noise.
    """

    network: LoadedNetwork
    name: str
    mode: Mode = Mode.CORRECTED
    options: ImplantOptions = field(default_factory=ImplantOptions)
    seed: int = 0

    def heal(self, image: Image) -> ImplantFindings:
        """What the pipeline finds on a study."""
        study = study_frames(image)
        bench = Bench({study.sha256: study.pixels}, lambda _: self.network, Shelf(0), device=None)
        request = Request(
            "implant",
            "",
            (study.sha256,),
            prompt=study.plan,
            options=self.options,
            mode=self.mode,
            seed=self.seed,
        )
        return implant.run(request, lambda done, total, stage: None, bench)


def load_healer(
    weights: str | None,
    *,
    device: str,
    mode: Mode | None = None,
    folders: Sequence[Path] = (),
) -> Healer:
    """A healer from an entry of a manifest, or from a file that is in none yet.

    It heals as the healthy studies beside its weights were healed, where there are any.

    Args:
        weights: an id, or a .safetensors file; the default of the task where None.
        mode: what the manifest says where None.
        folders: weights beside those that ship.

    Raises:
        WeightsMissing, WeightsCorrupt, WeightsIncompatible: as the loader says.
        WrongUse: the file is not there.
    """
    if weights is not None and Path(weights).suffix == ".safetensors":
        held = held_from_file(Path(weights), device=device)
        return Healer(held, Path(weights).name, mode or Mode.CORRECTED)
    manifest = catalogue((shipped_folder(), *folders))
    entry = manifest.find(weights) if weights else manifest.default_for("implant")
    network = load(entry, device=pick_device(device))
    compared = network.healthy
    options = ImplantOptions() if compared is None else compared.options
    return Healer(network, entry.id, mode or entry.mode, options)

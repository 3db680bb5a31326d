"""Judges of the healing network: other ways to tell what stands out of a study.

All are treated alike: what is left over is smoothed and compared with the same healthy films by
place, and one cut is held for the study; how, is chosen on the calibration films.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from domain.errors import WrongUse
from domain.image import Image
from domain.implant import ImplantFindings, ImplantOptions
from domain.implant_scoring import Healthy, score_calibrated, smoothed
from domain.implant_study import network_pictures, study_frames
from domain.provenance import Mode
from inference.implant.compared import FALSE_ALARMS
from training.data.panoramics import Study, open_picture
from training.implant_calibration import FLOOR, SMOOTH
from training.metrics import auroc
from training.rivals.networks import Autoencoder

Maps = NDArray[np.float64]
PLACES = 300, 1000, 2000
FEATURES = 0.0, 0.5, 1.0, 2.0
"""Weights of the features' differences beside the pictures', both in their own spreads."""


class LeftOver(NamedTuple):
    """Of a study: (F, SIDE, SIDE) each.

    Args:
        picture: real minus drawn, as a share of the grey range; positive where brighter.
        features: squared difference of features; 0 where a network has none.
    """

    picture: Maps
    features: Maps


@dataclass(frozen=True)
class Weighing:
    """How a judge weighs what is left over.

    Args:
        features: weight of the features.
        scale: of features, so that they spread as widely as pictures do.
        places: how many must stand out for a score.
    """

    features: float = 0.0
    scale: float = 1.0
    places: int = 1000

    def __call__(self, left: LeftOver) -> Maps:
        """(F, SIDE, SIDE), smoothed."""
        weight = self.features * self.scale
        both = left.picture if not weight else left.picture + weight * left.features
        return smoothed(both, times=SMOOTH)


@torch.inference_mode()
def left_over_of(real: Maps, network: Autoencoder | None) -> LeftOver:
    """What a network leaves of a study; the grey values themselves where there is none.

    Args:
        real: (F, SIDE, SIDE) from -1 to 1.
    """
    if network is None:
        return LeftOver(real / 2, np.zeros_like(real))
    x = torch.from_numpy(real).float().unsqueeze(1)
    drawn = network(x)
    picture = ((x - drawn)[:, 0] / 2).double().numpy()
    return LeftOver(picture, network.unlike(x, drawn).double().numpy())


@dataclass(frozen=True, eq=False)
class Judge:
    """Heals nothing, but answers as a healer does.

    Args:
        network: None compares the grey values themselves.
        healthy: the calibration films without implants.
        chosen: AUROC on the calibration films, by which the weighing was chosen.
    """

    name: str
    network: Autoencoder | None
    weighing: Weighing
    healthy: Healthy
    chosen: float
    mode: Mode = Mode.CORRECTED

    def heal(self, image: Image) -> ImplantFindings:
        """What stands out of a study."""
        study = study_frames(image)
        real = network_pictures(study.pixels, mode=Mode.CORRECTED).astype(np.float64)
        left = left_over_of(real, self.network)
        rate = max(FALSE_ALARMS, self.healthy.finest)
        scored = score_calibrated(self.weighing(left)[None], self.healthy, rate=rate)
        nothing = np.zeros(real.shape, np.uint8)
        return ImplantFindings(
            ImplantOptions(),
            study.plan,
            noised=nothing,
            healed=nothing,
            left_over=left.picture.astype(np.float16),
            spread=np.zeros(real.shape, np.float16),
            standing_out=scored.heat.astype(np.float16),
            cut=scored.cut,
            healthy=tuple(float(score) for score in self.healthy.scores),
            score=scored.score,
            p_value=float("nan") if scored.p_value is None else scored.p_value,
        )


def calibrated_judge(name: str, network: Autoencoder | None, studies: Sequence[Study]) -> Judge:
    """A judge that knows the healthy ones of these films, weighed as tells the others from them.

    Raises:
        NotForThisTask: the healthy ones are too few.
        WrongUse: none has an implant, so that nothing can be chosen.
    """
    left = [left_over_of(_real(study), network) for study in studies]
    truth = np.array([study.with_implant for study in studies])
    if not truth.any():
        raise WrongUse("How to weigh cannot be chosen.", why="No study here has an implant.")
    best: Judge | None = None
    for weighing in _weighings([one for one, is_so in zip(left, truth, strict=True) if not is_so]):
        weighed = np.stack([weighing(one) for one in left])
        for places in PLACES:
            healthy = Healthy.of(weighed[~truth], floor=FLOOR, places=places)
            others = [
                score_calibrated(one[None], healthy, rate=0.5).score for one in weighed[truth]
            ]
            scores = np.concatenate([healthy.scores, others])
            kinds = np.repeat([0.0, 1.0], [len(healthy.scores), len(others)])
            area = auroc(np.stack([scores, kinds], axis=1))
            if best is None or area > best.chosen:
                how = Weighing(weighing.features, weighing.scale, places)
                best = Judge(name, network, how, healthy, area)
    assert best is not None
    return best


def _real(study: Study) -> Maps:
    stack = study_frames(open_picture(study.path)).pixels
    return network_pictures(stack, mode=Mode.CORRECTED).astype(np.float64)


def _weighings(left: Sequence[LeftOver]) -> list[Weighing]:
    features = float(np.std([one.features for one in left]))
    if not features:
        return [Weighing()]
    scale = float(np.std([one.picture for one in left])) / features
    return [Weighing(weight, scale) for weight in FEATURES]

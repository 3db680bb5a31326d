"""Which network a foreign checkpoint holds, told by its keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor

from domain.errors import WeightsIncompatible
from models.vertebrae.hrnet_names import from_parent

State = dict[str, Tensor]
_REMEDY = (
    "Use weights of UNet-IKEM, HRNet-W32 + OCR-IKEM or the 4-D diffusion network for implants, "
    "or those that came with Caliper."
)
_LATER = "Caliper recognises it, but it is not supported yet."
_BEFORE = "It was taught photographs and knows no vertebrae; only a training may start from it."

# Key or beginning of keys -> what the file is, and why it is not to be had.
UNSUPPORTED = {
    "prior_gen.dense_map_gen.distance_matrix": ("MediScopeDiffusion", _LATER),
    "gated_attention.attention_V.weight": ("MediScopeDiffusion", _LATER),
    "mapping.img_embed.weight": ("CLIP-IVP", _LATER),
    "down_blocks.2.attentions.0.transformer_blocks.": ("the diffusion network for brains", _LATER),
    "stage4.0.fuse_layers.": ("HRNet alone, as ImageNet trains it", _BEFORE),
}


@dataclass(frozen=True)
class Recognised:
    """What a state dict turned out to be."""

    architecture: str
    config: Mapping[str, Any]


def recognise(state: State) -> tuple[State, Recognised]:
    """The tensors under the names that Caliper gives them, and the network they belong to.

    Raises:
        WeightsIncompatible: none that Caliper can use; where it knows the name, it says it.
    """
    for marker, (name, why) in UNSUPPORTED.items():
        if _has(state, marker):
            raise WeightsIncompatible(f"This is a checkpoint of {name}.", why=why, remedy=_REMEDY)
    for family in _FAMILIES:
        if all(_has(state, marker) for marker in family.markers):
            return _read(family, state)
    some = ", ".join(sorted(state)[:3])
    raise WeightsIncompatible(
        "This is no network that Caliper knows.",
        why=f"Its {len(state)} tensors are called {some} and so on.",
        remedy=_REMEDY,
    )


def _has(state: State, marker: str) -> bool:
    return any(key.startswith(marker) for key in state)


@dataclass(frozen=True)
class _Family:
    """A network of others that Caliper can use.

    Args:
        title: what people call it.
        markers: beginnings of keys that it alone has.
        read: its tensors under our names, and what they are.
    """

    title: str
    markers: tuple[str, ...]
    read: Callable[[State], tuple[State, Recognised]]


def _read(family: _Family, state: State) -> tuple[State, Recognised]:
    try:
        return family.read(state)
    except (KeyError, ValueError, IndexError) as error:
        raise WeightsIncompatible(
            f"This looks like {family.title}, but fits none of its variants.",
            why=f"Which one it is cannot be told: {error}.",
            remedy="Choose other weights.",
        ) from error


def _read_unet_ikem(state: State) -> tuple[State, Recognised]:
    from models.vertebrae.unet_ikem import config_from_state

    return state, Recognised("unet_ikem", asdict(config_from_state(state)))


def _read_hrnet_ocr(state: State) -> tuple[State, Recognised]:
    from models.vertebrae.hrnet_ocr import config_from_state

    return state, Recognised("hrnet_ocr", asdict(config_from_state(state)))


def _read_parent(state: State) -> tuple[State, Recognised]:
    from models.vertebrae.hrnet_ocr import config_from_state

    ours = from_parent(state)
    return ours, Recognised("hrnet_ocr", asdict(config_from_state(ours, parent=True)))


def _read_space_time_unet(state: State) -> tuple[State, Recognised]:
    from models.implant.space_time_unet import config_from_state

    return state, Recognised("space_time_unet", asdict(config_from_state(state)))


_FAMILIES = (
    _Family("UNet-IKEM", ("hint_fusion_layer.scale", "down1.maxpool_conv."), _read_unet_ikem),
    _Family("HRNet-W32 + OCR-IKEM", ("hrnet.",), _read_hrnet_ocr),
    _Family("MIKE, the parent of HRNet-W32 + OCR-IKEM", ("ritm_hrnet.",), _read_parent),
    _Family(
        "the 4-D diffusion network for implants",
        ("input_blocks.0.0.temporal_conv.weight",),
        _read_space_time_unet,
    ),
)

"""How large the two published networks are, counted here and the way it was published.

.venv/bin/python -m benchmarks.multiply_adds
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from models.vertebrae.hrnet_ocr import HrnetOcr, HrnetOcrConfig
from models.vertebrae.interaction import FRAME, KEYPOINTS
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig

NOTE = """\
counted: convolutions and matrix products, by torch.utils.flop_counter (two operations are one).
as published: as torch-summary 1.4 adds up; it counts a transposed convolution four times, every
weight once more for each module around it, and no product of attention.
"""


@dataclass(frozen=True)
class Published:
    """A network as its authors printed it: millions of parameters, billions of multiply-adds."""

    title: str
    make: Callable[[], nn.Module]
    parameters: str
    multiply_adds: str


NETWORKS = (
    Published("UNet-IKEM", lambda: UNetIkem(UNetIkemConfig()), "32.55", "10.68"),
    Published("HRNet-W32 + OCR-IKEM", lambda: HrnetOcr(HrnetOcrConfig()), "32.94", "38.41"),
)


@dataclass(frozen=True)
class Size:
    """A network counted: parameters, and multiply-adds for one film in two ways."""

    parameters: int
    multiply_adds: int
    as_published: int


def measure(make: Callable[[], nn.Module]) -> Size:
    """Count a network without computing anything: shapes alone pass through it."""
    with torch.device("meta"):
        network = make().eval()
        maps = torch.empty(1, KEYPOINTS, *FRAME)
        question = (maps, maps, torch.empty(1, 3, *FRAME))
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(*question)
    return Size(
        parameters=sum(each.numel() for each in network.parameters()),
        multiply_adds=counter.get_total_flops() // 2,
        as_published=_as_published(network, question),
    )


def _as_published(network: nn.Module, question: tuple[Tensor, ...]) -> int:
    counts: list[int] = []

    def add(module: nn.Module, _: Any, output: Any) -> None:
        places = 1
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            places = output.shape[-2] * output.shape[-1]
        inside = (each for name, each in module.named_parameters() if name.endswith("weight"))
        counts.append(places * sum(each.numel() for each in inside))

    hooks = [each.register_forward_hook(add) for each in network.modules() if each is not network]
    with torch.no_grad():
        network(*question)
    for hook in hooks:
        hook.remove()
    return sum(counts)


def main() -> None:
    """Print the table."""
    row = "{:<22}{:>14}{:>12}{:>16}{:>16}{:>12}".format
    print(row("network", "parameters", "published", "multiply-adds", "as published", "published"))
    for network in NETWORKS:
        size = measure(network.make)
        counted, published = (f"{n / 1e9:.2f} G" for n in (size.multiply_adds, size.as_published))
        told = (f"{network.parameters} M", counted, published, f"{network.multiply_adds} G")
        print(row(network.title, f"{size.parameters:,}", *told))
    print(f"\n{NOTE}", end="")


if __name__ == "__main__":
    main()

"""A correction with the published UNet-IKEM at full width: our way against the plain one.

Plain is what the network's authors describe: Gaussians for all 68 corners of which the hinted stay,
the whole network in eager float32, the sigmoid of 68 full maps, and sums over all their pixels. It
runs with the C library's own allocator, ours with an engine's. The weights are random:
they decide what is found, not how fast.

`python -m benchmarks.published ours|plain` is one of the two processes.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from itertools import count
from statistics import median
from typing import Any

import numpy as np

from benchmarks.deeds import Deed, plain_environment, serve
from benchmarks.rows import Budget, Row, Times
from domain.annotation import Hint
from inference.process import engine_environment

FILM = (2375, 891)  # the median AASCE film
EARLIER = Hint(3, 500.0, 400.0)
DRAGGED = 20
ROUNDS, SERIES = 5, 4


def measure() -> Iterator[Row]:
    """The drag of one corner in the second round of hints."""
    module, env = ("-m", "benchmarks.published"), engine_environment(os.environ)
    with (
        Deed(*module, "ours", env=env) as ours,
        Deed(*module, "plain", env=plain_environment()) as plain,
    ):
        # As in a drag: a few answers of one way, then as many of the other.
        series = [
            [[way.do() for _ in range(SERIES)] for way in (ours, plain)] for _ in range(ROUNDS)
        ]
    turns = [turn for one, other in series for turn in zip(one, other, strict=True)]
    apart = max(
        float(np.abs(np.subtract(one.result["corners"], other.result["corners"])).max())
        for one, other in turns
    )
    stages = {
        name: 1e3 * median(plainly.result["stages"][name] for _, plainly in turns)
        for name in turns[0][1].result["stages"]
    }
    ours_s = Times.of([one.seconds for one, _ in turns])
    said = ", ".join(f"{name} {ms:.0f}" for name, ms in stages.items())
    yield Row(
        "released drag: 68 corners and their spread",
        ours_s,
        "plain: eager float32, 68 target maps, sigmoid, full decode",
        Times.of([other.seconds for _, other in turns]),
        Budget(times=4.0),
        note=f"corners at most {apart:.1g} film pixels apart; plain in ms: {said}",
    )
    yield Row(
        "the same, spread and all",
        ours_s,
        "plain without any spread: corners alone",
        Times.of([other.seconds - other.result["stages"]["spread"] for _, other in turns]),
    )


def network() -> Any:
    """UNet-IKEM at the published width, in evaluation mode; the same random weights each time."""
    import torch

    from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig

    torch.manual_seed(0)
    return UNetIkem(UNetIkemConfig()).eval().requires_grad_(False)


def film() -> Any:
    """(rows, columns) of noise."""
    return np.random.default_rng(0).integers(0, 255, FILM, dtype=np.uint8)


class _Ours:
    """The engine's own pipeline."""

    def __init__(self) -> None:
        from inference.bench import Bench, Shelf
        from inference.entry import WeightsEntry
        from inference.loader import LoadedNetwork
        from inference.serving import Limits

        entry = WeightsEntry("r", "vertebrae", "Random", architecture="unet_ikem", sha256="r")
        loaded = LoadedNetwork(network(), entry)
        shelf = Shelf(Limits().cache_bytes)
        self._bench = Bench({"film": film()}, lambda _: loaded, shelf, device=None)
        self._rows = count(900)

    def __call__(self) -> dict[str, Any]:
        from domain.provenance import Mode
        from domain.vertebrae import VertebraePrompt
        from inference.contracts import Request
        from inference.pipelines import vertebrae

        moved = Hint(DRAGGED, float(next(self._rows)), 450.0)
        prompt = VertebraePrompt(((EARLIER,), (moved,)))
        request = Request("vertebrae", "", ("film",), prompt=prompt, mode=Mode.AS_PUBLISHED)
        found = vertebrae.run(request, lambda done, total, stage: None, self._bench)
        return {"corners": found.corners.tolist()}


class _Plain:
    """Nothing kept but the picture and the maps of the round before."""

    def __init__(self) -> None:
        import cv2
        import torch

        from models.vertebrae.interaction import FRAME

        self._net, self._rows = network(), count(900)
        small = cv2.resize(film(), FRAME[::-1], interpolation=cv2.INTER_LINEAR)
        self._image = (torch.from_numpy(small) / 127.5 - 1).expand(1, 3, *FRAME).contiguous()
        rows, columns = (torch.arange(float(length)) for length in FRAME)
        self._grid = rows.view(-1, 1), columns
        self._scale = torch.tensor(FILM) / torch.tensor(FRAME)
        with torch.no_grad():
            nothing = torch.zeros(1, 68, *FRAME)
            first = self._net(nothing, nothing, self._image).sigmoid()
            self._before = self._net(self._targets((EARLIER,)), first, self._image).sigmoid()

    def __call__(self) -> dict[str, Any]:
        import torch

        hints = (EARLIER, Hint(DRAGGED, float(next(self._rows)), 450.0))
        with torch.no_grad():
            marks = [time.perf_counter()]
            targets = self._targets(hints)
            marks.append(time.perf_counter())
            logits = self._net(targets, self._before, self._image)
            marks.append(time.perf_counter())
            maps = logits.sigmoid()[0]
            marks.append(time.perf_counter())
            total = maps.sum((1, 2))
            places = [(maps * axis).sum((1, 2)) / total for axis in self._grid]
            corners = torch.stack(places, dim=-1) * self._scale
            marks.append(time.perf_counter())
            self._spread(maps, places)
            marks.append(time.perf_counter())
        for hint in hints:
            corners[hint.index] = torch.tensor([hint.row, hint.column])
        taken = [float(span) for span in np.diff(marks)]
        names = ("target maps", "network", "sigmoid", "corners", "spread")
        return {"corners": corners.tolist(), "stages": dict(zip(names, taken, strict=True))}

    def _targets(self, hints: tuple[Hint, ...]) -> Any:
        """All 68 target maps, then the hinted ones alone, as the original does."""
        import torch

        centres = torch.full((68, 2), 100.0)
        keep = torch.zeros(1, 68, 1, 1)
        for hint in hints:
            centres[hint.index] = torch.tensor([hint.row, hint.column]).trunc() / self._scale
            keep[0, hint.index] = 1
        rows, columns = self._grid
        squared = (rows - centres[:, :1, None]) ** 2 + (columns - centres[:, 1:, None]) ** 2
        return squared.mul_(-0.5 / 7.5**2).exp_().unsqueeze(0).mul_(keep)

    def _spread(self, maps: Any, places: list[Any]) -> Any:
        """One deviation of each map about its corner, in film pixels."""
        import torch

        total = maps.sum((1, 2))
        variance = torch.zeros_like(total)
        for axis, place, scale in zip(self._grid, places, self._scale, strict=True):
            off = ((axis - place[:, None, None]) * scale) ** 2
            variance = variance + (maps * off).sum((1, 2)) / total
        return variance.sqrt()


if __name__ == "__main__":
    sys.exit(serve(_Ours() if sys.argv[1] == "ours" else _Plain()))

"""The network that ships, asked plainly: one eager forward in float32 and its decoding.

Nothing is kept between answers but the picture that goes in, layers are as they were learnt, memory
is contiguous and the C library's own. The close-ups that belong to the answer are looked at too.

`python -m benchmarks.plain_column FILM` is a `Deed`.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from benchmarks.deeds import serve

if TYPE_CHECKING:
    from models.vertebrae.column import ColumnNet

DRAGGED = 20
GREY_CENTRE, GREY_SCALE = 127.0, 128.0


def shipped() -> ColumnNet:
    """The default network, fresh from its weights."""
    from app.places import program_root
    from inference.integrity import read_weights
    from inference.loader import module_from_bytes
    from inference.manifest import catalogue
    from models.vertebrae.column import ColumnNet

    entry = catalogue((program_root() / "weights",)).default_for("vertebrae")
    net = module_from_bytes(read_weights(entry), entry=entry)
    assert isinstance(net, ColumnNet)
    return net.eval().requires_grad_(False)


class _Plain:
    """Answers one hint after the other about a film."""

    def __init__(self, film: Path) -> None:
        from inference.preprocess import look
        from inference.vertebrae import column_net

        self._net = shipped()
        pixels = np.asarray(cv2.imread(str(film), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
        seen = column_net.see(self._net, pixels)
        self._frame, self._pyramid = seen.column.frame, seen.pyramid
        self._picture = np.ascontiguousarray(look(seen.pyramid, seen.column.frame))
        self._first = column_net.answer(self._net, seen, ()).corners
        self._steps = count()

    def __call__(self) -> Any:
        import torch

        from inference.vertebrae.closer_look import Found, look_closer
        from models.vertebrae.hints import Hints

        placed = self._first[DRAGGED] + (20.0 + next(self._steps) % 20, 8.0)
        with torch.no_grad():
            picture = (torch.from_numpy(self._picture).float() - GREY_CENTRE) / GREY_SCALE
            point = torch.from_numpy(self._frame.to_network(placed[None])).float()
            there = torch.ones(1, 1, dtype=torch.bool)
            hints = Hints(point[None], torch.tensor([[DRAGGED]]), there)
            points, spread = self._net.coordinates(self._net(picture[None, None], hints))
        corners = self._frame.to_film(points[0].double().numpy())
        assert self._net.refiner is not None
        found = look_closer(
            self._net.refiner, self._pyramid, Found(corners, spread[0].double().numpy())
        )
        return found.corners.tolist()


if __name__ == "__main__":
    sys.exit(serve(_Plain(Path(sys.argv[1]))))

"""Asks the network about many clips, as many at once as is fast and as memory allows."""

from __future__ import annotations

import torch
from torch import Tensor

from inference.memory import is_out_of_memory
from models.diffusion.prediction import Predicts
from models.implant.space_time_unet import SpaceTimeUNet

ON_A_CPU = 1  # clips at once: measured, see docs/performance.md


class Batches:
    """A network that takes any number of clips.

    Args:
        network: in evaluation mode.
        starts: (clips,) which frame of the study each begins with.
        at_once: clips in a batch; halved where memory runs out. What is fast where None.
    """

    def __init__(
        self, network: SpaceTimeUNet, starts: Tensor, *, at_once: int | None = None
    ) -> None:
        first = next(network.parameters())
        self.device, self._dtype = first.device, first.dtype
        self._network, self._starts = network, starts.to(first.device)
        fast = ON_A_CPU if self.device.type == "cpu" else len(starts)
        self.at_once = at_once or fast

    @property
    def predicts(self) -> Predicts:
        """What the network was taught to say."""
        return self._network.config.predicts

    def __call__(self, clips: Tensor, levels: Tensor) -> Tensor:
        """What the network says of each clip.

        Raises:
            RuntimeError, MemoryError: not even one clip fits into memory, or anything else.
        """
        said: list[Tensor] = []
        done = 0
        while done < len(clips):
            some = slice(done, done + self.at_once)
            try:
                asked = clips[some].to(self._dtype), levels[some], self._starts[some]
                said.append(self._network(*asked).to(clips.dtype))
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error) or self.at_once == 1:
                    raise
                self.at_once = max(1, self.at_once // 2)
                if self.device.type == "cuda":
                    torch.cuda.empty_cache()
            else:
                done = some.stop
        return torch.cat(said)

"""Several processes that train one network: `torchrun --nproc-per-node N main.py train ...`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn


@dataclass(frozen=True)
class Crew:
    """Who this process is among those that train together; alone it is 0 of 1."""

    rank: int = 0
    size: int = 1

    @staticmethod
    def join(device: torch.device) -> Crew:
        """Meet the others that torchrun started, if it did."""
        size = int(os.environ.get("WORLD_SIZE", "1"))
        if size == 1:
            return Crew()
        if not dist.is_initialized():
            dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        return Crew(dist.get_rank(), size)

    @property
    def leads(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.rank == 0

    def leave(self) -> None:
        """Part from the others."""
        if self.size > 1 and dist.is_initialized():
            dist.destroy_process_group()

    def average(self, parameters: Iterable[nn.Parameter]) -> None:
        """Make every process's gradients their mean."""
        if self.size == 1:
            return
        gradients = [value.grad for value in parameters if value.grad is not None]
        self._mean(gradients)

    def agree(self, values: Iterable[Tensor]) -> None:
        """Make values, such as the statistics of batch norms, their mean."""
        if self.size > 1:
            self._mean([value for value in values if value.is_floating_point()])

    def clock(self, seconds: float) -> float:
        """The time that all agree on, so that all end at the same step."""
        time = torch.tensor([seconds])
        self.agree([time])
        return float(time)

    def _mean(self, values: list[Tensor]) -> None:
        flat = torch.cat([value.reshape(-1) for value in values])
        dist.all_reduce(flat)
        flat /= self.size
        start = 0
        for value in values:
            value.copy_(flat[start : start + value.numel()].view_as(value))
            start += value.numel()

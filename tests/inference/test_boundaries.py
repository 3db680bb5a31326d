"""A job ends between two layers of a network, and leaves no trace on the next."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from domain.errors import Cancelled
from inference.boundaries import stopping_at_layers
from inference.contracts import CancelToken


class Cancels(nn.Module):
    """A layer during which a person cancels."""

    def __init__(self, token: CancelToken) -> None:
        super().__init__()
        self.token = token

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        self.token.cancel()
        return values + 1


def test_a_job_ends_before_the_next_layer() -> None:
    token, told, seen = CancelToken(), list[tuple[int, int, str]](), list[str]()
    after = nn.Identity()
    after.register_forward_hook(lambda *_: seen.append("after"))
    net = nn.Sequential(nn.Identity(), Cancels(token), after)

    def report(done: int, total: int, stage: str, /) -> None:
        token.check()
        told.append((done, total, stage))

    def run() -> None:
        with stopping_at_layers(report) as tell:
            tell(1, 2, "placing")
            net(torch.zeros(1))

    with pytest.raises(Cancelled):
        run()
    assert seen == []
    assert set(told) == {(1, 2, "placing")}
    net(torch.zeros(1))
    assert seen == ["after"]


def test_layers_before_the_first_report_tell_nothing() -> None:
    told = []
    with stopping_at_layers(lambda *said: told.append(said)):
        nn.Identity()(torch.zeros(1))
    assert told == []

"""The training that was stopped last is known again, and nothing that is no training."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.session.last_training import NAME, forget_training, keep_training, stopped_training
from app.session.run_order import TRAINABLE, TrainOrder


@pytest.fixture
def order(tmp_path: Path) -> TrainOrder:
    out = tmp_path / "out"
    out.mkdir()
    (out / "checkpoint.pt").write_bytes(b"")
    settings = ("batch=2", "rate=1e-4")
    return TrainOrder(
        tmp_path / "data",
        out,
        TRAINABLE[2],
        init=tmp_path / "w.pth",
        recipe=1,
        steps=9,
        settings=settings,
    )


def test_it_comes_back_while_it_can_be_gone_on_with(order: TrainOrder, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert stopped_training(home=home) is None
    keep_training(order, home=home)
    assert stopped_training(home=home) == order
    (order.out / "checkpoint.pt").unlink()
    assert stopped_training(home=home) is None
    (order.out / "checkpoint.pt").write_bytes(b"")
    forget_training(home=home)
    forget_training(home=home)
    assert stopped_training(home=home) is None


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"network": "other"}', '{"network": "unet-ikem", "data": 5}', "\udcff"],
)
def test_what_is_damaged_is_no_training(text: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert stopped_training(home=tmp_path) is None

"""What is filled in becomes a command line that the program's own parser takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.session.run_order import (
    TRAINABLE,
    EvaluateOrder,
    FineTuneOrder,
    Order,
    TrainOrder,
    free_place,
    goes_on,
)
from domain.errors import WrongUse
from training.cli import _config, _parser
from training.published.config import PublishedRun
from training.settings import changed
from training.settings import told as read
from training.vertebrae import RunConfig
from training.vertebrae_refiner import RefinerRun


@pytest.mark.parametrize("network", TRAINABLE, ids=lambda one: one.word)
def test_every_network_s_stage_recipes_and_settings_are_known(network, tmp_path: Path) -> None:
    for number, recipe in enumerate(network.recipes):
        order = TrainOrder(
            tmp_path,
            tmp_path / "o",
            network,
            init=tmp_path / "w",
            recipe=number,
            steps=3,
            settings=network.small,
        )
        order.require()
        told = _parser().parse_args(list(order.arguments))
        assert (told.verb, told.task, told.stage) == ("train", network.task, network.stage)
        assert (told.steps, told.progress) == (3, "json")
        assert told.set == [*recipe.settings, *network.small]
        assert _config(told, usual="").is_file()


def test_every_setting_is_one_of_the_recipe_s(tmp_path: Path) -> None:
    kinds = {"column": RunConfig, "refiner": RefinerRun, "published": PublishedRun}
    for network in TRAINABLE:
        if network.task == "vertebrae":
            for setting in (*network.small, *network.recipes[-1].settings):
                changed(kinds[network.stage](), read(setting))


def test_results_go_where_nothing_is(tmp_path: Path) -> None:
    assert free_place(tmp_path, "unet") == tmp_path / "runs" / "unet-1"
    (tmp_path / "runs" / "unet-1").mkdir(parents=True)
    assert free_place(tmp_path, "unet") == tmp_path / "runs" / "unet-2"


def test_an_evaluation_and_a_fine_tuning(tmp_path: Path) -> None:
    order = EvaluateOrder(tmp_path, tmp_path / "o", "net-1", clicks=0, part="validation", limit=4)
    told = _parser().parse_args(list(order.arguments))
    assert (told.weights, told.clicks, told.part, told.limit) == ("net-1", 0, "validation", 4)
    implants = EvaluateOrder(tmp_path, tmp_path / "o", "h", mode="as_published", task="implant")
    told = _parser().parse_args(list(implants.arguments))
    assert (told.task, told.weights, told.mode) == ("implant", "h", "as_published")
    told = _parser().parse_args(list(FineTuneOrder(tmp_path, 9, ("rate=1e-5",), "w").arguments))
    assert (told.verb, told.steps, told.set) == ("fine-tune", 9, ["rate=1e-5"])
    assert told.weights == "w"


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (TrainOrder(Path("/nowhere"), Path("o"), TRAINABLE[0]), "no folder"),
        (TrainOrder(Path(), Path("o"), TRAINABLE[0]), "No films"),
        (EvaluateOrder(Path("/"), Path(), "w"), "No place"),
        (EvaluateOrder(Path("/"), Path("o"), ""), "No network"),
        (FineTuneOrder(Path("o"), settings=("batch 4",)), "sets nothing"),
        (TrainOrder(Path("/"), Path("o"), TRAINABLE[1]), "belong to a ColumnNet"),
    ],
)
def test_what_is_missing_is_said(order: Order, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        order.require()


def test_a_checkpoint_is_what_a_run_goes_on_from(tmp_path: Path) -> None:
    assert not goes_on(tmp_path)
    (tmp_path / "refiner-checkpoint.pt").write_bytes(b"")
    assert goes_on(tmp_path)

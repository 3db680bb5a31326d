"""The published protocol end to end, on phantoms, with a narrow network in a small frame."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from domain.errors import CaliperError, WeightsIncompatible, WrongUse
from domain.provenance import Mode
from models.vertebrae.unet_ikem import UNetIkem, UNetIkemConfig
from tests.training.folder import COLUMNS, ROWS, write_aasce
from training import vertebrae_published
from training.cli import run as command
from training.data.aasce import read_split
from training.journal import LOG_NAME
from training.phantoms.vertebrae import draw_phantom
from training.published import augment, trainer
from training.published.config import Loss, PublishedRun
from training.published.rounds import Plan
from training.vertebrae import CHECKPOINT_NAME, Places
from training.vertebrae_predictor import load_predictor
from training.vertebrae_published import run

TINY = PublishedRun(network={"width": 4}, plain_epochs=0, batch=2, steps=2, workers=1)
WEIGHTS = "vertebrae-unet-ikem.safetensors"
CONFIGS = Path("training/configs")


@pytest.fixture(autouse=True)
def small_frame(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A frame that is quick to learn in; what a run sets for its process ends with the test."""
    threads = cv2.getNumThreads()
    monkeypatch.setattr(augment, "FRAME", (128, 64))
    monkeypatch.setattr(vertebrae_published, "reuse_memory", lambda: None)
    yield
    cv2.setNumThreads(threads)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three films to learn from and two to check, by their names in the committed split."""
    folder = tmp_path_factory.mktemp("data")
    learnt, kept = sorted(read_split("training"))[:3], sorted(read_split("validation"))[:2]
    write_aasce(folder, names=[*learnt, *kept])
    return folder


def logged(out: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (out / LOG_NAME).read_text().splitlines()]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("loss", Loss)
def test_every_loss_teaches_in_both_modes(
    loss: Loss, mode: Mode, data: Path, tmp_path: Path
) -> None:
    weights = run(replace(TINY, loss=loss, mode=mode), Places(data, tmp_path))
    assert weights.name == WEIGHTS
    torch.manual_seed(TINY.seed)
    fresh = UNetIkem(UNetIkemConfig(width=4)).state_dict()
    learnt = load_file(weights)
    assert all(value.isfinite().all() for value in learnt.values())
    head = "outc.aux_head.3.weight"
    assert not torch.allclose(learnt[head].float(), fresh[head], atol=1e-4)
    parts = {"bce": {"bce"}, "morphology": {"bce", "morphology"}, "cross_entropy": {"heat", "bce"}}
    told = next(line for line in logged(tmp_path) if "left_minutes" in line)
    assert parts[loss] == set(told) - {"event", "step", "minutes", "left_minutes"}
    if loss is Loss.MORPHOLOGY:  # a sigmoid of a sigmoid is at least one half
        assert (told["bce"] > 0.69) == (mode is Mode.AS_PUBLISHED)


@pytest.mark.parametrize(
    "ablation", [{"first_hints": False}, {"network": {"width": 4, "activation": "relu"}}]
)
def test_ablations_run(ablation: dict[str, object], data: Path, tmp_path: Path) -> None:
    assert run(replace(TINY, **ablation), Places(data, tmp_path)).is_file()


def test_half_precision_teaches_after_passes_without_gradients(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def two_passes(batch: int, **_: object) -> Plan:
        return Plan(torch.zeros(batch, 68, dtype=torch.bool), 2)

    monkeypatch.setattr(trainer, "plan", two_passes)
    limited = replace(TINY, bfloat16=True)
    run(replace(limited, max_minutes=1e-9), Places(data, tmp_path))
    before = torch.load(tmp_path / CHECKPOINT_NAME, weights_only=True)["network"]
    run(limited, Places(data, tmp_path))
    after = torch.load(tmp_path / CHECKPOINT_NAME, weights_only=True)["network"]
    still = [name for name, value in before.items() if torch.equal(value, after[name])]
    # A bias before a batch norm has no slope, nor has a squeezed gate that is shut.
    assert not [name for name in still if name.endswith("weight") and "iggnet" not in name]


def test_the_error_falls(data: Path, tmp_path: Path) -> None:
    run(replace(TINY, steps=0, epochs=8, passes=0, rate=1e-2), Places(data, tmp_path))
    losses = [line["bce"] for line in logged(tmp_path) if "bce" in line]
    assert losses[-1] < 0.85 * losses[0]


def test_stopping_half_way_changes_nothing(data: Path, tmp_path: Path) -> None:
    ends = {}
    for name, steps in (("whole", (5,)), ("parts", (1, 3, 5))):
        for stop in steps:
            run(replace(TINY, steps=stop), Places(data, tmp_path / name))
        ends[name] = torch.load(tmp_path / name / CHECKPOINT_NAME, weights_only=True)
        assert (tmp_path / name / WEIGHTS).is_file()
    whole, parts = ends["whole"], ends["parts"]
    for name, value in whole["network"].items():
        assert torch.allclose(value, parts["network"][name], atol=1e-6), name
    assert whole["step"] == parts["step"] == 5
    assert whole["best"] == pytest.approx(parts["best"])
    assert whole["best_epoch"] == parts["best_epoch"] > 0


def test_it_stops_when_nothing_better_is_seen(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = iter([9.0, 7.0, 8.0, 7.5, 1.0])
    monkeypatch.setattr(
        trainer.Trainer, "check", lambda *_: {"first_mre": 10.0, "second_mre": next(seen)}
    )
    weights = run(replace(TINY, steps=0, epochs=9, patience=2), Places(data, tmp_path))
    assert [line["best_epoch"] for line in logged(tmp_path) if "epoch" in line] == [1, 2, 2, 2]
    last = load_file(tmp_path / "vertebrae-unet-ikem-last.safetensors")
    assert any(not torch.equal(value, last[name]) for name, value in load_file(weights).items())
    run(replace(TINY, steps=0, epochs=9, patience=2), Places(data, tmp_path))
    assert torch.load(tmp_path / CHECKPOINT_NAME, weights_only=True)["step"] == 8


def test_the_minutes_of_a_call_end_it_cleanly(data: Path, tmp_path: Path) -> None:
    limited = replace(TINY, max_minutes=1e-9)
    assert run(limited, Places(data, tmp_path)).is_file()
    assert torch.load(tmp_path / CHECKPOINT_NAME, weights_only=True)["step"] == 0
    run(TINY, Places(data, tmp_path))
    assert torch.load(tmp_path / CHECKPOINT_NAME, weights_only=True)["step"] == 2


def test_the_larger_network_is_trained_too(data: Path, tmp_path: Path) -> None:
    larger = replace(TINY, architecture="hrnet_ocr", network={"width": 2})
    assert run(larger, Places(data, tmp_path)).name == "vertebrae-hrnet-ocr.safetensors"
    assert {"bce", "halfway_bce"} < set(logged(tmp_path)[-1])


def test_films_nobody_knows_are_all_to_learn_from(tmp_path: Path) -> None:
    write_aasce(tmp_path / "data", count=2)
    weights = run(replace(TINY, steps=1), Places(tmp_path / "data", tmp_path / "out"))
    last = load_file(weights.with_stem("vertebrae-unet-ikem-last"))
    assert all(torch.equal(value, last[name]) for name, value in load_file(weights).items())
    assert not any("epoch" in line for line in logged(tmp_path / "out"))


class TwoAnswers(UNetIkem):
    """A network with maps half-way, as HRNet+OCR has them."""

    def both(
        self, hint_maps: Tensor, previous_maps: Tensor, image: Tensor
    ) -> tuple[Tensor, Tensor]:
        logits = self(hint_maps, previous_maps, image)
        return logits, 0.5 * logits


def test_maps_half_way_are_taught_too(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def two(_: str, config: dict[str, int]) -> nn.Module:
        return TwoAnswers(UNetIkemConfig(**config))

    monkeypatch.setattr(trainer, "build", two)
    assert run(TINY, Places(data, tmp_path)).is_file()
    assert {"bce", "halfway_bce"} < set(logged(tmp_path)[-1])


def test_a_run_cut_in_an_epoch_tells_its_loss_and_error(data: Path, tmp_path: Path) -> None:
    run(replace(TINY, steps=1), Places(data, tmp_path))
    told, seen = logged(tmp_path)
    assert told["bce"] > 0
    assert seen["step"] == 1
    assert seen["second_mre"] < seen["first_mre"]


def test_given_weights_are_where_it_starts(data: Path, tmp_path: Path) -> None:
    weights = run(TINY, Places(data, tmp_path / "one"))
    limited = replace(TINY, max_minutes=1e-9)
    again = run(limited, Places(data, tmp_path / "two", weights))
    one, two = load_file(weights), load_file(again)
    assert all(torch.equal(one[name], two[name]) for name in one)
    wider = replace(limited, network={"width": 8})
    with pytest.raises(WeightsIncompatible):
        run(wider, Places(data, tmp_path / "three", weights))
    with pytest.raises(WrongUse, match="cannot be gone on from"):
        run(limited, Places(data, tmp_path / "four", tmp_path / "none.safetensors"))


def test_a_folder_of_another_run_is_left_alone(data: Path, tmp_path: Path) -> None:
    run(replace(TINY, max_minutes=1e-9), Places(data, tmp_path))
    with pytest.raises(WrongUse, match="another run"):
        run(replace(TINY, loss=Loss.MORPHOLOGY), Places(data, tmp_path))


def test_bad_folders_are_refused_in_words(data: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="No AASCE data"):
        run(TINY, Places(tmp_path, tmp_path / "out"))
    write_aasce(tmp_path / "odd", count=2)
    names = tmp_path / "odd" / "filenames.csv"
    names.write_text(names.read_text().splitlines()[0])
    with pytest.raises(WrongUse, match="do not belong together"):
        run(TINY, Places(tmp_path / "odd", tmp_path / "out"))
    write_aasce(tmp_path / "kept", names=sorted(read_split("validation"))[:1])
    with pytest.raises(WrongUse, match="nothing to learn from"):
        run(TINY, Places(tmp_path / "kept", tmp_path / "out"))
    with pytest.raises(CaliperError, match="called 'resnet'"):
        run(replace(TINY, architecture="resnet"), Places(data, tmp_path / "out"))


def test_several_processes_are_refused(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(WrongUse, match="one process"):
        run(TINY, Places(data, tmp_path))


@pytest.mark.parametrize("name", ["vertebrae-unet-ikem.json", "vertebrae-hrnet-ocr.json"])
def test_the_configs_say_version_two(name: str, project_root: Path) -> None:
    config = PublishedRun.read(project_root / CONFIGS / name)
    assert config == replace(PublishedRun(), architecture=config.architecture)
    assert (config.epochs, config.patience, config.batch, config.seed) == (199, 36, 8, 42)
    assert config.architecture in name.replace("-", "_")


def test_the_command_trains_and_what_it_wrote_is_measured(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    train = ["train", "vertebrae", "--stage", "published", "--data", str(data), "--out", str(out)]
    train += ["--device", "cpu", "--steps", "1", "--limit", "1", "--set", "network.width=4"]
    assert command([*train, "--set", "loss=morphology", "--set", "mode=corrected"]) == 0
    assert json.loads((out / "config.json").read_text())["loss"] == "morphology"
    assert capsys.readouterr().out.strip() == str(out / WEIGHTS)
    film = draw_phantom(9, rows=ROWS, columns=COLUMNS).film
    found = [
        load_predictor(str(out / WEIGHTS), device="cpu", mode=mode).predictor.predict(film, ())[0]
        for mode in Mode
    ]
    assert found[0].shape == found[1].shape == (68, 2)
    assert np.abs(found[0] - found[1]).max() > 1
    assert command([*train, "--set", "loss=l2"]) == 2
    assert "bce, morphology, cross_entropy" in capsys.readouterr().err

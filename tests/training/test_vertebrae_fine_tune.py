"""Fine-tuning keeps what is not worse on the frozen people, and rolls back what is."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from domain.errors import WeightsIncompatible, WrongUse
from domain.provenance import Mode
from inference.beside import fitted_bytes
from inference.device import pick_device
from inference.entry import Ally, Part, WeightsEntry, canonical_json
from inference.integrity import WeightsState, read_weights, state_of
from inference.loader import load, module_from_bytes, save_weights
from inference.manifest import MANIFEST_NAME, Manifest
from inference.upkeep import remove_weights
from models.vertebrae.column import ColumnNet, ColumnNetConfig
from models.vertebrae.familiar import Familiar
from models.vertebrae.familiar import shapes as familiar_shapes
from models.vertebrae.territory import Territory
from models.vertebrae.territory import shapes as territory_shapes
from tests.training.folder import write_aasce
from training import vertebrae_fine_tune
from training.cli import run as command
from training.data.aasce import read_aasce, read_film
from training.data.frozen import Frozen
from training.vertebrae import WEIGHTS_NAME, Places, RunConfig
from training.vertebrae_fine_tune import FineTune, fine_tune
from training.vertebrae_predictor import column_from_file, entry_predictor, tuned_predictor

SMALL = ColumnNetConfig(
    rows=64,
    columns=32,
    width=48,
    heads=4,
    image_layers=1,
    joint_layers=1,
    pixel_width=16,
    refiner_size=32,
    refiner_width=8,
)
RUN = RunConfig(steps=2, batch=1, phantom_share=0.0, warm_up=1, bfloat16=False, rate=1e-6)


def entry_of(file: Path) -> WeightsEntry:
    content = file.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return WeightsEntry(
        "parent-1",
        "vertebrae",
        "Parent",
        architecture="column_net",
        config_json=canonical_json(asdict(SMALL)),
        parts=(Part(file.name, len(content), sha256),),
        sha256=sha256,
        bytes=len(content),
        mode=Mode.CORRECTED,
        default=True,
        training_data="elsewhere",
        folder=file.parent,
    )


def small_network(path: Path, *, seed: int) -> Path:
    torch.manual_seed(seed)
    save_weights(ColumnNet(SMALL), path, architecture="column_net", config=SMALL)
    return path


def knowing(entry: WeightsEntry) -> WeightsEntry:
    """The entry with a scout that is always asked, and with what tells unlike pictures."""
    folder, width = entry.folder, SMALL.width
    scout = replace(
        entry_of(small_network(folder / "scout.safetensors", seed=3)), id="scout", default=False
    )
    Manifest((scout,)).write(folder / MANIFEST_NAME)
    drawn = torch.Generator().manual_seed(1)
    familiar, territory = (
        {name: torch.randn(shape, generator=drawn) for name, shape in shapes.items()}
        for shapes in (familiar_shapes(width), territory_shapes(width))
    )
    territory["limit"] = torch.tensor(1e9)

    def beside(fitted: Familiar | Territory, name: str) -> Part:
        content = fitted_bytes(fitted, weights_sha256=entry.sha256)
        (folder / name).write_bytes(content)
        return Part(name, len(content), hashlib.sha256(content).hexdigest())

    ally = Ally("scout", scout.sha256, beside(Territory(territory), "territory.safetensors"))
    return replace(entry, familiar=beside(Familiar(familiar), "like.safetensors"), scout=ally)


def write_people(cases: Path, people: list[str]) -> None:
    with (cases / "people.csv").open("w", newline="") as out:
        csv.writer(out).writerows([person] for person in people)


@pytest.fixture
def task(tmp_path: Path) -> FineTune:
    parent = small_network(tmp_path / "parent.safetensors", seed=0)
    write_aasce(tmp_path / "cases", count=6)
    write_people(tmp_path / "cases", ["a", "a", "b", "c", "d", "e"])
    return FineTune(
        tmp_path / "cases",
        tmp_path / "frozen-test.json",
        entry_of(parent),
        tmp_path / "mine",
        least=2,
    )


def places(tmp_path: Path) -> Places:
    (tmp_path / "out").mkdir(exist_ok=True)
    return Places(Path(), tmp_path / "out")


def learns(
    monkeypatch: pytest.MonkeyPatch, teach: Callable[[Path], object]
) -> list[frozenset[str]]:
    """A training that writes what it is told to; the films that it was given."""
    seen: list[frozenset[str]] = []

    def train(_: RunConfig, given: Places) -> Path:
        assert given.only is not None
        seen.append(given.only)
        weights = given.out / WEIGHTS_NAME
        teach(weights)
        return weights

    monkeypatch.setattr(vertebrae_fine_tune, "train", train)
    return seen


def test_a_real_run_learns_from_nobody_who_is_tested_on(
    task: FineTune, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = fine_tune(task, RUN, places(tmp_path))
    split = Frozen.read(task.split)
    assert len(split.test) == 2
    assert split.test | split.learnt == set("abcde")
    assert "learn from, 0 to check" in capsys.readouterr().err
    lesson = verdict.lesson
    assert lesson.learnt + lesson.tested == 6
    assert lesson.tested_people == 2
    assert set(lesson.change) == {0, 3}
    now = column_from_file(tmp_path / "out" / WEIGHTS_NAME)
    then = column_from_file(task.parent.paths[0])
    assert now.config == then.config
    for name, value in now.state_dict().items():  # its close-ups are those of before
        if name.startswith("refiner."):
            assert torch.equal(value, then.state_dict()[name])
    assert not list((tmp_path / "out").glob("*.pt"))


def test_what_is_not_worse_is_kept_with_a_passport(
    task: FineTune, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learns(monkeypatch, lambda weights: shutil.copy(task.parent.paths[0], weights))
    verdict = fine_tune(task, RUN, places(tmp_path))
    (kept,) = Manifest.read(task.imported / MANIFEST_NAME).entries
    assert kept == replace(verdict.kept, folder=kept.folder)
    assert state_of(kept) is WeightsState.INSTALLED
    assert isinstance(module_from_bytes(read_weights(kept), entry=kept), ColumnNet)
    assert not kept.default
    assert task.parent.sha256 in kept.origin
    assert "before that: elsewhere" in kept.training_data
    figures = {metric.name: metric for metric in kept.metrics}
    assert figures["mre_px.0"].n == verdict.lesson.tested
    card = (task.imported / kept.card).read_text()
    assert task.parent.sha256 in card
    assert "+0.0 [+0.0, +0.0] px" in card
    assert "## Limits" in card


def test_what_is_kept_looks_with_its_parents_scout_and_knows_what_it_knew(
    task: FineTune, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = replace(task, parent=knowing(task.parent))
    learns(monkeypatch, lambda weights: shutil.copy(task.parent.paths[0], weights))
    verdict = fine_tune(task, RUN, places(tmp_path))
    assert {change.value for change in verdict.lesson.change.values()} == {0.0}
    alone = entry_predictor(replace(task.parent, familiar=None, scout=None))
    film = read_film(read_aasce(task.cases)[0].path)
    kept = verdict.kept
    assert kept is not None
    assert state_of(kept) is WeightsState.INSTALLED
    assert kept.scout is not None
    assert kept.scout.id == "scout"
    network, parent = (load(one, device=pick_device("cpu")).module for one in (kept, task.parent))
    for fitted in ("familiar", "territory"):
        now, then = (getattr(module, fitted).state_dict() for module in (network, parent))
        assert now.keys() == then.keys()
        assert all(torch.equal(now[name], then[name]) for name in now)
    ours, theirs, lone = (
        predictor.predict(film, ())[0]
        for predictor in (
            tuned_predictor(kept.paths[0], task.parent),
            entry_predictor(task.parent),
            alone,
        )
    )
    assert np.array_equal(ours, theirs)
    assert not np.array_equal(ours, lone), "the scout is heard"
    remove_weights(kept.id, shipped=tmp_path / "none", imported=task.imported)
    assert not list(task.imported.glob("*.safetensors"))


def test_what_is_worse_is_rolled_back_with_both_figures(
    task: FineTune, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = vertebrae_fine_tune._change
    learns(monkeypatch, lambda weights: small_network(weights, seed=5))
    monkeypatch.setattr(
        vertebrae_fine_tune,
        "_change",
        lambda *given: replace(change(*given), value=4.2 if given[2] else -1.0),
    )
    verdict = fine_tune(task, RUN, places(tmp_path))
    assert verdict.kept is None
    assert "rolled back" in verdict.words
    before, after = (
        side["mre_px.0"].value for side in (verdict.lesson.before, verdict.lesson.after)
    )
    assert f"{before:.1f} px before, {after:.1f} px now" in verdict.words
    assert not task.imported.exists()


def test_later_cases_never_move_a_test_person(
    task: FineTune, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = learns(monkeypatch, lambda weights: shutil.copy(task.parent.paths[0], weights))
    fine_tune(task, RUN, places(tmp_path))
    first = Frozen.read(task.split)
    write_aasce(task.cases, count=12)
    write_people(task.cases, ["a", "a", *"bcdefghijk"])
    fine_tune(task, RUN, places(tmp_path))
    later = Frozen.read(task.split)
    assert first.test < later.test
    assert not later.test & later.learnt
    assert seen[0] < seen[1]


def test_too_few_cases_say_how_many_are_needed(task: FineTune, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="At least 20 films are needed, and 5 people"):
        fine_tune(replace(task, least=20), RUN, places(tmp_path))
    assert not task.split.exists()


def test_published_networks_are_not_fine_tuned(task: FineTune, tmp_path: Path) -> None:
    other = replace(task, parent=replace(task.parent, architecture="unet_ikem"))
    with pytest.raises(WeightsIncompatible, match="Only a ColumnNet"):
        fine_tune(other, RUN, places(tmp_path))


def test_the_command_gathers_and_tells_why_not(
    task: FineTune, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def gather(folder: Path, told: Callable[[int, int], None]) -> tuple[Path, list[str]]:
        told(0, 1)
        shutil.copytree(task.cases, folder)
        return task.split, ["accepted cases that lack their film: 2"]

    out = tmp_path / "tuned"
    said = ["fine-tune", "vertebrae", "--out", str(out)]
    assert command(said, imported=(tmp_path / "mine",), gather=gather) == 2
    told = capsys.readouterr().err
    assert "left out: accepted cases that lack their film: 2" in told
    assert "6 films with T1 to L5 are accepted" in told
    assert [path.name for path in out.iterdir()] == ["cases"]

"""Rivals of healing: what they learn, how they judge, and how they are set beside it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from domain.errors import NotForThisTask, WrongUse
from domain.implant import SIDE
from inference.loader import save_weights
from models.implant.space_time_unet import SpaceTimeUNet
from tests.training.mouths import TINY, write_mouths, write_weights
from training.data.panoramics import Study, open_picture, read_studies
from training.implant import Places
from training.implant_protocol import Pointed, StudyResult
from training.rivals import compare
from training.rivals import train as rivals_train
from training.rivals.figures import beaten, compared, gains, table
from training.rivals.judges import Weighing, calibrated_judge, left_over_of
from training.rivals.kept import keep_results, kept_results, study_key
from training.rivals.networks import LATENT, AnoGan, Autoencoder, Critic, Encoder, Generator
from training.rivals.stages import Kind, RivalRun
from training.rivals.train import CHECKPOINT_NAME, WEIGHTS_NAME, load_rival, train

QUICK = RivalRun(steps=2, encoder_steps=2, pictures=2)


@pytest.fixture(scope="module")
def mouths(tmp_path_factory):
    return write_mouths(tmp_path_factory.mktemp("mouths"), healthy=4, with_implant=2)


@pytest.fixture(scope="module")
def rivals(mouths, tmp_path_factory):
    """A folder for each kind."""
    folder = tmp_path_factory.mktemp("rivals")
    for kind in Kind:
        train(replace(QUICK, kind=kind), Places(mouths, folder / kind.value))
    return folder


def test_networks_are_small_and_give_back_what_they_take():
    x = torch.zeros(2, 1, SIDE, SIDE)
    assert Encoder()(x).shape == (2, LATENT)
    assert Generator()(torch.zeros(2, LATENT)).shape == x.shape
    assert Critic()(x).shape == (2,)
    for network in (Autoencoder(), AnoGan()):
        assert sum(value.numel() for value in network.parameters()) <= 2_000_000
        drawn = network(x)
        assert drawn.shape == x.shape
        assert drawn.abs().max() <= 1
        assert network.unlike(x, drawn).shape == (2, SIDE, SIDE)
    assert not Autoencoder().unlike(x, drawn).any()


def test_features_differ_where_pictures_do():
    network, x = AnoGan(), torch.zeros(1, 1, SIDE, SIDE)
    other = x.clone()
    other[..., :32, :32] = 1
    apart = network.unlike(x, other)[0]
    assert apart[:32, :32].mean() > 10 * apart[80:, 80:].mean()


def test_no_network_of_f_anogan_mixes_pictures():
    network, x = AnoGan().eval(), torch.rand(3, 1, SIDE, SIDE) * 2 - 1
    assert torch.allclose(network(x)[:1], network(x[:1]), atol=1e-5)
    assert torch.allclose(network.critic(x)[:1], network.critic(x[:1]), atol=1e-5)


@pytest.mark.parametrize("kind", Kind)
def test_a_run_that_stops_goes_on_as_if_it_had_not(kind, mouths, tmp_path, monkeypatch):
    config = replace(QUICK, kind=kind)
    whole = train(config, Places(mouths, tmp_path / "whole"))
    stage = {Kind.AUTOENCODER: "Redraw", Kind.ANOGAN: "Find"}[kind]
    learn = type(rivals_train.stages_of(config)[1][-1]).learn

    def stops(self, step, pictures):
        if step == 1:
            raise KeyboardInterrupt
        return learn(self, step, pictures)

    with monkeypatch.context() as patch:
        patch.setattr(f"training.rivals.stages.{stage}.learn", stops)
        with pytest.raises(KeyboardInterrupt):
            train(config, Places(mouths, tmp_path / "parts"))
    parts = train(config, Places(mouths, tmp_path / "parts"))
    one, other = (load_rival(path.parent)[1].state_dict() for path in (whole, parts))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert (tmp_path / "parts" / CHECKPOINT_NAME).is_file()


def test_the_autoencoder_learns_what_it_sees(mouths, tmp_path):
    config = RivalRun(steps=30, pictures=4)
    train(config, Places(mouths, tmp_path))
    _, network = load_rival(tmp_path)
    study = read_studies(mouths)[0]
    stack = rivals_train.load(Places(mouths, tmp_path))[0]
    real = stack.astype(np.float64) / 127.5 - 1
    left = left_over_of(real, network).picture
    fresh = left_over_of(real, Autoencoder()).picture
    assert np.square(left).mean() < 0.5 * np.square(fresh).mean()
    assert not study.with_implant


def test_the_encoder_leaves_generator_and_critic_alone(mouths, tmp_path):
    config = replace(QUICK, kind=Kind.ANOGAN, encoder_steps=1)
    states = []
    for steps, folder in ((1, "one"), (3, "three")):
        train(replace(config, encoder_steps=steps), Places(mouths, tmp_path / folder))
        states.append(load_rival(tmp_path / folder)[1].state_dict())
    for name in states[0]:
        still = torch.equal(states[0][name], states[1][name])
        assert still == (not name.startswith("encoder")) or name.endswith("bias"), name


def test_a_folder_of_another_rival_is_not_gone_on_with(rivals, mouths):
    with pytest.raises(WrongUse, match="another run"):
        train(replace(QUICK, kind=Kind.ANOGAN), Places(mouths, rivals / "autoencoder"))


def test_what_is_no_rival_is_refused(tmp_path):
    with pytest.raises(WrongUse, match="no trained rival"):
        load_rival(tmp_path)
    save_weights(SpaceTimeUNet(TINY), tmp_path / WEIGHTS_NAME, architecture="x", config=TINY)
    with pytest.raises(WrongUse, match="no trained rival"):
        load_rival(tmp_path)


def test_settings_are_told_and_wrong_ones_refused(mouths, tmp_path):
    argv = ["--data", str(mouths), "--out", str(tmp_path), "--limit", "1", "--set", "steps=1"]
    assert rivals_train.main([*argv, "--set", "pictures=1"]) == 0
    assert json.loads((tmp_path / "config.json").read_text())["steps"] == 1
    with pytest.raises(WrongUse, match="no setting"):
        rivals_train.main([*argv, "--set", "width=3"])


def test_what_stands_out_of_a_mouth_is_its_implant(mouths):
    """Grey values against healthy films are enough for drawn mouths: all else is alike."""
    studies = read_studies(mouths)
    judge = calibrated_judge("by place", None, studies)
    found = judge.heal(open_picture(studies[-1].path))
    healthy = judge.heal(open_picture(studies[0].path))
    assert judge.chosen == 1
    assert found.score > healthy.score
    assert found.standing_out.shape == (16, SIDE, SIDE)
    assert found.p_value == pytest.approx(1 / 5)


def test_nothing_can_be_chosen_without_implants_or_healthy_films(mouths):
    studies = read_studies(mouths)
    with pytest.raises(WrongUse, match="cannot be chosen"):
        calibrated_judge("by place", None, studies[:4])
    with pytest.raises(NotForThisTask, match="too few"):
        calibrated_judge("by place", None, studies[3:])


def test_features_weigh_as_they_are_told():
    left = left_over_of(np.zeros((16, SIDE, SIDE)), AnoGan())
    left.features[:] = 2.0
    plain, weighed = Weighing()(left), Weighing(features=0.5, scale=3.0)(left)
    assert weighed - plain == pytest.approx(np.full(plain.shape, 3.0))


def _results(scores, *, marked: float) -> list[StudyResult]:
    nothing = np.zeros(0)
    results = []
    for n, score in enumerate(scores):
        sick = n >= len(scores) // 2
        hits = np.array([marked]) if sick else nothing
        pointed = Pointed(hits, np.array([1.0]), hits, np.array([0.5, 1.0]))
        study = Study(None, f"p{n}", sick, teeth=20)  # type: ignore[arg-type]
        results.append(StudyResult(study, score, 0.5, 0.1, 1.0, 1, False, pointed))
    return results


def test_who_tells_more_gains():
    good, bad = _results([1, 2, 3, 4], marked=2.0), _results([4, 3, 2, 1], marked=0.5)
    gained = gains(good, bad)
    assert {name: metric.value for name, metric in gained.items()} == pytest.approx(
        {"auroc_study": 1, "auroc_matched": 1, "froc": 1 / 4, "pixel_auprc": 2 / 3}
    )  # at half an alarm a film the other one finds nothing; its pixels lie among all
    assert all(metric.value == 0 for metric in gains(good, good).values())
    metrics = compared({"healing": good, "rival": bad})
    assert metrics["rival.over.auroc_study"].value == 1
    assert "healing.over.auroc_study" not in metrics
    drawn = table(metrics, ["healing", "rival"])
    rows = {line.split(" | ")[0]: line.split(" | ")[1:] for line in drawn.splitlines()[2:]}
    assert [cell[:5] for cell in rows["| studies (AUROC)"]] == ["1.000", "0.000"]
    assert [cell[:5] for cell in rows["| studies: healing gains"]] == ["–", "1.000"]


def test_a_film_beats_itself_without_implants_or_does_not():
    without = _results([1, 2, 3, 4], marked=1.0)
    given = [replace(one, score=score) for one, score in zip(without, (2, 2, 2, 5), strict=True)]
    assert beaten(given, without).value == (1 + 0.5 + 0 + 1) / 4


def test_what_was_said_is_kept_for_these_studies_alone(mouths, tmp_path):
    studies = {study_key(study): study for study in read_studies(mouths)[:3]}
    said = _results([1, 2, 3], marked=1.0)
    kept = dict(zip(studies, (replace(one, pointed=None) for one in said[:1]), strict=False))
    kept |= dict(zip(list(studies)[1:], said[1:], strict=True))
    path = tmp_path / "judge.npz"
    assert kept_results(path, studies, said="a") == {}
    keep_results(kept, path, said="a")
    found = kept_results(path, dict(list(studies.items())[:2]), said="a")
    assert [one.score for one in found.values()] == [1, 2]
    assert [one.pointed is None for one in found.values()] == [True, False]
    assert found[list(studies)[1]].pointed.wrong.tolist() == [0.5, 1.0]
    assert kept_results(path, studies, said="b") == {}
    path.write_bytes(b"nothing")
    with pytest.raises(WrongUse, match="cannot be read"):
        kept_results(path, studies, said="a")


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_weights(tmp_path_factory.mktemp("weights"))


def test_all_judges_are_set_side_by_side(rivals, mouths, weights, tmp_path, capsys, monkeypatch):
    argv = ["--data", str(mouths), "--calibrate", str(mouths), "--out", str(tmp_path)]
    argv += ["--weights", str(weights), "--rivals", *(str(rivals / kind.value) for kind in Kind)]
    assert compare.main(argv) == 0
    said = capsys.readouterr()
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    names = "healing", "by place", "autoencoder", "anogan"
    assert f"| figure | {' | '.join(names)} |" in said.out
    assert metrics["by place.auroc_study"]["value"] == 1
    assert {f"{name}.over.froc" for name in names[1:]} <= metrics.keys()
    assert metrics["brightness.seconds_per_study"]["n"] == 6
    rows = (tmp_path / "scores.csv").read_text().splitlines()
    assert rows[0] == "name,label,healing,by place,autoencoder,anogan"
    assert len(rows) == 7
    monkeypatch.setattr(compare, "measure_study", None)  # nobody is asked again
    assert compare.main(argv) == 0
    assert capsys.readouterr().out == said.out


def test_synthetic_films_are_measured_by_grade(mouths, weights, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    lines = ["path,patient,label,boxes"]
    for study in read_studies(mouths)[2:4]:
        for grade, label in (("none", 0), ("metal", 1)):
            source = study.path if not label else read_studies(mouths)[4].path
            name = f"{study.path.stem}.{grade}.png"
            (data / name).write_bytes(source.read_bytes())
            lines.append(f"{name},{study.patient},{label},{'truth.json' if label else ''}")
    (data / "truth.json").write_text((mouths / "film4.json").read_text())
    (data / "cases.csv").write_text("\n".join(lines))
    argv = ["--data", str(data), "--calibrate", str(mouths), "--out", str(tmp_path / "out")]
    assert compare.main([*argv, "--weights", str(weights)]) == 0
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["metal.by place.auroc_study"]["value"] == 1
    assert metrics["metal.by place.beaten"]["value"] == 1
    assert not any(name.startswith("bone") for name in metrics)


def test_an_empty_table_is_wrong_use(mouths, tmp_path):
    (tmp_path / "cases.csv").write_text("path,patient,label\n")
    argv = ["--data", str(tmp_path), "--calibrate", str(mouths), "--out", str(tmp_path / "out")]
    with pytest.raises(WrongUse, match="no study"):
        compare.main(argv)

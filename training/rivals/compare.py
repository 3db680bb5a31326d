"""Healing beside its rivals on the same studies: `python -m training.rivals.compare`.

`--data` a folder with cases.csv (synthetic ones are told apart by how grey their implants are),
`--calibrate` the calibration films, `--rivals` folders of `training.rivals.train`. Writes
`metrics.json`, `judges.md` and all scores; what a judge said is kept, and it is not asked again.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from domain.errors import WrongUse
from domain.folders import make_results_folder
from domain.implant_scoring import Healthy
from training.data.composite_implants import NONE, Grade, grade_of
from training.data.panoramics import Study, open_picture, read_studies
from training.implant_predictor import Healer, Heals, load_healer
from training.implant_protocol import BRIGHT, StudyResult, measure_study
from training.memory import reuse_memory
from training.metrics import Metric, measure, write_metrics
from training.rivals.figures import OURS, beaten, compared, table
from training.rivals.judges import Judge, calibrated_judge
from training.rivals.kept import keep_results, kept_results, study_key
from training.rivals.networks import Autoencoder
from training.rivals.train import WEIGHTS_NAME, load_rival

BY_PLACE = "by place"
"""The judge without a network: grey values against healthy films."""
_KEPT_EVERY = 4  # studies
Judged = Mapping[str, Sequence[StudyResult]]


@dataclass(frozen=True, eq=False)
class Bench:
    """Who judges what, and where it is written."""

    studies: Sequence[Study]
    judges: Mapping[str, Heals]
    said: Mapping[str, str]
    out: Path
    seed: int = 0


def compare(bench: Bench) -> dict[str, Metric]:
    """Ask all judges about all studies; write and return the figures."""
    judged = {name: _judged(name, bench) for name in bench.judges}
    metrics: dict[str, Metric] = {}
    tables = []
    for title, part in _parts(judged).items():
        own = compared(part, seed=bench.seed)
        own |= _beaten(part, seed=bench.seed)
        metrics |= {f"{title}.{name}" if title else name: metric for name, metric in own.items()}
        tables.append((f"{title}\n\n" if title else "") + table(own, list(part)))
    metrics["brightness.seconds_per_study"] = _time_brightness(bench)
    (bench.out / "judges.md").write_text("\n".join(tables), encoding="utf-8")
    write_metrics(metrics, bench.out / "metrics.json")
    _write_scores(judged, bench.out / "scores.csv")
    return metrics


def _judged(name: str, bench: Bench) -> list[StudyResult]:
    """Of every study; what is kept is not asked again."""
    path, said = bench.out / f"{name.replace(' ', '-')}.npz", bench.said[name]
    studies = {study_key(study): study for study in bench.studies}
    results = kept_results(path, studies, said=said)
    missing = [key for key in studies if key not in results]
    for done, key in enumerate(missing, start=1):
        study = studies[key]
        results[key] = measure_study(study, open_picture(study.path), bench.judges[name])
        sys.stderr.write(f"{name}: {done}/{len(missing)} {study.name}\n")
        if done % _KEPT_EVERY == 0 or done == len(missing):
            keep_results(results, path, said=said)
    return [results[key] for key in studies]


def _parts(judged: Judged) -> dict[str, Judged]:
    """All studies; of synthetic ones each grade with the films that have none."""
    grades = {grade_of(result.study) for results in judged.values() for result in results}
    if None in grades:
        return {"": judged}
    return {
        grade.value: {
            name: [one for one in results if grade_of(one.study) in {grade, NONE}]
            for name, results in judged.items()
        }
        for grade in Grade
        if grade in grades
    }


def _beaten(judged: Judged, *, seed: int) -> dict[str, Metric]:
    figures = {}
    for name, results in judged.items():
        without = [one for one in results if grade_of(one.study) == NONE]
        given = [one for one in results if one.study.with_implant]
        if without and given:
            figures[f"{name}.beaten"] = beaten(given, without, seed=seed)
    return figures


def _time_brightness(bench: Bench) -> Metric:
    seconds = []
    for study in bench.studies:
        pixels = open_picture(study.path).pixels
        started = time.perf_counter()
        np.mean(pixels > BRIGHT)
        seconds.append(time.perf_counter() - started)
    return measure(seconds, [study.patient for study in bench.studies], seed=bench.seed)


def _write_scores(judged: Judged, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(("name", "label", *judged))
        for rows in zip(*judged.values(), strict=True):
            study = rows[0].study
            scores = [f"{row.score:.5g}" for row in rows]
            writer.writerow((study.name, int(study.with_implant), *scores))


def _judges(arguments: argparse.Namespace) -> tuple[dict[str, Heals], dict[str, str]]:
    """By name, and what the answers of each rest on."""
    healer = load_healer(arguments.weights, device="cpu")
    judges: dict[str, Heals] = {OURS: healer}
    said = {OURS: _said_of(healer)}
    films = read_studies(arguments.calibrate)
    for folder in (None, *arguments.rivals):
        name, network, sha256 = (BY_PLACE, None, "") if folder is None else _network(folder)
        judge = calibrated_judge(name, network, films)
        judges[name] = judge
        said[name] = f"{sha256} {asdict(judge.weighing)} {_compared_with(judge.healthy)}"
        _tell(judge)
    return judges, said


def _network(folder: Path) -> tuple[str, Autoencoder, str]:
    """A rival's name, its network, and the sha256 of its weights."""
    kind, network = load_rival(folder)
    return kind.value, network, hashlib.sha256((folder / WEIGHTS_NAME).read_bytes()).hexdigest()


def _said_of(healer: Healer) -> str:
    compared = getattr(healer.network, "healthy", None)
    healthy = "" if compared is None else _compared_with(compared.healthy)
    return f"{healer.name} {healer.network.entry.sha256} {asdict(healer.options)} {healthy}"


def _compared_with(healthy: Healthy) -> str:
    return hashlib.sha256(healthy.scores.tobytes()).hexdigest()[:16]


def _tell(judge: Judge) -> None:
    sys.stderr.write(f"{judge.name}: {judge.weighing}, AUROC {judge.chosen:.3f} on calibration\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--data", "--calibrate", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--rivals", type=Path, nargs="*", default=[])
    parser.add_argument("--weights", help="of healing; those that ship where left out")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    reuse_memory()
    make_results_folder(arguments.out)
    studies = read_studies(arguments.data)
    if not studies:
        raise WrongUse(f"There is no study to measure in {arguments.data}.")
    judges, said = _judges(arguments)
    compare(Bench(studies, judges, said, arguments.out, arguments.seed))
    sys.stdout.write((arguments.out / "judges.md").read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

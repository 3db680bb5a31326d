"""Measures a healer on studies: figures and a table in a folder."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from domain.errors import CaliperError, WrongUse
from domain.folders import make_results_folder
from training.data.panoramics import Opens, Study, open_picture, read_studies
from training.implant_figures import all_metrics
from training.implant_predictor import Healer
from training.implant_protocol import StudyResult, measure_study
from training.metrics import write_metrics
from training.watched import NOBODY, Watcher

TABLE_NAME = "studies.csv"
_COLUMNS = (
    "name",
    "label",
    "score",
    "p_value",
    "brightness",
    "teeth",
    "implants",
    "found",
    "unlike",
    "seconds",
)


@dataclass(frozen=True)
class Evaluation:
    """What to evaluate on.

    Args:
        data: folder with `cases.csv`, or the panoramics as they were published.
        limit: the first studies alone.
        seed: of the intervals.
        opens: reads a study's file.
        watcher: reads along.
    """

    data: Path
    out: Path
    limit: int | None = None
    seed: int = 0
    opens: Opens = open_picture
    watcher: Watcher = NOBODY


@dataclass
class Outcome:
    """Results, the studies that failed, by name, and how many a person's Ctrl-C left out."""

    results: list[StudyResult] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    left: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether every study was measured."""
        return not self.failed and not self.left


def evaluate(task: Evaluation, healer: Healer) -> Outcome:
    """Evaluate; write metrics.json and studies.csv.

    Raises:
        WrongUse: the folder holds no studies, or nothing can be written.
    """
    make_results_folder(task.out)
    studies = read_studies(task.data)[: task.limit]
    if not studies:
        raise WrongUse(f"There is no study to measure in {task.data}.")
    outcome = _each(studies, healer, task)
    metrics = all_metrics(outcome.results, seed=task.seed)
    _write_table(outcome.results, task.out / TABLE_NAME)
    write_metrics(metrics, task.out / "metrics.json")
    told = {name: asdict(metric) for name, metric in metrics.items()}
    task.watcher.tell("figures", metrics=told, failed=outcome.failed, left=outcome.left)
    return outcome


def _each(studies: Sequence[Study], healer: Healer, task: Evaluation) -> Outcome:
    """Measure every study, with progress and time to go; one bad file does not stop the rest."""
    outcome, started = Outcome(), time.monotonic()
    task.watcher.tell("begin", step=0, of=len(studies))
    for done, study in enumerate(studies, start=1):
        try:
            task.watcher.go_on()
            outcome.results.append(measure_study(study, task.opens(study.path), healer))
        except CaliperError as error:
            sys.stderr.write(f"{error}\n")
            outcome.failed.append(study.name)
        except KeyboardInterrupt:
            outcome.left = len(studies) - done + 1
            sys.stderr.write(f"\nStopped before {study.name}: {outcome.left} studies are left.\n")
            break
        left = (time.monotonic() - started) / done * (len(studies) - done)
        sys.stderr.write(f"{done}/{len(studies)} {study.name}, {left:.0f} s to go\n")
        task.watcher.tick(step=done, of=len(studies), seconds_left=round(left, 1))
    return outcome


def _write_table(results: Sequence[StudyResult], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(_COLUMNS)
        for one in results:
            teeth, implants = one.study.teeth, one.implants
            writer.writerow(
                (
                    one.study.name,
                    int(one.study.with_implant),
                    f"{one.score:.5g}",
                    f"{one.p_value:.4g}",
                    f"{one.brightness:.5f}",
                    "" if teeth is None else teeth,
                    "" if implants is None else implants,
                    one.found,
                    int(one.unlike),
                    f"{one.seconds:.2f}",
                )
            )

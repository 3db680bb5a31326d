"""Measures corners on films and leaves figures, tables, plots and the worst films in a folder."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from domain.errors import UnreadableFile, WrongUse
from domain.folders import make_results_folder
from training.data.aasce import Labelled, half_of, is_sound, read_aasce, read_people, read_split
from training.data.boxed import Boxed, read_boxed
from training.data.checked import require_order
from training.metrics import write_metrics
from training.vertebrae_figures import all_metrics, box_metrics
from training.vertebrae_predictor import Predictor
from training.vertebrae_protocol import (
    BoxResult,
    FilmResult,
    Rules,
    measure_boxes,
    measure_film,
)
from training.vertebrae_report import report_boxes, report_films
from training.watched import NOBODY, Watcher

F = TypeVar("F", Labelled, Boxed)
R = TypeVar("R")


@dataclass(frozen=True)
class Evaluation:
    """What to evaluate on.

    Args:
        data: folder with AASCE tables or with films and boxes.
        split: which part of the original tree.
        part: "training" or "validation" films of the committed split alone; None for all.
        half: "choose" or "report" people among the validation films alone; None for all.
        limit: the first films alone.
        title: of the report; what was measured.
        watcher: reads along.
    """

    data: Path
    out: Path
    split: str = "training"
    part: str | None = None
    half: str | None = None
    limit: int | None = None
    rules: Rules = field(default_factory=Rules)
    title: str = "Vertebrae"
    watcher: Watcher = NOBODY


@dataclass
class Outcome:
    """Results, the films that failed, by name, and how many a person's Ctrl-C left out."""

    films: list[FilmResult] = field(default_factory=list)
    boxes: list[BoxResult] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    left: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether every film was measured."""
        return not self.failed and not self.left


def evaluate(task: Evaluation, predictor: Predictor) -> Outcome:
    """Evaluate; write metrics.json, films.csv, plots, the worst films and index.html.

    Raises:
        WrongUse: the folder holds neither AASCE tables nor boxes, none of the films asked for, or
            nothing can be written.
    """
    make_results_folder(task.out)
    outcome, seed = Outcome(), task.rules.seed
    boxed = read_boxed(task.data)
    if boxed:
        boxed = [film for film in boxed if task.half in (None, half_of(film.person))][: task.limit]
        measure = partial(measure_boxes, predictor=predictor)
        outcome.boxes = _each(boxed, measure, outcome, watcher=task.watcher)
        metrics = box_metrics(outcome.boxes, seed=seed)
        worst = report_boxes(outcome.boxes, boxed, metrics, out=task.out, title=task.title)
    else:
        films, people = _labelled(task), read_people()
        outcome.films = _each(
            films,
            lambda film: measure_film(
                film, predictor, person=people.get(film.name, film.case), rules=task.rules
            ),
            outcome,
            watcher=task.watcher,
        )
        metrics = all_metrics(outcome.films, seed=seed)
        worst = report_films(outcome.films, films, metrics, out=task.out, title=task.title)
    write_metrics(metrics, task.out / "metrics.json")
    told = {name: asdict(metric) for name, metric in metrics.items()}
    task.watcher.tell("figures", metrics=told, failed=outcome.failed, left=outcome.left)
    task.watcher.tell("worst", films=worst)
    return outcome


def _labelled(task: Evaluation) -> list[Labelled]:
    """The films asked for, without those whose labels were found to contradict themselves.

    Films of other collections are all measured, as published: their labels are only doubted.
    """
    part = "validation" if task.half else task.part
    if task.half and task.part not in (None, part):
        raise WrongUse("Only the validation people have halves.", remedy="Leave out --part.")
    films, defective = read_aasce(task.data, split=task.split, part=part), read_split("defective")
    require_order(films)
    if task.half:
        people = read_people()
        films = [film for film in films if half_of(people[film.name]) == task.half]
    for film in films:
        if film.name in defective:
            sys.stderr.write(f"left out, its labels contradict themselves: {film.name}\n")
        elif not is_sound(film.unit_corners):
            sys.stderr.write(f"measured, though its labels contradict themselves: {film.name}\n")
    kept = [film for film in films if film.name not in defective][: task.limit]
    if not kept:
        raise WrongUse(
            f"There is no film to measure in {task.data}.",
            why=f"{len(films)} films were asked for, and those that are sound are measured.",
            remedy="Ask for all: leave out --part, --half and --limit.",
        )
    return kept


def _each(
    films: Sequence[F], work: Callable[[F], R], outcome: Outcome, *, watcher: Watcher
) -> list[R]:
    """Work on every film, with progress and time to go; one bad file does not stop the rest."""
    results: list[R] = []
    started = time.monotonic()
    watcher.tell("begin", step=0, of=len(films))
    for done, film in enumerate(films, start=1):
        try:
            watcher.go_on()
            results.append(work(film))
        except UnreadableFile as error:
            sys.stderr.write(f"{error}\n")
            outcome.failed.append(film.name)
        except KeyboardInterrupt:
            outcome.left = len(films) - done + 1
            sys.stderr.write(
                f"\nStopped before {film.name}: the figures are those of {len(results)} of "
                f"{len(films)} films. Run the same command again to measure all.\n"
            )
            break
        left = (time.monotonic() - started) / done * (len(films) - done)
        sys.stderr.write(f"{done}/{len(films)} {film.name}, {left:.0f} s to go\n")
        watcher.tick(step=done, of=len(films), seconds_left=round(left, 1))
    return results

"""Fine-tunes on a person's own corrected cases: `main.py fine-tune vertebrae --out DIR`.

People of a frozen test set are never learnt from. The weights are kept only where they are not
worse on them than those it started from, both used with the network that looks first. Otherwise
nothing changes.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from domain.errors import WeightsIncompatible, WrongUse
from inference.entry import WeightsEntry
from inference.loader import save_weights
from models.vertebrae.column import ColumnNet
from training.data.aasce import Labelled, is_sound, read_aasce, read_keys
from training.data.frozen import Frozen
from training.kept_weights import Lesson, keep_weights
from training.metrics import Metric, measure
from training.vertebrae import CHECKPOINT_NAME, Places, RunConfig
from training.vertebrae import run as train
from training.vertebrae_figures import film_metrics
from training.vertebrae_predictor import (
    Predictor,
    column_from_file,
    entry_predictor,
    tuned_predictor,
)
from training.vertebrae_protocol import FilmResult, Rules, measure_film
from training.watched import Watcher

LEAST_FILMS = 20
LEAST_TESTED = 5
TEST_SHARE = 0.25
CLICKS = 3
COMPARED = (0, CLICKS)  # after so many clicks the new weights must not be worse


@dataclass(frozen=True)
class FineTune:
    """What is asked for.

    Args:
        cases: the folder of accepted cases, with paths.csv and people.csv.
        split: the file that keeps who is tested on.
        parent: the network to start from.
        imported: the folder of a person's own weights.
        least: so many films are needed.
    """

    cases: Path
    split: Path
    parent: WeightsEntry
    imported: Path
    least: int = LEAST_FILMS


@dataclass(frozen=True)
class Verdict:
    """What became of it: the entry that was kept or None, in words, and both sides' figures."""

    kept: WeightsEntry | None
    words: str
    lesson: Lesson


def fine_tune(task: FineTune, config: RunConfig, places: Places) -> Verdict:
    """Learn, compare, keep or roll back.

    Args:
        places: `data` and `init` are filled in here.

    Raises:
        WrongUse: there are too few cases.
        WeightsIncompatible: the parent is no ColumnNet in one file.
    """
    parent = _parent_file(task.parent)
    films = [film for film in read_aasce(task.cases) if is_sound(film.unit_corners)]
    people = read_keys(task.cases)
    least_tested = min(LEAST_TESTED, task.least)
    here = set(people.values())
    split = Frozen.read(task.split).grown(here, share=TEST_SHARE, least=least_tested)
    tested = [film for film in films if people[film.name] in split.test]
    learnt = [film for film in films if people[film.name] in split.learnt]
    _require_enough(learnt, tested, people, least=task.least)
    split.write(task.split)
    column = column_from_file(parent)
    plain = replace(column.config, refiner_size=0)
    names = frozenset(film.name for film in learnt)
    given = replace(places, data=task.cases, init=parent, only=names)
    told = {"films": len(learnt), "kept": len(tested)}
    places.watcher.tell("begin", step=0, of=config.steps, **told)
    weights = train(replace(config, network=plain), given)
    _with_close_ups(weights, column)
    in_use, new = entry_predictor(task.parent), tuned_predictor(weights, task.parent)
    before = _measured(tested, people, in_use, watcher=places.watcher, which="former")
    after = _measured(tested, people, new, watcher=places.watcher, which="new")
    (places.out / CHECKPOINT_NAME).unlink(missing_ok=True)  # the next cases are learnt anew
    lesson = Lesson(
        learnt=len(learnt),
        learnt_people=len({people[film.name] for film in learnt}),
        tested_people=len({people[film.name] for film in tested}),
        before=film_metrics(before, seed=0),
        after=film_metrics(after, seed=0),
        change={click: _change(before, after, click) for click in COMPARED},
        steps=config.steps,
    )
    return _judged(task, weights, lesson)


def _judged(task: FineTune, weights: Path, lesson: Lesson) -> Verdict:
    if not all(change.value <= 0 for change in lesson.change.values()):
        words = "The new weights are worse on your test films and were not kept: rolled back."
        return Verdict(None, f"{words} {lesson.words}", lesson)
    entry = keep_weights(weights, task.parent, lesson, folder=task.imported)
    words = f"The new weights are kept as “{entry.title}”."
    return Verdict(entry, f"{words} {lesson.words}", lesson)


def _parent_file(parent: WeightsEntry) -> Path:
    if parent.architecture != "column_net" or len(parent.parts) != 1:
        raise WeightsIncompatible(
            f"{parent.title} cannot be fine-tuned.",
            why="Only a ColumnNet in one file can.",
            remedy="Choose the network that came with Caliper.",
        )
    return parent.paths[0]


def _require_enough(
    learnt: Sequence[Labelled],
    tested: Sequence[Labelled],
    people: dict[str, str],
    *,
    least: int,
) -> None:
    count = len(learnt) + len(tested)
    least_tested = min(LEAST_TESTED, least)
    tested_people = {people[film.name] for film in tested}
    if count >= least and len(tested_people) >= least_tested and learnt:
        return
    raise WrongUse(
        "There are too few accepted cases to learn from.",
        why=f"{count} films with T1 to L5 are accepted, {len(tested)} of them of "
        f"{len(tested_people)} people to be measured on.",
        remedy=f"At least {least} films are needed, and {least_tested} people to measure on: "
        "accept more cases of other people.",
    )


def _with_close_ups(weights: Path, column: ColumnNet) -> None:
    """Give the learnt column the close-ups that it had before."""
    learnt = column_from_file(weights).state_dict()
    column.load_state_dict(learnt, strict=False)
    save_weights(column, weights, architecture="column_net", config=column.config)


def _measured(
    films: Sequence[Labelled],
    people: dict[str, str],
    predictor: Predictor,
    *,
    watcher: Watcher,
    which: str,
) -> list[FilmResult]:
    results: list[FilmResult] = []
    started, stage = time.monotonic(), f"Measuring the {which} network, film"
    for done, film in enumerate(films):
        watcher.go_on()
        left = (time.monotonic() - started) / done * (len(films) - done) if done else None
        watcher.tick(stage=stage, step=done + 1, of=len(films), seconds_left=left)
        person = people[film.name]
        results.append(measure_film(film, predictor, person=person, rules=Rules(CLICKS)))
    return results


def _change(before: Sequence[FilmResult], after: Sequence[FilmResult], click: int) -> Metric:
    """The new error less the old one, film by film; negative is better."""
    pairs = zip(before, after, strict=True)
    off = np.array([new.curve[click] - old.curve[click] for old, new in pairs])
    return measure(off, [film.person for film in before])

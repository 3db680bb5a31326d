"""Measures corners on films: errors before and after clicks, Cobb angles, slips, boxes."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.annotation import Hint
from domain.errors import UnreadableFile
from domain.vertebrae import CORNER_COUNT, cobb_angles, errors_px
from training.data.aasce import Labelled, is_sound, read_aasce, read_film, read_people
from training.data.boxed import Boxed, inside, read_boxed
from training.metrics import Metric, mean, measure, median, ninetieth, ratio, write_metrics
from training.vertebrae_predictor import Predictor

FloatArray = NDArray[np.float64]
F = TypeVar("F", Labelled, Boxed)
R = TypeVar("R")
SLIPPED = 0.6  # of a level
_CLICK_FRAME = (512.0, 256.0)  # the published user measures "worst" in this frame
_GOALS = (20, 30, 40, 50)


@dataclass(frozen=True)
class Evaluation:
    """What to evaluate on.

    Args:
        data: folder with AASCE tables or with films and boxes.
        split: which part of the original tree.
        part: "training" or "validation" films of the committed split alone; None for all.
        clicks: corrections of the simulated user.
        limit: the first films alone.
    """

    data: Path
    out: Path
    split: str = "training"
    part: str | None = None
    clicks: int = 10
    limit: int | None = None
    seed: int = 0


@dataclass(frozen=True, eq=False)
class FilmResult:
    """One labelled film: errors in original pixels by click, with the network and by hand alone."""

    name: str
    person: str
    curve: FloatArray
    manual: FloatArray
    others: tuple[float, float]
    slip: tuple[float, float]
    angles: tuple[FloatArray, FloatArray]
    seconds: float
    first: FloatArray


@dataclass(frozen=True)
class BoxResult:
    """One boxed film: boxes, those that hold exactly one centre, centres within their reach."""

    name: str
    boxes: int
    hit: int
    reached: int


@dataclass
class Outcome:
    """Results and the films that failed, by name."""

    films: list[FilmResult] = field(default_factory=list)
    boxes: list[BoxResult] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def evaluate(task: Evaluation, predictor: Predictor) -> Outcome:
    """Evaluate and write metrics.json and a CSV with a line for each film.

    Raises:
        WrongUse: the folder holds neither AASCE tables nor boxes.
    """
    task.out.mkdir(parents=True, exist_ok=True)
    boxed = read_boxed(task.data)[: task.limit]
    outcome = Outcome()
    if boxed:
        outcome.boxes = _each(boxed, lambda film: _boxes(film, predictor), outcome.failed)
        metrics = box_metrics(outcome.boxes, seed=task.seed)
        _write_boxes(outcome.boxes, task.out / "films.csv")
    else:
        people = read_people()
        outcome.films = _each(
            _labelled(task),
            lambda film: measure_film(
                film, predictor, person=people.get(film.name, film.case), clicks=task.clicks
            ),
            outcome.failed,
        )
        metrics = film_metrics(outcome.films, seed=task.seed)
        _write_films(outcome.films, task.out / "films.csv")
    write_metrics(metrics, task.out / "metrics.json")
    return outcome


def measure_film(film: Labelled, predictor: Predictor, *, person: str, clicks: int) -> FilmResult:
    """Find the corners, then let a user correct the worst one, again and again."""
    pixels = read_film(film.path)
    truth = film.corners_px(pixels.shape)
    first, _ = predictor.predict(pixels, ())
    weight = np.array(_CLICK_FRAME) / pixels.shape[:2]
    answers, hints = [first], dict[int, Hint]()
    started = time.perf_counter()
    for _ in range(clicks):
        worst = int(np.argmax(errors_px(answers[-1] * weight, truth * weight)))
        hints[worst] = Hint(worst, float(truth[worst, 0]), float(truth[worst, 1]))
        corners, _ = predictor.predict(pixels, tuple(hints[n] for n in sorted(hints)))
        answers.append(corners)
    seconds = (time.perf_counter() - started) / max(clicks, 1)
    clicked = next(iter(hints), 0)
    rest = np.arange(CORNER_COUNT) != clicked
    after = answers[min(1, clicks)]
    return FilmResult(
        name=film.name,
        person=person,
        curve=np.array([errors_px(found, truth).mean() for found in answers]),
        manual=_by_hand(first, truth, weight=weight, clicks=clicks),
        others=(
            float(errors_px(first, truth)[rest].mean()),
            float(errors_px(after, truth)[rest].mean()),
        ),
        slip=(slip_levels(first, truth), slip_levels(after, truth)),
        angles=(_angles(first, pixels.shape[0]), _angles(truth, pixels.shape[0])),
        seconds=seconds,
        first=first,
    )


def slip_levels(found: FloatArray, truth: FloatArray) -> float:
    """How many levels the found column stands too low: the median over its vertebrae."""
    centres = truth.reshape(17, 4, 2).mean(axis=1)
    step = np.gradient(centres, axis=0)
    off = found.reshape(17, 4, 2).mean(axis=1) - centres
    return float(np.median((off * step).sum(axis=1) / (step**2).sum(axis=1)))


def film_metrics(films: Sequence[FilmResult], *, seed: int) -> dict[str, Metric]:
    """All figures of labelled films; intervals by person."""
    if not films:
        return {}
    people = [film.person for film in films]
    curve, manual = np.stack([f.curve for f in films]), np.stack([f.manual for f in films])
    metrics = {}
    for click in range(curve.shape[1]):
        metrics[f"mre_px.{click}"] = measure(curve[:, click], people, seed=seed)
        if click:
            metrics[f"manual_mre_px.{click}"] = measure(manual[:, click], people, seed=seed)
    for name, statistic in (("median", median), ("p90", ninetieth)):
        metrics[f"mre_px_{name}.0"] = measure(curve[:, 0], people, statistic=statistic, seed=seed)
    others = np.array([film.others for film in films])
    metrics["others_gain_by_click"] = measure(others, people, statistic=ratio, seed=seed)
    metrics |= _goals(curve, people, seed=seed)
    metrics |= _slips(films, seed=seed)
    metrics |= _cobb(films, people, seed=seed)
    metrics["seconds_per_click"] = measure([film.seconds for film in films], people, seed=seed)
    return metrics


def box_metrics(films: Sequence[BoxResult], *, seed: int) -> dict[str, Metric]:
    """Figures of boxed films: every film is a person of its own."""
    if not films:
        return {}
    names = [film.name for film in films]
    pairs = np.array([[film.boxes, film.boxes - film.hit] for film in films], dtype=np.float64)
    right = [float(film.reached == film.boxes) for film in films]
    return {
        "box_recall": measure(pairs, names, statistic=ratio, seed=seed),
        "box_count_right": measure(right, names, seed=seed),
    }


def _goals(curve: FloatArray, people: Sequence[str], *, seed: int) -> dict[str, Metric]:
    """Clicks needed to reach a mean error, and the share that never does."""
    clicks = curve.shape[1] - 1
    metrics = {}
    for goal in _GOALS:
        reached = curve <= goal
        needed = [float(row.argmax()) if row.any() else float(clicks) for row in reached]
        failed = [float(not row.any()) for row in reached]
        metrics[f"noc{clicks}_{goal}"] = measure(needed, people, seed=seed)
        metrics[f"fr{clicks}_{goal}"] = measure(failed, people, seed=seed)
        got = [n for n, fail in enumerate(failed) if not fail]
        if got:  # as printed by the published code: the films that got there alone
            found = measure([needed[n] for n in got], [people[n] for n in got], seed=seed)
            metrics[f"noc{clicks}_{goal}_reached"] = found
    return metrics


def _slips(films: Sequence[FilmResult], *, seed: int) -> dict[str, Metric]:
    slipped = [film for film in films if abs(film.slip[0]) > SLIPPED]
    people = [film.person for film in films]
    share = [float(abs(film.slip[0]) > SLIPPED) for film in films]
    metrics = {"slipped_share": measure(share, people, seed=seed)}
    straight = [(f.curve[0], f.person) for f in films if abs(f.slip[0]) <= SLIPPED]
    if straight:
        values, whose = zip(*straight, strict=True)
        metrics["mre_px_not_slipped.0"] = measure(values, whose, seed=seed)
    if slipped:
        back = [float(abs(film.slip[1]) <= SLIPPED) for film in slipped]
        metrics["slips_brought_back"] = measure(back, [f.person for f in slipped], seed=seed)
    return metrics


def _cobb(films: Sequence[FilmResult], people: Sequence[str], *, seed: int) -> dict[str, Metric]:
    found, true = (np.stack([film.angles[n] for film in films]) for n in (0, 1))
    main = np.abs(found[:, 0] - true[:, 0])
    smape = 100 * np.abs(found - true).sum(axis=1) / (found + true).sum(axis=1)
    return {
        "cobb_main_mae_deg": measure(main, people, statistic=mean, seed=seed),
        "cobb_main_median_deg": measure(main, people, statistic=median, seed=seed),
        "cobb_smape": measure(smape, people, seed=seed),
    }


def _angles(corners: FloatArray, rows: int) -> FloatArray:
    angles = cobb_angles(corners, image_rows=rows)
    return np.array([angles.main.angle_deg, angles.second.angle_deg, angles.third.angle_deg])


def _by_hand(
    first: FloatArray, truth: FloatArray, *, weight: FloatArray, clicks: int
) -> FloatArray:
    corners = first.copy()
    errors = [errors_px(corners, truth).mean()]
    for _ in range(clicks):
        worst = int(np.argmax(errors_px(corners * weight, truth * weight)))
        corners[worst] = truth[worst]
        errors.append(errors_px(corners, truth).mean())
    return np.array(errors)


def _boxes(film: Boxed, predictor: Predictor) -> BoxResult:
    pixels = read_film(film.path)
    corners, _ = predictor.predict(pixels, ())
    return count_boxes(film, corners)


def count_boxes(film: Boxed, corners: FloatArray) -> BoxResult:
    """Boxes that hold exactly one vertebra centre, and centres from the first box to the last."""
    centres = corners.reshape(17, 4, 2).mean(axis=1)
    held = inside(film.boxes, centres).sum(axis=1)
    top, bottom = film.boxes[:, 0].min(), film.boxes[:, 2].max()
    reached = int(((centres[:, 0] >= top) & (centres[:, 0] <= bottom)).sum())
    return BoxResult(film.name, len(film.boxes), int((held == 1).sum()), reached)


def _labelled(task: Evaluation) -> list[Labelled]:
    films = read_aasce(task.data, split=task.split, part=task.part)
    broken = [film.name for film in films if not is_sound(film.unit_corners)]
    for name in broken:
        sys.stderr.write(f"left out, its labels contradict themselves: {name}\n")
    return [film for film in films if film.name not in set(broken)][: task.limit]


def _each(films: Sequence[F], work: Callable[[F], R], failed: list[str]) -> list[R]:
    """Work on every film, with progress and time to go; one bad file does not stop the rest."""
    results: list[R] = []
    started = time.monotonic()
    for done, film in enumerate(films, start=1):
        try:
            results.append(work(film))
        except UnreadableFile as error:
            sys.stderr.write(f"{error}\n")
            failed.append(film.name)
        left = (time.monotonic() - started) / done * (len(films) - done)
        sys.stderr.write(f"{done}/{len(films)} {film.name}, {left:.0f} s to go\n")
    return results


def _write_films(films: Sequence[FilmResult], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        clicks = range(len(films[0].curve) if films else 0)
        heads = ["name", "person", "slip", "slip_after_click", "others_before", "others_after"]
        angles = ["cobb_main", "cobb_main_true"]
        table.writerow([*heads, *angles, *(f"mre_px.{n}" for n in clicks)])
        for f in films:
            numbers = [*f.slip, *f.others, f.angles[0][0], f.angles[1][0], *f.curve]
            table.writerow([f.name, f.person, *(f"{number:.4f}" for number in numbers)])


def _write_boxes(films: Sequence[BoxResult], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(["name", "boxes", "with_one_centre", "centres_in_reach"])
        table.writerows([f.name, f.boxes, f.hit, f.reached] for f in films)

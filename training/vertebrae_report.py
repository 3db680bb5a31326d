"""What an evaluation leaves for people: a table of films, plots, the worst films, a page."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

import numpy as np

from domain.vertebrae import corner_name
from training.data.aasce import Labelled, is_independent, read_film
from training.data.boxed import Boxed
from training.gallery import Sight, outlines, write_gallery
from training.metrics import Metric
from training.plots import Axes, Series, lines_svg, scatter_svg
from training.vertebrae_figures import ANGLES
from training.vertebrae_protocol import BoxResult, FilmResult

WORST = 10
WORST_FOLDER = "worst"
_RESEARCH_USE = "Research use only. Not a medical device: not for diagnosis or treatment."
_STYLE = (
    "body{font:15px/1.45 sans-serif;max-width:1100px;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse}td,th{padding:.15em .9em;text-align:right;"
    "border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}"
    "figure{display:inline-block;margin:.5em;vertical-align:top}figure img{max-width:340px}"
)
Cell = str | int | float
WorstFilm = dict[str, str]
"""Its file, a picture of what was found there, and in words how bad that is."""


def report_films(
    results: Sequence[FilmResult],
    films: Sequence[Labelled],
    metrics: Mapping[str, Metric],
    *,
    out: Path,
    title: str,
) -> list[WorstFilm]:
    """Write films.csv, the plots, the worst films and index.html; what these are."""
    _write_table(out / "films.csv", (_film_row(result) for result in results))
    plots = {"error_by_click.svg": _error_plot(metrics), "angles.svg": _angle_plot(results)}
    for name, text in plots.items():
        (out / name).write_text(text, encoding="utf-8")
    by_name = {film.name: film for film in films}
    worst = sorted(results, key=lambda result: -float(result.curve[0]))[:WORST]
    sights = [(result.name, _film_sight(result, by_name[result.name])) for result in worst]
    pictures = write_gallery(out / WORST_FOLDER, sights)
    _write_page(out, title, metrics, plots=list(plots), pictures=pictures)
    shown = zip(sights, pictures, strict=True)
    return [
        _worst(by_name[name].path, sight, out / WORST_FOLDER / at) for (name, sight), at in shown
    ]


def report_boxes(
    results: Sequence[BoxResult],
    films: Sequence[Boxed],
    metrics: Mapping[str, Metric],
    *,
    out: Path,
    title: str,
) -> list[WorstFilm]:
    """Write films.csv, the worst films and index.html; what these are."""
    _write_table(out / "films.csv", (_box_row(result) for result in results))
    by_name = {film.name: film for film in films}
    worst = sorted(results, key=lambda result: result.hit / max(result.boxes, 1))[:WORST]
    sights = [(result.name, _box_sight(result, by_name[result.name])) for result in worst]
    pictures = write_gallery(out / WORST_FOLDER, sights)
    _write_page(out, title, metrics, plots=[], pictures=pictures)
    shown = zip(sights, pictures, strict=True)
    return [
        _worst(by_name[name].path, sight, out / WORST_FOLDER / at) for (name, sight), at in shown
    ]


def _worst(film: Path, sight: Sight, picture: Path) -> WorstFilm:
    return {
        "film": str(film.absolute()),
        "picture": str(picture.absolute()),
        "words": sight.words,
    }


def _film_row(result: FilmResult) -> dict[str, Cell]:
    row: dict[str, Cell] = {
        "name": result.name,
        "person": result.person,
        "independent": int(is_independent(result.name)),
        "slip": float(result.slips[0]),
        "slip_after_click": float(result.slips[min(1, len(result.slips) - 1)]),
        "any_click_unslips": "" if result.unslipped is None else result.unslipped,
        "others_before": result.others[0],
        "others_after": result.others[1],
    }
    for n, name in enumerate(ANGLES):
        row[f"cobb_{name}"], row[f"cobb_{name}_true"] = map(float, result.angles[:, n])
    for name, values in (("mre_px", result.curve), ("manual_mre_px", result.manual)):
        row |= {f"{name}.{click}": float(value) for click, value in enumerate(values)}
    row |= {f"slip.{click}": float(value) for click, value in enumerate(result.slips)}
    row |= {f"clicked.{n}": corner_name(c) for n, c in enumerate(result.clicked, start=1)}
    return row | {"seconds_per_click": result.seconds}


def _box_row(result: BoxResult) -> dict[str, Cell]:
    return {
        "name": result.name,
        "boxes": result.boxes,
        "with_one_centre": result.hit,
        "with_own_centre": result.matched,
        "centres_in_reach": result.reached,
    }


def _write_table(path: Path, rows: Iterable[dict[str, Cell]]) -> None:
    listed = list(rows)
    with path.open("w", newline="", encoding="utf-8") as out:
        table = csv.DictWriter(out, list(listed[0]) if listed else ["name"])
        table.writeheader()
        for row in listed:
            told = row.items()
            table.writerow({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in told})


def _error_plot(metrics: Mapping[str, Metric]) -> str:
    both = []
    for name, said in (("mre_px", "with the network"), ("manual_mre_px", "by hand alone")):
        clicks = [n for n in range(len(metrics)) if f"{name}.{n}" in metrics]
        found = [metrics[f"{name}.{n}"] for n in clicks]
        if clicks and clicks[0]:  # by hand starts from the network's first answer
            clicks, found = [0, *clicks], [metrics["mre_px.0"], *found]
        y, low, high = ([getattr(m, of) for m in found] for of in ("value", "low", "high"))
        both.append(Series(said, clicks, y, low, high))
    return lines_svg(both, Axes("Mean error, 95 % interval by person", "clicks", "pixels"))


def _angle_plot(results: Sequence[FilmResult]) -> str:
    angles = np.array([result.angles for result in results]).reshape(-1, 2, len(ANGLES))
    series = [
        Series(name, angles[:, 1, n].tolist(), angles[:, 0, n].tolist())
        for n, name in enumerate(ANGLES)
    ]
    return scatter_svg(
        series, Axes("Cobb angles before any click", "true, degrees", "found, degrees")
    )


def _film_sight(result: FilmResult, film: Labelled) -> Sight:
    pixels = read_film(film.path)
    found, true = result.angles[:, 0]
    words = f"{result.curve[0]:.1f} px, main angle {found:.1f} deg, true {true:.1f} deg"
    return Sight(pixels, outlines(film.corners_px(pixels.shape)), result.first, words)


def _box_sight(result: BoxResult, film: Boxed) -> Sight:
    top, left, bottom, right = film.boxes.T
    boxes = np.stack([top, left, top, right, bottom, right, bottom, left], axis=1)
    words = f"{result.hit} of {result.boxes} boxes hold one centre"
    outlined = boxes.reshape(-1, 4, 2)
    return Sight(read_film(film.path), outlined, result.first, words, has_corners=False)


def _write_page(
    out: Path,
    title: str,
    metrics: Mapping[str, Metric],
    *,
    plots: Sequence[str],
    pictures: Sequence[str],
) -> None:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{m.value:.3f}</td>"
        f"<td>{m.low:.3f} … {m.high:.3f}</td><td>{m.n}</td></tr>\n"
        for name, m in metrics.items()
    )
    curves = "".join(f'<p><img src="{name}" alt="{name}"></p>\n' for name in plots)
    worst = "".join(
        f'<figure><img src="{WORST_FOLDER}/{quote(name)}" alt="">'
        f"<figcaption>{escape(name)}</figcaption></figure>\n"
        for name in pictures
    )
    page = (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n<h1>{escape(title)}</h1>\n<p>{_RESEARCH_USE}</p>\n{curves}"
        f"<h2>The worst films before any click</h2>\n{worst}<h2>Figures</h2>\n<table>\n"
        f"<tr><th>figure</th><th>value</th><th>95 % interval by person</th><th>n</th></tr>\n"
        f"{rows}</table></html>\n"
    )
    (out / "index.html").write_text(page, encoding="utf-8")

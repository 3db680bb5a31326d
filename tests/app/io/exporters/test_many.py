"""Many cases leave; one that cannot go never stops the others, and nothing is half written."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.io.exporters.many import Item, Outcome, write_all
from app.io.exporters.spec import VertebraeExport
from app.io.exporters.table import EXPORTERS, exporter
from domain.errors import UnreadableFile
from domain.geometry import Points
from domain.image import Image
from tests.app.io.leaving import FILM, column, export

FORMATS = pytest.mark.parametrize("name", [spec.name for spec in EXPORTERS])


def film(number: int) -> Image:
    """Another one each time."""
    pixels = FILM.pixels.copy()
    pixels[0, 0] = number
    return Image(pixels)


def case(number: int, **changes: object) -> VertebraeExport:
    made = export(film(number), file=f"film {number}.png", **changes)
    return replace(made, study=f"film {number}")


def gone_file() -> VertebraeExport:
    raise UnreadableFile("“x.png” cannot be read.", why="The file does not exist.")


def broken() -> VertebraeExport:
    raise ZeroDivisionError("oh")


def items(folder: Path, name: str, *reads: Callable[[], VertebraeExport]) -> list[Item]:
    spec = exporter(name)
    shared = spec.is_folder or spec.is_one_file
    return [
        Item(f"film {n}", read, folder / f"{'all' if shared else f'film {n}'}{spec.ending}")
        for n, read in enumerate(reads, start=1)
    ]


def written(
    name: str,
    what: list[Item],
    *,
    replaces: frozenset[Path] = frozenset(),
    goes_on: Callable[[int], bool] = lambda _: True,
) -> Outcome:
    return write_all(exporter(name), what, replaces=replaces, goes_on=goes_on)


@FORMATS
def test_bad_cases_stop_nobody(name: str, tmp_path: Path) -> None:
    folder = tmp_path / ("" if exporter(name).is_one_file or exporter(name).is_folder else "new")
    reads = (lambda: case(1), gone_file, lambda: case(3, points=None), broken, lambda: case(5))
    outcome = written(name, items(folder, name, *reads))
    assert outcome.gone == ("film 1", "film 5")
    assert [failed for failed, _ in outcome.failed] == ["film 2", "film 3", "film 4"]
    reasons = [why for _, why in outcome.failed]
    assert reasons[0] == "The file does not exist."
    assert reasons[1] == "Nothing was found on this film yet."
    assert "ZeroDivisionError" in reasons[2]
    assert outcome.left == ()
    assert not list(tmp_path.rglob("*.tmp"))
    spec = exporter(name)
    if not (spec.is_folder or spec.is_one_file):
        assert {path.name for path in folder.iterdir()} == {
            f"film {n}{spec.ending}" for n in (1, 5)
        }


def test_a_table_holds_all_that_could_be_read(tmp_path: Path) -> None:
    written("csv", items(tmp_path, "csv", lambda: case(1), gone_file, lambda: case(3)))
    with (tmp_path / "all.csv").open(newline="", encoding="utf-8") as lines:
        assert [row["study"] for row in csv.DictReader(lines)] == ["film 1", "film 3"]


def test_films_of_other_columns_stay_out_of_a_training_folder(tmp_path: Path) -> None:
    short = case(2, points=Points(column()[:64]))
    outcome = written("aasce", items(tmp_path, "aasce", lambda: case(1), lambda: short))
    assert outcome.gone == ("film 1",)
    assert outcome.failed == (("film 2", "It has 16 vertebrae; the format holds 17."),)
    assert (tmp_path / "all" / "filenames.csv").read_text() == "film 1.png\n"


@FORMATS
def test_cancelling_leaves_what_is_whole_and_names_the_rest(name: str, tmp_path: Path) -> None:
    reads = [lambda n=n: case(n) for n in range(1, 5)]
    outcome = written(name, items(tmp_path, name, *reads), goes_on=lambda behind: behind < 2)
    if exporter(name).is_one_file:  # a table of half the cases would look like all of them
        assert outcome == Outcome(left=("film 1", "film 2", "film 3", "film 4"))
        assert list(tmp_path.iterdir()) == []
    else:
        assert outcome == Outcome(gone=("film 1", "film 2"), left=("film 3", "film 4"))


@pytest.mark.parametrize("name", ["json", "csv"])
def test_only_agreed_files_are_replaced(name: str, tmp_path: Path) -> None:
    what = items(tmp_path, name, lambda: case(1))
    what[0].path.write_text("older")
    outcome = written(name, what)
    assert outcome.gone == ()
    assert "has come there meanwhile" in outcome.failed[0][1]
    assert what[0].path.read_text() == "older"
    assert written(name, what, replaces=frozenset({what[0].path})).gone == ("film 1",)
    assert what[0].path.read_text() != "older"


@pytest.mark.parametrize("name", ["json", "csv", "aasce"])
def test_a_place_that_cannot_be_written_is_told_for_every_case(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome = written(name, items(tmp_path / "file", name, lambda: case(1), lambda: case(2)))
    assert outcome.gone == ()
    assert [failed for failed, _ in outcome.failed] == ["film 1", "film 2"]
    assert all(why for _, why in outcome.failed)


def test_a_folder_is_made_for_the_first_case_that_goes(tmp_path: Path) -> None:
    outcome = written("json", items(tmp_path / "new", "json", lambda: case(1, points=None)))
    assert outcome.gone == ()
    assert list(tmp_path.iterdir()) == []
    written("json", items(tmp_path / "new", "json", lambda: case(1)))
    document = json.loads((tmp_path / "new" / "film 1.json").read_text(encoding="utf-8"))
    assert document["study"]["name"] == "film 1"

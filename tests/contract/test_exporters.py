"""What every exporter must keep to, whatever it writes."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.io.exporters.look import Look
from app.io.exporters.spec import ExporterSpec, VertebraeExport
from app.io.exporters.table import DEFAULT_FORMATS, EXPORTERS
from domain.annotation import Annotations, Hint
from domain.doubts import Doubt, DoubtKind
from domain.errors import ExportFailed
from domain.geometry import Points
from domain.grid import Grid
from domain.image import Image
from domain.provenance import Mode, ModelOrigin
from domain.vertebrae import shifted_column

IMAGE = Image(np.zeros((64, 64), np.uint8))
CORNERS = Points(np.random.default_rng(4).uniform(0, 63, (68, 2)))
EXPORT = VertebraeExport("film", IMAGE, Annotations(IMAGE.sha256, points=CORNERS))
by_exporter = pytest.mark.parametrize("spec", EXPORTERS, ids=lambda spec: spec.name)
holding_many = pytest.mark.parametrize(
    "spec", [spec for spec in EXPORTERS if spec.write_many], ids=lambda spec: spec.name
)


def everything() -> VertebraeExport:
    """A case that has all there is to lose."""
    grain = np.random.default_rng(1).integers(0, 60_000, (64, 48)).astype(np.uint16)
    image = Image(grain, grid=Grid((0.23471, 0.3), "a ruler"), synthetic=True)
    origin = ModelOrigin("net", "ab" * 32, Mode.CORRECTED, "cpu", "float32", 0.1, "0.1.0")
    decided = Annotations(
        image.sha256,
        points=CORNERS,
        pins=frozenset({3}),
        column=shifted_column(1),
        confidence=(1.4375,) * 68,
        origin=origin,
        doubts=(Doubt(DoubtKind.UNLIKE),),
    )
    decided = decided.with_hints((Hint(7, 1.0, 2.0),)).with_hints((Hint(8, 3.0, 4.0),))
    return VertebraeExport("=Ω a film", image, decided, file="a film é 日本.png")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@by_exporter
def test_a_full_disk_leaves_the_older_result_whole(
    spec: ExporterSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"result{spec.ending}"
    spec.write(EXPORT, path)
    before = tree(tmp_path)

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    for target in (path, tmp_path / f"new{spec.ending}"):
        with pytest.raises(ExportFailed) as refused:
            spec.write(everything(), target)
        assert refused.value.why == "The disk is full."
        assert refused.value.remedy
    assert list(tmp_path.iterdir()) == [path]
    assert tree(tmp_path) == before


@by_exporter
def test_a_newer_result_takes_the_place_of_an_older_one(spec: ExporterSpec, tmp_path: Path) -> None:
    path = tmp_path / f"result{spec.ending}"
    spec.write(EXPORT, path)
    first = tree(tmp_path)
    inode = path.stat().st_ino
    spec.write(EXPORT, path)
    assert spec.is_folder or path.stat().st_ino != inode  # another file, not written over
    second = tree(tmp_path)
    assert {name: len(data) for name, data in second.items()} == {
        name: len(data) for name, data in first.items()
    }


@by_exporter
def test_the_same_export_gives_the_same_bytes(spec: ExporterSpec, tmp_path: Path) -> None:
    export = everything()
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        spec.write(export, tmp_path / folder / f"result{spec.ending}")
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    assert list(one.values()) == list(two.values())
    assert one


@by_exporter
def test_a_film_without_corners_is_refused(spec: ExporterSpec, tmp_path: Path) -> None:
    bare = VertebraeExport("film", IMAGE, Annotations(IMAGE.sha256))
    with pytest.raises(ExportFailed, match="no corners"):
        spec.write(bare, tmp_path / f"result{spec.ending}")
    assert list(tmp_path.iterdir()) == []


@by_exporter
def test_what_cannot_go_is_known_before_it_is_written(spec: ExporterSpec) -> None:
    spec.require(EXPORT)
    bare = VertebraeExport("film", IMAGE, Annotations(IMAGE.sha256))
    with pytest.raises(ExportFailed, match="no corners"):
        spec.require(bare)


@by_exporter
def test_a_folder_that_is_not_there_is_told(spec: ExporterSpec, tmp_path: Path) -> None:
    with pytest.raises(ExportFailed):
        spec.write(EXPORT, tmp_path / "gone" / f"result{spec.ending}")
    assert list(tmp_path.iterdir()) == []


@by_exporter
def test_what_is_dropped_is_said_in_sentences(spec: ExporterSpec) -> None:
    said = spec.drops(everything())
    assert len(set(said)) == len(said)
    assert all(re.fullmatch(r"[A-Z].*\.", sentence) for sentence in said)
    assert bool(said) == (spec.name != "json")  # ours holds all that is decided
    assert len(spec.drops(EXPORT)) <= len(said)  # nothing is said of what a case has not


@by_exporter
def test_what_is_dropped_of_many_is_counted(spec: ExporterSpec) -> None:
    said = spec.drops.among([EXPORT, everything(), everything()])
    assert all(re.fullmatch(r"[A-Z].*\.", sentence) for sentence in said)
    assert len(said) >= len(spec.drops(everything()))
    assert any("(2 of 3 cases)" in sentence for sentence in said) == (spec.name != "json")
    assert spec.drops.among([]) == ()


def test_a_case_without_pixels_is_the_same_in_formats_that_hold_no_film(tmp_path: Path) -> None:
    for spec in (spec for spec in EXPORTERS if spec.is_one_file):
        export = everything()
        spec.write(export, tmp_path / f"with{spec.ending}")
        spec.write(export.without_pixels(), tmp_path / f"without{spec.ending}")
        one, other = (tmp_path / f"{name}{spec.ending}" for name in ("with", "without"))
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    "spec",
    [spec for spec in EXPORTERS if spec.ending.endswith((".json", ".csv", ".svg"))],
    ids=lambda spec: spec.name,
)
def test_only_a_format_that_tells_holds_back_nothing(spec: ExporterSpec, tmp_path: Path) -> None:
    """A format that does not say that it drops the weights names them, and so on."""
    export = everything()
    path = tmp_path / f"result{spec.ending}"
    spec.write(export, path)
    text, dropped = path.read_text(encoding="utf-8"), " ".join(spec.drops(export))
    for words, evidence in (
        ("weights", "ab" * 32),
        ("pinned", "pinned"),
        ("speaks against", "unlike the films"),
        ("pixel spacing", "0.23471" if spec.name != "slicer" else "a ruler"),
        ("how sure", "1.4375"),
    ):
        assert (words in dropped.lower()) or (evidence in text), words


@holding_many
def test_many_films_go_into_one(spec: ExporterSpec, tmp_path: Path) -> None:
    assert spec.write_many is not None
    other = replace(everything(), file="another.png")
    path = tmp_path / f"results{spec.ending}"
    spec.write_many([EXPORT, everything(), other], path)
    assert list(tmp_path.iterdir()) == [path]
    held = b" ".join(tree(tmp_path).values()).decode("utf-8", "replace")
    assert "a film é 日本.png" in held
    assert "another.png" in held


@holding_many
def test_one_film_without_corners_stops_all(spec: ExporterSpec, tmp_path: Path) -> None:
    assert spec.write_many is not None
    bare = VertebraeExport("bare", IMAGE, Annotations(IMAGE.sha256))
    with pytest.raises(ExportFailed, match="bare"):
        spec.write_many([EXPORT, bare], tmp_path / f"results{spec.ending}")
    assert list(tmp_path.iterdir()) == []


@by_exporter
def test_a_turned_film_can_leave(spec: ExporterSpec, tmp_path: Path) -> None:
    look = Look(flipped_h=True, quarter_turns=3)
    spec.write(replace(everything(), look=look), tmp_path / f"result{spec.ending}")
    assert tree(tmp_path)


@by_exporter
def test_it_is_called_so_that_a_dialog_can_ask_for_it(spec: ExporterSpec) -> None:
    assert re.fullmatch(r"[a-z]+", spec.name)
    assert re.fullmatch(r"(\.[a-z0-9]+)*", spec.ending)
    assert spec.title


def test_names_titles_and_endings_are_one_each() -> None:
    for field in ("name", "title", "ending"):
        values = [getattr(spec, field) for spec in EXPORTERS]
        assert len(set(values)) == len(values)
    assert set(DEFAULT_FORMATS) <= {spec.name for spec in EXPORTERS}


@pytest.mark.parametrize(
    ("name", "typed", "becomes"),
    [
        ("json", "a", "a.json"),
        ("json", "spine 1.5 m", "spine 1.5 m.json"),
        ("coco", "a", "a.coco.json"),
        ("coco", "a.JSON", "a.JSON"),
        ("aasce", "folder", "folder"),
    ],
)
def test_an_ending_is_added_where_none_is(name: str, typed: str, becomes: str) -> None:
    spec = next(spec for spec in EXPORTERS if spec.name == name)
    assert spec.path_for(Path("x") / typed) == Path("x") / becomes

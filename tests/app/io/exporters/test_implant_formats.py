"""The formats of the implant task: what goes out comes back, and what cannot go is said."""

from __future__ import annotations

import csv
import errno
import gzip
import io
import json
import os
import re
import zipfile
from dataclasses import replace

import av
import nibabel
import numpy as np
import pytest
from jsonschema import Draft202012Validator
from PIL import Image as Pillow

from app.io.exporters.implant_coco import coco_document
from app.io.exporters.implant_masks import masks_of
from app.io.exporters.implant_panels import panels
from app.io.exporters.implant_spec import ImplantExport, standing
from app.io.exporters.implant_table import DEFAULT_IMPLANT_FORMATS, IMPLANT_EXPORTERS
from app.io.exporters.many import Item, write_all
from app.tasks.implant.findings import decide
from domain.annotation import Annotations
from domain.contours import mask_of
from domain.errors import ExportFailed
from domain.image import Cine, Image
from domain.implant import (
    SIDE,
    Implant,
    ImplantDoubt,
    ImplantFindings,
    ImplantOptions,
    Scoring,
    Verdict,
)
from domain.implant_study import study_frames
from domain.provenance import Mode, ModelOrigin

GRAIN = np.random.default_rng(5).integers(0, 200, (6, 90, 120)).astype(np.uint8)
ORIGIN = ModelOrigin("net", "ab" * 32, Mode.CORRECTED, "cpu", "float32", 0.1, "0.1.0")
by_format = pytest.mark.parametrize("spec", IMPLANT_EXPORTERS, ids=lambda spec: spec.name)
FORMATS = {spec.name: spec for spec in IMPLANT_EXPORTERS}


def a_case(image, mode=Mode.CORRECTED, **decided):
    """Two implants: the first accepted, the second seen on all frames or windows."""
    plan = study_frames(image).plan
    rest = np.random.default_rng(1).normal(0, 0.02, (len(plan), SIDE, SIDE))
    places = np.stack(np.indices((SIDE, SIDE)), axis=-1).reshape(-1, 2)
    for picture in range(len(plan)):
        there = plan.out_of(places, picture=picture, side=SIDE) / image.shape
        for top, left in ((0.25, 0.2), (0.6, 0.5)):
            off = there - [top, left]
            rest[picture].flat[((off >= 0) & (off < [0.15, 0.08])).all(axis=1)] = 0.7
    frames = np.random.default_rng(2).integers(0, 255, rest.shape).astype(np.uint8)
    rest = rest.astype(np.float16)
    found = ImplantFindings(
        ImplantOptions(), plan, frames, frames, rest, rest * 0, doubts=(ImplantDoubt.MISSING,)
    )
    implants = decide(found, scoring=Scoring.ABSOLUTE)
    implants = replace(
        implants,
        implants=(Implant(1, "36", Verdict.ACCEPTED, site_is_given=True), *implants.implants[1:]),
        **decided,
    )
    annotations = Annotations(
        image.sha256, implants=implants, origin=replace(ORIGIN, mode=mode), accepted=True
    )
    return ImplantExport("=Ω a study", image, annotations, found, file="study é 日.mp4", seed=4)


MOVING = Image(GRAIN[0], cine=Cine(GRAIN, times_s=tuple(0.1 * n for n in range(6))))
CASE = a_case(MOVING)
STILL = replace(a_case(Image(GRAIN[0].repeat(4, 0).repeat(8, 1))), file="jaw.png")
cases = pytest.mark.parametrize("case", [CASE, STILL], ids=["moving", "still"])


def written(name, case, folder):
    path = folder / f"result{FORMATS[name].ending}"
    FORMATS[name].write(case, path)
    return path


@by_format
@cases
def test_the_same_case_gives_the_same_bytes(spec, case, tmp_path):
    one, other = tmp_path / f"a{spec.ending}", tmp_path / f"b{spec.ending}"
    for path in (one, other):
        spec.write(case, path)
    assert one.read_bytes() == other.read_bytes()
    assert sorted(tmp_path.iterdir()) == [one, other]


@by_format
def test_what_cannot_go_is_said_before_and_leaves_nothing(spec, tmp_path):
    bare = ImplantExport("bare", MOVING, Annotations(MOVING.sha256))
    for act in (spec.require, lambda case: spec.write(case, tmp_path / f"a{spec.ending}")):
        with pytest.raises(ExportFailed, match="bare") as refused:
            act(bare)
        assert refused.value.remedy
    with pytest.raises(ExportFailed):
        spec.write(CASE, tmp_path / "gone" / f"a{spec.ending}")
    assert list(tmp_path.iterdir()) == []


@by_format
def test_a_full_disk_leaves_the_older_result_whole(spec, tmp_path, monkeypatch):
    path = tmp_path / f"a{spec.ending}"
    spec.write(CASE, path)
    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "")))
    with pytest.raises(ExportFailed, match="disk is full"):
        spec.write(STILL, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@by_format
def test_formats_that_need_the_healed_frames_say_so(spec, tmp_path):
    later = replace(CASE, findings=None)
    needs = spec.name in {"heatnifti", "heatnpy", "film", "panels"}
    if not needs:
        spec.write(later, tmp_path / f"a{spec.ending}")
        return
    with pytest.raises(ExportFailed, match="healed frames"):
        spec.require(later)


@by_format
def test_what_is_dropped_is_said_in_sentences(spec):
    rejected = Implant(2, verdict=Verdict.REJECTED)
    implants = replace(CASE.annotations.implants, implants=(Implant(1, "36"), rejected))
    case = replace(CASE, annotations=replace(CASE.annotations, implants=implants))
    said = spec.drops(case)
    assert all(re.fullmatch(r"[A-Z].*\.", sentence) for sentence in said)
    assert bool(said) == (spec.name not in {"json", "everything"})
    assert set(spec.drops.among([case, STILL])) >= set(said)


@cases
def test_everything_is_what_the_formats_write_alone(case, tmp_path):
    with zipfile.ZipFile(written("everything", case, tmp_path)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    (tmp_path / "alone").mkdir()
    alone = {"json", "picture", "scores", "coco", "masknifti", "heatnifti", "film"}
    assert set(held) == {f"implants{FORMATS[name].ending}" for name in alone}
    for name in alone - {"film"}:
        path = tmp_path / "alone" / f"implants{FORMATS[name].ending}"
        FORMATS[name].write(case, path)
        assert held[path.name] == path.read_bytes()


def test_everything_says_that_the_healed_frames_are_gone(tmp_path):
    later = replace(CASE, findings=None)
    (said,) = FORMATS["everything"].drops(later)
    assert said.startswith("Heatmap and panels")
    with zipfile.ZipFile(written("everything", later, tmp_path)) as archive:
        assert "implants.json" in archive.namelist()
        assert "implants.heat.nii.gz" not in archive.namelist()


def test_names_and_endings_are_one_each():
    for field in ("name", "title", "ending"):
        values = [getattr(spec, field) for spec in IMPLANT_EXPORTERS]
        assert len(set(values)) == len(values)
    assert set(DEFAULT_IMPLANT_FORMATS) <= set(FORMATS)


@cases
def test_json_is_as_its_schema_says_and_holds_all(case, tmp_path, project_root):
    schema = json.loads((project_root / "docs/schema/implant-1.json").read_text("utf-8"))
    document = json.loads(written("json", case, tmp_path).read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    decided = case.annotations.implants
    regions = [region for implant in document["implants"] for region in implant["regions"]]
    assert len(regions) == len(decided.regions)
    by_id = {region.id: region for region in decided.regions}
    for region in regions:
        assert region["outline"] == [list(corner) for corner in by_id[region["id"]].outline]
    assert document["implants"][0]["site"] == "36"
    assert document["implants"][0]["verdict"] == "accepted"
    assert document["healed"]["seed"] == 4
    assert document["p_value"] is None


def test_json_of_a_case_without_an_answer_is_valid(tmp_path, project_root):
    drawn = replace(CASE.annotations.implants, options=None, doubts=())
    case = replace(CASE, annotations=Annotations(MOVING.sha256, implants=drawn))
    schema = json.loads((project_root / "docs/schema/implant-1.json").read_text("utf-8"))
    document = json.loads(written("json", case, tmp_path).read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    assert document["healed"] is document["network"] is None


@cases
def test_coco_outlines_are_the_masks(case, tmp_path):
    document = json.loads(written("coco", case, tmp_path).read_text("utf-8"))
    masks = masks_of(case)
    names = {image["id"]: image["file_name"] for image in document["images"]}
    if case is CASE:
        assert names == {n + 1: f"study é 日_{n:04d}.png" for n in range(6)}
    else:
        assert names == {1: "jaw.png"}
    seen = np.zeros_like(masks)
    for annotation in document["annotations"]:
        corners = np.array(annotation["segmentation"][0]).reshape(-1, 2)[:, ::-1] - 0.5
        inside = mask_of(corners, case.image.shape)
        seen[annotation["image_id"] - 1][inside] = annotation["attributes"]["implant"]
        assert annotation["area"] == pytest.approx(inside.sum(), rel=0.15)
        left, top, width, height = annotation["bbox"]
        assert left - 0.5 <= corners[:, 1].min() + 1e-9
        assert left + width >= corners[:, 1].max()
        assert (top, height) == pytest.approx(
            (corners[:, 0].min() + 0.5, np.ptp(corners[:, 0])), abs=1e-9
        )
    assert np.array_equal(seen, masks)


def test_coco_holds_many_studies():
    document = coco_document([CASE, STILL])
    ids = [annotation["id"] for annotation in document["annotations"]]
    assert ids == list(range(1, len(ids) + 1))
    assert {annotation["image_id"] for annotation in document["annotations"]} == set(range(1, 8))


@cases
def test_masks_come_back_from_pictures_and_volumes(case, tmp_path):
    masks = masks_of(case)
    assert set(np.unique(masks)) == {0, 1, 2}
    with zipfile.ZipFile(written("masks", case, tmp_path)) as archive:
        names = archive.namelist()
        pictures = [np.asarray(Pillow.open(io.BytesIO(archive.read(name)))) for name in names]
    assert np.array_equal(np.stack(pictures), masks)
    volume = nibabel.load(written("masknifti", case, tmp_path))
    assert np.array_equal(np.asarray(volume.dataobj).transpose(2, 1, 0), masks)
    assert volume.header.get_xyzt_units() == ("unknown", "unknown")


@pytest.mark.parametrize("name", ["json", "scores", "coco", "masks", "masknifti"])
@cases
def test_a_case_without_pixels_is_the_same_in_formats_that_hold_none(name, case, tmp_path):
    with_pixels = written(name, case, tmp_path).read_bytes()
    assert written(name, case.without_pixels(), tmp_path).read_bytes() == with_pixels


def test_many_studies_leave_together_and_a_bad_one_stops_no_other(tmp_path):
    bare = ImplantExport("bare", MOVING, Annotations(MOVING.sha256))
    path = tmp_path / "all.scores.csv"
    items = [Item(case.study, lambda case=case: case, path) for case in (CASE, bare, STILL)]
    done = write_all(FORMATS["scores"], items, replaces=frozenset(), goes_on=lambda _: True)
    assert (len(done.gone), [name for name, _ in done.failed]) == (2, ["bare"])
    assert len(list(csv.DictReader(path.open(encoding="utf-8")))) == 2


def test_rejected_implants_leave_no_mask():
    implants = CASE.annotations.implants
    rejected = replace(
        implants, implants=(replace(implants.implants[0], verdict=Verdict.REJECTED), Implant(2))
    )
    assert {region.implant for region in standing(rejected)} == {2}
    case = replace(CASE, annotations=replace(CASE.annotations, implants=rejected))
    assert set(np.unique(masks_of(case))) == {0, 2}


@cases
def test_heat_comes_back_and_lies_where_the_masks_are(case, tmp_path):
    array = np.load(written("heatnpy", case, tmp_path), allow_pickle=False)
    np.testing.assert_allclose(array, np.maximum(case.findings.left_over.astype(float), 0))
    volume = nibabel.load(written("heatnifti", case, tmp_path))
    heat = np.asarray(volume.dataobj)
    hot = np.argwhere(heat > 0.5)
    columns, rows, _ = (np.c_[hot, np.ones(len(hot))] @ volume.affine.T)[:, :3].T
    found = masks_of(case)[hot[:, 2], np.rint(rows).astype(int), np.rint(columns).astype(int)]
    assert (found > 0).mean() > 0.9
    assert len(hot) == pytest.approx(
        np.count_nonzero(masks_of(case)) / abs(np.prod(np.diag(volume.affine)[:2])), rel=0.1
    )


def test_scores_are_a_table_of_the_original_and_more(tmp_path):
    path = tmp_path / "scores.csv"
    FORMATS["scores"].write_many([CASE, STILL], path)
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    assert list(rows[0])[:3] == ["filename", "score", "label"]
    assert [row["filename"] for row in rows] == ["study é 日.mp4", "jaw.png"]
    assert float(rows[0]["score"]) == CASE.annotations.implants.score
    assert rows[0]["label"] == "1"
    assert rows[0]["implants"] == "2"
    assert rows[0]["p_value"] == ""
    assert rows[0]["weights_sha256"] == "ab" * 32


@pytest.mark.parametrize(
    ("accepted", "verdicts", "label"),
    [
        (False, (Verdict.OPEN,), ""),
        (True, (Verdict.OPEN,), ""),
        (True, (Verdict.REJECTED,), "0"),
        (True, (), "0"),
        (False, (), ""),
        (False, (Verdict.OPEN, Verdict.ACCEPTED), "1"),
    ],
)
def test_the_label_is_what_a_person_says(accepted, verdicts, label, tmp_path):
    implants = tuple(Implant(n, verdict=verdict) for n, verdict in enumerate(verdicts, start=1))
    decided = replace(CASE.annotations.implants, implants=implants)
    annotations = replace(CASE.annotations, implants=decided, accepted=accepted)
    path = written("scores", replace(CASE, annotations=annotations), tmp_path)
    (row,) = csv.DictReader(path.open(encoding="utf-8"))
    assert row["label"] == label


@cases
def test_a_film_has_the_five_panels_of_each_frame(case, tmp_path):
    pictures = panels(case)
    with av.open(str(written("film", case, tmp_path))) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
        rate = film.streams.video[0].average_rate
    assert len(frames) == case.findings.plan.own
    assert rate == (10 if case is CASE else 4)
    for frame, picture in zip(frames, pictures, strict=True):
        assert frame.shape == picture.shape == (3 * SIDE, 15 * SIDE, 3)
        assert np.abs(frame.astype(int) - picture).mean() < 12  # as far as films keep colours
    sheet = np.asarray(Pillow.open(written("panels", case, tmp_path)))
    assert np.array_equal(sheet, np.concatenate(pictures))


def test_as_published_the_film_is_as_the_original_s(tmp_path):
    case = a_case(MOVING, Mode.AS_PUBLISHED, scoring=Scoring.AS_PUBLISHED, threshold=0.5)
    first = panels(case)[0]
    assert first.shape == (128, 640, 3)
    assert set(np.unique(first[:, 512:])) == {0, 255}
    assert np.array_equal(first[:, :128, 0], case.findings.noised[0])
    with av.open(str(written("film", case, tmp_path))) as film:
        assert film.streams.video[0].average_rate == 30
        assert (film.streams.video[0].width, film.streams.video[0].height) == (640, 128)


@cases
def test_a_picture_shows_the_study_and_says_what_it_is(case, tmp_path):
    picture = np.asarray(Pillow.open(written("picture", case, tmp_path)))
    accepted = (np.abs(picture.astype(int) - (159, 230, 160)).sum(axis=-1) < 20).sum()
    found = (np.abs(picture.astype(int) - (255, 180, 84)).sum(axis=-1) < 20).sum()
    assert accepted > 50
    assert found > 50


def test_no_name_of_a_folder_or_patient_leaves(tmp_path):
    for name in ("json", "scores", "coco", "masks", "heatnifti", "masknifti"):
        content = written(name, CASE, tmp_path).read_bytes()
        content = gzip.decompress(content) if name.endswith("nifti") else content
        assert str(tmp_path).encode() not in content

"""Cases, annotations and revisions for the library's tests."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from app.library.cases import Case, CaseStatus
from domain.annotation import Annotations, CurveEnds, Hint
from domain.doubts import Doubt, DoubtKind
from domain.geometry import Points
from domain.grid import Grid
from domain.implant import (
    Implant,
    ImplantDecisions,
    ImplantDoubt,
    ImplantOptions,
    Region,
    Sampler,
    Scoring,
    Verdict,
)
from domain.measures import POINTS, Measure, MeasureKind
from domain.numbering import ORDER
from domain.provenance import PERSON, Mode, ModelOrigin
from domain.revision import Revision
from domain.vertebrae import column_named, shifted_column

IMAGE = "a" * 64
WAIT_S = 60.0
unhurried = settings(suppress_health_check=[HealthCheck.too_slow])


def a_case(case_id: str = "case", **changes) -> Case:
    values = {
        "id": case_id,
        "name": f"film {case_id}",
        "task": "vertebrae",
        "path": f"/films/{case_id}.png",
        "image_sha256": IMAGE,
        "rows": 2000,
        "columns": 800,
        "synthetic": False,
        "status": CaseStatus.NEW,
        "head": None,
        "created": 1.25,
        "opened": 2.5,
    }
    return Case(**{**values, **changes})


def some_annotations(row: float = 1.5, **changes) -> Annotations:
    return Annotations(IMAGE, points=Points([[row, 2.25], [3.125, 4.0]]), **changes)


def a_revision(revision_id: str, *, parent: str | None = None, **changes) -> Revision:
    values = {
        "id": revision_id,
        "case_id": "case",
        "parent": parent,
        "gesture": f"gesture of {revision_id}",
        "author": PERSON,
        "action": f"made {revision_id}",
        "created": 10.0 + len(revision_id),
        "annotations": some_annotations(),
    }
    return Revision(**{**values, **changes})


def sql(folder, statement: str, *values):
    with closing(sqlite3.connect(folder / "library.sqlite")) as connection, connection:
        return connection.execute(statement, values).fetchall()


finite = st.floats(allow_nan=False, allow_infinity=False)
hints = st.builds(Hint, st.integers(0, 200), finite, finite)
points = st.lists(st.tuples(finite, finite), max_size=70).map(
    lambda rows: Points(rows) if rows else None
)
origins = st.builds(
    ModelOrigin,
    st.text(),
    st.text(),
    st.sampled_from(Mode),
    st.text(),
    st.text(),
    finite,
    st.text(),
)
curve_ends = st.builds(
    lambda upper, more: CurveEnds(upper, upper + more), st.integers(0, 20), st.integers(1, 20)
)
measures = st.sampled_from(MeasureKind).flatmap(
    lambda kind: st.builds(
        Measure,
        st.text(min_size=1),
        st.just(kind),
        st.tuples(*[st.tuples(finite, finite)] * POINTS[kind]),
        st.text(),
    )
)
positive = st.floats(min_value=1e-6, max_value=1e6)
grids = st.builds(Grid, st.tuples(positive, positive), st.text(min_size=1))
repaired = (
    st.integers(3, 24)
    .flatmap(
        lambda count: st.lists(st.sampled_from(ORDER), min_size=count, max_size=count, unique=True)
    )
    .map(lambda names: column_named(sorted(names, key=ORDER.index)))
)
doubts = st.builds(
    Doubt,
    st.sampled_from(DoubtKind),
    st.integers(0, 3000),
    st.lists(st.integers(0, 67), max_size=2).map(tuple),
)
unknown = st.just(math.nan) | finite
options = st.builds(
    ImplantOptions,
    st.integers(1, 999),
    st.integers(1, 999),
    st.sampled_from(Sampler),
    st.integers(1, 9),
    st.booleans(),
)
regions = st.builds(
    Region,
    st.text(),
    st.integers(0, 15),
    st.lists(st.tuples(finite, finite), max_size=6).map(tuple),
    unknown,
    st.integers(1, 9),
    st.booleans(),
)
implants = st.builds(
    ImplantDecisions,
    st.none() | options,
    st.sampled_from(Scoring),
    unknown,
    st.lists(regions, max_size=3).map(tuple),
    st.lists(
        st.builds(Implant, st.integers(1, 9), st.text(), st.sampled_from(Verdict), st.booleans()),
        max_size=3,
    ).map(tuple),
    unknown,
    unknown,
    st.lists(st.sampled_from(ImplantDoubt), max_size=2).map(tuple),
)
annotations = st.builds(
    Annotations,
    st.text(),
    points=points,
    rounds=st.lists(st.lists(hints, max_size=3).map(tuple), max_size=4).map(tuple),
    pins=st.frozensets(st.integers(0, 200)),
    column=st.integers(-5, 5).map(shifted_column) | repaired,
    confidence=st.lists(st.floats(allow_nan=False), max_size=70).map(tuple),
    accepted=st.booleans(),
    origin=st.none() | origins,
    curve_ends=st.lists(curve_ends, max_size=4).map(tuple),
    measures=st.lists(measures, max_size=3).map(tuple),
    calibration=st.none() | grids,
    doubts=st.lists(doubts, max_size=3).map(tuple),
    implants=st.none() | implants,
)

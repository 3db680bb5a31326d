"""The join of the PeX tables, and its folds."""

from __future__ import annotations

import csv

import pytest

from domain.errors import WrongUse
from training.data import pex
from training.data.panoramics import read_studies


@pytest.fixture
def tables(tmp_path):
    info = [("FileName", "PatientID", "Age")]
    info += [(f"s{n}", f"p{n}", "40") for n in range(10)] + [("unmarked", "p1", "40")]
    marks = [("FileName", "PatientID", "Label")]
    marks += [(f"s{n}", f"p{n}", "1" if n < 3 else "0") for n in range(10)]
    marks += [("s4", "another", "1")]
    for name, rows in ((pex.INFO_NAME, info), (pex.MARKING_NAME, marks)):
        with (tmp_path / name).open("w", newline="") as lines:
            csv.writer(lines).writerows(rows)
    return tmp_path


def test_studies_are_joined_by_name_and_patient(tables):
    studies = pex.read_marked(tables)
    assert [study.name for study in studies] == [f"s{n}" for n in range(10)]
    assert [study.with_implant for study in studies] == [True] * 3 + [False] * 7


def test_folds_share_the_healthy_ones_and_follow_the_seed(tables):
    studies = pex.read_marked(tables)
    folds = pex.folds_of(studies, seed=1)
    assert sorted(len(fold) for fold in folds) == [2, 2, 3]
    assert sorted(each.name for fold in folds for each in fold) == [f"s{n}" for n in range(3, 10)]
    assert folds == pex.folds_of(studies, seed=1)
    assert folds != pex.folds_of(studies, seed=2)


def test_tables_are_written_for_training_and_measuring(tables, tmp_path):
    out = tmp_path / "out"
    assert pex.main(["--data", str(tables), "--out", str(out), "--held", "2"]) == 0
    names = {path.name for path in out.glob("*.csv")}
    assert names == {"positive.csv", "negative_1.csv", "negative_2.csv", "negative_3.csv"}
    test, learn = read_studies(out / "test"), read_studies(out / "learn")
    assert sum(study.with_implant for study in test) == 3
    assert not any(study.with_implant for study in learn)
    assert len(test) + len(learn) == 10
    assert test[0].path.parts[-3:] == ("PeX-ray", "s0", "middle")


@pytest.mark.parametrize(
    ("table", "text", "said"),
    [
        (pex.INFO_NAME, "FileName\na\n", "PatientID"),
        (pex.MARKING_NAME, "FileName,PatientID,Label\ns1,p1,maybe\n", "maybe"),
    ],
)
def test_tables_that_cannot_be_joined_are_refused(table, text, said, tables):
    (tables / table).write_text(text)
    with pytest.raises(WrongUse, match=said):
        pex.read_marked(tables)


def test_missing_tables_are_named(tmp_path):
    with pytest.raises(WrongUse, match=pex.MARKING_NAME):
        pex.read_marked(tmp_path)

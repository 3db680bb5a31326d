"""Suites run in processes of their own: what one said counts, however it ended."""

from __future__ import annotations

import sys

import pytest

from benchmarks import __main__ as bench
from benchmarks import napari_peer, suites
from benchmarks.report import Part
from benchmarks.rows import Absent, Budget, Row, Times, to_json
from benchmarks.suites import SUITES, Suite

ROW = Row("it", Times(0.1, 0.2, 5), "that", Times(0.4, 0.5, 5), Budget(times=2.0))
SUITE = Suite("canned", "Canned")


def run(*source, patience_s=60.0):
    script = "\n".join(["import sys, time", f"print({to_json(ROW)!r}, flush=True)", *source])
    return suites.run(SUITE, command=(sys.executable, "-c", script), patience_s=patience_s)


def test_its_rows_and_the_load():
    part = run("print('a word aside')")
    assert part.lines == (ROW,)
    assert (part.name, part.title) == ("canned", "Canned")
    assert len(part.load) == 2


def test_a_failure_keeps_the_rows_before_it_and_says_its_last_word():
    row, absent = run("sys.exit('the disk is full')").lines
    assert row == ROW
    assert absent == Absent("Canned", "it ended with code 1: the disk is full", failed=True)


def test_a_suite_that_hangs_is_ended():
    row, absent = run("time.sleep(600)", patience_s=6.0).lines
    assert row == ROW
    assert absent == Absent("Canned", "it took longer than 6 s", failed=True)


def test_every_suite_is_a_module_that_measures():
    for suite in SUITES:
        source = (suites.ROOT / "benchmarks" / f"{suite.name}.py").read_text(encoding="utf-8")
        assert "\ndef measure(" in source


def test_without_napari_its_absence_is_said(monkeypatch):
    monkeypatch.delenv(napari_peer.NAPARI, raising=False)
    (line,) = napari_peer.measure()
    assert isinstance(line, Absent)
    assert not line.failed
    assert "--napari" in line.why


@pytest.fixture
def canned(monkeypatch, tmp_path):
    """Every suite says one row; the one of the library fails."""
    asked = []

    def measured(suite, **settings):
        asked.append((suite.name, settings))
        failed = Absent("library", "no room", failed=True)
        return Part(suite.name, suite.title, (failed if suite.name == "library" else ROW,))

    monkeypatch.setattr(bench, "run", measured)
    monkeypatch.setattr(bench, "TABLE", tmp_path / "performance.md")
    return asked


def test_one_command_runs_all_and_writes_table_and_json(canned, tmp_path, capsys):
    code = bench.main(["--json", str(tmp_path / "all.json"), "--napari", "/opt/its/python"])
    assert code == 1  # one of them failed
    assert [name for name, _ in canned] == [suite.name for suite in SUITES]
    assert all(settings == {napari_peer.NAPARI: "/opt/its/python"} for _, settings in canned)
    page = (tmp_path / "performance.md").read_text(encoding="utf-8")
    assert page.count("| it | 100 ms | 200 ms | that | 400 ms | 4.00× | ≥ 2× | yes |") == (
        len(SUITES) - 1
    )
    assert "**library**: failed: no room" in page
    assert (tmp_path / "all.json").stat().st_size > 0
    assert capsys.readouterr().out.count("\n") == len(SUITES)


def test_some_suites_alone_leave_the_table_as_it_is(canned, tmp_path):
    assert bench.main(["startup", "published"]) == 0
    assert [name for name, _ in canned] == ["startup", "published"]
    assert not (tmp_path / "performance.md").exists()
    assert bench.main(["startup", "--table", str(tmp_path / "some.md")]) == 0
    assert (tmp_path / "some.md").exists()


def test_an_unknown_suite_is_refused(canned, capsys):
    with pytest.raises(SystemExit) as refused:
        bench.main(["nothing"])
    assert refused.value.code == 2
    assert canned == []
    assert "nothing" in capsys.readouterr().err

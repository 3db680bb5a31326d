"""Lines of a run: what is understood, and that nothing else ever hurts."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as some

from app.session.run_news import LOG_NAME, read_log, read_news
from tests.app.library.makers import unhurried

anything = some.recursive(
    some.none() | some.booleans() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
)


def test_losses_are_told_apart_from_how_far_it_is() -> None:
    told = {"event": "losses", "step": 25, "minutes": 1.0, "left_minutes": 9, "heat": 2.5, "l1": 1}
    news = read_news(json.dumps(told))
    assert news is not None
    assert (news.event, news.step, dict(news.numbers)) == ("losses", 25, {"heat": 2.5, "l1": 1.0})


def test_a_failure_is_a_sentence() -> None:
    told = {"event": "trouble", "what": "No.", "why": "Because.", "remedy": ""}
    news = read_news(json.dumps(told))
    assert news is not None
    assert news.said == "No. Because."


def test_films_are_counted_and_those_left_out_are_named() -> None:
    begun = read_news('{"event": "begin", "films": 24, "kept": 6}')
    assert begun is not None
    assert (begun.films, begun.kept_back) == (24, 6)
    studies = read_news('{"event": "begin", "studies": 9}')
    assert studies is not None
    assert (studies.films, studies.kept_back) == (9, 0)
    checked = read_news('{"event": "checked", "films": 3, "lines": ["a.png: no file"]}')
    assert checked is not None
    assert checked.lines == ("a.png: no file",)


@unhurried
@given(
    some.dictionaries(
        some.sampled_from(
            ["event", "step", "of", "seconds_left", "metrics", "films", "weights", "lines"]
        ),
        anything,
    )
)
def test_no_line_hurts(told: dict[str, object]) -> None:
    news = read_news(json.dumps(told))
    assert news is None or "event" in told


def test_what_is_no_line_is_none() -> None:
    for line in ("", "step 3", "[1]", '"event"', "{", '{"event": "figures", "metrics": {"a": 1}}'):
        assert read_news(line) is None


def test_a_log_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    assert read_log(tmp_path) == ()
    (tmp_path / LOG_NAME).write_text('{"event": "losses", "step": 1, "heat": 2}\n{"event": "los')
    assert [news.step for news in read_log(tmp_path)] == [1]

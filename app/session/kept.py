"""Which kept answer of a network the decisions on a case come from."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from app.library.library import Library
from app.library.results import AskedFor, DamagedResult, StoredResult, asked_for, decode, key_of
from domain.annotation import Annotations
from domain.errors import CaliperError
from domain.provenance import ModelOrigin


def asked(keys: Iterable[str]) -> list[AskedFor]:
    """What kept answers answer; a damaged name is passed over."""
    found = []
    for key in keys:
        with suppress(DamagedResult):
            found.append(asked_for(key))
    return found


def possible(keys: Iterable[str], decisions: Annotations) -> list[AskedFor]:
    """The answers that decisions may come from."""
    implants, origin = decisions.implants, decisions.origin
    if implants is None or origin is None:
        return []
    wanted = implants.options, origin.weights_id
    return [one for one in asked(keys) if (one.options, one.weights_id) == wanted]


def chosen(results: Iterable[StoredResult], origin: ModelOrigin | None) -> StoredResult | None:
    """The one of a run; the same question was perhaps asked twice: its answer is the same."""
    found = list(results)
    exact = [result for result in found if result.origin == origin]
    return next(iter(exact), found[0] if len(found) == 1 else None)


def answer_kept(library: Library, case_id: str, decisions: Annotations) -> StoredResult | None:
    """What the decisions on any case come from, where it is still kept; from any thread."""
    found = []
    with suppress(CaliperError):  # what is not read is not at hand
        for one in possible(library.result_keys(case_id), decisions):
            key = key_of(one.options, seed=one.seed, weights_id=one.weights_id)
            content = library.result(case_id, key)
            if content is not None:
                found.append(decode(content))
    return chosen(found, decisions.origin)


def is_answer_kept(library: Library, case_id: str, decisions: Annotations) -> bool:
    """Whether `answer_kept` will probably find one; nothing is read but names."""
    with suppress(CaliperError):
        return bool(possible(library.result_keys(case_id), decisions))
    return False

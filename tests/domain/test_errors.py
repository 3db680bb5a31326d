"""Failures keep their words on the way between processes."""

from __future__ import annotations

import inspect
import pickle

import pytest

from domain import errors
from domain.errors import CaliperError, LibraryReadOnly, LibraryUnavailable

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, CaliperError) and kind.__module__ == errors.__name__
]


@pytest.mark.parametrize("kind", KINDS)
def test_survives_pickling(kind: type[CaliperError]) -> None:
    sent = kind("What.", why="Why.", remedy="Do this.")
    received = pickle.loads(pickle.dumps(sent))
    assert type(received) is kind
    assert (received.what, received.why, received.remedy) == ("What.", "Why.", "Do this.")


def test_reads_as_one_sentence_after_another() -> None:
    assert str(CaliperError("No disk.", why="It was pulled.", remedy="Plug it in.")) == (
        "No disk. It was pulled. Plug it in."
    )
    assert str(CaliperError("Only this.")) == "Only this."


def test_read_only_is_a_kind_of_unavailable() -> None:
    with pytest.raises(LibraryUnavailable):
        raise LibraryReadOnly("Read only.")

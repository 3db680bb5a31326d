"""A library in a folder with an awkward name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.library.library import Library
from tests.app.library.makers import (
    WAIT_S,
    a_case,
)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "Röntgen ?#% 脊柱" / "library"


@pytest.fixture
def library(folder) -> Iterator[Library]:
    opened = Library.open(folder)
    yield opened
    opened.close()


@pytest.fixture
def one_case(library) -> Library:
    library.add_case(a_case(), b"\x89PNG").result(WAIT_S)
    return library

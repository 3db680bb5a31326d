"""Looking for words in text, whatever their case and however accents were typed."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Text for comparing: without case, accents composed the same way on every system."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(search: str) -> tuple[str, ...]:
    """The words that a person looks for, each to be found by itself."""
    return tuple(folded(search).split())

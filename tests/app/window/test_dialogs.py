"""The card of weights begins with their passport."""

from __future__ import annotations

from dataclasses import replace

from app.window.dialogs import _card
from inference.manifest import Manifest, catalogue, shipped_folder


def test_the_card_shows_the_passport_and_what_is_unknown() -> None:
    (entry, *_) = catalogue((shipped_folder(),)).entries
    assert f"- Training data: `{entry.training_data}`" in _card(Manifest((entry,)), entry.id)
    untold = replace(entry, licence="", origin="a `b` **c**", card="")
    words = _card(Manifest((untold,)), entry.id)
    assert "- Licence: `unknown`" in words
    assert "- Source: `a  b  **c**`" in words

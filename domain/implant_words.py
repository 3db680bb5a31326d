"""What speaks against an answer of the implant task, in sentences."""

from __future__ import annotations

from collections.abc import Iterable

from domain.implant import ImplantDoubt

SENTENCES: dict[ImplantDoubt, str] = {
    ImplantDoubt.UNLIKE: "The pictures are unlike those the network learned from: do not trust "
    "what it found.",
    ImplantDoubt.STILL: "It is one picture, shown to the network sixteen times.",
    ImplantDoubt.MISSING: "Frames were missing; they are black.",
}


def sentences(doubts: Iterable[ImplantDoubt]) -> tuple[str, ...]:
    """One for each."""
    return tuple(SENTENCES[doubt] for doubt in doubts)

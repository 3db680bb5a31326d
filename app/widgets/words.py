"""Words that may be longer than a line: names of files know no blanks."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QLabel

_LONG = re.compile(r"(\S{20})(?=\S)")
BREAK = "\u200b"
"""Takes no room; a line may end there."""


class Words(QLabel):
    """A label that cuts no word: those that no line holds go on in the next."""

    def setText(self, text: str) -> None:
        super().setText(_LONG.sub(rf"\1{BREAK}", text))

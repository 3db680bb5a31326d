"""How a film is looked at: window, orientation, zoom; kept per case and outside undo."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from domain.image import LutFunction


@dataclass(frozen=True)
class ViewState:
    """A way of looking at one image.

    Args:
        window, level: grey values; None for the image's own default.
        function: how the window becomes brightness; None for the image's own default.
        frame: which one of a moving image is in sight.
        marks: frames that a person marked, rising.
        inverted: bright and dark exchanged, against what the image's file asks for.
        flipped_h, flipped_v: mirrored along the image's own columns or rows, before turning.
        quarter_turns: clockwise, 0..3.
        zoom: screen pixels the width of an image pixel; None fits the image to the canvas.
        centre: (row, column) in the middle of the canvas; None for the image's middle.
    """

    window: float | None = None
    level: float | None = None
    inverted: bool = False
    flipped_h: bool = False
    flipped_v: bool = False
    quarter_turns: int = 0
    zoom: float | None = None
    centre: tuple[float, float] | None = None
    function: LutFunction | None = None
    frame: int = 0
    marks: tuple[int, ...] = ()

    def to_json(self) -> str:
        """A stable text that `from_json` reads back."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> ViewState:
        """The state that `to_json` wrote.

        Raises:
            ValueError: the text is no view state.
        """
        try:
            fields = json.loads(text)
            centre, function = fields.get("centre"), fields.get("function")
            return cls(
                window=_number(fields.get("window")),
                level=_number(fields.get("level")),
                inverted=bool(fields.get("inverted", False)),
                flipped_h=bool(fields.get("flipped_h", False)),
                flipped_v=bool(fields.get("flipped_v", False)),
                quarter_turns=int(fields.get("quarter_turns", 0)) % 4,
                zoom=_number(fields.get("zoom")),
                centre=None if centre is None else (float(centre[0]), float(centre[1])),
                function=None if function is None else LutFunction(function),
                frame=max(int(fields.get("frame", 0)), 0),
                marks=tuple(sorted({int(mark) for mark in fields.get("marks", ())})),
            )
        except (AttributeError, TypeError, IndexError, KeyError) as error:
            msg = f"not a view state: {text[:80]!r}"
            raise ValueError(msg) from error


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    msg = f"not a number: {value!r}"
    raise ValueError(msg)

"""Rows of the table of actions for films that move and for the implant task."""

from __future__ import annotations

from collections.abc import Callable

from app.canvas.layers.drawing import Drawing
from app.tasks.implant.labels import PICTURES
from app.window.commands import Commands
from domain.implant import Verdict

Row = tuple[str, str, tuple[str, ...], Callable[[Commands], object]]
WIDER = 1.25


def _show(number: int) -> Callable[[Commands], object]:
    return lambda commands: commands.implants.maximise(number)


CINE: tuple[Row, ...] = (
    ("View/Frames", "Play or stop", ("C",), lambda c: c.cine.player.toggle()),
    ("View/Frames", "Next frame", (".",), lambda c: c.cine.step(1)),
    ("View/Frames", "Previous frame", (",",), lambda c: c.cine.step(-1)),
    ("View/Frames", "First frame", ("Home",), lambda c: c.cine.player.seek(0)),
    ("View/Frames", "Last frame", ("End",), lambda c: c.cine.player.seek(10**9)),
    ("View/Frames", "Mark frame", ("M",), lambda c: c.view.toggle_mark()),
    ("View/Frames", "Next marked frame", ("Shift+.",), lambda c: c.cine.step_mark(1)),
    ("View/Frames", "Previous marked frame", ("Shift+,",), lambda c: c.cine.step_mark(-1)),
)
IMPLANT: tuple[Row, ...] = (
    ("Implant", "Accept region", ("A",), lambda c: c.implants.judge(Verdict.ACCEPTED)),
    ("Implant", "Reject region", ("X",), lambda c: c.implants.judge(Verdict.REJECTED)),
    ("Implant", "Tooth site…", ("Shift+F2",), lambda c: c.implants.name_site()),
    ("Implant", "Draw a polygon", ("Q",), lambda c: c.implants.draw(Drawing.POLYGON)),
    ("Implant", "Brush", ("B",), lambda c: c.implants.draw(Drawing.BRUSH)),
    ("Implant", "Eraser", ("Shift+B",), lambda c: c.implants.draw(Drawing.ERASER)),
    ("Implant", "Wider brush", ("Ctrl+]",), lambda c: c.implants.resize_brush(WIDER)),
    ("Implant", "Narrower brush", ("Ctrl+[",), lambda c: c.implants.resize_brush(1 / WIDER)),
    ("Implant", "Heat", ("J",), lambda c: c.implants.toggle_heat()),
    ("Implant", "Compute the ladder", (), lambda c: c.implants.toggle_ladder()),
    *(
        ("Implant/On the canvas", title, (f"Alt+{number + 1}",), _show(number))
        for number, title in enumerate(PICTURES)
    ),
)

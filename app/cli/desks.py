"""The one list of tasks on the command line."""

from __future__ import annotations

from app.cli.desk import Desk
from app.cli.implant import DESK as IMPLANT
from app.cli.vertebrae import DESK as VERTEBRAE

DESKS: tuple[Desk, ...] = (VERTEBRAE, IMPLANT)

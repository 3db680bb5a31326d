"""The same tasks without a window and without Qt: the verbs and their exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from app.cli import analyse
from domain.errors import CaliperError, WrongUse

ALL_WELL, SOME_FAILED, WRONG_USE = 0, 1, 2


def run(argv: Sequence[str]) -> int:
    """Run one verb; 0 all well, 1 some inputs failed, 2 wrong use."""
    parser = argparse.ArgumentParser(prog="main.py")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    analyse.add_to(verbs)
    arguments = parser.parse_args(argv)
    verb: Callable[[argparse.Namespace], bool] = arguments.verb
    try:
        return ALL_WELL if verb(arguments) else SOME_FAILED
    except CaliperError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_USE if isinstance(error, WrongUse) else SOME_FAILED

"""What people may say on the command line, and how it is read."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

from domain.annotation import Hint
from domain.provenance import Mode
from domain.vertebrae import corner_index


def add_common_options(
    parser: argparse.ArgumentParser, *, formats: Sequence[str], usual: Sequence[str]
) -> None:
    """The options of `analyse` that every task has.

    Args:
        formats: names of what may be written.
        usual: those that are written where nobody chooses.
    """
    parser.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="files or folders")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--format",
        action="append",
        dest="formats",
        choices=formats,
        help=f"what to write; may be given again; {' and '.join(usual)} by default",
    )
    parser.add_argument("--weights", metavar="ID", help="see: main.py weights list")
    parser.add_argument("--mode", choices=[mode.value for mode in Mode])
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print a summary for machines")


def parse_hint(text: str) -> Hint:
    """ "T7.TL=812.5,301" -> the hint.

    Raises:
        argparse.ArgumentTypeError: the text is no hint.
    """
    name, _, place = text.partition("=")
    try:
        row, column = (_finite(number) for number in place.split(","))
        return Hint(corner_index(name), row, column)
    except ValueError as error:
        message = f"{text!r} is not like T7.TL=row,column ({error})"
        raise argparse.ArgumentTypeError(message) from error


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        msg = f"{text} is no place"
        raise ValueError(msg)
    return number

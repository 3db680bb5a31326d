"""The verbs `train` and `evaluate`."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from domain.errors import CaliperError

_CONFIGS = Path(__file__).with_name("configs")


def run(argv: list[str]) -> int:
    """Run a verb; 0 all well, 1 some inputs failed, 2 wrong use."""
    arguments = _parser().parse_args(argv)
    try:
        return _train(arguments)
    except CaliperError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py")
    verbs = parser.add_subparsers(dest="verb", required=True)
    train = verbs.add_parser("train", help="train a network")
    train.add_argument("task", choices=["vertebrae"])
    train.add_argument("--data", type=Path, required=True)
    train.add_argument("--out", type=Path, required=True)
    train.add_argument("--config", type=Path, default=_CONFIGS / "vertebrae-column.json")
    train.add_argument("--init", type=Path, help="weights to go on from")
    train.add_argument("--limit", type=int, help="use the first films alone")
    train.add_argument("--steps", type=int, help="a shorter run")
    train.add_argument("--seed", type=int)
    return parser


def _train(arguments: argparse.Namespace) -> int:
    from training.vertebrae import Places, RunConfig, run as train, shortened

    config = shortened(RunConfig.read(arguments.config), steps=arguments.steps)
    if arguments.seed is not None:
        config = replace(config, seed=arguments.seed)
    places = Places(arguments.data, arguments.out, arguments.init, arguments.limit)
    print(train(config, places))
    return 0

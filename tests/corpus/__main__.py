"""`python -m tests.corpus [--seed N] [--damaged N]`: the corpus and more through the decoder.

Prints what was tried and the longest it took; names what did not go as it must, and exits with 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.corpus.mutations import damaged
from tests.corpus.opens import must_open
from tests.corpus.refuses import must_refuse
from tests.corpus.trial import LONGEST_S, Outcome, faults_of_good, tried


def main() -> int:
    """Run it; 0 where all is as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus")
    parser.add_argument("--seed", type=int, default=0, help="of the pixels in both lists")
    parser.add_argument(
        "--damaged", type=int, default=0, metavar="N", help="files damaged at random"
    )
    parser.add_argument("--first", type=int, default=0, help="seed of the first damaged file")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        faults = _good(folder, seed=told.seed) + _bad(folder, seed=told.seed)
        faults += _damaged(folder, range(told.first, told.first + told.damaged))
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


def _good(folder: Path, *, seed: int) -> list[str]:
    goods = must_open(seed)
    outcomes = list(tried([(good.name, good.content) for good in goods], folder=folder))
    _say("must open", outcomes)
    faults = [
        f"{good.name}: {fault}"
        for good, outcome in zip(goods, outcomes, strict=True)
        for fault in faults_of_good(good, outcome)
    ]
    return faults + _slow(outcomes)


def _bad(folder: Path, *, seed: int) -> list[str]:
    bads = must_refuse(seed)
    outcomes = list(tried([(bad.name, bad.content) for bad in bads], folder=folder))
    _say("must be refused", outcomes)
    opened = [f"{outcome.name}: it opened" for outcome in outcomes if outcome.study is not None]
    return opened + _slow(outcomes) + _crashed(outcomes)


def _damaged(folder: Path, seeds: range) -> list[str]:
    outcomes = list(tried(damaged(seeds), folder=folder))
    _say("damaged at random", outcomes)
    return _slow(outcomes) + _crashed(outcomes)


def _slow(outcomes: list[Outcome]) -> list[str]:
    slow = [outcome for outcome in outcomes if outcome.seconds > LONGEST_S]
    return [f"{outcome.name}: {outcome.seconds:.1f} s" for outcome in slow]


def _crashed(outcomes: list[Outcome]) -> list[str]:
    return [f"{out.name}: {out.refusal}" for out in outcomes if "crashed" in out.refusal]


def _say(what: str, outcomes: list[Outcome]) -> None:
    opened = sum(outcome.study is not None for outcome in outcomes)
    longest = max(outcomes, key=lambda outcome: outcome.seconds, default=None)
    at_most = f", at most {longest.seconds:.2f} s ({longest.name})" if longest else ""
    lost = sum(outcome.lost for outcome in outcomes)
    sys.stdout.write(
        f"{what}: {len(outcomes)} files, {opened} opened, "
        f"{len(outcomes) - opened} refused, {lost} cost their reader{at_most}\n"
    )


if __name__ == "__main__":
    sys.exit(main())

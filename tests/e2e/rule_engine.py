"""An engine process that answers vertebrae questions by a rule, after a set delay; no torch."""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


from domain.vertebrae import VertebraeFindings
from inference.bench import Bench
from inference.contracts import Report, Request
from inference.engine import serve
from inference.serving import Limits, Trade
from tests.fake_engine import Device, Entry, Network
from tests.rule import findings_by_rule

DEADLY = [6, 0, 6, 0, 6, 0, 6, 0]


def rule_engine_command(
    *, seconds: float, pixel_bytes: int = Limits().pixel_bytes
) -> tuple[str, ...]:
    """How to start it."""
    options = ("--seconds", str(seconds), "--pixel-bytes", str(pixel_bytes))
    return (sys.executable, str(Path(__file__).resolve()), *options)


@dataclass(frozen=True)
class ByRule:
    """A pipeline that needs only the hints; a film that begins with `DEADLY` kills its engine."""

    seconds: float

    def run(self, request: Request, report: Report, bench: Bench) -> VertebraeFindings:
        """The rule, after the delay."""
        bench.network(request.weights_id)
        if bench.pixels(request.images[0])[0, : len(DEADLY)].tolist() == DEADLY:
            os._exit(9)
        report(0, 1, "following the rule")
        time.sleep(self.seconds)
        return findings_by_rule(request)


def main() -> int:
    """Serve until the pipe closes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--pixel-bytes", type=int, default=Limits().pixel_bytes)
    options = parser.parse_args()
    trade = Trade(
        pipelines={"vertebrae": lambda: ByRule(options.seconds)},
        open_device=Device,
        load=lambda weights_id, _: Network(None, Entry(sha256(weights_id.encode()).hexdigest())),
        limits=Limits(pixel_bytes=options.pixel_bytes),
    )
    return serve(trade)


if __name__ == "__main__":
    sys.exit(main())

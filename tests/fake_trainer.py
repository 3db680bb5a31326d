"""Stands in for `main.py train|evaluate`: says what it is told to, and minds its stdin."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path


def say(event: str, **values: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **values}) + "\n")
    sys.stdout.flush()


def train(out: Path, *, steps: int, seconds: float) -> int:
    unwanted = threading.Event()

    def listen() -> None:
        while os.read(0, 64):
            unwanted.set()
        unwanted.set()
        time.sleep(5)
        os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    out.mkdir(parents=True, exist_ok=True)
    kept = out / "checkpoint.pt"
    step = int(kept.read_text()) if kept.is_file() else 0
    say("begin", step=step, of=steps, films=3, kept=1)
    log = (out / "log.jsonl").open("a")
    while step < steps:
        if unwanted.is_set():
            kept.write_text(str(step))
            say("stopped", step=step)
            return 1
        step += 1
        time.sleep(seconds)
        say("step", step=step, of=steps, seconds_left=seconds * (steps - step))
        told = {"step": step, "heat": 6 / step, "l1": 3 / step}
        log.write(json.dumps({"event": "losses", **told}) + "\n")
        log.flush()
        say("losses", **told)
        if step % 5 == 0:
            say("check", step=step, mre_px=60 / step, mre_px_median=40 / step)
    kept.write_text(str(step))
    say("done", weights=str(out / "vertebrae-column.safetensors"))
    return 0


def evaluate(data: Path, out: Path) -> int:
    films = sorted(data.glob("*.png"))
    say("begin", step=0, of=len(films))
    for done, _ in enumerate(films, start=1):
        say("step", step=done, of=len(films), seconds_left=0.0)
    figure = {"value": 12.34, "low": 10.0, "high": 15.5, "n": len(films)}
    names = [f"{name}.{n}" for n in (0, 1, 5, 10) for name in ("mre_px", "mre_px_median")]
    say("figures", metrics=dict.fromkeys(names, figure), failed=[], left=0)
    worst = [{"film": str(f), "picture": str(f), "words": f"{f.stem} px"} for f in films]
    say("worst", films=worst)
    say("done", report=str(out))
    return 0


def main(argv: list[str]) -> int:
    told = dict(zip(argv[2::2], argv[3::2], strict=False))
    out = Path(told["--out"])
    data = Path(told.get("--data", out))
    sys.stderr.write("a line for the details\n")
    sys.stderr.flush()
    if (data / "refuse").exists():
        why = "2 of 3 rows (a.png, b.png) have left and right exchanged."
        lines = [f"{name}: left and right exchanged" for name in ("a.png", "b.png")]
        say("trouble", what="These films cannot be learnt from.", why=why, remedy="", lines=lines)
        return 2
    if (data / "crash").exists():
        sys.stderr.write("MemoryError: too much\n")
        return 1
    if argv[:2] == ["evaluate", "implant"]:
        figure = {"value": 0.9, "low": 0.8, "high": 0.95, "n": 3}
        say("figures", metrics={"auroc_study": figure}, failed=[], left=0)
        say("done", report=str(out))
        return 0
    if argv[0] == "evaluate":
        return evaluate(data, out)
    if argv[0] == "fine-tune":
        say("done", what="The new weights are kept. 30.1 px before, 28.0 px now.", kept="mine-1")
        return 0
    return train(out, steps=int(told.get("--steps", 20)), seconds=float(os.environ["FAKE_S"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

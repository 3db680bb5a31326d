"""What `main.py engine` runs: a process that becomes an engine, and what Caliper's engine knows."""

from __future__ import annotations

import argparse
import ctypes
import faulthandler
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from inference.bench import LoadedNetwork
from inference.manifest import catalogue, shipped_folder
from inference.serving import Device, Engine, Limits, Pipeline, Trade
from inference.wire import Wire

NICENESS = 10
OOM_SCORE = 500


def take_over_pipes() -> Wire:
    """Keep standard input and output for messages; whatever prints goes to standard error."""
    reader = os.fdopen(os.dup(0), "rb")
    writer = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return Wire(reader, writer)


def settle_process() -> None:
    """Behind the window in priority, deaf to Ctrl-C (the pipe tells when to end), gone with it."""
    faulthandler.enable(file=2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(NICENESS)
    if sys.platform == "linux":
        _die_with_parent()
        _die_before_the_window()


def _die_with_parent() -> None:
    """Have the kernel end us with the worker's thread, even while one call holds Python's lock.

    Elsewhere, and where the C library has no prctl, the listening thread alone sees to it.
    """
    set_parent_death_signal = 1  # PR_SET_PDEATHSIG
    try:
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL, 0, 0, 0)
    except (OSError, AttributeError):
        return


def _die_before_the_window() -> None:
    """Where memory runs out the kernel ends the engine, which is started again, not the window."""
    with suppress(OSError):  # some containers do not let it be said
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE))


def serve(trade: Trade) -> int:
    """Be an engine on this process's standard pipes, with whatever trade it has."""
    wire = take_over_pipes()
    settle_process()
    return Engine(wire, trade=trade).serve()


def _vertebrae() -> Pipeline:
    from inference.pipelines import vertebrae

    return vertebrae


def _implant() -> Pipeline:
    from inference.pipelines import implant

    return implant


PIPELINES: Mapping[str, Callable[[], Pipeline]] = {"vertebrae": _vertebrae, "implant": _implant}


def run(argv: list[str]) -> int:
    """The engine verb: options in, requests through the standard pipes."""
    options = _parser().parse_args(argv)
    if options.threads:
        # Before torch is there: some of its libraries look only once.
        os.environ["OMP_NUM_THREADS"] = str(options.threads)
    trade = Trade(
        pipelines=PIPELINES,
        open_device=partial(_open_device, options.device, threads=options.threads),
        load=partial(_load, folders=(shipped_folder(), *options.weights)),
        limits=Limits(
            pixel_bytes=options.pixels_mib * 2**20, cache_bytes=options.cache_mib * 2**20
        ),
    )
    return serve(trade)


def _open_device(choice: str, *, threads: int) -> Device:
    import torch

    from inference.device import pick_device

    if threads:
        torch.set_num_threads(threads)
    torch.set_flush_denormal(True)  # the far ends of heat-maps are full of them, and they are slow
    return pick_device(choice)


def _load(weights_id: str, device: Device, *, folders: Sequence[Path]) -> LoadedNetwork:
    """The manifests are read again each time: weights may have been imported meanwhile."""
    entry = catalogue(folders).find(weights_id)

    from inference.loader import load
    from models.folding import fold_batch_norms

    loaded = load(entry, device=device)
    fold_batch_norms(loaded.module)
    return loaded


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="main.py engine", description="Started by Caliper's worker; not for people."
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--threads", type=_count, default=0, help="0: what torch finds best")
    parser.add_argument(
        "--weights",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="a folder of weights beside those that ship; may be given again",
    )
    parser.add_argument("--pixels-mib", type=_count, default=512, help="images kept")
    parser.add_argument("--cache-mib", type=_count, default=512, help="features kept")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number

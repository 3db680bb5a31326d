"""The verbs `train` and `evaluate` for dental studies."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from domain.folders import make_results_folder
from domain.provenance import Mode
from training.data.panoramics import Opens
from training.settings import changed, read_settings, told
from training.watched import Watcher


def train(arguments: argparse.Namespace, config: Path, *, opens: Opens, watcher: Watcher) -> Path:
    """Train, and return the weights' file.

    Args:
        config: a YAML or JSON file of settings.
    """
    from training.implant import ImplantRun, Places, run

    settings = changed(ImplantRun(), read_settings(config))
    for text in arguments.set:
        settings = changed(settings, told(text))
    seed = settings.seed if arguments.seed is None else arguments.seed
    places = Places(
        arguments.data,
        arguments.out,
        init=arguments.init,
        limit=arguments.limit,
        device=arguments.device,
        opens=opens,
        watcher=watcher,
    )
    make_results_folder(arguments.out)
    return run(replace(settings, seed=seed, steps=arguments.steps or settings.steps), places)


def evaluate(
    arguments: argparse.Namespace, imported: Sequence[Path], *, opens: Opens, watcher: Watcher
) -> int:
    """Measure; 0 all well, 1 some inputs failed. The figures are in metrics.json."""
    from training.implant_evaluation import Evaluation
    from training.implant_evaluation import evaluate as measure
    from training.implant_predictor import load_healer
    from training.memory import reuse_memory

    reuse_memory()
    mode = Mode(arguments.mode) if arguments.mode else None
    healer = load_healer(
        arguments.weights, device=arguments.device, mode=mode, folders=tuple(imported)
    )
    options = healer.options
    for text in arguments.set:
        options = changed(options, told(text))
    said = f"level {options.level}, {options.steps} steps, {options.seeds} seeds"
    sys.stderr.write(f"evaluating {healer.name}, {healer.mode.value}, {said}\n")
    task = Evaluation(
        arguments.data,
        arguments.out,
        limit=arguments.limit,
        seed=arguments.seed or 0,
        opens=opens,
        watcher=watcher,
    )
    outcome = measure(task, replace(healer, options=options, seed=arguments.seed or 0))
    for failed in outcome.failed:
        sys.stderr.write(f"failed: {failed}\n")
    watcher.tell("done" if not outcome.left else "stopped", report=str(arguments.out.absolute()))
    return 0 if outcome.is_whole else 1


def figures(out: Path) -> dict[str, dict[str, float]]:
    """What an evaluation wrote."""
    said: dict[str, dict[str, float]] = json.loads((out / "metrics.json").read_text("utf-8"))
    return said

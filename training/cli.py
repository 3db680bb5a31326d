"""The verbs `train`, `evaluate` and `fine-tune`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from domain.errors import CaliperError, WrongUse
from domain.folders import make_results_folder
from domain.image import Study
from domain.provenance import Mode
from training.data.aasce import HALVES, UnfitFilms
from training.data.checked import require_trainable
from training.data.panoramics import Opens, open_picture
from training.settings import changed, told
from training.watched import NOBODY, Pipe, Watcher

if TYPE_CHECKING:
    from training.published.config import PublishedRun
    from training.vertebrae import RunConfig
    from training.vertebrae_refiner import RefinerRun

Gather = Callable[[Path, Callable[[int, int], None]], tuple[Path, Sequence[str]]]
Run = TypeVar("Run", bound="RunConfig | RefinerRun | PublishedRun")
_CONFIGS = Path(__file__).with_name("configs")
_USUAL = {"column": "column", "refiner": "refiner", "published": "unet-ikem"}  # stage -> config


def run(
    argv: list[str],
    *,
    imported: Sequence[Path] = (),
    gather: Gather | None = None,
    reads: Callable[[Path], Study] | None = None,
) -> int:
    """Run a verb; 0 all well, 1 some inputs failed, 2 wrong use.

    Args:
        imported: folders of weights beside those that ship; what is learnt here goes to the first.
        gather: writes a person's accepted cases into a folder, telling how many are read of how
            many; the file of their split, and which cases stay behind.
        reads: a dental study of whatever kind; without, still pictures alone.
    """
    arguments = _parser().parse_args(argv)
    watcher = Pipe() if arguments.progress else NOBODY
    try:
        if arguments.task == "implant":
            return _implant(arguments, imported, opens=_opening(reads), watcher=watcher)
        if arguments.verb == "train":
            return _train(arguments, watcher)
        if arguments.verb == "fine-tune":
            return _fine_tune(arguments, imported[0], gather=gather, watcher=watcher)
        return _evaluate(arguments, imported, watcher=watcher)
    except KeyboardInterrupt:  # what it had to say of that is said
        return 1
    except CaliperError as error:
        lines = error.lines if isinstance(error, UnfitFilms) else ()
        sys.stderr.write("\n  ".join([str(error), *lines]) + "\n")
        told = {"what": error.what, "why": error.why, "remedy": error.remedy}
        watcher.tell("trouble", **told, lines=lines)
        return 2 if isinstance(error, WrongUse) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py")
    verbs = parser.add_subparsers(dest="verb", required=True)
    train = verbs.add_parser("train", help="train a network; goes on where it was interrupted")
    train.add_argument(
        "--stage",
        choices=list(_USUAL),
        default="column",
        help="the column network, the close-ups that refine the one given by --init, "
        "or a published network by the published protocol",
    )
    train.add_argument(
        "--config", type=Path, help="a file, or a name in training/configs; the stage's own if none"
    )
    train.add_argument("--init", type=Path, help="weights to go on from; HRNet: ImageNet too")
    train.add_argument("--boxed", type=Path, help="films with boxes to learn from as well")
    evaluate = verbs.add_parser("evaluate", help="measure a network")
    evaluate.add_argument("--weights", help="id in the manifest, or a .safetensors file")
    evaluate.add_argument("--split", default="training", help="of the original AASCE tree")
    evaluate.add_argument("--part", choices=["training", "validation"], help="of our own split")
    evaluate.add_argument(
        "--half", choices=HALVES, help="of the validation people, or of boxed films"
    )
    evaluate.add_argument("--mode", choices=[mode.value for mode in Mode])
    evaluate.add_argument("--clicks", type=_count, default=10, help="of the simulated user")
    evaluate.add_argument("--json", action="store_true", help="figures on stdout as JSON")
    tune = verbs.add_parser(
        "fine-tune", help="learn from your own accepted cases; kept only if not worse"
    )
    tune.add_argument("--weights", help="id of the ColumnNet to start from; the one that ships")
    tune.add_argument("--config", type=Path, help="a file, or a name in training/configs")
    tune.add_argument("--least", type=_count, help="so many films are needed")
    for verb in (train, evaluate):
        verb.add_argument("--data", type=Path, required=True)
        verb.add_argument("--limit", type=_count, help="use the first films alone")
    for verb in (train, tune):
        verb.add_argument("--steps", type=int, help="a shorter run, for a trial")
    for verb in (train, evaluate, tune):
        verb.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a setting of --config; to measure implants, of how a study is healed",
        )
        tasks = ["vertebrae"] if verb is tune else ["vertebrae", "implant"]
        verb.add_argument("task", choices=tasks)
        verb.add_argument("--out", type=Path, required=True)
        verb.add_argument("--seed", type=int)
        verb.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
        verb.add_argument(
            "--progress",
            choices=["json"],
            help="for a program that started this one: a JSON object a line on stdout instead of "
            "the result; what it writes to stdin stops the run, which it may not leave alone",
        )
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        msg = f"{text} is no count"
        raise argparse.ArgumentTypeError(msg)
    return number


def _train(arguments: argparse.Namespace, watcher: Watcher) -> int:
    checked = require_trainable(arguments.data)
    left = [f"{name}: its corners contradict themselves" for name in checked.left_out]
    watcher.tell("checked", films=checked.films, lines=left)
    for line in left:
        sys.stderr.write(f"left out: {line}\n")

    from training.published.config import PublishedRun
    from training.vertebrae import Places, RunConfig
    from training.vertebrae import run as train
    from training.vertebrae_published import run as train_published
    from training.vertebrae_refiner import RefinerRun
    from training.vertebrae_refiner import run as refine

    path = _config(arguments, usual=_USUAL[arguments.stage])
    places = Places(
        arguments.data,
        arguments.out,
        init=arguments.init,
        limit=arguments.limit,
        device=arguments.device,
        boxed=arguments.boxed,
        watcher=watcher,
    )
    make_results_folder(arguments.out)
    if arguments.stage == "published":
        weights = train_published(_changed(PublishedRun.read(path), arguments), places)
    elif arguments.stage == "refiner":
        weights = refine(_changed(RefinerRun.read(path), arguments), places)
    else:
        weights = train(_changed(RunConfig.read(path), arguments), places)
    watcher.tell("done", weights=str(weights.absolute()))
    _print(str(weights), arguments)
    return 0


def _opening(reads: Callable[[Path], Study] | None) -> Opens:
    return open_picture if reads is None else lambda path: reads(path).image


def _implant(
    arguments: argparse.Namespace, imported: Sequence[Path], *, opens: Opens, watcher: Watcher
) -> int:
    from training import cli_implant

    if arguments.verb == "train":
        stage = "published" if arguments.stage == "published" else "implant"
        config = _config(arguments, usual=stage)
        weights = cli_implant.train(arguments, config, opens=opens, watcher=watcher)
        watcher.tell("done", weights=str(weights.absolute()))
        _print(str(weights), arguments)
        return 0
    code = cli_implant.evaluate(arguments, imported, opens=opens, watcher=watcher)
    metrics = cli_implant.figures(arguments.out)
    _print(json.dumps(metrics, indent=1) if arguments.json else _table(metrics), arguments)
    return code


def _fine_tune(
    arguments: argparse.Namespace,
    imported: Path,
    *,
    gather: Gather | None,
    watcher: Watcher,
) -> int:
    from inference.manifest import catalogue, shipped_folder
    from training.vertebrae import Places, RunConfig
    from training.vertebrae_fine_tune import LEAST_FILMS, FineTune, fine_tune

    manifest = catalogue((shipped_folder(), imported))
    wanted = arguments.weights
    parent = manifest.find(wanted) if wanted else manifest.default_for("vertebrae")
    config = _changed(RunConfig.read(_config(arguments, usual="fine-tune")), arguments)
    make_results_folder(arguments.out)
    cases = arguments.out / "cases"
    assert gather is not None

    def told_how_far(done: int, of: int) -> None:
        watcher.go_on()
        watcher.tick(stage="Reading case", step=done, of=of)

    split, left = gather(cases, told_how_far)
    watcher.tell("checked", lines=left)
    for line in left:
        sys.stderr.write(f"left out: {line}\n")
    least = LEAST_FILMS if arguments.least is None else arguments.least
    task = FineTune(cases, split, parent, imported, least=least)
    places = Places(cases, arguments.out, device=arguments.device, watcher=watcher)
    verdict = fine_tune(task, config, places)
    kept = "" if verdict.kept is None else verdict.kept.id
    watcher.tell("done", what=verdict.words, kept=kept)
    _print(verdict.words, arguments)
    return 0


def _config(arguments: argparse.Namespace, *, usual: str) -> Path:
    """The settings' file: named, or by its name among those that come with Caliper."""
    named: Path = arguments.config or Path(usual)
    starts, ends = (f"{arguments.task}-", ""), (".yaml", ".json")
    ours = (_CONFIGS / f"{start}{named}{end}" for start in starts for end in ends)
    return named if named.is_file() else next((path for path in ours if path.is_file()), named)


def _print(text: str, arguments: argparse.Namespace) -> None:
    """The result on stdout, unless a program reads there what happens."""
    if not arguments.progress:
        print(text)


def _changed(config: Run, arguments: argparse.Namespace) -> Run:
    for text in arguments.set:
        config = changed(config, told(text))
    seed = config.seed if arguments.seed is None else arguments.seed
    return replace(config, seed=seed, steps=arguments.steps or config.steps)


def _evaluate(arguments: argparse.Namespace, imported: Sequence[Path], *, watcher: Watcher) -> int:
    from training.vertebrae_evaluation import Evaluation, evaluate
    from training.vertebrae_predictor import load_predictor
    from training.vertebrae_protocol import Rules

    mode = Mode(arguments.mode) if arguments.mode else None
    found = load_predictor(
        arguments.weights, device=arguments.device, mode=mode, folders=tuple(imported)
    )
    sys.stderr.write(f"evaluating {found.name}, {found.mode.value}\n")
    rules = Rules(
        arguments.clicks, arguments.seed or 0, as_published=found.mode is Mode.AS_PUBLISHED
    )
    task = Evaluation(
        data=arguments.data,
        out=arguments.out,
        split=arguments.split,
        part=arguments.part,
        half=arguments.half,
        limit=arguments.limit,
        rules=rules,
        title=_title(arguments, found.name, mode=found.mode),
        watcher=watcher,
    )
    outcome = evaluate(task, found.predictor)
    text = (arguments.out / "metrics.json").read_text(encoding="utf-8")
    _print(text if arguments.json else _table(json.loads(text)), arguments)
    for failed in outcome.failed:
        sys.stderr.write(f"failed: {failed}\n")
    watcher.tell("done" if not outcome.left else "stopped", report=str(arguments.out.absolute()))
    return 0 if outcome.is_whole else 1


def _title(arguments: argparse.Namespace, name: str, *, mode: Mode) -> str:
    """What was measured, on which films."""
    said = [f"Vertebrae: {name}, {mode.value}"]
    for option in ("split", "part", "half", "limit", "clicks", "seed"):
        value = getattr(arguments, option)
        said += [] if value is None else [f"{option} {value}"]
    return ", ".join(said)


def _table(metrics: dict[str, dict[str, float]]) -> str:
    lines = [
        f"{name:26} {m['value']:9.3f}   [{m['low']:.3f}, {m['high']:.3f}]   n {m['n']}"
        for name, m in metrics.items()
    ]
    return "\n".join(lines)

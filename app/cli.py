"""The same tasks without a window and without Qt."""

from __future__ import annotations

import argparse
import json
import math
import queue
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.catalog import TASKS, task
from app.io.decoder import Decoder
from app.io.exporters.spec import VertebraeExport
from app.io.exporters.table import DEFAULT_FORMATS, EXPORTERS, exporter
from app.io.open import expand
from app.library.places import weights_folder
from app.places import engine_command, program_root
from app.spec import TaskSpec
from domain.annotation import Annotations, Hint
from domain.errors import CaliperError, NotForThisTask, WrongUse
from domain.image import Image
from domain.provenance import Mode
from domain.vertebrae import cobb_angles, corner_index, corner_name
from inference.contracts import EngineState, EngineStatus, Event, Failure, Lane, Progress, Response
from inference.manifest import WeightsEntry, catalogue
from inference.worker import Worker

ALL_WELL, SOME_FAILED, WRONG_USE = 0, 1, 2


@dataclass(frozen=True)
class Outcome:
    """What became of one input."""

    path: Path
    main_angle_deg: float | None = None
    error: CaliperError | None = None


def run(argv: Sequence[str]) -> int:
    """Run one verb; 0 all well, 1 some inputs failed, 2 wrong use."""
    arguments = _parser().parse_args(argv)
    try:
        verb: Callable[[argparse.Namespace], int] = arguments.verb
        return verb(arguments)
    except WrongUse as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except CaliperError as error:
        print(error, file=sys.stderr)
        return SOME_FAILED


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    analyse = verbs.add_parser("analyse", help="run a task on files")
    analyse.add_argument("task", choices=[spec.id for spec in TASKS])
    analyse.add_argument("inputs", nargs="+", type=Path, metavar="INPUT")
    analyse.add_argument("--out", type=Path, required=True, metavar="DIR")
    analyse.add_argument(
        "--hint",
        action="append",
        default=[],
        type=parse_hint,
        metavar="T7.TL=ROW,COLUMN",
        help="a corner you know, in original pixels; may be given again, in order",
    )
    analyse.add_argument(
        "--format",
        action="append",
        dest="formats",
        choices=[spec.name for spec in EXPORTERS],
        help=f"what to write; may be given again; {' and '.join(DEFAULT_FORMATS)} by default",
    )
    analyse.add_argument("--weights", metavar="ID")
    analyse.add_argument("--mode", choices=[mode.value for mode in Mode])
    analyse.add_argument("--device", default="auto")
    analyse.add_argument("--seed", type=int, default=0)
    analyse.add_argument("--json", action="store_true", help="print a summary for machines")
    analyse.set_defaults(verb=_analyse)
    return parser


def _analyse(arguments: argparse.Namespace) -> int:
    spec = task(arguments.task)
    installed = catalogue((program_root() / "weights", weights_folder()))
    chosen = arguments.weights
    entry = installed.find(chosen) if chosen else installed.default_for(spec.id)
    _make_folder(arguments.out)
    files = expand(arguments.inputs)
    if not files:
        raise WrongUse("None of the inputs can be read.", remedy="Name image files or folders.")
    analyst = Analyst(spec, entry=entry, arguments=arguments)
    outcomes: list[Outcome] = []
    try:
        for place, path in enumerate(files):
            outcomes.append(analyst.analyse(path, place=place, total=len(files)))
    except KeyboardInterrupt:
        left = [path.name for path in files[len(outcomes) :]]
        print(
            f"\nStopped; {len(left)} left, from {left[0]} on. Run it again with those to go on.",
            file=sys.stderr,
        )
    finally:
        analyst.close()
    _summarise(outcomes, as_json=arguments.json)
    is_whole = len(outcomes) == len(files) and not any(outcome.error for outcome in outcomes)
    return ALL_WELL if is_whole else SOME_FAILED


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUse(
            f"Results cannot be put into {folder}.",
            why=f"{error.strerror}.",
            remedy="Name a folder that exists or can be made.",
        ) from error


class Analyst:
    """Asks the engine about one file after another and writes what it answers."""

    def __init__(
        self, spec: TaskSpec, *, entry: WeightsEntry, arguments: argparse.Namespace
    ) -> None:
        self._spec, self._weights_id, self._arguments = spec, entry.id, arguments
        self._mode = Mode(arguments.mode) if arguments.mode else entry.mode
        self._events: queue.Queue[Event] = queue.Queue()
        self._names: set[str] = set()
        self._started = time.monotonic()
        command = engine_command(weights=weights_folder(), device=arguments.device)
        self._worker = Worker(command=command, on_event=self._events.put)
        self._worker.start()
        self._decoder = Decoder()

    def analyse(self, path: Path, *, place: int, total: int) -> Outcome:
        """One file in, its JSON and picture out; a failure is told, not raised."""
        self._tell(f"[{place + 1}/{total}] {path.name}{self._time_to_go(place, total)}")
        try:
            study = self._decoder.read(path)
            if study.pages > 1:
                self._tell(f"    It holds {study.pages} pictures; only the first is analysed.")
            decisions = self._ask(study.image)
            export = VertebraeExport(study.name, study.image, decisions, file=path.name)
            name = self._free_name(path.stem)
            for spec in map(exporter, self._arguments.formats or DEFAULT_FORMATS):
                file = spec.name if spec.is_folder else f"{name}.{self._spec.id}{spec.ending}"
                spec.write(export, self._arguments.out / file)
        except CaliperError as error:
            self._tell(f"    {error}")
            return Outcome(path, error=error)
        if decisions.points is None:
            return Outcome(path)
        corners = decisions.points.coordinates
        aspect = study.image.grid.aspect
        angles = cobb_angles(corners, image_rows=study.image.shape[0], aspect=aspect)
        return Outcome(path, main_angle_deg=angles.main.angle_deg)

    def close(self) -> None:
        """End the engine and the decoder."""
        self._decoder.close()
        self._worker.close()

    def _free_name(self, stem: str) -> str:
        """The stem, numbered where another input of this run had the same."""
        name, number = stem, 1
        while name in self._names:
            number += 1
            name = f"{stem}-{number}"
        self._names.add(name)
        return name

    def _ask(self, image: Image) -> Annotations:
        for hint in self._arguments.hint:
            _require_inside(hint, image)
        decisions = Annotations(
            image.sha256, rounds=tuple((hint,) for hint in self._arguments.hint)
        )
        request = self._spec.build_request(image, decisions, self._weights_id)
        request = replace(request, seed=self._arguments.seed, mode=self._mode)
        self._worker.submit("analyse", request, {image.sha256: image.pixels}, Lane.FINAL)
        while True:
            event = self._events.get()
            if isinstance(event, Response) and event.request_id == request.id:
                return self._spec.read_response(event, decisions)
            if isinstance(event, Failure) and event.request_id == request.id:
                raise event.error
            if isinstance(event, Progress):
                self._tell(f"    {event.stage}")
            if isinstance(event, EngineState) and event.status is EngineStatus.UNAVAILABLE:
                raise CaliperError("The engine does not start.", why=event.why)

    def _time_to_go(self, place: int, total: int) -> str:
        if place == 0:
            return ""
        seconds = (time.monotonic() - self._started) / place * (total - place)
        return f"  about {seconds:.0f} s to go"

    @staticmethod
    def _tell(text: str) -> None:
        print(text, file=sys.stderr, flush=True)


def _require_inside(hint: Hint, image: Image) -> None:
    rows, columns = image.shape
    if not (-0.5 <= hint.row <= rows - 0.5 and -0.5 <= hint.column <= columns - 0.5):
        told = f"{corner_name(hint.index)}={hint.row:g},{hint.column:g}"
        raise NotForThisTask(
            f"The hint {told} lies outside the film.",
            why=f"The film has {rows} rows and {columns} columns.",
            remedy="Give rows and columns in original pixels, row first.",
        )


def _summarise(outcomes: Sequence[Outcome], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "input": str(outcome.path),
                "main_angle_deg": outcome.main_angle_deg,
                "error": str(outcome.error) if outcome.error else None,
            }
            for outcome in outcomes
        ]
        print(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for outcome in outcomes:
        if outcome.error is not None:
            print(f"{outcome.path.name}\tFAILED\t{outcome.error}")
        elif outcome.main_angle_deg is not None:
            print(f"{outcome.path.name}\t{outcome.main_angle_deg:.1f}°")

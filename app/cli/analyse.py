"""`main.py analyse`: a task on files and folders; what is done is not done again."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.cli.analyst import Analyst, Question
from app.cli.desk import Desk
from app.cli.desks import DESKS
from app.cli.ledger import Ledger, Line, State, source_of
from app.cli.options import add_common_options
from app.cli.outputs import Outputs, is_output
from app.io.open import barren, expand, no_films
from app.library.places import weights_folder
from app.places import program_root
from domain.errors import CaliperError, WrongUse
from domain.folders import make_results_folder
from domain.image import Image, Study
from domain.provenance import Mode
from inference.manifest import catalogue

_DONE_BEFORE = "done before: same pixels, weights, mode, hints and seed"


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to a parser."""
    parser = verbs.add_parser("analyse", help="run a task on files and folders")
    tasks = parser.add_subparsers(required=True, metavar="TASK")
    for desk in DESKS:
        own = tasks.add_parser(desk.spec.id, help=desk.spec.verb.lower())
        names = [spec.name for spec in desk.formats]
        add_common_options(own, formats=names, usual=desk.default_formats)
        desk.add_options(own)
        own.set_defaults(verb=analyse, desk=desk)


def analyse(arguments: argparse.Namespace) -> bool:
    """Run a task on every file; whether all went well.

    Raises:
        WrongUse: nothing to read, or nowhere to write.
        WeightsMissing, WeightsCorrupt, WeightsIncompatible: the network is not there.
    """
    question = _question(arguments)
    make_results_folder(arguments.out)
    found = expand(arguments.inputs)
    empty = barren(arguments.inputs, found)
    if empty:
        _tell(str(no_films(empty)))
    files = [path for path in found if not is_output(path, arguments.out)]
    if not files:
        raise WrongUse("None of the inputs can be read.", remedy="Name image files or folders.")
    sources = [Source(path, _name_below(path, arguments.inputs)) for path in files]
    analyst = Analyst(question, device=arguments.device, tell=_tell)
    desk = question.desk
    outputs = Outputs(arguments.out, desk.spec.id, desk.chosen(arguments.formats))
    round_ = Round(question, analyst=analyst, outputs=outputs)
    try:
        for place, source in enumerate(sources):
            round_.do(source, place=place, total=len(sources))
    except KeyboardInterrupt:
        left = [source.name for source in sources[len(round_.lines) :]]
        _tell(
            f"\nStopped; {len(left)} left{', from ' + left[0] + ' on' if left else ''}. "
            "Run the same command again to go on: what is done is not done again."
        )
    finally:
        analyst.close()
        round_.ledger.tidy()
        desk.finish(arguments.out, round_.ledger.lines_of(desk.spec.id))
    if arguments.json:
        _summarise_for_machines(sources, round_.lines)
    else:
        _summarise(round_.lines, figure=desk.figure)
    is_whole = len(round_.lines) == len(sources)
    return is_whole and all(line.state is not State.FAILED for line in round_.lines)


@dataclass(frozen=True)
class Source:
    """A file to analyse, and its path below the folder that was named."""

    path: Path
    name: str


class Round:
    """One run over many files: each ends as done, failed or skipped, and is told and kept so."""

    def __init__(self, question: Question, *, analyst: Analyst, outputs: Outputs) -> None:
        self._question, self._analyst, self._outputs = question, analyst, outputs
        self._asked, self._started = 0, time.monotonic()
        self.ledger = Ledger(outputs.folder)
        self.lines: list[Line] = []

    def do(self, source: Source, *, place: int, total: int) -> None:
        """One file in, its results out; a failure is told, not raised."""
        _tell(f"[{place + 1}/{total}] {source.name}{self._time_to_go(total - place)}")
        started = time.monotonic()
        line = self._blank(source)
        try:
            study = self._analyst.read(source.path)
            if study.pages > 1:
                _tell(f"    It holds {study.pages} pictures; only the first is analysed.")
            line = self._placed(line, study.image, stem=source.path.stem)
            if line.state is not State.SKIPPED:
                self._asked += 1
                line = self._answered(line, study, file=source.path.name)
        except CaliperError as error:
            line = replace(line, state=State.FAILED, reason=str(error))
        if line.state is not State.SKIPPED:
            line = replace(line, seconds=round(time.monotonic() - started, 3))
        self.ledger.write(line)
        self.lines.append(line)
        _tell(f"    {_in_words(line, figure=self._question.desk.figure(line))}")

    def _blank(self, source: Source) -> Line:
        question = self._question
        return Line(
            file=source.name,
            source=source_of(source.path),
            task=question.desk.spec.id,
            state=State.FAILED,
            weights_id=question.weights.id,
            weights_sha256=question.weights.sha256,
            mode=question.mode.value,
            seed=question.seed,
        )

    def _placed(self, line: Line, image: Image, *, stem: str) -> Line:
        """The line with its question and the name of its results; skipped where all is there."""
        ledger, asked = self.ledger, self._question.about(image)
        earlier = ledger.earlier(
            task=line.task, file=line.file, source=line.source, pixels=image.sha256
        )
        output = earlier.output if earlier else ledger.free_name(stem, task=line.task)
        ledger.hold(output, task=line.task)
        wanted = self._outputs.formats
        line = replace(line, pixels_sha256=image.sha256, question=asked, output=output)
        if earlier is None or not earlier.has_result or earlier.question != asked:
            return replace(line, formats=",".join(sorted(wanted)))
        made = set(earlier.formats.split(","))
        if not wanted <= made or not self._outputs.are_there(output):
            return replace(line, formats=",".join(sorted(wanted | made)))
        return replace(
            earlier, file=line.file, source=line.source, state=State.SKIPPED, reason=_DONE_BEFORE
        )

    def _answered(self, line: Line, study: Study, *, file: str) -> Line:
        asked = self._question.asked
        answer = self._analyst.ask(study.image)
        export = asked.export(study, answer, file=file, seed=self._question.seed)
        self._outputs.write(export, name=line.output)
        line = asked.line(replace(line, state=State.DONE), study, answer.decisions)
        return replace(line, weights_sha256=answer.response.origin.weights_sha256)

    def _time_to_go(self, left: int) -> str:
        if not self._asked:
            return ""
        seconds = (time.monotonic() - self._started) / self._asked * left
        return f"  about {seconds:.0f} s to go"


def _question(arguments: argparse.Namespace) -> Question:
    desk: Desk = arguments.desk
    installed = catalogue((program_root() / "weights", weights_folder()))
    chosen = arguments.weights
    entry = installed.find(chosen) if chosen else installed.default_for(desk.spec.id)
    mode = Mode(arguments.mode) if arguments.mode else entry.mode
    return Question(desk, desk.ask(arguments, entry, mode), entry, mode, arguments.seed)


def _name_below(path: Path, inputs: Sequence[Path]) -> str:
    """The path below the first input that holds it, with forward slashes."""
    for given in inputs:
        folder = given.absolute()
        if path != folder and path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return path.name


def _in_words(line: Line, *, figure: str) -> str:
    if line.state is State.FAILED:
        return f"failed: {line.reason}"
    if line.state is State.SKIPPED:
        return f"skipped, {line.reason}"
    told = f", {figure}" if figure else ""
    doubts = f". {line.doubts}" if line.doubts else ""
    return f"done in {line.seconds:.1f} s{told}{doubts}"


def _summarise_for_machines(sources: Sequence[Source], lines: Sequence[Line]) -> None:
    """On stdout, all that is known."""
    rows = [
        {
            "input": str(source.path),
            "file": line.file,
            "state": line.state.value,
            "error": line.reason if line.state is State.FAILED else None,
            "main_angle_deg": line.main_angle_deg,
            "score": line.score,
            "p_value": line.p_value,
            "implants": line.implants,
            "doubts": line.doubts,
            "seconds": line.seconds,
            "output": line.output if line.state is not State.FAILED else None,
        }
        for source, line in zip(sources, lines, strict=False)
    ]
    _print(json.dumps(rows, indent=1, ensure_ascii=False))


def _summarise(lines: Sequence[Line], *, figure: Callable[[Line], str]) -> None:
    """On stdout, for people a line a file."""
    for line in lines:
        if line.state is State.FAILED:
            _print(f"{line.file}\tFAILED\t{line.reason}")
        elif told := figure(line):
            doubts = f"\t{line.doubts}" if line.doubts else ""
            _print(f"{line.file}\t{told}{doubts}")


def _print(text: str) -> None:
    """To stdout; names of files may hold bytes that are no text."""
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode() + "\n")


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()

"""The implant task on the command line."""

from __future__ import annotations

import argparse
import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from app.cli.desk import Answer, Desk
from app.cli.ledger import Line
from app.io.exporters.csv_tables import plain_cell
from app.io.exporters.implant_spec import ImplantExport, standing
from app.io.exporters.implant_table import IMPLANT_EXPORTERS
from app.io.writing import write_atomically
from app.tasks.implant.findings import decide
from app.tasks.implant.spec import SPEC
from domain.annotation import Annotations
from domain.image import Image, Study
from domain.implant import (
    LEVELS,
    ImplantDecisions,
    ImplantFindings,
    ImplantOptions,
    Sampler,
    Scoring,
)
from domain.implant_words import sentences
from domain.provenance import Mode
from inference.contracts import Response
from inference.manifest import WeightsEntry, calibrated_options

SCORES_NAME = "scores.csv"
_PUBLISHED = ImplantOptions(level=300, steps=150, sampler=Sampler.DDIM)


@dataclass(frozen=True)
class Studies:
    """Studies, and how each is healed and cut into regions.

    Args:
        scoring, threshold: None for the best that the answer allows.
    """

    options: ImplantOptions
    scoring: Scoring | None = None
    threshold: float | None = None

    @property
    def told(self) -> Mapping[str, object]:
        """All of it."""
        return {
            "options": asdict(self.options),
            "scoring": self.scoring,
            "threshold": self.threshold,
        }

    def decisions(self, image: Image) -> Annotations:
        """The options alone."""
        return Annotations(image.sha256, implants=ImplantDecisions(options=self.options))

    def answered(self, response: Response, decisions: Annotations) -> Annotations:
        """Regions and a score.

        Raises:
            WrongUse: the scoring needs healthy studies that these weights come without.
        """
        found = SPEC.read_response(response, decisions)
        if (self.scoring, self.threshold) == (None, None) or found.implants is None:
            return found
        scoring = self.scoring or found.implants.scoring
        decided = decide(response.findings, scoring=scoring, threshold=self.threshold)
        return replace(found, implants=decided)

    def export(self, study: Study, answer: Answer, *, file: str, seed: int) -> ImplantExport:
        """The study with its implants, and the healed frames."""
        found = answer.response.findings
        assert isinstance(found, ImplantFindings)
        return ImplantExport(
            study.name, study.image, answer.decisions, findings=found, file=file, seed=seed
        )

    def line(self, line: Line, study: Study, decisions: Annotations) -> Line:
        """With score, p-value and count, and what speaks against them."""
        decided = decisions.implants or ImplantDecisions()
        return replace(
            line,
            score=None if math.isnan(decided.score) else decided.score,
            p_value=None if math.isnan(decided.p_value) else decided.p_value,
            implants=len({region.implant for region in standing(decided)}),
            doubts=" ".join(sentences(decided.doubts)),
        )


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--level", type=_level, help=f"noise level (lambda) to heal from, of 1 … {LEVELS - 1}"
    )
    parser.add_argument("--steps", type=_positive, help="of the sampler")
    parser.add_argument("--sampler", choices=[sampler.value for sampler in Sampler])
    parser.add_argument("--seeds", type=_positive, help="how often a study is healed")
    parser.add_argument("--scoring", choices=[scoring.value for scoring in Scoring])
    parser.add_argument("--threshold", type=_finite, help="by the scoring's own measure")


def _ask(arguments: argparse.Namespace, weights: WeightsEntry, mode: Mode) -> Studies:
    """What nobody chose is as published, or as the weights' healthy studies were healed."""
    usual = calibrated_options(weights) or ImplantOptions()
    usual = _PUBLISHED if mode is Mode.AS_PUBLISHED else usual
    options = ImplantOptions(
        level=arguments.level or usual.level,
        steps=arguments.steps or usual.steps,
        sampler=Sampler(arguments.sampler or usual.sampler),
        seeds=arguments.seeds or usual.seeds,
    )
    scoring = Scoring(arguments.scoring) if arguments.scoring else None
    return Studies(options, scoring, arguments.threshold)


def _level(text: str) -> int:
    level = int(text)
    if not 1 <= level < LEVELS:
        message = f"there is no noise level {level}: they go from 1 to {LEVELS - 1}"
        raise argparse.ArgumentTypeError(message)
    return level


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is too few: 1 or more")
    return number


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text} is no threshold")
    return number


def _figure(line: Line) -> str:
    if line.implants is None:
        return ""
    told = [f"{line.implants} implant{'' if line.implants == 1 else 's'}"]
    told += [] if line.score is None else [f"score {line.score:.3g}"]
    return ", ".join(told + ([] if line.p_value is None else [f"p = {line.p_value:.3g}"]))


def _finish(folder: Path, lines: Sequence[Line]) -> None:
    """The original's table of scores: filename, score, label, and then ours."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["filename", "score", "label", "p_value", "implants", "seconds"])
    for line in lines:
        if line.has_result:
            cells = (line.file, line.score, None, line.p_value, line.implants, line.seconds)
            table.writerow([plain_cell(cell) for cell in cells])
    write_atomically(folder / SCORES_NAME, text.getvalue().encode("utf-8", "replace"))


DESK = Desk(
    SPEC,
    IMPLANT_EXPORTERS,
    ("json", "picture"),
    add_options=_add_options,
    ask=_ask,
    figure=_figure,
    finish=_finish,
)

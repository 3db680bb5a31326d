"""The vertebrae task on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.cli.desk import Answer, Desk
from app.cli.ledger import Line
from app.cli.options import parse_hint
from app.io.exporters.spec import VertebraeExport
from app.io.exporters.table import DEFAULT_FORMATS, EXPORTERS
from app.tasks.vertebrae.spec import SPEC
from domain.annotation import Annotations, Hint
from domain.doubting import sentences
from domain.errors import NotForThisTask
from domain.image import Image, Study
from domain.provenance import Mode
from domain.vertebrae import cobb_angles, corner_name
from inference.contracts import Response
from inference.manifest import WeightsEntry


@dataclass(frozen=True)
class HintedFilms:
    """Films, and corners that are known on each.

    Args:
        hints: in the order they were given; each is a round of its own.
    """

    hints: tuple[Hint, ...] = ()

    @property
    def told(self) -> Mapping[str, object]:
        """The hints."""
        return {"hints": [[hint.index, hint.row, hint.column] for hint in self.hints]}

    def decisions(self, image: Image) -> Annotations:
        """The hints as rounds.

        Raises:
            NotForThisTask: one lies outside the film.
        """
        for hint in self.hints:
            _require_inside(hint, image)
        return Annotations(image.sha256, rounds=tuple((hint,) for hint in self.hints))

    def answered(self, response: Response, decisions: Annotations) -> Annotations:
        """The corners found."""
        return SPEC.read_response(response, decisions)

    def export(self, study: Study, answer: Answer, *, file: str, seed: int) -> VertebraeExport:
        """The film with its corners."""
        return VertebraeExport(study.name, study.image, answer.decisions, file=file)

    def line(self, line: Line, study: Study, decisions: Annotations) -> Line:
        """With the main angle, and what speaks against the corners."""
        angle = _main_angle(study.image, decisions)
        return replace(line, main_angle_deg=angle, doubts=" ".join(sentences(decisions)))


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--hint",
        action="append",
        default=[],
        type=parse_hint,
        metavar="T7.TL=ROW,COLUMN",
        help="a corner you know, in original pixels; may be given again, in order",
    )


def _ask(arguments: argparse.Namespace, _weights: WeightsEntry, _mode: Mode) -> HintedFilms:
    return HintedFilms(tuple(arguments.hint))


def _figure(line: Line) -> str:
    return "" if line.main_angle_deg is None else f"{line.main_angle_deg:.1f}°"


def _main_angle(image: Image, decisions: Annotations) -> float | None:
    if decisions.points is None:
        return None
    as_published = decisions.origin is not None and decisions.origin.mode is Mode.AS_PUBLISHED
    angles = cobb_angles(
        decisions.points.coordinates,
        image_rows=image.shape[0],
        as_published=as_published,
        aspect=image.grid.aspect,
    )
    return angles.main.angle_deg


def _require_inside(hint: Hint, image: Image) -> None:
    rows, columns = image.shape
    if not (-0.5 <= hint.row <= rows - 0.5 and -0.5 <= hint.column <= columns - 0.5):
        told = f"{corner_name(hint.index)}={hint.row:g},{hint.column:g}"
        raise NotForThisTask(
            f"The hint {told} lies outside the film.",
            why=f"The film has {rows} rows and {columns} columns.",
            remedy="Give rows and columns in original pixels, row first.",
        )


DESK = Desk(
    SPEC,
    EXPORTERS,
    DEFAULT_FORMATS,
    add_options=_add_options,
    ask=_ask,
    figure=_figure,
)

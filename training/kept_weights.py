"""Weights that were learnt here, as an entry of a person's own with passport and card."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from inference.beside import fitted_bytes
from inference.entry import Metric as Listed
from inference.entry import Part, WeightsEntry, canonical_json
from inference.loader import read_metadata
from inference.manifest import MANIFEST_NAME, Manifest
from models.vertebrae.familiar import Familiar
from models.vertebrae.territory import Territory
from training.metrics import Metric
from training.vertebrae_predictor import beside_of

_SHOWN = ("mre_px", "mre_px_median", "mre_px_p90")


@dataclass(frozen=True)
class Lesson:
    """What was learnt from, and both networks on the frozen test set.

    Args:
        learnt: films.
        before, after: figures of the parent and of the new weights.
        change: by click, the new mean error less the old one, paired by film; below 0 is better.
    """

    learnt: int
    learnt_people: int
    tested_people: int
    before: Mapping[str, Metric]
    after: Mapping[str, Metric]
    change: Mapping[int, Metric]
    steps: int

    @property
    def tested(self) -> int:
        """Films that were measured on."""
        return self.before["mre_px.0"].n

    @property
    def words(self) -> str:
        """Both figures and their paired difference, in sentences."""
        return " ".join(
            f"After {click} clicks: {self.before[f'mre_px.{click}'].value:.1f} px before, "
            f"{self.after[f'mre_px.{click}'].value:.1f} px now, "
            f"change {_signed(change)} px on {change.n} films."
            for click, change in self.change.items()
        )


def keep_weights(
    weights: Path, parent: WeightsEntry, lesson: Lesson, *, folder: Path
) -> WeightsEntry:
    """Copy the file into the folder, write its card, and list it there."""
    folder.mkdir(parents=True, exist_ok=True)
    content = weights.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    name = f"vertebrae-mine-{sha256[:8]}"
    today = date.today().isoformat()
    entry = replace(
        parent,
        id=name,
        title=f"{parent.title}, fine-tuned here {today}",
        config_json=canonical_json(read_metadata(content)["config"]),
        parts=(Part(f"{name}.safetensors", len(content), sha256),),
        sha256=sha256,
        bytes=len(content),
        default=False,
        card=f"{name}.md",
        origin=f"Fine-tuned on this computer on {today} from {parent.id}, sha256 {parent.sha256}",
        training_data=f"{lesson.learnt} accepted films of {lesson.learnt_people} people of this "
        f"library; before that: {parent.training_data or 'unknown'}",
        metrics=_listed(lesson.after),
        folder=folder,
    )
    unfinished = folder / f"{name}.tmp"
    shutil.copyfile(weights, unfinished)
    unfinished.replace(entry.paths[0])
    entry = _knowing(entry, parent)
    (folder / entry.card).write_text(_card(entry, parent, lesson), encoding="utf-8")
    listing = folder / MANIFEST_NAME
    Manifest.read(listing).with_entry(entry).write(listing)
    return entry


def _knowing(entry: WeightsEntry, parent: WeightsEntry) -> WeightsEntry:
    """The entry with what its parent knows of pictures, written beside its own weights."""
    familiar, territory = beside_of(parent)
    if familiar is not None:
        entry = replace(entry, familiar=_written(familiar, entry, kind="familiar"))
    if parent.scout is not None and territory is not None:
        part = _written(territory, entry, kind="territory")
        entry = replace(entry, scout=replace(parent.scout, territory=part))
    return entry


def _written(fitted: Familiar | Territory, entry: WeightsEntry, *, kind: str) -> Part:
    content = fitted_bytes(fitted, weights_sha256=entry.sha256)
    sha256 = hashlib.sha256(content).hexdigest()
    part = Part(f"{entry.id}.{kind}.safetensors", len(content), sha256)
    (entry.folder / part.file).write_bytes(content)
    return part


def _listed(metrics: Mapping[str, Metric]) -> tuple[Listed, ...]:
    return tuple(Listed(name, m.value, m.low, m.high, m.n) for name, m in sorted(metrics.items()))


def _card(entry: WeightsEntry, parent: WeightsEntry, lesson: Lesson) -> str:
    names = [f"{name}.{click}" for click in lesson.change for name in _SHOWN]
    rows = "\n".join(
        f"| {name} | {_interval(lesson.before[name])} | {_interval(lesson.after[name])} |"
        for name in names
    )
    changes = "\n".join(
        f"- after {click} clicks: {_signed(change)} px, paired by film, by person"
        for click, change in lesson.change.items()
    )
    return f"""# {entry.title}

Learnt on this computer, {lesson.steps} steps with a small rate, from {parent.id}
(sha256 `{parent.sha256}`). Close-ups are those of the parent, and so are the network that looks
first, if there is one, and what tells which pictures are unlike those learnt from.

## Data

{lesson.learnt} accepted films of {lesson.learnt_people} people were learnt from; {lesson.tested}
films of {lesson.tested_people} other people are the frozen test set, which is never learnt from.

## Measured

On the frozen test set, pixels, with 95 % intervals by person:

| figure | {parent.id} | these weights |
|---|---|---|
{rows}

Change:

{changes}

## Limits

- One library taught it and measured it: on films of other places nobody knows.
- The corners were placed by a person with the parent's help, so that they lean towards it.
- {lesson.tested} films are few: look at the intervals.
- What tells unlike pictures was fitted to the parent and is not measured anew.
"""


def _interval(metric: Metric) -> str:
    return f"{metric.value:.1f} [{metric.low:.1f}, {metric.high:.1f}]"


def _signed(metric: Metric) -> str:
    return f"{metric.value:+.1f} [{metric.low:+.1f}, {metric.high:+.1f}]"

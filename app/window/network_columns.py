"""What is said of a network where several stand side by side."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from pathlib import Path

from app.library.measured import Measured
from app.widgets.network_cards import NetworkColumn
from domain.provenance import Mode
from inference.manifest import Metric, WeightsEntry, WeightsState, quick_state

UNKNOWN = "unknown"
NOT_MEASURED = "not yet: Model › Train and evaluate…"
KINDS = {
    "column_net": "ColumnNet (ours): attention over the whole column, with close-ups",
    "unet_ikem": "UNet-IKEM (published)",
    "hrnet_ocr": "HRNet-W32 + OCR-IKEM (published)",
    "space_time_unet": "Space-time U-Net (published)",
}
PARENT = "MIKE (published), the parent of HRNet-W32 + OCR-IKEM"
PUBLISHED = ("unet_ikem", "hrnet_ocr", "space_time_unet")
STATES = {
    WeightsState.MISSING: "Its file is not there.",
    WeightsState.CORRUPT: "Its file is damaged.",
    WeightsState.TOO_NEW: "It needs a newer Caliper.",
}
FIGURES = (
    ("before any click", "mre_px.0", "px"),
    ("… median", "mre_px_median.0", "px"),
    ("… 90th percentile", "mre_px_p90.0", "px"),
    ("after 1 click", "mre_px.1", "px"),
    ("after 5 clicks", "mre_px.5", "px"),
    ("after 10 clicks", "mre_px.10", "px"),
    ("main Cobb angle", "cobb_main_mae_deg", "°"),
    ("study AUROC", "auroc_study", ""),
    ("… of matched controls", "auroc_matched", ""),
    ("AUPRC of pixels", "pixel_auprc", ""),
    ("implants miscounted", "count_error", "a study"),
)
DECIMALS = {"auroc_study": 2, "auroc_matched": 2, "pixel_auprc": 2}
TITLES = (
    "Kind", "Mode", "Weights", "Error, mean with 95 % interval", "Measured here", "Training data",
    "Intended use", "Limits", "Licence", "Source", "Size on disk", "sha256",
)  # fmt: skip
_AASCE = "AASCE 2019 (SpineWeb data set 16), the published split"
_SOURCE = "its authors' paper and code; the weights are theirs to give"
_THEIRS = "on 128 test films, 16 of them other crops of training films; as its authors say"
_NOT_HERE = "Its weights are not here: bring them in, or train it."


@dataclass(frozen=True)
class Absent:
    """A network of others, as it is known before its weights are there.

    Args:
        weights: how many, and what an answer takes.
        figures: as published.
    """

    task: str
    architecture: str
    title: str
    weights: str
    figures: str


ABSENT = (
    Absent(
        "vertebrae",
        "unet_ikem",
        "UNet-IKEM",
        "32.6 million, 10.7 billion multiply-adds",
        f"before any click: 59.5 px\nafter 1 click: 38.3 px\nafter 5 clicks: 17.5 px\n"
        f"after 10 clicks: 14.1 px\n{_THEIRS}\nby its recipe on our 97 films: "
        "45.6, 33.7, 19.4, 14.5 px",
    ),
    Absent(
        "vertebrae",
        "hrnet_ocr",
        "HRNet-W32 + OCR-IKEM",
        "32.9 million, 38.4 billion multiply-adds",
        f"before any click: 63.2 px\nafter 1 click: 43.0 px\nafter 5 clicks: 25.3 px\n"
        f"after 10 clicks: 22.3 px\n{_THEIRS}",
    ),
)


def columns_of(
    entries: Sequence[WeightsEntry], *, task: str, used: str | None, measured: Sequence[Measured]
) -> list[NetworkColumn]:
    """Those at hand, and those of others that could be."""
    here = [
        column_of(
            entry,
            is_used=entry.id == used,
            measured=[one for one in measured if one.sha256 == entry.sha256],
        )
        for entry in entries
    ]
    kinds = {entry.architecture for entry in entries}
    gone = [one for one in ABSENT if one.task == task and one.architecture not in kinds]
    return here + [_absent(one) for one in gone]


def _absent(network: Absent) -> NetworkColumn:
    told = {
        "Kind": KINDS[network.architecture],
        "Mode": "as published, or corrected",
        "Weights": network.weights,
        TITLES[3]: network.figures,
        "Training data": _AASCE,
        "Source": _SOURCE,
    }
    lines = tuple(told.get(title, "–") for title in TITLES)
    return NetworkColumn("", network.title, lines, (), why_not=_NOT_HERE)


def column_of(
    entry: WeightsEntry, *, is_used: bool = False, measured: Iterable[Measured] = ()
) -> NetworkColumn:
    """What is said of a network; what nobody told is unknown."""
    passport = dict(entry.passport)
    modes = [entry.mode]
    if entry.architecture in PUBLISHED:
        modes += [mode for mode in Mode if mode is not entry.mode]
    count = parameters(entry.paths[0]) if entry.parts else None
    lines = (
        kind_of(entry),
        entry.mode.value.replace("_", " "),
        f"{count / 1e6:.1f} million" if count else UNKNOWN,
        _figures(entry.metrics) or f"{UNKNOWN}: its card has no figures",
        "\n\n".join(_measured(one) for one in measured) or NOT_MEASURED,
        passport["Training data"],
        passport["Intended use"],
        _limits(entry),
        passport["Licence"],
        passport["Source"],
        f"{entry.bytes / 2**20:.1f} MiB" if entry.bytes else UNKNOWN,
        f"{entry.sha256[:16]}…" if entry.sha256 else UNKNOWN,
    )
    title = f"{entry.title} {entry.version}".strip()
    why_not = STATES.get(quick_state(entry), "")
    said = tuple(mode.value for mode in modes)
    return NetworkColumn(entry.id, title, lines, said, is_used=is_used, why_not=why_not)


def kind_of(entry: WeightsEntry) -> str:
    """What family it is of, in words."""
    if entry.architecture == "hrnet_ocr" and entry.config.get("parent"):
        return PARENT
    return KINDS.get(entry.architecture, entry.architecture or UNKNOWN)


def parameters(path: Path) -> int | None:
    """How many numbers a safetensors file holds, by its header; None where that cannot be read."""
    with suppress(OSError, struct.error, ValueError, KeyError, TypeError, AttributeError):
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(min(length, 2**24)))
        tensors = [value for name, value in header.items() if name != "__metadata__"]
        return sum(int(prod(tensor["shape"])) for tensor in tensors)
    return None


def _figures(metrics: Sequence[Metric]) -> str:
    """One line each."""
    by_name = {metric.name: metric for metric in metrics}
    told = [
        f"{words}: {_interval(by_name[name], DECIMALS.get(name, 1))} {unit}".rstrip()
        for words, name, unit in FIGURES
        if name in by_name
    ]
    firsts = ("mre_px.0", "auroc_study")
    counts = {metric.n for name, metric in by_name.items() if name in firsts and metric.n}
    told += [f"on {count} films" for count in counts]
    return "\n".join(told)


def _measured(one: Measured) -> str:
    mode = f", {one.mode.replace('_', ' ')}" if one.mode else ""
    return f"{_figures(one.figures)}\n{one.films}{mode}, {one.day}"


def _interval(metric: Metric, decimals: int) -> str:
    numbers = [metric.value, metric.low, metric.high]
    value, low, high = ("" if n is None else f"{n:.{decimals}f}" for n in numbers)
    return f"{value} [{low}, {high}]" if low and high else value


def _limits(entry: WeightsEntry) -> str:
    """The section of its card that says where it fails."""
    card = entry.card_path
    with suppress(OSError, UnicodeDecodeError):
        text = card.read_text(encoding="utf-8") if card is not None else ""
        found = re.search(r"^## Limits\s*\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        if found:
            plain = re.sub(r"\n(?!- )\s*", " ", found.group(1).strip())
            return plain.replace("`", "")
    return UNKNOWN

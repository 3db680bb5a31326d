"""Which networks are at hand, side by side, and which of them is asked."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, Slot
from PySide6.QtWidgets import QFileDialog

from app.places import own_command
from app.widgets.network_cards import NetworkCards, NetworkColumn
from domain.errors import CaliperError
from domain.provenance import Mode
from inference.manifest import Manifest, Metric, WeightsEntry, WeightsState, quick_state

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

UNKNOWN = "unknown"
KINDS = {
    "column_net": "ColumnNet (ours): attention over the whole column, with close-ups",
    "unet_ikem": "UNet-IKEM (published)",
    "hrnet_ocr": "HRNet-W32 + OCR-IKEM (published), or MIKE, its parent",
    "space_time_unet": "Space-time U-Net (published)",
}
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
    "Kind", "Mode", "Weights", "Error, mean with 95 % interval", "Training data", "Intended use",
    "Limits", "Licence", "Source", "Size on disk", "sha256",
)  # fmt: skip
FILES = "Weights (*.safetensors *.pt *.pth);;All files (*)"


class Networks(QObject):
    """The list of weights, kept up to date, and the dialog that compares them.

    Args:
        read: lists the weights.
    """

    def __init__(self, window: MainWindow, *, read: Callable[[], Manifest]) -> None:
        super().__init__(window)
        self._window, self._read = window, read
        self.command: Callable[..., Sequence[str]] = own_command
        self._bringing: QProcess | None = None
        window.ended.connect(self.close)

    def reload(self) -> None:
        """List the weights again: others may have come."""
        try:
            self._window.catalogue = self._read()
        except CaliperError as error:
            self._window.show_trouble(error)
            return
        self._window.task_panels.offer(self._window.catalogue)

    def show(self) -> NetworkCards:
        """Compare them."""
        self.reload()
        task = self._window.session.task
        used, _ = self._window.asking.weights_of(task)
        entries = self._window.catalogue.entries_for(task)
        columns = [column_of(entry, is_used=entry.id == used) for entry in entries]
        dialog = NetworkCards(self._window, TITLES, columns)
        dialog.chosen.connect(self.use)
        dialog.more_asked.connect(self.choose_file)
        dialog.show()
        return dialog

    @Slot()
    def choose_file(self) -> None:
        """Ask for a file of weights, as UNet-IKEM or HRNet-W32 + OCR-IKEM come, and bring it in."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Bring weights in", "", FILES)
        if name:
            self.bring_in(Path(name))

    def bring_in(self, file: Path) -> None:
        """Convert a file in the locked-down process and list it; the window stays free."""
        if self._bringing is not None:
            self._window.say("Weights are being brought in.", "Wait until that is done.")
            return
        program, *arguments = self.command("weights", "import", str(file))
        process = QProcess(self)
        process.finished.connect(self._end)
        process.errorOccurred.connect(self._end)
        self._bringing = process
        process.start(program, arguments)
        self._window.say("Weights are being brought in.", "They are opened apart, as data.")

    @Slot()
    def _end(self) -> None:
        process, self._bringing = self._bringing, None
        if process is None:
            return
        said = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        process.deleteLater()
        if process.exitStatus() is QProcess.ExitStatus.NormalExit and process.exitCode() == 0:
            self.reload()
            self._window.say("The weights are brought in.", "They stand in “Compare networks”.")
        else:
            self._window.say("The weights were not brought in.", said or process.errorString())

    @Slot()
    def close(self) -> None:
        """Give up what is being brought in."""
        process, self._bringing = self._bringing, None
        if process is not None:
            process.kill()
            process.waitForFinished()

    @Slot(str, str)
    def use(self, weights_id: str, mode: str) -> None:
        """Ask this one from now on."""
        entry = self._window.catalogue.find(weights_id)
        self._window.asking.use_weights(weights_id, mode=Mode(mode), task=entry.task)
        self._window.say(
            f"{entry.title} is asked from now on.", "What others found stays as it is."
        )


def column_of(entry: WeightsEntry, *, is_used: bool = False) -> NetworkColumn:
    """What is said of a network; what nobody told is unknown."""
    passport = dict(entry.passport)
    modes = [entry.mode]
    if entry.architecture in PUBLISHED:
        modes += [mode for mode in Mode if mode is not entry.mode]
    count = parameters(entry.paths[0]) if entry.parts else None
    lines = (
        KINDS.get(entry.architecture, entry.architecture or UNKNOWN),
        entry.mode.value.replace("_", " "),
        f"{count / 1e6:.1f} million" if count else UNKNOWN,
        _figures({metric.name: metric for metric in entry.metrics}),
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


def parameters(path: Path) -> int | None:
    """How many numbers a safetensors file holds, by its header; None where that cannot be read."""
    with suppress(OSError, struct.error, ValueError, KeyError, TypeError, AttributeError):
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(min(length, 2**24)))
        tensors = [value for name, value in header.items() if name != "__metadata__"]
        return sum(int(prod(tensor["shape"])) for tensor in tensors)
    return None


def _figures(metrics: dict[str, Metric]) -> str:
    """One line each; a network that nobody measured is said to be unmeasured."""
    told = [
        f"{words}: {_interval(metrics[name], DECIMALS.get(name, 1))} {unit}".rstrip()
        for words, name, unit in FIGURES
        if name in metrics
    ]
    firsts = ("mre_px.0", "auroc_study")
    counts = {metric.n for name, metric in metrics.items() if name in firsts and metric.n}
    told += [f"on {count} films" for count in counts]
    return "\n".join(told) or f"{UNKNOWN}: nobody measured it here"


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

"""Which networks are at hand, side by side, and which of them is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, Slot
from PySide6.QtWidgets import QFileDialog

from app.library.measured import read_measured
from app.library.places import home_folder
from app.places import own_command
from app.widgets.network_cards import NetworkCards
from app.widgets.toast import Offer
from app.window.network_columns import TITLES, columns_of, kind_of
from domain.errors import CaliperError
from domain.provenance import Mode
from inference.manifest import Manifest

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

Brought = Callable[[str, str], None]
"""Takes the id of what was brought in, or "" and why nothing was."""
FILES = "Weights (*.safetensors *.pt *.pth);;All files (*)"


@dataclass(frozen=True)
class Passport:
    """What people should know of weights that are brought in; "" where nobody told."""

    title: str = ""
    origin: str = ""
    training_data: str = ""
    mode: str = ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """For `main.py weights import`."""
        told = {name.replace("_", "-"): words for name, words in vars(self).items() if words}
        return tuple(f"--{name}={words}" for name, words in told.items())


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
        self._then: Brought = self._offer
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
        measured = read_measured(home_folder())
        columns = columns_of(entries, task=task, used=used, measured=measured)
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

    def bring_in(
        self,
        file: Path,
        *,
        passport: Passport | None = None,
        then: Brought | None = None,
    ) -> None:
        """Convert a file in the locked-down process and list it; the window stays free.

        Args:
            then: hears what came of it, in place of the main window.
        """
        if self._bringing is not None:
            self._window.say("Weights are being brought in.", "Wait until that is done.")
            return
        told = () if passport is None else passport.arguments
        program, *arguments = self.command("weights", "import", str(file), *told)
        self._then = then or self._offer
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
        told = bytes(process.readAllStandardOutput().data()).decode("utf-8", "replace")
        process.deleteLater()
        if process.exitStatus() is QProcess.ExitStatus.NormalExit and process.exitCode() == 0:
            self.reload()
            self._then(told.partition("\t")[0].strip(), "")
        else:
            self._then("", said or process.errorString())

    def _offer(self, weights_id: str, why_not: str) -> None:
        """What was brought in is used when a person says so."""
        if not weights_id:
            self._window.say("The weights were not brought in.", why_not)
            return
        entry = self._window.catalogue.find(weights_id)
        offer = Offer("Use them", lambda: self.use(weights_id, entry.mode.value))
        more = f"“{entry.title}” is {kind_of(entry)}. They stand in “Compare networks”."
        self._window.say("The weights are brought in.", more, offer=offer)

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

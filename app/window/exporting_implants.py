"""The study on screen as it leaves in a format of the implant task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.io.exporters.spec import FormatSpec
from app.session.healing import Healing
from app.widgets.export_dialog import ExportDialog, FormatChoice
from domain.errors import CaliperError, ExportFailed

if TYPE_CHECKING:
    from app.io.exporters.implant_spec import ImplantExport
    from app.window.main_window import MainWindow


def export_study(window: MainWindow, healing: Healing) -> None:
    """Ask for a format and a place, and write what is decided on the study on screen."""
    from app.io.exporters.implant_table import IMPLANT_EXPORTERS  # late, as the other formats

    export, current = of_screen(window, healing), window.session.current
    settings = window.session.settings
    if export is None or current is None or export.annotations.implants is None:
        window.say("Nothing to export yet.", "Localise or draw something first.")
        return
    film, folder = Path(current.case.path), Path(settings.export_folder)
    start = (folder if settings.export_folder and folder.is_dir() else film.parent) / film.stem
    choices = [_choice(spec, export) for spec in IMPLANT_EXPORTERS]
    dialog = ExportDialog(window, choices, start=start)
    if dialog.exec() == ExportDialog.DialogCode.Accepted:
        export_to(window, export, dialog.path, spec=dialog.spec)


def export_to(
    window: MainWindow, export: ImplantExport, path: Path, *, spec: FormatSpec[ImplantExport]
) -> None:
    """Write a study."""
    try:
        spec.write(export, path)
    except CaliperError as error:
        window.show_trouble(error)
        return
    if not window.session.library.read_only:
        window.session.settings.export_folder = str(path.parent)
    window.say(f"Exported {path.name}.", f"{spec.title}, in {path.parent}.")


def of_screen(window: MainWindow, healing: Healing) -> ImplantExport | None:
    """The study on screen as it stands; its healed frames where they are at hand."""
    from app.io.exporters.implant_spec import ImplantExport

    session = window.session
    current, decisions, image = session.current, session.decisions, session.image
    if current is None or decisions is None or image is None:
        return None
    result = healing.result
    return ImplantExport(
        current.case.name,
        image,
        decisions,
        findings=None if result is None else result.findings,
        file=Path(current.case.path).name,
        seed=0 if result is None else result.seed,
    )


def _choice(spec: FormatSpec[ImplantExport], export: ImplantExport) -> FormatChoice:
    try:
        spec.require(export)
    except ExportFailed as error:
        return FormatChoice(spec, (), count=0, left_out=(f"{error.what} {error.why}",))
    return FormatChoice(spec, spec.drops(export))

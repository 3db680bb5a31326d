"""Menus and shortcuts as one table: everything with a key stands in a menu and in the ? sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from app.canvas.presets import PRESETS
from app.window.actions_implant import CINE, IMPLANT
from app.window.commands import Commands
from app.window.film_details import WITH_KEYS, film_window_title
from domain.measures import TITLES, MeasureKind


class Scope(Enum):
    """Where a key acts: everywhere, or only while the canvas has the focus."""

    WINDOW = auto()
    CANVAS = auto()


@dataclass(frozen=True)
class ActionSpec:
    """One row of the table: `menu` may name a submenu after a slash, `checked` tells a switch.

    Args:
        task: the one that it is for; "" for all.
    """

    menu: str
    text: str
    keys: tuple[str, ...]
    run: Callable[[Commands], object]
    scope: Scope = Scope.WINDOW
    checked: Callable[[Commands], bool] | None = None
    task: str = ""


def _nudge(rows: float, columns: float) -> Callable[[Commands], object]:
    return lambda commands: commands.nudge(rows, columns)


def _preset(number: int) -> Callable[[Commands], object]:
    return lambda commands: commands.view.preset(number)


def _measure(kind: MeasureKind) -> Callable[[Commands], object]:
    return lambda commands: commands.measures.start(kind)


def _measures() -> tuple[ActionSpec, ...]:
    return tuple(
        ActionSpec(
            "Measure/By hand",
            TITLES[kind][0].upper() + TITLES[kind][1:],
            (key,),
            _measure(kind),
            Scope.CANVAS,
        )
        for key, kind in MEASURE_KEYS
    )


def _spine() -> tuple[ActionSpec, ...]:
    rows: tuple[tuple[str, str, Callable[[Commands], object]], ...] = (
        ("Vertebra as a whole", "B", lambda c: c.toggle_whole()),
        ("Turn left", ",", lambda c: c.turn_whole(-1.0)),
        ("Turn right", ".", lambda c: c.turn_whole(1.0)),
        ("Smaller", "Alt+,", lambda c: c.turn_whole(0.0, scale=1 / 1.02)),
        ("Larger", "Alt+.", lambda c: c.turn_whole(0.0, scale=1.02)),
        ("Insert vertebra above", "Shift+Ins", lambda c: c.repairing.insert(below=False)),
        ("Insert vertebra below", "Ins", lambda c: c.repairing.insert(below=True)),
        ("Delete vertebra", "Ctrl+Del", lambda c: c.repairing.delete()),
        ("Name vertebra…", "Shift+F2", lambda c: c.name_vertebra()),
        ("Slide column one level up", "Alt+PgUp", lambda c: c.repairing.slide(-1)),
        ("Slide column one level down", "Alt+PgDown", lambda c: c.repairing.slide(1)),
        ("Labels one level up", "Ctrl+Up", lambda c: c.repairing.shift_names(-1)),
        ("Labels one level down", "Ctrl+Down", lambda c: c.repairing.shift_names(1)),
    )
    return tuple(ActionSpec("Spine", text, (key,), run, Scope.CANVAS) for text, key, run in rows)


def _nudges() -> tuple[ActionSpec, ...]:
    rows = []
    for prefix, words, pixels in (
        ("", "1 px", 1.0),
        ("Shift+", "10 px", 10.0),
        ("Alt+", "0.1 px", 0.1),
    ):
        for key, row, column in (("Up", -1, 0), ("Down", 1, 0), ("Left", 0, -1), ("Right", 0, 1)):
            step = (row * pixels, column * pixels)
            rows.append(
                ActionSpec(
                    "Edit/Nudge",
                    f"{key} {words}",
                    (prefix + key,),
                    _nudge(*step),
                    Scope.CANVAS,
                )
            )
    return tuple(rows)


def _presets() -> tuple[ActionSpec, ...]:
    titles = [preset.title for preset in PRESETS]
    titles += [film_window_title(number) for number in range(1, WITH_KEYS + 1)]
    return tuple(
        ActionSpec("View/Presets", title, (str(n),), _preset(n), Scope.CANVAS)
        for n, title in enumerate(titles, start=1)
    )


def _implant() -> tuple[ActionSpec, ...]:
    return tuple(ActionSpec(*row, Scope.CANVAS, task="implant") for row in (*CINE, *IMPLANT))


def _of_task(spec: ActionSpec) -> ActionSpec:
    """What only corners can be asked is for the task that has them."""
    is_theirs = spec.menu == "Spine" or spec.text in CORNERS_ONLY
    return replace(spec, task="vertebrae") if is_theirs else spec


_CANVAS = Scope.CANVAS
CORNERS_ONLY = frozenset(
    (
        *(
            "Export as the film before",
            "Import corners…",
            "Corner to check next",
            "Pin or unpin corner",
        ),
        *("Pin or unpin all corners", "Place a column by hand", "Place corners one by one"),
        *("Compare with earlier film", "Copy Cobb angles", "Next curve end", "Curve end one up"),
        *("Curve end one down", "Measure ends automatically", "Network follows"),
    )
)
MEASURE_KEYS = (
    ("L", MeasureKind.LINE),
    ("A", MeasureKind.ANGLE),
    ("K", MeasureKind.COBB),
    ("T", MeasureKind.RATIO),
    ("D", MeasureKind.RECTANGLE),
    ("E", MeasureKind.ELLIPSE),
    ("G", MeasureKind.PLUMB),
    ("W", MeasureKind.BALANCE),
)
_ROWS: tuple[ActionSpec, ...] = (
    ActionSpec("File", "Open files…", ("Ctrl+O",), lambda c: c.choose_files()),
    ActionSpec("File", "Open folder…", ("Ctrl+Shift+O",), lambda c: c.choose_folder()),
    ActionSpec("File", "Open folder as one study…", (), lambda c: c.choose_whole_folder()),
    ActionSpec(
        "File", "Open DICOM folder or DICOMDIR…", ("Ctrl+Alt+O",), lambda c: c.browse_folder()
    ),
    ActionSpec("File", "Find missing films…", (), lambda c: c.find_films.choose_folder()),
    ActionSpec("File", "Export…", ("Ctrl+E",), lambda c: c.exporting.export()),
    ActionSpec(
        "File", "Export as the film before", ("Ctrl+Shift+E",), lambda c: c.export_again.run()
    ),
    ActionSpec("File", "Export all shown…", ("Ctrl+Alt+E",), lambda c: c.exporting.export_shown()),
    ActionSpec(
        "File", "Import corners…", ("Ctrl+Shift+I",), lambda c: c.exporting.choose_corners()
    ),
    ActionSpec("File", "Welcome page", ("Ctrl+Home",), lambda c: c.show_welcome()),
    ActionSpec("File", "Quit", ("Ctrl+Q",), lambda c: c.quit()),
    ActionSpec("Edit", "Undo", ("Ctrl+Z",), lambda c: c.editing.undo()),
    ActionSpec("Edit", "Redo", ("Ctrl+Y", "Ctrl+Shift+Z"), lambda c: c.editing.redo()),
    ActionSpec("Edit", "Next corner", ("Tab",), lambda c: c.walk(1), _CANVAS),
    ActionSpec("Edit", "Previous corner", ("Shift+Tab",), lambda c: c.walk(-1), _CANVAS),
    ActionSpec("Edit", "Next vertebra", ("Ctrl+Tab",), lambda c: c.walk(4), _CANVAS),
    ActionSpec("Edit", "Previous vertebra", ("Ctrl+Shift+Tab",), lambda c: c.walk(-4), _CANVAS),
    ActionSpec("Edit", "Corner to check next", ("N",), lambda c: c.select_worst(), _CANVAS),
    ActionSpec("Edit", "Pin or unpin corner", ("P",), lambda c: c.editing.pin(), _CANVAS),
    ActionSpec("Edit", "Pin or unpin all corners", ("Shift+P",), lambda c: c.pin_all(), _CANVAS),
    ActionSpec("Edit", "Give corner back, remove measure", ("Del",), lambda c: c.delete(), _CANVAS),
    ActionSpec("Edit", "Take back last click", ("Backspace",), lambda c: c.take_back(), _CANVAS),
    ActionSpec("Edit", "Rename measure…", ("F2",), lambda c: c.measures.rename_selected(), _CANVAS),
    ActionSpec(
        "Edit",
        "Place a column by hand",
        ("U",),
        lambda c: c.measures.placing.place_column(),
        _CANVAS,
    ),
    ActionSpec(
        "Edit",
        "Place corners one by one",
        ("Shift+U",),
        lambda c: c.measures.placing.place_corners(),
        _CANVAS,
    ),
    ActionSpec("Edit", "Cancel", ("Esc",), lambda c: c.cancel()),
    *_nudges(),
    ActionSpec("Edit", "Preferences…", ("Ctrl+,",), lambda c: c.show_preferences()),
    ActionSpec("View", "Reset view", ("R",), lambda c: c.view.reset(), _CANVAS),
    ActionSpec("View", "Zoom in", ("+", "="), lambda c: c.view.zoom_by(1.25), _CANVAS),
    ActionSpec("View", "Zoom out", ("-",), lambda c: c.view.zoom_by(0.8), _CANVAS),
    ActionSpec("View", "Invert", ("I",), lambda c: c.view.invert(), _CANVAS),
    ActionSpec("View", "Flip left–right", ("H",), lambda c: c.view.flip_horizontal(), _CANVAS),
    ActionSpec("View", "Flip up–down", ("V",), lambda c: c.view.flip_vertical(), _CANVAS),
    ActionSpec("View", "Rotate left", ("[",), lambda c: c.view.rotate(-1), _CANVAS),
    ActionSpec("View", "Rotate right", ("]",), lambda c: c.view.rotate(1), _CANVAS),
    ActionSpec("View", "Auto window", ("0",), lambda c: c.view.auto_window(), _CANVAS),
    *_presets(),
    ActionSpec("View", "Hide overlays while held", ("O",), lambda c: None, _CANVAS),
    ActionSpec("View", "Library", ("F9",), lambda c: c.toggle_library()),
    ActionSpec("View", "Task panel", ("F10",), lambda c: c.toggle_panel()),
    ActionSpec("View", "Queue", ("F8",), lambda c: c.worklist.toggle_queue()),
    ActionSpec("View", "Full screen", ("F11",), lambda c: c.toggle_full_screen()),
    ActionSpec("View/Theme", "Dark", (), lambda c: c.use_theme("dark")),
    ActionSpec("View/Theme", "Light", (), lambda c: c.use_theme("light")),
    ActionSpec("View/Theme", "System", (), lambda c: c.use_theme("system")),
    ActionSpec("Study", "Next case", ("PgDown",), lambda c: c.worklist.step(1)),
    ActionSpec("Study", "Previous case", ("PgUp",), lambda c: c.worklist.step(-1)),
    ActionSpec(
        "Study",
        "Next case not reviewed",
        ("Shift+PgDown",),
        lambda c: c.worklist.show_next_unreviewed(),
    ),
    ActionSpec("Study", "Next page of the file", ("Ctrl+PgDown",), lambda c: c.step_page(1)),
    ActionSpec("Study", "Previous page of the file", ("Ctrl+PgUp",), lambda c: c.step_page(-1)),
    ActionSpec(
        "Study", "Analyse folder…", ("Ctrl+Shift+A",), lambda c: c.worklist.analyse_folder()
    ),
    ActionSpec(
        "Study",
        "Localise implants in chosen cases",
        ("Ctrl+Shift+Return",),
        lambda c: c.localising.localise_chosen(),
    ),
    ActionSpec("Study", "Note", ("Ctrl+M",), lambda c: c.worklist.toggle_note()),
    ActionSpec("Study", "Compare with earlier film", ("Ctrl+D",), lambda c: c.compare.toggle()),
    ActionSpec(
        "Study",
        "Find / accept all / next case",
        ("Return", "Enter"),
        lambda c: c.go_on(),
        _CANVAS,
    ),
    ActionSpec("Study", "Find again from scratch", ("Ctrl+Return",), lambda c: c.find()),
    *_spine(),
    *_measures(),
    ActionSpec(
        "Measure", "Calibrate by a known length", ("M",), lambda c: c.measures.calibrate(), _CANVAS
    ),
    ActionSpec("Measure", "Remove the calibration", (), lambda c: c.measures.forget_calibration()),
    ActionSpec("Measure", "Copy measures", ("Ctrl+Alt+C",), lambda c: c.measures.copy()),
    ActionSpec("Measure", "Copy Cobb angles", ("Ctrl+Shift+C",), lambda c: c.copy_angles()),
    ActionSpec("Measure", "Next curve end", ("X",), lambda c: c.curves.walk(), _CANVAS),
    ActionSpec("Measure", "Curve end one up", ("Ctrl+Shift+Up",), lambda c: c.curves.step(-1)),
    ActionSpec("Measure", "Curve end one down", ("Ctrl+Shift+Down",), lambda c: c.curves.step(1)),
    ActionSpec("Measure", "Measure ends automatically", (), lambda c: c.curves.measure_by_rule()),
    ActionSpec(
        "Model",
        "Network follows",
        ("F",),
        lambda c: c.toggle_follows(),
        _CANVAS,
        checked=lambda c: c.session.settings.network_follows,
    ),
    ActionSpec("Model", "About these weights", ("Ctrl+I",), lambda c: c.show_card()),
    ActionSpec("Model", "Compare networks…", (), lambda c: c.networks.show()),
    ActionSpec("Model", "Train and evaluate…", (), lambda c: c.training.show()),
    ActionSpec("Model", "Fine-tune on my cases…", (), lambda c: c.training.fine_tune()),
    ActionSpec("Model", "Start the engine again", (), lambda c: c.engine.start_again()),
    ActionSpec("Help", "Keys", ("?",), lambda c: c.show_keys()),
    ActionSpec("Help", "Messages", ("Ctrl+Shift+M",), lambda c: c.show_messages()),
    ActionSpec("Help", "About Caliper", (), lambda c: c.show_about()),
)
ACTIONS = tuple(_of_task(spec) for spec in (*_ROWS, *_implant()))
CONTEXT_ACTIONS = (
    ("Edit/Undo", "Edit/Redo"),
    (
        "Edit/Pin or unpin corner",
        "Edit/Give corner back, remove measure",
        "Edit/Corner to check next",
    ),
    (
        "Spine/Vertebra as a whole",
        "Spine/Insert vertebra above",
        "Spine/Insert vertebra below",
        "Spine/Delete vertebra",
        "Spine/Name vertebra…",
    ),
    ("Measure/Measure ends automatically",),
    ("Implant/Accept region", "Implant/Reject region", "Implant/Tooth site…"),
    ("Implant/Draw a polygon", "Implant/Brush", "Implant/Eraser", "View/Frames/Mark frame"),
    ("View/Auto window", "View/Invert", "View/Reset view"),
    ("File/Export…",),
)
"""What a right click offers, in groups."""
MENUS = ("File", "Edit", "View", "Study", "Spine", "Implant", "Measure", "Model", "Help")


def build_menus(bar: QMenuBar, *, canvas: QWidget, commands: Commands) -> dict[str, QAction]:
    """Fill the menu bar from the table; canvas keys act only while the canvas has the focus."""
    menus: dict[str, QMenu] = {name: bar.addMenu(name) for name in MENUS}
    made: dict[str, QAction] = {}
    for spec in ACTIONS:
        top, _, sub = spec.menu.partition("/")
        if spec.menu not in menus:
            menus[spec.menu] = menus[top].addMenu(sub)
        action = QAction(spec.text, canvas if spec.scope is Scope.CANVAS else bar)
        action.setShortcuts([QKeySequence(key) for key in spec.keys if key != "O"])
        if spec.scope is Scope.CANVAS:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            canvas.addAction(action)
        if spec.checked is not None:
            action.setCheckable(True)
            action.setChecked(spec.checked(commands))
        action.triggered.connect(lambda _=False, run=spec.run: run(commands))
        menus[spec.menu].addAction(action)
        made[f"{spec.menu}/{spec.text}"] = action
    return made


def keys_for(spec: ActionSpec, *, task: str) -> tuple[str, ...]:
    """The keys of an action in a task: those that the task gives to its own are no other's."""
    if spec.task:
        return spec.keys if spec.task == task else ()
    taken = {key for other in ACTIONS if other.task == task for key in other.keys}
    return tuple(key for key in spec.keys if key not in taken)


def key_table(task: str = "vertebrae") -> tuple[tuple[str, str, str], ...]:
    """Group, action and keys for the ? sheet, from the same table."""
    rows = ((spec, keys_for(spec, task=task)) for spec in ACTIONS)
    return tuple((spec.menu, spec.text, "  ".join(keys)) for spec, keys in rows if keys)

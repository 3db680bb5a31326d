"""The program's look: two tables of colours, one style sheet, one font."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from string import Template

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from app.places import program_root

FAMILY = "Inter"
TEXT_PX = 13
SYSTEM = "system"
_CHOICE = "caliperTheme"


@dataclass(frozen=True)
class Theme:
    """Colours by what they are for."""

    icon_set: str
    window: str
    panel: str
    raised: str
    field: str
    hover: str
    selection: str
    border: str
    outline: str
    text: str
    secondary: str
    faint: str
    accent: str
    accent_hover: str
    on_accent: str
    warning: str
    good: str


THEMES: dict[str, Theme] = {
    "dark": Theme(
        icon_set="dark",
        window="#111418",
        panel="#15191e",
        raised="#1d2228",
        field="#0e1115",
        hover="#252b33",
        selection="#1d3841",
        border="#262c34",
        outline="#404954",
        text="#d9dfe6",
        secondary="#98a3af",
        faint="#66707c",
        accent="#57b3c9",
        accent_hover="#6ec3d7",
        on_accent="#07181d",
        warning="#e0b565",
        good="#7cc58c",
    ),
    "light": Theme(
        icon_set="light",
        window="#eceff2",
        panel="#f6f8f9",
        raised="#ffffff",
        field="#ffffff",
        hover="#e3e8ec",
        selection="#cfe6ec",
        border="#d3d9df",
        outline="#a5afb9",
        text="#1a2128",
        secondary="#525d68",
        faint="#88929c",
        accent="#12738b",
        accent_hover="#0e6277",
        on_accent="#ffffff",
        warning="#7d5200",
        good="#23743a",
    ),
}


def apply_theme(app: QCoreApplication | None, name: str) -> Theme:
    """Give the whole program a look: "dark", "light" or "system" (which follows changes).

    Raises:
        ValueError: no theme has that name.
    """
    if name not in (*THEMES, SYSTEM):
        msg = f"no theme is called {name!r}: there are {', '.join((*THEMES, SYSTEM))}"
        raise ValueError(msg)
    if not isinstance(app, QApplication):
        msg = "a theme needs a running QApplication"
        raise TypeError(msg)
    follows = app.property(_CHOICE) is not None
    app.setProperty(_CHOICE, name)
    _tell_system(app, name)
    if not follows:
        app.styleHints().colorSchemeChanged.connect(lambda _scheme: _follow(app))
    return _dress(app, _named(app, name))


def palette_of(theme: Theme) -> QPalette:
    """The theme's colours by the roles that widgets and styles ask for."""
    palette = QPalette()
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.panel,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.warning,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.secondary,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.hover,
        role.Midlight: theme.selection,
        role.Mid: theme.outline,
        role.Dark: theme.border,
        role.Shadow: theme.window,
    }
    for which, color in colors.items():
        palette.setColor(which, QColor(color))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.faint))
    return palette


def style_sheet(theme: Theme) -> str:
    """The style sheet with the theme's colours filled in."""
    root = program_root() / "resources"
    template = Template((root / "style" / "caliper.qss").read_text(encoding="utf-8"))
    return template.substitute(asdict(theme), icons=(root / "icons").as_posix())


def load_fonts() -> bool:
    """Make the bundled font known to Qt; True where it is there."""
    if FAMILY not in QFontDatabase.families():
        for file in sorted((program_root() / "resources" / "fonts" / "inter").glob("*.otf")):
            QFontDatabase.addApplicationFont(str(file))
    return FAMILY in QFontDatabase.families()


def _named(app: QApplication, name: str) -> Theme:
    if name != SYSTEM:
        return THEMES[name]
    light = app.styleHints().colorScheme() == Qt.ColorScheme.Light
    return THEMES["light" if light else "dark"]


def _tell_system(app: QApplication, name: str) -> None:
    """Let title bars and the system's own dialogs follow."""
    schemes = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}
    app.styleHints().setColorScheme(schemes.get(name, Qt.ColorScheme.Unknown))


def _follow(app: QApplication) -> None:
    if app.property(_CHOICE) == SYSTEM:
        _dress(app, _named(app, SYSTEM))


def _dress(app: QApplication, theme: Theme) -> Theme:
    app.setStyle("Fusion")
    if load_fonts():
        font = QFont(FAMILY)
        font.setPixelSize(TEXT_PX)
        app.setFont(font)
    app.setPalette(palette_of(theme))
    app.setStyleSheet(style_sheet(theme))
    return theme

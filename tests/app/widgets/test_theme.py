"""Themes: every text readable on what it stands on, every colour filled in."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from app.widgets.theme import FAMILY, THEMES, Theme, apply_theme, load_fonts, style_sheet

GROUNDS = ("window", "panel", "raised", "field", "hover", "selection")
NAMES = sorted(THEMES)


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = QColor(color).getRgbF()[:3]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio as WCAG 2 defines it, 1 to 21."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_contrast_is_measured_rightly() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_readable(name: str, ground: str) -> None:
    theme = THEMES[name]
    assert contrast(theme.text, getattr(theme, ground)) >= 7
    assert contrast(theme.secondary, getattr(theme, ground)) >= 4.5


@pytest.mark.parametrize("name", NAMES)
def test_accents_and_warnings_are_readable(name: str) -> None:
    theme = THEMES[name]
    for ground in (theme.accent, theme.accent_hover):
        assert contrast(theme.on_accent, ground) >= 4.5
    for ground in (theme.window, theme.panel):
        assert contrast(theme.warning, ground) >= 4.5
        assert contrast(theme.good, ground) >= 4.5
        assert contrast(theme.accent, ground) >= 3


def test_the_dark_theme_is_darker_than_any_film_is_bright() -> None:
    assert all(luminance(getattr(THEMES["dark"], ground)) < 0.05 for ground in GROUNDS)


@pytest.mark.parametrize("name", NAMES)
def test_the_style_sheet_is_filled_in_and_its_icons_exist(name: str) -> None:
    text = style_sheet(THEMES[name])
    assert "$" not in re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    icons = re.findall(r"url\((.*?)\)", text)
    assert icons
    from pathlib import Path

    assert all(Path(icon).is_file() for icon in icons)
    for field in fields(Theme):
        value = getattr(THEMES[name], field.name)
        assert field.name == "icon_set" or QColor(value).isValid(), field.name


def test_applying_changes_palette_and_font(qapp: QApplication) -> None:
    assert load_fonts(), "the bundled font is there"
    for name in NAMES:
        apply_theme(qapp, name)
        window = qapp.palette().color(QPalette.ColorRole.Window).name()
        assert window == THEMES[name].window
        assert qapp.font().family() == FAMILY
    apply_theme(qapp, "dark")


def test_system_gives_one_of_the_themes(qapp: QApplication) -> None:
    assert apply_theme(qapp, "system") in THEMES.values()
    apply_theme(qapp, "dark")


def test_an_unknown_theme_and_a_missing_application_are_refused(qapp: QApplication) -> None:
    with pytest.raises(ValueError, match="pink"):
        apply_theme(qapp, "pink")
    with pytest.raises(TypeError, match="QApplication"):
        apply_theme(None, "dark")

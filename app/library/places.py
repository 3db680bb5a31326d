"""Where Caliper keeps what belongs to a person: one folder for each user, by operating system."""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAME = "Caliper"
HOME_VARIABLE = "CALIPER_HOME"


def home_folder() -> Path:
    """The folder of everything a person keeps; the variable CALIPER_HOME moves it."""
    chosen = os.environ.get(HOME_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else _user_data() / NAME


def library_folder() -> Path:
    """Where the case library is when nobody chose another place."""
    return home_folder() / "library"


def weights_folder() -> Path:
    """Where weights that a person brought are installed."""
    return home_folder() / "weights"


def _user_data() -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    chosen = Path(os.environ.get("XDG_DATA_HOME", ""))
    # The specification says that a relative path there is to be ignored.
    return chosen if chosen.is_absolute() else Path.home() / ".local" / "share"

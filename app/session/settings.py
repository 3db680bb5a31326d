"""Typed preferences over the library's settings table."""

from __future__ import annotations

import secrets
from typing import Protocol


class SettingStore(Protocol):
    """Where preferences are kept."""

    def setting(self, key: str) -> str | None:
        """The stored text, None where never set."""

    def save_setting(self, key: str, value: str) -> object:
        """Store a text."""


class Settings:
    """What a person prefers; every value has a default."""

    def __init__(self, store: SettingStore) -> None:
        self._store = store

    @property
    def finds_on_opening(self) -> bool:
        """Whether corners are looked for as soon as a new film opens."""
        return self._flag("finds_on_opening", default=True)

    @finds_on_opening.setter
    def finds_on_opening(self, value: bool) -> None:
        self._store.save_setting("finds_on_opening", str(int(value)))

    @property
    def moves_on(self) -> bool:
        """Whether accepting a case shows the next one that is not reviewed."""
        return self._flag("moves_on", default=False)

    @moves_on.setter
    def moves_on(self, value: bool) -> None:
        self._store.save_setting("moves_on", str(int(value)))

    @property
    def down_is_brighter(self) -> bool:
        """Whether dragging down brightens when setting the window."""
        return self._flag("down_is_brighter", default=True)

    @down_is_brighter.setter
    def down_is_brighter(self, value: bool) -> None:
        self._store.save_setting("down_is_brighter", str(int(value)))

    @property
    def network_follows(self) -> bool:
        """Whether the network is asked by itself; off, a gesture is only the hand's."""
        return self._flag("network_follows", default=True)

    @network_follows.setter
    def network_follows(self, value: bool) -> None:
        self._store.save_setting("network_follows", str(int(value)))

    def still_task(self, shape: tuple[int, int]) -> str:
        """The task that a person last chose for a still picture as tall, or as wide; or empty."""
        return self._store.setting(_still_task(shape)) or ""

    def keep_still_task(self, task: str, *, shape: tuple[int, int]) -> None:
        """Whoever takes one wide picture for a panoramic film still has tall films of spines."""
        self._store.save_setting(_still_task(shape), task)

    @property
    def theme(self) -> str:
        """ "dark", "light" or "system"."""
        return self._store.setting("theme") or "dark"

    @theme.setter
    def theme(self, value: str) -> None:
        self._store.save_setting("theme", value)

    @property
    def person_key(self) -> str:
        """What makes this library's digests of people its own; made on first use."""
        key = self._store.setting("person_key")
        if key is None:
            key = secrets.token_hex(32)
            self._store.save_setting("person_key", key)
        return key

    @property
    def export_format(self) -> str:
        """Name of the format that was exported last; empty before the first."""
        return self._store.setting("export_format") or ""

    @export_format.setter
    def export_format(self, value: str) -> None:
        self._store.save_setting("export_format", value)

    @property
    def export_folder(self) -> str:
        """The folder that was exported into last; empty before the first."""
        return self._store.setting("export_folder") or ""

    @export_folder.setter
    def export_folder(self, value: str) -> None:
        self._store.save_setting("export_folder", value)

    @property
    def angle_reading(self) -> str:
        """By which rule angles are shown: "clinical" or "AASCE"."""
        return self._store.setting("angle_reading") or "clinical"

    @angle_reading.setter
    def angle_reading(self, value: str) -> None:
        self._store.save_setting("angle_reading", value)

    def _flag(self, key: str, *, default: bool) -> bool:
        stored = self._store.setting(key)
        return default if stored is None else stored == "1"


def _still_task(shape: tuple[int, int]) -> str:
    rows, columns = shape
    return "still_task_tall" if rows > columns else "still_task_wide"

"""Typed preferences over the library's settings table."""

from __future__ import annotations

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

    @property
    def theme(self) -> str:
        """ "dark", "light" or "system"."""
        return self._store.setting("theme") or "dark"

    @theme.setter
    def theme(self, value: str) -> None:
        self._store.save_setting("theme", value)

    def _flag(self, key: str, *, default: bool) -> bool:
        stored = self._store.setting(key)
        return default if stored is None else stored == "1"

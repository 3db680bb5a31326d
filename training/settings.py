"""Settings of a run, from YAML or JSON and `--set NAME=VALUE`, checked against its fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from domain.errors import WrongUse

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Config = TypeVar("Config", bound="DataclassInstance")
Settings = Mapping[str, Any]


def read_settings(path: Path) -> Settings:
    """The settings in a file: YAML 1.2 where its name ends in .yaml or .yml, JSON elsewhere.

    Raises:
        WrongUse: it cannot be read, or holds something else.
    """
    try:
        text = path.read_text(encoding="utf-8")
        is_yaml = path.suffix.lower() in (".yaml", ".yml")
        values = YAML(typ="safe", pure=True).load(text) if is_yaml else json.loads(text)
    except (OSError, ValueError, YAMLError) as error:
        raise WrongUse(f"The settings in {path} cannot be read.", why=f"{error}.") from error
    if not isinstance(values, dict):
        raise WrongUse(
            f"The settings in {path} are no settings.",
            remedy='Write {"name": value}, or in YAML name: value.',
        )
    return values


def told(text: str) -> Settings:
    """The setting of a text `NAME=VALUE`; a name with dots reaches into one that has parts.

    The value is read as JSON where it is JSON, and else as it stands.

    Raises:
        WrongUse: the text sets nothing.
    """
    name, found, value = text.partition("=")
    if not (name and found):
        raise WrongUse(f"{text!r} sets nothing.", remedy="Write --set NAME=VALUE.")
    settings: Any = _value(value)
    for part in reversed(name.split(".")):
        settings = {part: settings}
    return settings  # type: ignore[no-any-return]


def changed(config: Config, settings: Settings) -> Config:
    """A copy with these fields set; a part that is a dataclass or a mapping keeps the others.

    Raises:
        WrongUse: there is no such field, or it does not take such a value.
    """
    known = [field.name for field in fields(config)]
    unknown = [name for name in settings if name not in known]
    if unknown:
        raise WrongUse(
            f"There is no setting {unknown[0]!r}.", remedy=f"There are {', '.join(known)}."
        )
    fitting = {
        name: _fitting(getattr(config, name), value, name=name) for name, value in settings.items()
    }
    try:
        return replace(config, **fitting)
    except ValueError as error:
        raise WrongUse("These settings cannot be used.", why=f"{error}.") from error


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _fitting(present: Any, value: Any, *, name: str) -> Any:
    """The value as the field wants it, judged by what stands there."""
    if isinstance(present, Mapping) and isinstance(value, Mapping):
        return {**present, **value}
    if is_dataclass(present) and not isinstance(present, type) and isinstance(value, Mapping):
        return changed(present, value)
    if isinstance(present, Enum):
        kind = type(present)
        words = [member.value for member in kind]
        if value in words:
            return kind(value)
        raise WrongUse(f"{name} cannot be {value!r}.", remedy=f"It is one of {', '.join(words)}.")
    if isinstance(present, tuple) and isinstance(value, list):  # JSON knows lists alone
        return tuple(value)
    wanted = (int, float) if isinstance(present, float) else type(present)
    if isinstance(value, wanted) and isinstance(value, bool) == isinstance(present, bool):
        return value
    raise WrongUse(f"{name} cannot be {value!r}.", remedy=f"It is like {present!r}.")

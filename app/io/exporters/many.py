"""Writes many cases one after the other; one that cannot go never stops the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.io.exporters.spec import FormatSpec
from domain.errors import CaliperError, ExportFailed


class Leaves(Protocol):
    """A case of any task, as its formats take it."""

    def without_pixels(self) -> Leaves:
        """The same case without what takes room, for formats that hold no film."""


@dataclass(frozen=True)
class Item:
    """One case that is to leave.

    Args:
        name: what the library calls it.
        read: the case with its film; may raise CaliperError.
        path: the file or folder it goes to, which other cases may share.
    """

    name: str
    read: Callable[[], Leaves]
    path: Path


@dataclass(frozen=True)
class Outcome:
    """What became of the cases.

    Args:
        gone: names of those that were written.
        failed: names of those that were not, each with why.
        left: names of those that were not begun, because a person cancelled.
    """

    gone: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()


def write_all(
    spec: FormatSpec[Any],
    items: Sequence[Item],
    *,
    replaces: frozenset[Path],
    goes_on: Callable[[int], bool],
) -> Outcome:
    """Write cases in a format.

    Every file is written whole or not at all. A file for all cases is written once they are read:
    whoever cancels before leaves no file.

    Args:
        replaces: files that a person has agreed to replace; no other one is.
        goes_on: told how many cases are behind, before each; False stops.
    """
    return (_together if spec.is_one_file else _one_by_one)(
        spec, items, replaces=replaces, goes_on=goes_on
    )


def _one_by_one(
    spec: FormatSpec[Any],
    items: Sequence[Item],
    *,
    replaces: frozenset[Path],
    goes_on: Callable[[int], bool],
) -> Outcome:
    gone: list[str] = []
    failed: list[tuple[str, str]] = []
    for number, item in enumerate(items):
        if not goes_on(number):
            return Outcome(tuple(gone), tuple(failed), _names(items[number:]))
        with _telling(failed, [item.name]):
            _write_one(spec, item, replaces=replaces)
            gone.append(item.name)
    return Outcome(tuple(gone), tuple(failed))


def _write_one(spec: FormatSpec[Any], item: Item, *, replaces: frozenset[Path]) -> None:
    export = item.read()
    spec.require(export)
    folder = item.path.parent
    with ExitStack() as undoing:
        if not spec.is_folder:
            _require_free(item.path, replaces=replaces)
            if not folder.exists():
                _make(folder)
                undoing.callback(_remove_if_empty, folder)
        spec.write(export, item.path)
        undoing.pop_all()


def _together(
    spec: FormatSpec[Any],
    items: Sequence[Item],
    *,
    replaces: frozenset[Path],
    goes_on: Callable[[int], bool],
) -> Outcome:
    exports: list[Leaves] = []
    read: list[str] = []
    failed: list[tuple[str, str]] = []
    for number, item in enumerate(items):
        if not goes_on(number):
            return Outcome((), tuple(failed), (*read, *_names(items[number:])))
        with _telling(failed, [item.name]):
            export = item.read()
            spec.require(export)
            exports.append(export.without_pixels())
            read.append(item.name)
    with _telling(failed, read):
        if exports and spec.write_many is not None:
            _require_free(items[0].path, replaces=replaces)
            spec.write_many(exports, items[0].path)
        return Outcome(tuple(read), tuple(failed))
    return Outcome((), tuple(failed))


@contextmanager
def _telling(failed: list[tuple[str, str]], names: Sequence[str]) -> Iterator[None]:
    """Whatever goes wrong is why these cases did not go; the others go on."""
    try:
        yield
    except Exception as error:  # noqa: BLE001
        # The one door of this module: readers and libraries of every format stand behind it, and a
        # fault of one case must neither stop the others nor pass unsaid.
        failed += [(name, _why(error)) for name in names]


def _names(items: Sequence[Item]) -> tuple[str, ...]:
    return tuple(item.name for item in items)


def _require_free(path: Path, *, replaces: frozenset[Path]) -> None:
    if path.exists() and path not in replaces:
        raise ExportFailed(
            f"“{path.name}” was not replaced.",
            why=f"A file “{path.name}” has come there meanwhile.",
            remedy="Export again to another folder.",
        )


def _make(folder: Path) -> None:
    try:
        folder.mkdir()
    except OSError as error:
        raise ExportFailed(
            f"The folder “{folder.name}” could not be made.", why=f"{error.strerror}."
        ) from error


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # others may have filled it
        folder.rmdir()


def _why(error: Exception) -> str:
    if isinstance(error, CaliperError):
        return error.why or error.what
    return f"Caliper failed on it: {type(error).__name__}, {error}."

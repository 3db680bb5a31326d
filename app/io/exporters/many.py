"""Writes many cases one after the other; one that cannot go never stops the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.io.exporters.spec import ExporterSpec, VertebraeExport
from domain.errors import CaliperError, ExportFailed


@dataclass(frozen=True)
class Item:
    """One case that is to leave.

    Args:
        name: what the library calls it.
        read: the case with its film; may raise CaliperError.
        path: the file or folder it goes to, which other cases may share.
    """

    name: str
    read: Callable[[], VertebraeExport]
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
    spec: ExporterSpec,
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
    spec: ExporterSpec,
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
        try:
            _write_one(spec, item, replaces=replaces)
        except Exception as error:  # noqa: BLE001 - one bad case must not stop the others
            failed.append((item.name, _why(error)))
        else:
            gone.append(item.name)
    return Outcome(tuple(gone), tuple(failed))


def _write_one(spec: ExporterSpec, item: Item, *, replaces: frozenset[Path]) -> None:
    export = item.read()
    spec.require(export)
    folder = item.path.parent
    is_new = not spec.is_folder and not folder.exists()
    try:
        if not spec.is_folder:
            _require_free(item.path, replaces=replaces)
        if is_new:
            _make(folder)
        spec.write(export, item.path)
    except BaseException:
        if is_new:
            with suppress(OSError):  # others may have filled it
                folder.rmdir()
        raise


def _together(
    spec: ExporterSpec,
    items: Sequence[Item],
    *,
    replaces: frozenset[Path],
    goes_on: Callable[[int], bool],
) -> Outcome:
    exports: list[VertebraeExport] = []
    gone: list[str] = []
    failed: list[tuple[str, str]] = []
    for number, item in enumerate(items):
        if not goes_on(number):
            return Outcome((), tuple(failed), (*gone, *_names(items[number:])))
        try:
            export = item.read()
            spec.require(export)
        except Exception as error:  # noqa: BLE001 - one bad case must not stop the others
            failed.append((item.name, _why(error)))
        else:
            exports.append(export.without_pixels())
            gone.append(item.name)
    try:
        if exports and spec.write_many is not None:
            _require_free(items[0].path, replaces=replaces)
            spec.write_many(exports, items[0].path)
    except Exception as error:  # noqa: BLE001 - said of every case
        failed += [(name, _why(error)) for name in gone]
        gone.clear()
    return Outcome(tuple(gone), tuple(failed))


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


def _why(error: Exception) -> str:
    if isinstance(error, CaliperError):
        return error.why or error.what
    return f"Caliper failed on it: {type(error).__name__}, {error}."

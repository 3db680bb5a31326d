"""`main.py weights list|import|verify|remove`: the airlock without a window."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from domain.errors import CaliperError, WrongUse
from domain.provenance import Mode
from inference import upkeep
from inference.integrity import WeightsState
from inference.manifest import shipped_folder
from inference.upkeep import ImportOrder, WeightsStatus

ALL_WELL, SOME_FAILED, WRONG_USE = 0, 1, 2
_PASSPORT = {
    "origin": "where it comes from",
    "licence": "what one may do with it",
    "training-data": "what it was trained on",
    "intended-use": "what it is for",
}
Verb = Callable[[argparse.Namespace, Path], int]


def run(argv: Sequence[str], *, imported: Path) -> int:
    """Run one verb on the weights that ship and those in `imported`; 0, 1 or 2 as everywhere."""
    arguments = _parser().parse_args(argv)
    verb: Verb = arguments.verb
    try:
        return verb(arguments, imported)
    except CaliperError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_USE if isinstance(error, WrongUse) else SOME_FAILED
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped; nothing was changed. Run the same command again.\n")
        return SOME_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py weights")
    verbs = parser.add_subparsers(required=True, metavar="list|import|verify|remove")
    listing = verbs.add_parser("list", help="what is installed, and its state")
    listing.set_defaults(verb=_list)
    verify = verbs.add_parser("verify", help="read every file and check its sha256")
    verify.add_argument("id", nargs="?", help="one entry; all by default")
    verify.set_defaults(verb=_verify)
    bring = verbs.add_parser("import", help="convert a checkpoint in a locked-down process")
    bring.add_argument("file", type=Path, help=".pt, .pth or .safetensors")
    bring.add_argument("--id", help="how to call it; made from its content by default")
    bring.add_argument("--title", help="what people read; the file's name by default")
    for part, help_words in _PASSPORT.items():
        bring.add_argument(f"--{part}", default="", help=f"{help_words}, as far as you know")
    bring.add_argument(
        "--mode",
        choices=[mode.value for mode in Mode],
        default=Mode.CORRECTED.value,
        help="in which it runs unless asked otherwise",
    )
    bring.set_defaults(verb=_import)
    remove = verbs.add_parser("remove", help="take imported weights away")
    remove.add_argument("id")
    remove.set_defaults(verb=_remove)
    for chosen in (listing, verify, bring, remove):
        chosen.add_argument("--json", action="store_true", help="print it for machines")
    return parser


def _list(arguments: argparse.Namespace, imported: Path) -> int:
    _tell(upkeep.list_weights(shipped=shipped_folder(), imported=imported), arguments.json)
    return ALL_WELL


def _verify(arguments: argparse.Namespace, imported: Path) -> int:
    statuses = upkeep.verify_weights(
        shipped=shipped_folder(), imported=imported, weights_id=arguments.id
    )
    _tell(statuses, arguments.json)
    sound = all(status.state is WeightsState.INSTALLED for status in statuses)
    return ALL_WELL if sound else SOME_FAILED


def _import(arguments: argparse.Namespace, imported: Path) -> int:
    order = ImportOrder(
        source=arguments.file,
        weights_id=arguments.id,
        title=arguments.title,
        licence=arguments.licence,
        origin=arguments.origin,
        training_data=arguments.training_data,
        intended_use=arguments.intended_use,
        mode=Mode(arguments.mode),
    )
    entry = upkeep.import_weights(order, shipped=shipped_folder(), imported=imported)
    if arguments.json:
        told = {"id": entry.id, "architecture": entry.architecture, "sha256": entry.sha256}
        _print_json(told)
        return ALL_WELL
    sys.stdout.write(f"{entry.id}\t{entry.architecture}\t{entry.sha256}\n")
    if find_spec(f"inference.pipelines.{entry.task}") is None:
        sys.stderr.write("It is kept; this version of Caliper has no task yet that uses it.\n")
    else:
        sys.stderr.write(f"Use it with: analyse {entry.task} FILM --out DIR --weights {entry.id}\n")
    return ALL_WELL


def _remove(arguments: argparse.Namespace, imported: Path) -> int:
    entry = upkeep.remove_weights(arguments.id, shipped=shipped_folder(), imported=imported)
    if arguments.json:
        _print_json({"removed": entry.id})
    else:
        sys.stdout.write(f"removed {entry.id}\n")
    return ALL_WELL


def _print_json(told: object) -> None:
    sys.stdout.write(json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def _tell(statuses: Sequence[WeightsStatus], as_json: bool) -> None:
    rows = [
        {
            "id": status.entry.id,
            "task": status.entry.task,
            "title": status.entry.title,
            "state": status.state.value,
            "default": status.entry.default,
            "imported": status.imported,
            "sha256": status.entry.sha256,
            "passport": dict(status.entry.passport),
        }
        for status in statuses
    ]
    if as_json:
        _print_json(rows)
        return
    if not rows:
        sys.stderr.write("No weights are installed. Bring some: main.py weights import FILE\n")
    for row, status in zip(rows, statuses, strict=True):
        whence = "imported" if row["imported"] else "came with Caliper"
        line = (row["id"], row["task"], row["state"], row["title"], str(row["sha256"])[:12], whence)
        sys.stdout.write("\t".join(str(part) for part in line) + "\n")
        sys.stdout.writelines(f"    {label}: {words}\n" for label, words in status.entry.passport)

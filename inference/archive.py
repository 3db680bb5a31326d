"""Looks a foreign checkpoint over before anything opens it: zip tricks, and what its pickle names.

Nothing is built and nothing unpacked: a zip is read as a list, a pickle as a row of instructions.
"""

from __future__ import annotations

import io
import pickletools
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from domain.errors import UnreadableFile

MOST_ENTRIES = 100_000
MOST_PICKLE_BYTES = 64 * 2**20
MOST_INSTRUCTIONS = 5_000_000
_ZIP = b"PK\3\4"
_ENCRYPTED = 1
_MAGIC = 0x1950A86A20F9469CFC6C  # what torch's older format begins with, as a pickled number
_LEGACY_PICKLES = 4  # after the magic number: protocol, system, the tree, keys of its storages
_KEEPING = frozenset({"MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"})  # change no stack
_NAMED = 3
_LONGEST_NAME = 80
_KINDS = ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool")

# All that a state dict with its training figures is made of; none of them runs what a file says.
ALLOWED = frozenset(
    {
        "collections.OrderedDict",
        "collections.Counter",
        "torch.Size",
        "torch.device",
        "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_parameter",
        "torch.storage.UntypedStorage",
        "_codecs.encode",
        "builtins.set",
        "__builtin__.set",
        "numpy.dtype",
        "numpy.core.multiarray.scalar",
        "numpy._core.multiarray.scalar",
    }
    | {f"torch.{kind}Storage" for kind in _KINDS}
    | {f"torch.cuda.{kind}Storage" for kind in _KINDS}
    | {f"torch.{name}" for name in ("float64", "float32", "float16", "bfloat16", "int64", "int32")}
)


def require_plain(path: Path) -> None:
    """Refuse a checkpoint that is more, or other, than tensors with their names.

    Raises:
        UnreadableFile: its zip plays tricks, its pickle names what could run code, or it is none.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_ZIP)) == _ZIP:
                _require_plain_zip(path)
                return
            file.seek(0)
            _require_plain_legacy(io.BytesIO(file.read(MOST_PICKLE_BYTES)), path=path)
    except zipfile.BadZipFile as error:
        raise _broken(path, why=f"As an archive it is broken: {error}.") from error


def _require_plain_zip(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        trick = _trick(entries, size=path.stat().st_size)
        if trick:
            raise _refused(path, why=f"Its archive {trick}.")
        for entry in entries:
            archive.open(entry).close()  # compares its name in the list with that before its data
        trees = [entry for entry in entries if entry.filename.endswith(".pkl")]
        if len(trees) != 1 or PurePosixPath(trees[0].filename).name != "data.pkl":
            raise _refused(path, why="It holds no list of tensors, or several pickles.")
        if trees[0].file_size > MOST_PICKLE_BYTES:
            raise _refused(path, why="The list of its tensors is larger than any network's.")
        _require_allowed(io.BytesIO(archive.read(trees[0])), path=path)


def _trick(entries: list[zipfile.ZipInfo], *, size: int) -> str:
    """What is wrong with the list of an archive, in words, or ""."""
    names = [entry.filename for entry in entries]
    if any("/code/" in name for name in names):
        return "holds a program (TorchScript)"
    if len(names) > MOST_ENTRIES:
        return f"lists {len(names)} files"
    if any(_leads_away(name) for name in names):
        return "holds a name that leads out of its folder"
    if len({name.casefold() for name in names}) < len(names):
        return "holds two files of one name"
    if len({name.partition("/")[0] for name in names}) != 1:
        return "has more than one folder"
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        return "is encrypted"
    if any(_is_packed(entry) for entry in entries):
        return "is compressed, as no checkpoint is"
    if sum(entry.file_size for entry in entries) > size or _overlap(entries):
        return "claims more than it holds"
    return ""


def _leads_away(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return name.startswith("/") or ".." in parts or bool(set(name) & set("\\:\0"))


def _is_packed(entry: zipfile.ZipInfo) -> bool:
    return entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    """Whether two files of the archive share bytes."""
    placed = sorted((entry.header_offset, entry.compress_size) for entry in entries)
    return any(start + length > other for (start, length), (other, _) in pairwise(placed))


def _require_plain_legacy(file: BinaryIO, *, path: Path) -> None:
    """torch's older format is five pickles, then numbers; any other pickle is refused by name."""
    first = _require_allowed(file, path=path)
    if first != [_MAGIC]:
        raise _broken(path, why="It is no checkpoint, or a broken one.")
    for _ in range(_LEGACY_PICKLES):
        _require_allowed(file, path=path)


def _require_allowed(file: BinaryIO, *, path: Path) -> list[int]:
    """Read one pickle as instructions; gives the whole numbers that stand in it, for its magic.

    Raises:
        UnreadableFile: it names anything but what tensors are made of, or is broken.
    """
    asked: dict[str, None] = {}
    numbers: list[int] = []
    try:
        for name, number in _instructions(file):
            if name:
                asked[name] = None
            if number is not None and len(numbers) < _NAMED:
                numbers.append(number)
    except (ValueError, IndexError, OverflowError) as error:
        if not asked.keys() - ALLOWED:
            raise _broken(path, why="It is no checkpoint, or a broken one.") from error
    alien = [name for name in asked if name not in ALLOWED]
    if alien:
        more = f" and {len(alien) - _NAMED} more" if len(alien) > _NAMED else ""
        told = ", ".join(_printable(name) for name in alien[:_NAMED]) + more
        raise _refused(path, why=f"To open it, code would have to run: it asks for {told}.")
    return numbers


def _instructions(file: BinaryIO) -> Iterator[tuple[str, int | None]]:
    """What each instruction names ("module.thing"), or the whole number that it brings."""
    texts = ["", ""]
    for count, (code, argument, _) in enumerate(pickletools.genops(file)):
        if count > MOST_INSTRUCTIONS:
            msg = "more instructions than any network needs"
            raise ValueError(msg)
        if code.name in {"GLOBAL", "INST"}:
            yield str(argument).replace(" ", "."), None
        elif code.name == "STACK_GLOBAL":  # torch never writes it
            yield ".".join(texts) if all(texts) else "a name put together", None
        elif code.name.startswith("EXT"):
            yield f"extension {argument}", None
        elif code.name.startswith("LONG") and isinstance(argument, int):
            yield "", argument
        elif code.name not in _KEEPING:  # names can come from memory, past what stands here
            texts = [texts[1], argument] if isinstance(argument, str) else ["", ""]


def _printable(name: str) -> str:
    return re.sub(r"[^\w. ]", "?", name)[:_LONGEST_NAME]


def _refused(path: Path, *, why: str) -> UnreadableFile:
    return UnreadableFile(
        f"The file {path.name} is refused.",
        why=why,
        remedy="Ask its author for a file that holds tensors alone (a state dict).",
    )


def _broken(path: Path, *, why: str) -> UnreadableFile:
    return UnreadableFile(
        f"The file {path.name} cannot be opened as weights.",
        why=why,
        remedy="Choose a .pt, .pth or .safetensors file, or download it again.",
    )

"""The one door for other programs' weights: a locked-down process that turns them into safetensors.

Started by `inference.upkeep`, never in the window or the engine. It says what came of it as one
line of JSON on standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from domain.errors import CaliperError, UnreadableFile, WeightsIncompatible
from inference.checkpoints import read_checkpoint
from inference.entry import canonical_json
from inference.loader import build, load_strictly, to_bytes
from inference.lockdown import lock_down
from inference.smoke import require_answer
from inference.strict import Differences

_SPARE_MEMORY = 1 << 30
_COPIES = 7  # the file, its tensors, their copies, the network and the new file
_SPARE_FILE = 1 << 20


@dataclass(frozen=True)
class Converted:
    """What was found in the file."""

    architecture: str
    config: dict[str, Any]


def convert(source: Path, target: Path) -> Converted:
    """Write the network of a checkpoint as a weights file, value for value.

    Raises:
        UnreadableFile: the source cannot be opened as data.
        WeightsIncompatible: it holds no network of Caliper's, not all of it, or one that fails.
    """
    state, found = read_checkpoint(source)
    with shapes_alone():  # whatever width the file claims
        needed = build(found.architecture, found.config).state_dict()
    differences = Differences.between(needed, state)
    if differences:
        raise WeightsIncompatible(
            f"The file {source.name} holds {found.architecture}, but not as Caliper knows it.",
            why=differences.words,
            remedy="Choose other weights.",
        )
    config = dict(found.config)
    module = build(found.architecture, config)
    load_strictly(module, state, title=source.name)
    require_answer(module, architecture=found.architecture)
    target.write_bytes(to_bytes(state, architecture=found.architecture, config=config))
    return Converted(found.architecture, config)


def main(argv: list[str]) -> int:
    """`SOURCE TARGET`: lock this process down, convert, and report."""
    source, target = (Path(argument) for argument in argv)
    warm_up()
    size = source.stat().st_size
    lock_down(
        writable=target, memory=_COPIES * size + _SPARE_MEMORY, file_bytes=2 * size + _SPARE_FILE
    )
    try:
        answer = vars(convert(source, target))
    except CaliperError as error:
        answer = _refusal(error)
    except (MemoryError, RuntimeError, OSError) as error:  # torch's out of memory is the second
        why = f"Reading it asked for what no weights file needs ({type(error).__name__})."
        answer = _refusal(UnreadableFile(f"The file {source.name} is refused.", why=why))
    sys.stdout.write(canonical_json(answer) + "\n")
    return 1 if "error" in answer else 0


def warm_up() -> None:
    """Import what reading needs while the doors are open."""
    with shapes_alone():
        for architecture in ("unet_ikem", "hrnet_ocr", "column_net", "space_time_unet"):
            build(architecture, {}).state_dict()


@contextmanager
def shapes_alone() -> Iterator[None]:
    """Networks that are built in here have shapes and no numbers."""
    with torch.device("meta"), _Undrawn():
        yield


class _Undrawn(TorchFunctionMode):
    """Draws no first values: without numbers that imports torch's compiler, which takes seconds."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", "") == "torch.nn.init":
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        return func(*args, **kwargs)


def _refusal(error: CaliperError) -> dict[str, Any]:
    return {
        "error": type(error).__name__,
        "what": error.what,
        "why": error.why,
        "remedy": error.remedy,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

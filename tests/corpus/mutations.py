"""Sound files with random damage: no answer is right, but every one must come, and in time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.corpus.moving import whole_moving
from tests.corpus.opens import must_open
from tests.corpus.refuses import whole_files

LARGEST = 200_000  # damage in a huge comment teaches nothing


def damaged(seeds: range) -> Iterator[tuple[str, bytes]]:
    """One damaged file for each seed, and its name."""
    rng = np.random.default_rng(0)
    flat = rng.integers(0, 256, (80, 72), np.uint8)
    deep = rng.integers(0, 2**16, (80, 72), np.uint16)
    sound = [(good.name, good.content) for good in must_open()]
    sound = [each for each in sound if len(each[1]) < LARGEST]
    sound += [*whole_files(flat, deep).items(), *whole_moving().items()]
    for seed in seeds:
        name, content = sound[seed % len(sound)]
        yield f"{seed}-{name}", _damaged(bytearray(content), np.random.default_rng(seed))


def _damaged(content: bytearray, rng: np.random.Generator) -> bytes:
    """Bytes changed (mostly near the start, where the structure is), cut out, doubled, cut off."""
    for _ in range(int(rng.integers(1, 9))):
        reach = len(content) if rng.random() < 0.5 else min(len(content), 600)
        place = int(rng.integers(0, reach))
        length = int(rng.integers(1, 17))
        match int(rng.integers(0, 6)):
            case 0:
                content[place : place + length] = b""
            case 1:
                content[place:place] = content[place : place + length]
            case 2:
                content[place : place + 4] = rng.choice([b"\0\0\0\0", b"\xff\xff\xff\x7f"])
            case 3 if rng.random() < 0.2:
                del content[max(place, 1) :]
            case _:
                content[place] ^= 1 << int(rng.integers(0, 8))
        if not content:
            return b"\0"
    return bytes(content)

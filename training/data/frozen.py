"""Which people a network that learns at a person's own place is measured on: a file that grows."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from domain.errors import WrongUse


@dataclass(frozen=True)
class Frozen:
    """People to measure on for ever, and people that were learnt from: nobody is both.

    Args:
        test, learnt: keys of people; only ever added to.
    """

    test: frozenset[str] = frozenset()
    learnt: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path) -> Frozen:
        """From a file; nobody where there is none.

        Raises:
            WrongUse: the file is damaged: drawing again would measure on who was learnt from.
        """
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            return cls(frozenset(map(str, told["test"])), frozenset(map(str, told["learnt"])))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise WrongUse(
                f"The list of test people {path.name} cannot be read.",
                why=f"{error}.",
                remedy="Put back a copy of it; without it nobody knows who was learnt from.",
            ) from error

    def write(self, path: Path) -> None:
        """To a file, so that a crash leaves the old one or the new one."""
        told = {"test": sorted(self.test), "learnt": sorted(self.learnt)}
        fresh = path.with_name(f"{path.name}.tmp")
        fresh.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        fresh.replace(path)

    def grown(self, people: Collection[str], *, share: float, least: int = 0) -> Frozen:
        """With these people sorted in: new ones are tested on until `share` of all are, or `least`.

        Who was learnt from stays so, and who is tested on too. Chance is a hash of the key.
        """
        here = set(people)
        fresh = sorted(
            here - self.test - self.learnt, key=lambda key: sha256(key.encode()).digest()
        )
        wanted = max(least, math.ceil(share * len(here))) - len(here & self.test)
        wanted = max(0, wanted)
        return Frozen(self.test | set(fresh[:wanted]), self.learnt | set(fresh[wanted:]))

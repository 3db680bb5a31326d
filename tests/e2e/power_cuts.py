"""Kills the program again and again while a hand works, and looks whether it kept its promises.

`python -m tests.e2e.power_cuts --kills 200` says at the end what was beaten how. Each kill comes
at a moment that the seed draws; the same seed draws the same gestures and moments again, though no
machine takes the same time twice. The home of a kill that broke a promise is kept, and named.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from app.library.history import History
from app.library.library import Library
from app.library.opening import FILE_NAME
from app.session.session import status_of
from tests.e2e.busy_hand import START, digest
from tests.e2e.program import Program, screen, wait_until

SHARE_IN_START, SHARE_IN_COMMIT = 0.25, 0.5
LONGEST_COMMIT_S = 0.01
LONGEST_WORK_S = 2.0
KILLS_A_HOME = 20
ALIVE_LIMIT_S = 2.0


Way = tuple[str | None, str | None, str | None]


@dataclass(frozen=True)
class Kept:
    """What a library holds of a case: its revisions by id as digests, what is shown, its note."""

    revisions: dict[str, str] = field(default_factory=dict)
    head: str | None = None
    note: str = ""

    def after(self, write: dict[str, object]) -> Kept:
        """The same once a change has landed."""
        changed = {name: write[name] for name in ("head", "note") if name in write}
        added = write.get("added", {})
        assert isinstance(added, dict)
        return replace(self, revisions={**self.revisions, **added}, **changed)


@dataclass
class Tally:
    """What was beaten, and what was seen.

    Args:
        ahead: changes that were there though nobody had called them saved yet.
        alive_s: how long after its death the longest of the family lived, for each kill.
    """

    kills: int = 0
    in_start: int = 0
    changes: int = 0
    promised: int = 0
    ahead: int = 0
    undone: int = 0
    alive_s: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.in_start} of them before a film was on screen: "
            f"{self.changes} changes begun, {self.promised} called saved, all of them there; "
            f"{self.ahead} more had landed unannounced, none by half; undo and redo right after "
            f"{self.undone} restarts; nobody lived longer than {max(self.alive_s):.2f} s"
        )


def beat(kills: int, *, seed: int, folder: Path, own_engine: bool = False) -> Iterator[Tally]:
    """Kill so often; the tally after each.

    Raises:
        AssertionError: a promise was broken.
    """
    tally = Tally()
    film = folder / "film.png"
    pixels = np.random.default_rng(seed).integers(40, 200, (700, 240))
    assert cv2.imwrite(str(film), pixels.astype(np.uint8))
    engine = ("--own-engine",) if own_engine else ()
    with screen() as shown_on:
        for number in range(kills):
            home = folder / f"home {number // KILLS_A_HOME}"
            chance = random.Random(f"{seed} {number}")
            before, ways = look(home / "library")
            command = (*START, film, "--seed", chance.randrange(1 << 30))
            program = Program([*command, *engine], home=home, screen=shown_on)
            try:
                began = time.monotonic()
                let_it_live(program, chance)
                assert not program.has_ended, f"it ended by itself after {time.monotonic() - began}"
                tally.alive_s.append(program.kill())
            finally:
                program.clear_away()
            check(program, home / "library", before, tally)
            check_undo(program, before, ways)
            tally.kills += 1
            yield tally


def let_it_live(program: Program, chance: random.Random) -> None:
    """Until the moment that the seed draws: in the start, in the hand's work, or in a commit."""
    share = chance.random()
    wait_until(lambda: program.has_ended, seconds=0.2 + LONGEST_WORK_S * chance.random())
    if share > SHARE_IN_START:
        assert program.await_word("shown")
    if share > SHARE_IN_START + SHARE_IN_COMMIT:
        wait_until(lambda: program.has_ended, seconds=chance.uniform(0.0, LONGEST_WORK_S))
    elif share > SHARE_IN_START:
        count = len(program.said("write")) + chance.randint(1, 12)
        wait_until(lambda: program.has_ended or len(program.said("write")) >= count, look_s=0.0005)
        time.sleep(chance.uniform(0.0, LONGEST_COMMIT_S))


def check(program: Program, library: Path, before: dict[str, Kept], tally: Tally) -> None:
    """What is there is what stood there, and the changes up to one that was promised or later."""
    writes = [json.loads(line) for line in program.said("write")]
    promised = max(map(int, program.said("saved")), default=0)
    (now, _), states = look(library), [before]
    for write in writes:
        kept = states[-1].get(write["case"], Kept())
        states.append({**states[-1], write["case"]: kept.after(write)})
    # Where undo leads back to a state that was there before, the latest counts.
    landed = max((n for n, state in enumerate(states) if state == now), default=-1)
    assert landed >= promised, f"{promised} of {len(writes)} changes were promised: {now}"
    tally.in_start += not program.said("shown")
    tally.changes += len(writes)
    tally.promised += promised
    tally.ahead += landed - promised
    tally.undone += len(program.said("redone"))


def check_undo(program: Program, before: dict[str, Kept], ways: dict[str, Way]) -> None:
    """The film came up as it was left, undo went where it should, and redo came back."""
    for case_id, kept in before.items():
        for word, head in zip(("shown", "undone", "redone"), ways[case_id], strict=True):
            for said in program.said(word) if kept.head is not None else ():
                assert said.split() == [head, kept.revisions[head or ""]], f"{word}: {said}"


def look(folder: Path) -> tuple[dict[str, Kept], dict[str, Way]]:
    """Open a library as the program does; everything in it must be whole.

    Returns:
        every case by its id, and for each its head, where undo leads, and redo from there: not
        always back, where an answer came after its gesture had been left.
    """
    if not (folder / FILE_NAME).exists():
        return {}, {}
    library = Library.open(folder)
    try:
        assert not library.read_only
        assert library._connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert library._connection.execute("PRAGMA foreign_key_check").fetchall() == []
        kept, ways = {}, {}
        for case in library.cases():
            revisions = library.revisions(case.id)
            assert library.damaged(case.id) == ()
            history = History(revisions, case.head, case_id=case.id, tip=case.tip)
            assert history.head == case.head
            assert status_of(history.current) == case.status
            digests = {one.id: digest(one.annotations) for one in revisions.values()}
            kept[case.id] = Kept(digests, case.head, case.note)
            history.undo()
            undone = history.head
            history.redo()
            ways[case.id] = (case.head, undone, history.head)
        return kept, ways
    finally:
        library.close()


def main(argv: list[str] | None = None) -> int:
    """Beat the program, tell how it went; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.power_cuts")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--own-engine", action="store_true", help="the network, not a rule")
    options = parser.parse_args(argv)
    folder, tally = Path(tempfile.mkdtemp(prefix="power cuts ")), Tally()
    try:
        for tally in beat(
            options.kills, seed=options.seed, folder=folder, own_engine=options.own_engine
        ):
            print(f"{tally.kills}/{options.kills}", end="\r", file=sys.stderr)
    except AssertionError as error:
        print(f"Seed {options.seed}, kill {tally.kills + 1}: {error}\nSee {folder}")
        return 1
    shutil.rmtree(folder)
    print(tally)
    return 1 if max(tally.alive_s) > ALIVE_LIMIT_S else 0


if __name__ == "__main__":
    sys.exit(main())

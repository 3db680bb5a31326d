"""The program itself with a hand on it that never rests, until somebody kills it.

It tells, line by line: `write` with every change that it gives to the library, before that has it;
`saved N` whenever the status line calls everything saved, N changes so far; `shown`, `undone` and
`redone` with the revision on screen once a film known from before is there; and `ended`.

Started by `START`: the children of a script would load it, and all of the window, once more.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit

from app.library.codec import encode
from app.library.library import Library
from app.window import main
from app.window.main_window import MainWindow
from domain.annotation import Annotations
from domain.vertebrae import names_of
from inference.manifest import Manifest
from tests.e2e.hands import LEFT, drag, has_points, is_on_screen, mouse_target, settled
from tests.e2e.rule_engine import rule_engine_command
from tests.rule_weights import install_rule

START = ("-c", "import sys; from tests.e2e.busy_hand import begin; sys.exit(begin())")
ANSWER_S = 0.03
FEWEST, MOST = 14, 19  # vertebrae; beyond them the hand deletes or inserts no more
BETWEEN_MS = (0, 120)


def digest(annotations: Annotations) -> str:
    """What is decided, for comparing."""
    return sha256(encode(annotations).encode()).hexdigest()


def run(options: argparse.Namespace) -> int:
    """Start the program on a film, with this hand in it."""
    compose = main.compose

    def composed(library: Library, *, weights: Manifest, **rest: Any) -> MainWindow:
        journal = Journal(library)
        command: tuple[str, ...] = ()
        if not options.own_engine:
            weights = Manifest((install_rule(options.film.parent),))
            command = rule_engine_command(seconds=ANSWER_S)
        window = compose(library, weights=weights, command=command, **rest)
        journal.watch(window)
        hand = Hand(window, random.Random(options.seed))
        QTimer.singleShot(0, lambda: play(hand, options.film.stem, gestures=options.gestures))
        return window

    main.compose = composed
    return main.run([str(options.film)])


def play(hand: Hand, name: str, *, gestures: int) -> None:
    """Undo and redo what an earlier sitting left, then go on."""
    window = hand.window
    window.resize(1200, 800)
    hand.wait_for(lambda: is_on_screen(window, name))
    if window.session.decisions is None and not window.asking.is_busy:
        QTest.keySequence(window.view, "Return")  # killed before its proposal was there
    hand.wait_for(lambda: has_points(window, name))
    hand.take_the_keys()
    tell_head(window, "shown")
    for keys, word in (("Ctrl+Z", "undone"), ("Ctrl+Y", "redone")):
        QTest.keySequence(window, keys)
        tell_head(window, word)
    for _ in range(gestures):
        hand.do_something()
    hand.wait_for(lambda: settled(window))
    window.close()
    say("ended")


class Journal:
    """Tells of changes before the library has them, and of what the status line promises."""

    def __init__(self, library: Library) -> None:
        self._count, self._library = 0, library
        for name, facts in (
            ("append_all", _revisions_facts),
            ("set_head", lambda case_id, head, **_: {"case": case_id, "head": head}),
            ("describe", lambda case_id, *, note, **_: {"case": case_id, "note": note}),
            ("add_case", lambda case, _picture: {"case": case.id, "head": None, "note": ""}),
        ):
            setattr(library, name, self._told(getattr(library, name), facts))

    def watch(self, window: MainWindow) -> None:
        """Believe what stands in the status line."""
        label = window.status._saved

        def look(_when: float) -> None:
            if label.text().startswith("saved "):
                say(f"saved {self._count}")

        window.saved.connect(look, Qt.ConnectionType.QueuedConnection)

    def _told(self, write: Callable[..., Any], facts: Callable[..., Any]) -> Callable[..., Any]:
        def told(*args: Any, **options: Any) -> Any:
            self._count += 1
            say(f"write {json.dumps(facts(*args, **options))}")
            return write(*args, **options)

        return told


def _revisions_facts(revisions: Any, **_: Any) -> dict[str, Any]:
    pairs = list(revisions)
    facts = {"case": pairs[0][0].case_id, "added": {r.id: digest(r.annotations) for r, _ in pairs}}
    heads = [revision.id for revision, is_head in pairs if is_head]
    return {**facts, "head": heads[-1]} if heads else facts


class Hand:
    """Does what people do, in an order that a seed decides."""

    def __init__(self, window: MainWindow, chance: random.Random) -> None:
        self.window, self._chance = window, chance
        self._deeds: tuple[tuple[int, Callable[[], None]], ...] = (
            (8, self._drag),
            (3, self._nudge),
            (2, lambda: self._repair("Ins", fits=lambda count: count < MOST)),
            (2, lambda: self._repair("Ctrl+Del", fits=lambda count: count > FEWEST)),
            (1, lambda: self._keys(chance.choice(("Alt+PgUp", "Alt+PgDown")))),
            (1, lambda: self._keys(chance.choice(("Ctrl+Up", "Ctrl+Down")))),
            (2, lambda: self._keys(chance.choice(("P", "Del")))),
            (2, lambda: self._measure(*chance.choice((("L", 2), ("A", 3), ("G", 1))))),
            (1, self._note),
            (1, lambda: self._keys("Return")),
            (4, lambda: self._keys("Ctrl+Z")),
            (2, lambda: self._keys("Ctrl+Y")),
        )

    def do_something(self) -> None:
        """One gesture and a pause, or none."""
        weights = [weight for weight, _ in self._deeds]
        self._chance.choices([deed for _, deed in self._deeds], weights)[0]()
        QTest.qWait(self._chance.randint(*BETWEEN_MS))

    def wait_for(self, done: Callable[[], bool]) -> None:
        """Let the window live until then."""
        while not done():
            QTest.qWait(5)

    def take_the_keys(self) -> None:
        """Keys go to the canvas."""
        self.window.activateWindow()
        self.window.view.setFocus()
        self.wait_for(self.window.view.hasFocus)

    def _keys(self, *keys: str) -> None:
        for key in keys:
            QTest.keySequence(self.window.view, key)

    def _corner(self) -> int:
        decisions = self.window.session.decisions
        assert decisions is not None
        assert decisions.points is not None
        return self._chance.randrange(len(decisions.points))

    def _drag(self) -> None:
        by = (self._chance.randint(-12, 12), self._chance.randint(4, 15))
        drag(self.window, self._corner(), by=by, steps=4)

    def _nudge(self) -> None:
        self.window.editing.select(self._corner())
        self._keys(*self._chance.choices(("Up", "Left", "Shift+Down", "Alt+Right"), k=3))

    def _repair(self, key: str, *, fits: Callable[[int], bool]) -> None:
        decisions = self.window.session.decisions
        if decisions is not None and fits(len(names_of(decisions))):
            self.window.editing.select(self._corner())
            self._keys(key)

    def _measure(self, key: str, clicks: int) -> None:
        self._keys(key)
        target = mouse_target(self.window)
        for _ in range(clicks):
            place = (self._chance.uniform(80, 600), self._chance.uniform(10, 60))
            at = self.window.view.map_from_image(*place).toPoint()
            QTest.mouseClick(target, LEFT, pos=target.mapFrom(self.window.view, at))

    def _note(self) -> None:
        self._keys("Ctrl+M")
        field = self.window.worklist.note.findChild(QPlainTextEdit)
        QTest.keyClicks(field, f"word {self._chance.randrange(1000)} ")
        self.window.worklist.note_dock.hide()
        self.take_the_keys()


def tell_head(window: MainWindow, word: str) -> None:
    """The revision on screen, by what is shown."""
    current = window.session.current
    assert current is not None
    assert current.history.current is not None
    say(f"{word} {current.history.head} {digest(current.history.current)}")


def say(line: str) -> None:
    """Tell whoever started this."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def begin() -> int:
    """Start as the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("film", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--gestures", type=int, default=1_000_000)
    parser.add_argument("--own-engine", action="store_true")
    return run(parser.parse_args())

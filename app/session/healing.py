"""How the study on screen is healed: what a person wishes, what was computed, what is looked at."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.library.results import AskedFor, StoredResult, decode, encode, key_of
from app.session.asking import Asking
from app.session.kept import asked, chosen, possible
from app.session.recording import is_refused
from app.session.session import OpenCase, Session
from domain.annotation import Annotations
from domain.errors import CaliperError, NotForThisTask, WeightsMissing
from domain.implant import ImplantDecisions, ImplantFindings, ImplantOptions
from inference.contracts import Preview, Request, Response

TASK = "implant"
HELD = 12
"""Results kept decoded: a ladder and a little."""


@dataclass(frozen=True)
class Wish:
    """How a study is to be healed.

    Args:
        seed: of the first of `options.seeds` runs.
    """

    options: ImplantOptions = field(default_factory=ImplantOptions)
    seed: int = 0

    def adapted(self, request: Request) -> Request:
        """The question as it is wished answered; brightness is the file's."""
        if request.task != TASK:
            return request
        inverted = getattr(request.options, "inverted", False)
        return replace(request, options=replace(self.options, inverted=inverted), seed=self.seed)


class Healing(QObject):
    """Asks, keeps each answer with its case, and shows one of them.

    `result` is the answer that the decisions on screen come from, `shown` the one looked at: a
    person may look at another rung of the ladder.
    """

    changed = Signal()  # what is wished, there or looked at
    sketched = Signal(object)  # ImplantFindings of an answer that is not finished

    def __init__(self, session: Session, asking: Asking) -> None:
        super().__init__(session)
        self._session, self._asking = session, asking
        self.wish = Wish()
        self.result: StoredResult | None = None
        self._looked_at: StoredResult | None = None
        self._keys: set[str] = set()
        self._held: OrderedDict[tuple[str, str], StoredResult] = OrderedDict()
        asking.answered.connect(self._take_answer)
        asking.sketched.connect(self._take_sketch)
        asking.weights_changed.connect(self.changed)
        session.case_shown.connect(self._follow_case)
        session.task_changed.connect(self._follow_case)
        session.decisions_changed.connect(self._follow_decisions)
        self._follow_case()

    @property
    def is_on(self) -> bool:
        """Whether the case on screen is of this task."""
        return self._session.current is not None and self._session.task == TASK

    @property
    def shown(self) -> StoredResult | None:
        """The answer that is looked at."""
        return self._looked_at or self.result

    @property
    def decided(self) -> ImplantDecisions | None:
        """What is decided on the study on screen."""
        decisions = self._session.decisions if self.is_on else None
        return decisions.implants if decisions else None

    @property
    def is_asked_anew(self) -> bool:
        """Whether the study would be healed otherwise than what is decided on was."""
        decided = self.decided
        if decided is None or decided.options is None:
            return True
        wished = replace(self.wish.options, inverted=decided.options.inverted)
        other_seed = self.result is not None and self.result.seed != self.wish.seed
        return wished != decided.options or other_seed

    @property
    def rungs(self) -> frozenset[int]:
        """Levels that are computed already, all else as wished."""
        return frozenset(one.options.level for one in self._alike())

    def ask_for(self, *, seed: int | None = None, **options: Any) -> None:
        """Wish the study healed otherwise: by fields of `ImplantOptions`, or from another seed."""
        wish = Wish(replace(self.wish.options, **options), self.wish.seed if seed is None else seed)
        if wish != self.wish:
            self.wish = wish
            self.look_at(None)

    def look_at(self, level: int | None) -> None:
        """Look at another level that is computed; None for the one that is decided on."""
        wanted = None if level is None else self.result_at(level)
        if wanted is not self._looked_at:
            self._looked_at = None if wanted is self.result else wanted
        self.changed.emit()

    def result_at(self, level: int) -> StoredResult | None:
        """What was computed at a level, all else as wished."""
        return next((self._load(a) for a in self._alike() if a.options.level == level), None)

    def localise(self) -> None:
        """Have the study on screen healed as wished."""
        current, image = self._session.current, self._session.image
        if current is None or image is None or is_refused(self._session):
            return
        before = self._session.decisions or Annotations(image.sha256)
        implants = before.implants or ImplantDecisions()
        wished = replace(before, implants=replace(implants, options=self.wish.options))
        action = f"Localised at λ {self.wish.options.level}"
        self.look_at(None)
        try:
            self._asking.ask(current, image, wished, action=action, adapt=self.wish.adapted)
        except (WeightsMissing, NotForThisTask) as error:
            self._session.trouble.emit(error)

    def is_decided(self, opened: OpenCase, wish: Wish) -> bool:
        """Whether the regions of any case come from an answer as wished, by the weights in use."""
        decisions = opened.history.current
        if decisions is None or decisions.implants is None or decisions.origin is None:
            return False
        options, (weights_id, _) = decisions.implants.options, self._asking.weights_of(TASK)
        if options is None or decisions.origin.weights_id != weights_id:
            return False
        kept = [one.seed for one in possible(self._keys_of(opened.case.id), decisions)]
        is_seed = wish.seed in kept if kept else wish.seed == Wish().seed
        return is_seed and replace(wish.options, inverted=options.inverted) == options

    def keep(self, case_id: str, request: Request, response: Response) -> None:
        """Keep an answer with its case; it can be computed again where the library is full."""
        findings = response.findings
        if not isinstance(findings, ImplantFindings):
            return
        result = StoredResult(findings, response.origin, request.seed)
        key = key_of(findings.options, seed=request.seed, weights_id=request.weights_id)
        self._hold(case_id, key, result)
        library = self._session.library
        if not library.read_only:
            library.keep_result(case_id, key, encode(result)).add_done_callback(_pass_over)
        current = self._session.current
        if current is not None and current.case.id == case_id:
            self._keys.add(key)
            self.changed.emit()

    @Slot(str, object, object)
    def _take_answer(self, case_id: str, request: Request, response: Response) -> None:
        if request.task == TASK:
            self.keep(case_id, request, response)

    @Slot(object)
    def _take_sketch(self, preview: Preview) -> None:
        if isinstance(preview.findings, ImplantFindings):
            self.sketched.emit(preview.findings)

    @Slot()
    def _follow_case(self) -> None:
        self.result = self._looked_at = None
        current = self._session.current
        if current is None or not self.is_on:
            self._keys = set()
            self.changed.emit()
            return
        self._keys = self._keys_of(current.case.id)
        decided = self.decided
        if decided is not None and decided.options is not None:
            self.wish = replace(self.wish, options=decided.options)
        self._follow_decisions()

    @Slot()
    def _follow_decisions(self) -> None:
        if not self.is_on:
            return
        found = self._decided_on()
        if found is not self.result:
            self.result, self._looked_at = found, None
        self.changed.emit()

    def _decided_on(self) -> StoredResult | None:
        """The kept answer that the decisions on screen come from."""
        decisions = self._session.decisions
        if decisions is None or decisions.implants is None or decisions.origin is None:
            return None
        options, origin = decisions.implants.options, decisions.origin
        before = self.result
        if before and (before.origin, before.findings.options) == (origin, options):
            return before
        loaded = [self._load(one) for one in possible(self._keys, decisions)]
        return chosen((result for result in loaded if result is not None), origin)

    def _keys_of(self, case_id: str) -> set[str]:
        keys = {key for held_id, key in self._held if held_id == case_id}
        with suppress(CaliperError):  # what is not read can be computed
            keys |= self._session.library.result_keys(case_id)
        return keys

    def _alike(self) -> list[AskedFor]:
        """What is kept and differs in its level alone from what is wished."""
        weights_id, _ = self._asking.weights_of(TASK)
        wished = self.wish.options
        return [
            one
            for one in asked(self._keys)
            if one.seed == self.wish.seed
            and one.weights_id == weights_id
            and replace(one.options, level=wished.level, inverted=wished.inverted) == wished
        ]

    def _load(self, asked: AskedFor) -> StoredResult | None:
        current = self._session.current
        if current is None:
            return None
        key = key_of(asked.options, seed=asked.seed, weights_id=asked.weights_id)
        known = self._held.get((current.case.id, key))
        if known is not None:
            return known
        try:
            content = self._session.library.result(current.case.id, key)
            result = None if content is None else decode(content)
        except CaliperError:
            result = None
        if result is None:
            self._keys.discard(key)
        else:
            self._hold(current.case.id, key, result)
        return result

    def _hold(self, case_id: str, key: str, result: StoredResult) -> None:
        self._held[case_id, key] = result
        self._held.move_to_end((case_id, key))
        while len(self._held) > HELD:
            self._held.popitem(last=False)


def _pass_over(kept: Future[None]) -> None:
    """What could not be kept is computed again when it is wanted; the library says why itself."""
    kept.exception()

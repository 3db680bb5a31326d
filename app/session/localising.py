"""Many studies localised one after the other in the background, all as a person wishes now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.library.cases import CaseStatus
from app.session.asking import Asking
from app.session.healing import TASK, Healing
from app.session.manner import Manner
from app.session.queue import Queue
from app.session.retasking import move_to_task
from app.session.session import Session

DONE = "It is localised in this way already."


@dataclass(frozen=True)
class Batch:
    """Studies that are to be localised.

    Args:
        fresh: cases that are not localised in this way yet.
        reviewed: how many of those a person has accepted.
        others: those that belong to another task so far.
    """

    case_ids: tuple[str, ...]
    fresh: tuple[str, ...]
    reviewed: int
    others: tuple[str, ...]


class Localising:
    """Hands studies to the queue; what a person drew, judged or named stays in each."""

    def __init__(self, session: Session, asking: Asking, *, healing: Healing, queue: Queue) -> None:
        self._session, self._asking = session, asking
        self._healing, self._queue = healing, queue

    def look_at(self, case_ids: Sequence[str]) -> Batch:
        """What localising these cases would mean."""
        manner = self._manner()
        opened = [self._session.opened(case_id) for case_id in dict.fromkeys(case_ids)]
        fresh = [one for one in opened if not manner.is_done(one)]
        return Batch(
            tuple(one.case.id for one in opened),
            tuple(one.case.id for one in fresh),
            reviewed=sum(one.case.status is CaseStatus.REVIEWED for one in fresh),
            others=tuple(one.case.id for one in opened if one.case.task != TASK),
        )

    def begin(self, batch: Batch) -> None:
        """Localise them; a case of another task is of this one from now on."""
        for case_id in batch.others:
            move_to_task(self._session, case_id, TASK)
            self._asking.leave_task(case_id, task=TASK)
        self._queue.add_cases(batch.case_ids, manner=self._manner())

    def _manner(self) -> Manner:
        wish = self._healing.wish
        return Manner(
            action=f"Localised at λ {wish.options.level}",
            adapt=wish.adapted,
            is_done=lambda opened: self._healing.is_decided(opened, wish),
            done=DONE,
        )

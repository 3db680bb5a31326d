"""The state of one sitting: the cases that are open, the one on screen, its history."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import count
from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import QObject, Signal, Slot

from app.library.cases import Case, CaseStatus
from app.library.history import History
from app.library.library import Library
from app.session.listing import Listing
from app.session.opening import Opening
from app.session.settings import Settings
from domain.annotation import Annotations
from domain.errors import CaliperError, ImageMismatch
from domain.image import Image, Study
from domain.revision import Revision

IMAGES_HELD = 4
EARLIER_S = 1e-4
"""From film to film of one folder, so that the list has them in the folder's order."""
ROOM_S = 1.0
"""From folder to folder, opened however quickly: room for ten thousand films."""


@dataclass
class OpenCase:
    """A case of this sitting with its history."""

    case: Case
    history: History


class Session(QObject):
    """Opens cases, shows one, keeps what is decided; computes nothing."""

    cases_changed = Signal()
    leaving = Signal()
    case_shown = Signal()
    decisions_changed = Signal()
    imported = Signal(object, object)  # OpenCase, Image: a case that nobody has seen before
    task_changed = Signal()  # the case on screen is worked on in another task
    frame_changed = Signal()  # another frame of the film on screen is looked at
    film_read = Signal(str)  # case whose pixels are at hand now
    removed = Signal(str)
    trouble = Signal(object)
    reading = Signal(int, int)  # files read, of how many
    reading_finished = Signal()

    def __init__(
        self, library: Library, *, opening: Opening, task: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.library = library
        self.settings = Settings(library)
        self.current: OpenCase | None = None
        self.image: Image | None = None
        self.page_counts: dict[str, int] = {}  # how many pictures the files read so far hold
        self.frame = 0  # which one of the film on screen is looked at
        self._task = self.moving_task = task  # until a person chose one, and of films that move
        self._opening = opening
        self._wanted: str | None = None
        self._shows_first_of: int | None = None
        self._latest = 0.0
        self._begun, self._order = 0.0, count()
        self._open: dict[str, OpenCase] = {}
        self.listing = Listing(library, opened=lambda: [one.case for one in self._open.values()])
        self._images: OrderedDict[str, Image] = OrderedDict()
        opening.opened.connect(self._take_study)
        opening.refused.connect(self._tell_refusal)
        opening.progressed.connect(self.reading)
        opening.finished.connect(self.reading_finished)

    @property
    def decisions(self) -> Annotations | None:
        """What is decided on the case on screen."""
        return self.current.history.current if self.current else None

    @property
    def task(self) -> str:
        """The task of the case on screen; the usual one where there is none."""
        return self.current.case.task if self.current else self._task

    def look_at(self, frame: int) -> None:
        """Another frame of the film on screen is looked at."""
        if frame != self.frame:
            self.frame = frame
            self.frame_changed.emit()

    @property
    def cases(self) -> tuple[Case, ...]:
        """Every case of the library, newest first, read anew: `listing` has less, sooner."""
        return self.listing.whole()

    def case(self, case_id: str) -> Case:
        """A case as it is now; its history is left alone."""
        opened = self._open.get(case_id)
        return opened.case if opened else self.library.case(case_id)

    def open_paths(self, paths: Iterable[Path]) -> None:
        """Read files and folders; the first of them comes on screen."""
        self._begun, self._order = self.moment(), count()
        self._wanted, self._shows_first_of = None, self._opening.open(paths)

    def open_whole(self, folder: Path) -> None:
        """Read a folder as one study, whatever its names are like, and bring it on screen."""
        self._begun, self._order = self.moment(), count()
        self._wanted, self._shows_first_of = None, self._opening.open_page(folder, 0)

    def moment(self) -> float:
        """When films opened now count as made: after all others, though a clock was set back."""
        latest = self._latest or self.library.latest_created()
        self._latest = max(time.time(), latest + ROOM_S)
        return self._latest

    def stop_reading(self) -> None:
        """Read no further file; what was read stays."""
        self._opening.cancel()

    def show(self, case_id: str) -> None:
        """Bring a case on screen; its file is read again where its pixels are not at hand."""
        opened = self.opened(case_id)
        image = self._images.get(opened.case.image_sha256)
        self._wanted, self._shows_first_of = case_id, None
        if image is None:
            self._opening.open_page(Path(opened.case.path), opened.case.page)
        else:
            self._bring_up(opened, image)

    def fetch(self, case_id: str) -> None:
        """Have the pixels of a case at hand without bringing it on screen: `film_read` tells."""
        case = self.opened(case_id).case
        if self.image_of(case) is None:
            self._opening.open_page(Path(case.path), case.page)  # a folder may be one study
        else:
            self.film_read.emit(case_id)

    def opened(self, case_id: str) -> OpenCase:
        """A case of this sitting, loaded from the library on first use."""
        if case_id not in self._open:
            case = self.library.case(case_id)
            history = History(
                self.library.revisions(case_id), case.head, case_id=case.id, tip=case.tip
            )
            self._open[case_id] = OpenCase(case, history)
        return self._open[case_id]

    def let_go(self, *, keep: int) -> None:
        """Forget the histories of all but the `keep` cases opened last; they are read again.

        Only while everything is committed and nothing is asked.
        """
        for case_id in tuple(self._open)[: max(0, len(self._open) - keep)]:
            opened = self._open[case_id]
            if opened is not self.current:
                self.listing.settle(opened.case)
                del self._open[case_id]

    def image_of(self, case: Case) -> Image | None:
        """The pixels of a case where they are at hand."""
        return self._images.get(case.image_sha256)

    def store(self, opened: OpenCase, revision: Revision, *, is_head: bool) -> None:
        """Keep a revision; the library's callbacks tell when it is committed."""
        self.store_all(opened, [(revision, is_head)])

    def store_all(self, opened: OpenCase, revisions: Sequence[tuple[Revision, bool]]) -> None:
        """Keep revisions that belong together, each with whether the head moves to it: all or none.

        The library's callbacks tell when they are committed.
        """
        status = self._new_status(opened)
        self.library.append_all(revisions, status=status)
        self._note_status(opened, status)
        if opened is self.current and any(is_head for _, is_head in revisions):
            self.decisions_changed.emit()

    def move_head(self, revision: Revision | None) -> None:
        """Follow an undo, redo or jump of the case on screen."""
        if revision is not None and self.current is not None:
            status = self._new_status(self.current)
            self.library.set_head(self.current.case.id, revision.id, status=status)
            self._note_status(self.current, status)
            self.decisions_changed.emit()

    def adopt(self, study: Study, thumbnail: bytes, *, created: float) -> OpenCase:
        """The case of a film read elsewhere, a new one where its pixels are not known.

        A case whose file is gone has the one that was read from now on.
        """
        known = self._find(study.image.sha256)
        if known is None:
            return self._add(study, thumbnail, created=created)
        self._follow_file(known, study)
        return known

    def move_film(self, case_id: str, path: str, page: int) -> None:
        """Note where a film lies now; nothing where it is still (or again) where it was."""
        if case_id not in self.listing:
            return  # it was removed meanwhile
        opened = self.opened(case_id)  # until the move is committed, only this sitting knows it
        if not Path(opened.case.path).exists():
            opened.case = replace(opened.case, path=path, page=page)
            self.library.set_path(case_id, path, page=page)

    def describe(self, *case_ids: str, note: str | None = None, person: str | None = None) -> None:
        """Keep the note of cases, or the key that films of one person share; told once of all."""
        for opened in map(self.opened, case_ids):
            case = opened.case
            its = case.note if note is None else note, case.person if person is None else person
            opened.case = replace(case, note=its[0], person=its[1])
            self.library.describe(case.id, note=its[0], person=its[1])
        self.cases_changed.emit()

    def remove(self, *case_ids: str) -> None:
        """Forget cases and their histories; their files stay."""
        for future in [self.library.remove_case(case_id) for case_id in case_ids]:
            future.result()
        for case_id in case_ids:
            self._open.pop(case_id, None)
            self.listing.forget(case_id)
            self.removed.emit(case_id)
        if self.current is not None and self.current.case.id in case_ids:
            self.current, self.image = None, None
            self.case_shown.emit()
        self.cases_changed.emit()

    def close(self) -> None:
        """Commit everything and let go."""
        self._opening.close()
        self.library.close()

    def _new_status(self, opened: OpenCase) -> CaseStatus | None:
        """How far a person has come with what is decided now; None where the case says so."""
        status = status_of(opened.history.current)
        return None if status == opened.case.status else status

    def _note_status(self, opened: OpenCase, status: CaseStatus | None) -> None:
        if status is not None:
            opened.case = replace(opened.case, status=status)
            self.cases_changed.emit()

    @Slot(object, bytes, int)
    def _take_study(self, study: Study, thumbnail: bytes, request: int) -> None:
        known = self._find(study.image.sha256)
        is_new = known is None
        self.page_counts[study.path] = study.pages
        self._hold(study.image)
        if known is None:
            # The list shows the newest first, but films of one folder in the folder's order.
            self._begun = self._begun or self.moment()
            created = self._begun - EARLIER_S * next(self._order)
            known = self._add(study, thumbnail, created=created)
        else:
            self._follow_file(known, study)
        wanted = self.opened_or_none(self._wanted)
        if wanted is not None and _place(wanted.case) == _place(study) and wanted is not known:
            self._wanted = None
            self.trouble.emit(_other_pixels(study))
        elif request == self._shows_first_of or wanted is known:
            self._shows_first_of, self._wanted = None, known.case.id
            self._bring_up(known, study.image)
        if is_new:
            self.imported.emit(known, study.image)
        self.film_read.emit(known.case.id)

    def _follow_file(self, known: OpenCase, study: Study) -> None:
        if known.case.path != study.path:
            self.move_film(known.case.id, study.path, study.page)

    def _find(self, sha256: str) -> OpenCase | None:
        for opened in self._open.values():
            if opened.case.image_sha256 == sha256:
                return opened
        stored = self.library.find_by_image(sha256)
        return self.opened(stored.id) if stored else None

    def opened_or_none(self, case_id: str | None) -> OpenCase | None:
        """A case that this sitting has loaded already."""
        return self._open.get(case_id) if case_id else None

    def _add(self, study: Study, thumbnail: bytes, *, created: float) -> OpenCase:
        still = self.settings.still_task(study.image.shape) or self._task
        case = Case(
            id=uuid4().hex,
            name=study.name + (f" · page {study.page + 1}" if study.pages > 1 else ""),
            task=self.moving_task if study.image.cine else still,
            path=study.path,
            image_sha256=study.image.sha256,
            rows=study.image.shape[0],
            columns=study.image.shape[1],
            synthetic=study.image.synthetic,
            status=CaseStatus.NEW,
            head=None,
            created=created,
            opened=time.time(),
            page=study.page,
            person=self._person(study),
            taken=study.taken,
        )
        self.library.add_case(case, thumbnail)
        self._open[case.id] = OpenCase(case, History({}, None, case_id=case.id))
        self.cases_changed.emit()
        return self._open[case.id]

    def _person(self, study: Study) -> str:
        """The person of a study under this library's key, so that no list of numbers tells whom."""
        if not study.person:
            return ""
        return sha256(f"{self.settings.person_key}{study.person}".encode()).hexdigest()

    def _hold(self, image: Image) -> None:
        self._images[image.sha256] = image
        self._images.move_to_end(image.sha256)
        while len(self._images) > IMAGES_HELD:
            self._images.popitem(last=False)

    def _bring_up(self, opened: OpenCase, image: Image) -> None:
        self.leaving.emit()
        self._hold(image)
        self._wanted = None
        self.current, self.image, self.frame = opened, image, 0
        opened.case = replace(opened.case, opened=time.time())
        self.library.set_opened(opened.case.id)
        self.case_shown.emit()
        self.decisions_changed.emit()

    @Slot(str, object)
    def _tell_refusal(self, path: str, error: CaliperError) -> None:
        wanted = self.opened_or_none(self._wanted)
        if wanted is not None and wanted.case.path == path:
            self._wanted = None
        self.trouble.emit(error)


def status_of(decisions: Annotations | None) -> CaseStatus:
    """How far a person has come by what is decided."""
    if decisions is None:
        return CaseStatus.NEW
    if decisions.accepted:
        return CaseStatus.REVIEWED
    touched = (
        decisions.held
        or decisions.column
        or decisions.curve_ends
        or decisions.measures
        or decisions.calibration
        or (decisions.implants is not None and decisions.implants.is_touched)
    )
    return CaseStatus.IN_WORK if touched else CaseStatus.NEW


def _place(picture: Case | Study) -> tuple[str, int]:
    """Where its pixels are."""
    return picture.path, picture.page


def _other_pixels(study: Study) -> ImageMismatch:
    return ImageMismatch(
        f"{study.name} is not the film it was.",
        why="The file holds other pixels than those this case was made on.",
        remedy="It was opened as a new case; open the original file to find the old one again.",
    )

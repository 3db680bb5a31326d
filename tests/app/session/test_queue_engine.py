"""The queue over a real engine process: fifty films, one of which is too much for the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.library.library import Library
from app.session.asking import Asking
from app.session.fetching import Fetching
from app.session.jobs import Jobs
from app.session.opening import Opening
from app.session.queue import Queue, RowState
from app.session.session import Session
from app.spec import film_pixels
from domain.annotation import Annotations
from domain.geometry import Points
from domain.image import Image
from inference.contracts import PixelArray, Request, Response
from inference.vitals import Patience
from inference.worker import Worker
from tests.app.session.sitting import column, read_by_name, tuple_of
from tests.fake_engine import TASK, fake_engine_command

PATIENCE_MS = 60000
POISON = int(read_by_name(Path("film 7.png")).image.pixels.sum())


@dataclass(frozen=True)
class FakeTask:
    """Asks the fake engine; the poisoned film does this to it."""

    fault: str

    def build_request(self, image: Image, _: Annotations | None, weights_id: str) -> Request:
        poison = int(image.pixels.sum()) == POISON
        prompt = {"fault": self.fault if poison else ""}
        return Request(TASK, weights_id, images=(image.sha256,), prompt=prompt)

    def read_response(self, response: Response, decisions: Annotations) -> Annotations:
        return decisions.answered(Points(column()), confidence=(), origin=response.origin)

    def pixels(self, image: Image) -> Mapping[str, PixelArray]:
        return film_pixels(image)


@pytest.fixture(params=["kill", "hang", "torch memory"])
def queue(request: pytest.FixtureRequest, tmp_path: Path, qtbot: QtBot) -> Iterator[Queue]:
    opening = Opening(read=read_by_name, expand=tuple_of, thumbnail=lambda _: b"")
    session = Session(Library.open(tmp_path / "library"), opening=opening, task=TASK)
    jobs = Jobs()
    asking = Asking(session, jobs, task=FakeTask(request.param))
    asking.use_weights("fake")
    films = Fetching(read=read_by_name, expand=tuple_of, thumbnail=lambda _: b"")
    made = Queue(session, asking, films=films)
    patience = Patience(work_s=1.0)
    jobs.employ(Worker(fake_engine_command(), on_event=jobs.receive, patience=patience))
    yield made
    made.close()
    jobs.close()
    session.close()


@pytest.mark.slow
def test_fifty_films_each_get_their_answer_and_the_poisoned_one_a_reason(
    queue: Queue, qtbot: QtBot
) -> None:
    films = [Path(f"/films/{'i' * n}.png") for n in range(1, 50)]  # no two alike
    queue.add_folder([*films[:20], Path("/films/film 7.png"), Path("/films/bad.png"), *films[20:]])
    qtbot.waitUntil(
        lambda: bool(queue.rows) and queue.open_count == 0,
        timeout=PATIENCE_MS,
    )
    states = Counter(row.state for row in queue.rows)
    assert states == {RowState.DONE: 49, RowState.FAILED: 2}
    reasons = {row.name: row.reason for row in queue.rows if row.state is RowState.FAILED}
    assert "engine" in reasons["film 7"] or "memory" in reasons["film 7"]
    assert "cannot be read" in reasons["bad"]

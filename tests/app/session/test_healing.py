"""Studies are healed as a person wishes, kept with their case, and judged gesture by gesture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.library.cases import CaseStatus
from app.session.ladder import COARSE_TO_FINE
from app.session.retasking import use_task
from domain.implant import LADDER, Sampler, Scoring, Verdict
from inference.contracts import Lane
from tests.app.session.implant_sitting import ImplantSitting, a_cine, a_panoramic

Begin = Callable[[], ImplantSitting]


@pytest.fixture
def begin(tmp_path: Path, qtbot: QtBot) -> Iterator[Begin]:
    """Begins sittings over one library, one after another."""
    running: list[ImplantSitting] = []

    def make() -> ImplantSitting:
        for sitting in running:
            sitting.close()
        running[:] = [ImplantSitting(tmp_path / "library")]
        return running[0]

    yield make
    for sitting in running:
        sitting.close()


@pytest.fixture
def moving(begin: Begin) -> ImplantSitting:
    """A study that moves, on screen."""
    sitting = begin()
    sitting.show(a_cine())
    return sitting


@pytest.fixture
def found(moving: ImplantSitting, qtbot: QtBot) -> ImplantSitting:
    """The same, localised."""
    moving.localise(qtbot)
    return moving


def decided(sitting: ImplantSitting):
    implants = sitting.healing.decided
    assert implants is not None
    return implants


def test_what_moves_is_an_implant_study_and_nothing_starts_by_itself(moving):
    assert moving.session.task == "implant"
    assert moving.worker.waiting == []
    assert moving.healing.result is None


def test_a_still_film_is_looked_at_for_vertebrae_until_a_person_says_otherwise(begin, qtbot):
    sitting = begin()
    sitting.show(a_panoramic())
    assert sitting.session.task == "vertebrae"
    assert [request.task for request, _, _ in sitting.worker.waiting] == ["vertebrae"]
    use_task(sitting.session, "implant")
    qtbot.wait(1)
    assert sitting.worker.waiting == []  # what the task before was asked is given up
    assert not sitting.asking.is_busy
    assert sitting.healing.is_on
    sitting.localise(qtbot)
    assert decided(sitting).regions
    use_task(sitting.session, "vertebrae")
    assert not sitting.healing.is_on
    assert sitting.healing.decided is None
    again = begin()
    (case,) = again.session.cases
    assert case.task == "vertebrae"


def test_the_hand_finds_no_corners_on_a_study_of_another_task(begin, qtbot):
    sitting = begin()
    sitting.show(a_panoramic())
    sitting.settle(qtbot)
    assert sitting.editing.grasp(20)
    sitting.editing.drop()
    use_task(sitting.session, "implant")
    assert not sitting.editing.grasp(20)
    assert sitting.editing.shown.points is None
    sitting.editing.accept()
    sitting.editing.place_column(np.zeros((68, 2)))
    assert not sitting.session.decisions.accepted
    assert np.ptp(sitting.session.decisions.points.coordinates) > 0
    sitting.localise(qtbot)
    assert sitting.session.decisions.points is not None  # what was decided before stays


def test_the_question_is_as_a_person_wishes(moving):
    moving.healing.ask_for(level=150, steps=7, sampler=Sampler.DDIM, seeds=3, seed=11)
    moving.healing.localise()
    ((request, images, lane),) = moving.worker.waiting
    options = request.options
    assert (options.level, options.steps, options.sampler) == (150, 7, Sampler.DDIM)
    assert (options.seeds, request.seed, request.weights_id) == (3, 11, "tiny")
    assert lane is Lane.FINAL
    assert [stack.shape[0] for stack in images.values()] == [16]


def test_an_answer_becomes_regions_and_undo_takes_it_back(found):
    assert len(decided(found).implants) == 1
    assert len(decided(found).regions) > 8
    assert found.healing.result.findings.standing_out is not None
    assert not found.healing.is_asked_anew
    assert found.session.decisions.origin == found.healing.result.origin
    case = found.session.current.case
    assert found.session.case(case.id).status is CaseStatus.NEW
    found.editing.undo()
    assert found.healing.decided is None
    assert found.healing.rungs == {400}  # it need not be computed again
    found.editing.redo()
    assert decided(found).regions


def test_previews_are_told_and_a_cancelled_question_leaves_nothing(moving, qtbot):
    sketches = []
    moving.healing.sketched.connect(sketches.append)
    moving.healing.localise()
    moving.worker.tell(3, 15)
    qtbot.wait(1)
    (sketch,) = sketches
    assert not sketch.is_finished
    assert sketch.healed.shape == (16, 128, 128)
    moving.asking.cancel()
    qtbot.wait(1)
    assert not moving.asking.is_busy
    assert moving.session.decisions is None
    assert moving.library.result_keys(moving.session.current.case.id) == frozenset()


def test_without_a_network_a_person_is_told(begin):
    sitting = begin()
    sitting.asking._weights.pop("implant")
    sitting.show(a_cine())
    sitting.healing.localise()
    assert "No network" in str(sitting.troubles[0])


def test_a_case_opened_again_shows_its_result_without_running_anything(begin, qtbot):
    sitting = begin()
    sitting.show(a_cine())
    sitting.healing.ask_for(level=200)
    sitting.localise(qtbot)
    before = sitting.healing.result
    again = begin()
    again.show(a_cine())
    result = again.healing.result
    assert again.worker.waiting == []
    assert np.array_equal(result.findings.healed, before.findings.healed)
    assert (result.origin, result.findings.plan) == (before.origin, before.findings.plan)
    assert again.healing.wish.options.level == 200
    assert decided(again) == decided(sitting)


def test_a_lost_result_is_said_to_be_lost_and_regions_stay(begin, qtbot):
    sitting = begin()
    sitting.show(a_cine())
    sitting.localise(qtbot)
    case_id = sitting.session.current.case.id
    qtbot.waitUntil(lambda: sitting.library.pending == 0)
    (key,) = sitting.library.result_keys(case_id)
    sitting.library.keep_result(case_id, key, b"damaged").result(30)
    again = begin()
    again.show(a_cine())
    assert again.healing.result is None
    assert decided(again).regions
    assert again.troubles == []


def test_two_answers_to_one_question_are_told_apart(found, qtbot):
    first = found.healing.result
    found.healing.localise()
    found.settle(qtbot)
    assert found.healing.result.origin != first.origin
    found.editing.undo()
    assert found.session.decisions.origin == first.origin


def test_a_level_that_is_computed_is_looked_at_and_decided_on(found, qtbot):
    at_400 = decided(found)
    found.healing.ask_for(level=100)
    assert found.healing.is_asked_anew
    found.localise(qtbot)
    assert found.healing.rungs == {100, 400}
    found.healing.ask_for(level=400)
    found.healing.look_at(400)
    assert found.healing.shown.findings.options.level == 400
    assert decided(found).options.level == 100  # looking decides nothing
    assert found.judging.shown.options.level == 400
    found.judging.commit("Regions at λ 400")
    assert decided(found).options == at_400.options
    assert found.healing.result.findings.options.level == 400
    found.editing.undo()
    assert found.healing.result.findings.options.level == 100


def test_the_ladder_goes_from_coarse_to_fine_behind_everything(found, qtbot):
    found.ladder.climb()
    assert found.ladder.is_climbing
    assert {lane for _, _, lane in found.worker.waiting} == {Lane.BATCH}
    assert not found.asking.is_busy
    levels = found.settle_ladder(qtbot)
    assert levels == [level for level in COARSE_TO_FINE if level != 400]
    assert found.healing.rungs == set(LADDER)
    assert not found.ladder.is_climbing
    assert found.actions == ["Opened", "Localised at λ 400"]  # it decided nothing


def test_a_ladder_given_up_keeps_its_rungs_and_goes_on_later(found, qtbot):
    found.ladder.climb()
    found.settle(qtbot)
    found.ladder.cancel()
    qtbot.wait(1)
    assert not found.ladder.is_climbing
    assert found.healing.rungs == {400, 100}
    found.ladder.climb()
    assert found.settle_ladder(qtbot)[0] == 600


def test_a_ladder_ends_with_its_case(found, qtbot):
    found.ladder.climb()
    found.show(a_cine(seed=2), "other")
    qtbot.wait(1)
    assert found.worker.waiting == []
    assert not found.ladder.is_climbing
    assert found.healing.rungs == frozenset()


# -- what a person says


def test_accepting_rejecting_and_naming_are_gestures_one_by_one(found):
    (implant,) = decided(found).implants
    found.judging.judge(Verdict.ACCEPTED, implant.number)
    found.judging.name(implant.number, "36")
    found.judging.judge(Verdict.REJECTED, implant.number)
    (said,) = decided(found).implants
    assert (said.verdict, said.site, said.site_is_given) == (Verdict.REJECTED, "36", True)
    assert len(found.actions) == 5
    found.editing.undo()
    found.editing.undo()
    (said,) = decided(found).implants
    assert (said.verdict, said.site_is_given) == (Verdict.ACCEPTED, False)
    assert found.session.case(found.session.current.case.id).status is CaseStatus.IN_WORK
    found.judging.judge(Verdict.ACCEPTED, implant.number)  # said twice: open again
    assert decided(found).implants[0].verdict is Verdict.OPEN


def test_what_was_said_is_in_the_library_after_a_restart(begin, qtbot):
    sitting = begin()
    sitting.show(a_cine())
    sitting.localise(qtbot)
    number = decided(sitting).implants[0].number
    sitting.judging.name(number, "36")
    sitting.judging.redraw(3, [((10.0, 10.0), (10.0, 30.0), (30.0, 20.0))])
    before = decided(sitting)
    again = begin()
    again.show(a_cine())
    assert decided(again) == before
    again.editing.undo()
    assert len(decided(again).implants) == 1


def test_a_threshold_in_the_hand_is_one_gesture(found, qtbot):
    before = decided(found)
    for threshold in (6.0, 8.0, 1000.0):
        found.judging.hold(scoring=Scoring.CALIBRATED, threshold=threshold)
    qtbot.waitUntil(lambda: found.judging.shown.threshold == 1000.0)
    assert decided(found) is before
    found.judging.commit("Threshold 1000")
    assert decided(found).threshold == 1000.0
    assert decided(found).regions == ()
    assert found.actions[2:] == ["Threshold 1000"]
    found.editing.undo()
    assert decided(found).regions == before.regions


def test_a_threshold_let_go_at_once_counts_as_it_was_left(found):
    found.judging.hold(scoring=Scoring.CALIBRATED, threshold=7.0)
    found.judging.commit("Threshold 7")
    assert decided(found).threshold == 7.0


def test_a_run_of_keys_is_one_gesture_and_is_written_before_the_case_is_left(found, qtbot):
    for threshold in (6.0, 7.0, 8.0):
        found.judging.hold(scoring=Scoring.CALIBRATED, threshold=threshold)
        found.judging.commit_soon(f"Threshold {threshold:g}")
    assert found.actions == ["Opened", "Localised at λ 400"]
    first = found.session.current
    found.show(a_cine(seed=2), "other")
    assert first.history.current.implants.threshold == 8.0
    assert [item.action for item in first.history.strip()][2:] == ["Threshold 8"]


def test_another_scoring_needs_no_network(found):
    found.judging.hold(scoring=Scoring.AS_PUBLISHED)
    found.judging.commit("Scored")
    assert decided(found).scoring is Scoring.AS_PUBLISHED
    assert np.isnan(decided(found).p_value)
    assert found.worker.waiting == []


def test_what_a_person_drew_and_said_outlives_another_answer(found, qtbot):
    number = decided(found).implants[0].number
    found.judging.name(number, "36")
    found.judging.select(0)
    found.judging.redraw(2, [((5.0, 5.0), (5.0, 15.0), (15.0, 10.0))])
    drawn = found.judging.selected
    found.healing.ask_for(seed=5)
    found.localise(qtbot)
    assert [one.site for one in decided(found).implants if one.number == number] == ["36"]
    kept = [region for region in decided(found).regions if region.implant == drawn]
    assert [region.drawn for region in kept] == [True]


def test_a_region_can_be_drawn_before_anything_was_computed(moving):
    outline = ((10.0, 10.0), (10.0, 30.0), (30.0, 20.0))
    moving.judging.redraw(0, [outline])
    (region,) = decided(moving).regions
    assert (region.outline, region.drawn, region.implant) == (outline, True, 1)
    assert moving.judging.selected == 1
    moving.judging.judge(Verdict.REJECTED)  # drawn by hand alone: it goes
    assert decided(moving).regions == ()
    assert decided(moving).implants == ()
    moving.editing.undo()
    assert len(decided(moving).regions) == 1


def test_what_is_done_while_a_study_is_healed_is_kept_and_the_answer_shown(found, qtbot):
    found.healing.ask_for(level=100)
    found.healing.localise()
    number = decided(found).implants[0].number
    found.judging.name(number, "36")
    found.judging.select(0)
    found.judging.redraw(2, [((5.0, 5.0), (5.0, 15.0), (15.0, 10.0))])
    found.settle(qtbot)
    assert decided(found).options.level == 100
    assert any(region.drawn for region in decided(found).regions)
    assert [one.site for one in decided(found).implants if one.number == number] == ["36"]
    found.editing.undo()
    assert decided(found).options.level == 400
    assert any(region.drawn for region in decided(found).regions)


def test_an_answer_comes_to_its_own_case_while_another_is_on_screen(moving, qtbot):
    first = moving.session.current
    moving.healing.localise()
    moving.show(a_cine(seed=2), "other")
    moving.settle(qtbot)
    assert moving.healing.decided is None
    assert first.history.current.implants.regions
    moving.session.show(first.case.id)
    assert moving.healing.result is not None


def test_redrawing_leaves_the_other_pictures(found):
    number = decided(found).implants[0].number
    before = [region for region in decided(found).regions if region.frame != 3]
    found.judging.select(number)
    found.judging.redraw(3, [((1.0, 1.0), (1.0, 9.0), (9.0, 5.0))])
    kept = [region for region in decided(found).regions if region.frame != 3]
    assert kept == before
    (drawn,) = [region for region in decided(found).regions if region.frame == 3]
    assert (drawn.implant, drawn.drawn) == (number, True)


def test_accepting_the_study_accepts_what_is_open(found):
    number = decided(found).implants[0].number
    found.judging.select(0)
    found.judging.redraw(2, [((5.0, 5.0), (5.0, 15.0), (15.0, 10.0))])
    found.judging.judge(Verdict.REJECTED, number)
    found.judging.accept_all()
    said = {one.number: one.verdict for one in decided(found).implants}
    assert said[number] is Verdict.REJECTED
    assert set(said.values()) == {Verdict.REJECTED, Verdict.ACCEPTED}
    assert found.session.case(found.session.current.case.id).status is CaseStatus.REVIEWED
    found.judging.name(number, "11")
    assert found.session.case(found.session.current.case.id).status is CaseStatus.IN_WORK


def test_walking_goes_around_all_implants(found):
    found.judging.redraw(2, [((5.0, 5.0), (5.0, 15.0), (15.0, 10.0))])
    numbers = [one.number for one in decided(found).implants]
    found.judging.select(0)
    walked = []
    for _ in range(len(numbers) + 1):
        found.judging.walk(1)
        walked.append(found.judging.selected)
    assert walked == [*numbers, numbers[0]]
    found.judging.walk(-1)
    assert found.judging.selected == numbers[-1]


def test_a_reader_changes_nothing(begin, found):
    case_id = found.session.current.case.id
    before = decided(found)
    found.library._writer, writer = None, found.library._writer
    try:
        found.judging.judge(Verdict.ACCEPTED, before.implants[0].number)
        found.healing.localise()
        use_task(found.session, "vertebrae")
        assert found.worker.waiting == []
    finally:
        found.library._writer = writer
    assert decided(found) is before
    assert found.session.case(case_id).task == "implant"
    assert len(found.troubles) == 3

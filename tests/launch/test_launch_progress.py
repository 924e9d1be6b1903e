"""What a look at a managed job means for its launch."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from launches import PLACE, launch, report

from posttrain_arena.core.launch.progress import (
    ManagedJob,
    again,
    failure_of,
    moved,
    next_stage,
    over,
    queue,
    seen,
    superseded,
    turn,
)
from posttrain_arena.errors import UsageError
from posttrain_arena.model.launch import StageFailure, StageRun

AUTHOR = StageFailure(owner="author", reason="training", detail="no task's demonstration passed its verifier")


def _job(status: str, reason: str = "") -> ManagedJob:
    return ManagedJob(sky_id=1, name="job", status=status, reason=reason)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("PENDING", "running"),
        ("RECOVERING", "running"),
        ("CANCELLING", "running"),
        ("SUCCEEDED", "succeeded"),
        ("CANCELLED", "cancelled"),
        ("FAILED", "failed"),
        ("FAILED_NO_RESOURCE", "failed"),
    ],
)
def test_every_status_has_an_outcome(status: str, outcome: str) -> None:
    assert _job(status).outcome == outcome


def test_skypilots_statuses_are_all_known() -> None:
    from sky.jobs import ManagedJobStatus

    for status in ManagedJobStatus:
        ends = {"SUCCEEDED": "succeeded", "CANCELLED": "cancelled"}
        expected = ends.get(status.value, "failed" if status.is_terminal() else "running")
        assert _job(status.value).outcome == expected


def test_an_authors_failure_is_what_the_machine_told_and_nothing_else() -> None:
    assert failure_of(_job("FAILED"), report("post-train", state="failed", failure=AUTHOR)) == AUTHOR
    others = [
        failure_of(_job(status, "why"), told)
        for status in ("FAILED", "FAILED_SETUP", "FAILED_NO_RESOURCE", "FAILED_CONTROLLER", "FAILED_PRECHECKS")
        for told in (None, report("post-train", state="interrupted"))
    ]
    assert "author" not in {failure.owner for failure in others}


def test_a_stage_that_was_interrupted_and_not_recovered_took_too_long() -> None:
    assert failure_of(_job("FAILED"), report("post-train", state="interrupted")).reason == "time-budget"


def test_an_early_fault_of_the_machine_outranks_an_old_report() -> None:
    failure = failure_of(_job("FAILED_NO_RESOURCE", "none left"), report("post-train", state="failed", failure=AUTHOR))
    assert (failure.owner, failure.reason, failure.detail) == ("infrastructure", "no-machine", "none left")


def test_stages_follow_each_other_and_nothing_follows_a_failure() -> None:
    train, evaluate = StageRun(stage="post-train"), StageRun(stage="evaluate")
    assert next_stage(launch(stages=[train, evaluate])) == train
    assert next_stage(launch(stages=[dataclasses.replace(train, state="launched"), evaluate])) is None
    assert next_stage(launch(stages=[dataclasses.replace(train, state="succeeded"), evaluate])) == evaluate
    failed = launch(stages=[dataclasses.replace(train, state="failed", failure=AUTHOR), evaluate])
    assert next_stage(failed) is None
    assert over(failed)


SPOT, DEMAND = "nebius H100:1 spot", "lambda H100:1"
TRAIN = StageRun(stage="post-train", state="launched", prices={SPOT: 1.25, DEMAND: 3.29})


def _ran(hours: float, machine: str = "", **more: Any) -> ManagedJob:
    return ManagedJob(sky_id=1, name="job", status="RUNNING", seconds=3600 * hours, machine=machine, **more)


def test_cost_is_the_price_of_the_machine_that_ran_times_its_hours() -> None:
    looked = seen(TRAIN, _ran(2, SPOT, recoveries=2))
    assert (looked.cost_usd, looked.recoveries) == (2.5, 2)
    for unknown in ("elsewhere H100:1", ""):
        assert seen(TRAIN, _ran(2, unknown)).cost_usd == 6.58  # the dearest: never less than it was


def test_an_ended_job_costs_what_its_machine_did_though_nobody_names_it_any_more() -> None:
    assert seen(seen(TRAIN, _ran(9, SPOT)), _ran(10)).cost_usd == 12.5


def test_hours_on_a_spot_machine_stay_cheap_when_a_dearer_one_takes_its_place() -> None:
    stage = TRAIN
    for looked in (_ran(4, SPOT), _ran(5, DEMAND), _ran(7, DEMAND), _ran(8)):
        stage = seen(stage, looked)
    assert (stage.seconds, stage.cost_usd) == (8 * 3600, round(4 * 1.25 + 4 * 3.29, 6))


def test_the_cost_of_many_looks_is_that_of_one() -> None:
    stage = TRAIN
    for minute in range(1, 60 * 10 + 1):
        stage = seen(stage, _ran(minute / 60, SPOT))
    assert stage.cost_usd == pytest.approx(12.5, abs=0.001)


def test_another_attempt_costs_on_top_of_the_one_before() -> None:
    ended = dataclasses.replace(seen(TRAIN, _ran(10, DEMAND)), state="cancelled")
    (waiting,) = again(launch(stages=[ended])).stages
    second = seen(dataclasses.replace(waiting, state="launched"), _ran(2, SPOT))
    assert (second.seconds, second.cost_usd) == (12 * 3600, 32.9 + 2.5)


def test_what_the_machines_or_we_broke_may_be_tried_again_and_what_the_author_broke_may_not() -> None:
    ours = StageFailure(owner="us", reason="bug", detail="")
    for stage, state in (
        (StageRun(stage="post-train", state="failed", failure=AUTHOR), "failed"),
        (StageRun(stage="post-train", state="failed", failure=ours, sky_id=3), "waiting"),
        (StageRun(stage="post-train", state="cancelled", sky_id=3), "waiting"),
        (StageRun(stage="post-train", state="launched", sky_id=3), "launched"),
        (StageRun(stage="post-train", state="succeeded", sky_id=3), "succeeded"),
    ):
        (after,) = again(launch(stages=[stage])).stages
        assert after.state == state
        assert (after.sky_id is None) == (state == "waiting" or stage.sky_id is None)


MOVED = dataclasses.replace(PLACE, infra="lambda", suite="s3://other-suite", python="/opt/python")


def test_what_is_to_be_tried_again_goes_where_it_is_asked_for_now() -> None:
    waits = launch()
    trained = launch(stages=[dataclasses.replace(TRAIN, state="succeeded"), StageRun(stage="evaluate")])
    elsewhere = dataclasses.replace(MOVED, store="s3://elsewhere")
    assert moved(waits, elsewhere).place == elsewhere
    assert moved(trained, MOVED).place == MOVED
    with pytest.raises(UsageError, match="what post-train made lies in s3://arena, not in s3://elsewhere"):
        moved(trained, elsewhere)


def test_what_runs_stays_where_it_is_and_says_so() -> None:
    runs = launch(stages=[TRAIN, StageRun(stage="evaluate")])
    assert moved(runs, PLACE) == runs
    with pytest.raises(UsageError, match="runs already, with suite 's3://suite' and not 's3://other'"):
        moved(runs, dataclasses.replace(PLACE, suite="s3://other"))


def test_what_is_over_and_a_baseline_that_others_wait_for_stay_recorded_where_they_are() -> None:
    done = launch(stages=[_done()])
    base = launch(entry="", stages=[StageRun(stage="baseline", state="launched")])
    for one in (done, base, launch(stages=[StageRun(stage="post-train", state="failed", failure=AUTHOR)])):
        assert moved(one, MOVED) == one


def test_launches_wait_in_the_order_in_which_they_were_asked_for() -> None:
    zebra, aardvark = (launch(entry=name, asked=day) for name, day in (("zebra", "2026-11-01"), ("a", "2026-11-20")))
    base = launch(entry="", asked="2026-11-30", stages=[StageRun(stage="baseline")])
    runs = launch(3, asked="2026-10-01", stages=[TRAIN])
    assert queue([aardvark, base, zebra, runs, launch(4, stages=[_done()])]) == [zebra, aardvark]
    assert sorted([aardvark, zebra, base], key=turn) == [base, zebra, aardvark]


def test_a_new_commit_or_a_removed_label_supersedes_what_was_asked_for() -> None:
    mine = [launch(number, pull=41, head=head) for number, head in enumerate(("old", "new"))]
    other, done = launch(2, pull=7, head="old"), launch(3, pull=41, head="old", stages=[_done()])
    everything = [*mine, other, done]
    assert superseded(everything, 41, "new") == [mine[0]]
    assert superseded(everything, 41, None) == mine


def _done() -> StageRun:
    return StageRun(stage="evaluate", state="succeeded")

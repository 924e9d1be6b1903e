"""What a look at a managed job means for its launch."""

from __future__ import annotations

import dataclasses

import pytest
from launches import launch, report

from posttrain_arena.core.launch.progress import ManagedJob, again, failure_of, next_stage, over, seen, superseded
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


def test_cost_is_the_price_of_the_machine_that_ran_times_its_hours() -> None:
    stage = StageRun(stage="post-train", state="launched", prices={"nebius H100:1 spot": 1.25, "lambda H100:1": 3.29})
    looked = ManagedJob(
        sky_id=1, name="job", status="RUNNING", seconds=7200, machine="nebius H100:1 spot", recoveries=2
    )
    assert (seen(stage, looked).cost_usd, seen(stage, looked).recoveries) == (2.5, 2)
    unknown = dataclasses.replace(looked, machine="elsewhere H100:1")
    assert seen(stage, unknown).cost_usd == 6.58  # the dearest: never less than it was


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


def test_a_new_commit_or_a_removed_label_supersedes_what_was_asked_for() -> None:
    mine = [launch(number, pull=41, head=head) for number, head in enumerate(("old", "new"))]
    other, done = launch(2, pull=7, head="old"), launch(3, pull=41, head="old", stages=[_done()])
    everything = [*mine, other, done]
    assert superseded(everything, 41, "new") == [mine[0]]
    assert superseded(everything, 41, None) == mine


def _done() -> StageRun:
    return StageRun(stage="evaluate", state="succeeded")

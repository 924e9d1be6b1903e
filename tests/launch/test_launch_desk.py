"""Launches move on: once each, within their budgets, and after any interruption."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from launches import COMPUTE, PLACE, PRICE, RentedMachines, desk, launch, report, write_job

from posttrain_arena.cli.collect import look
from posttrain_arena.cli.demo_kit import RECIPES
from posttrain_arena.cli.launch_desk import results
from posttrain_arena.core.launch.budget import committed
from posttrain_arena.core.launch.ledger import get, keep
from posttrain_arena.core.launch.progress import TOLD_TO_END, again, stage_of
from posttrain_arena.core.launch.stage_inputs import stage_job
from posttrain_arena.core.launch.task import gpu_hours
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import Launch, StageFailure


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, object]:
    return write_job(tmp_path_factory.mktemp("kit"))


@pytest.fixture
def ledger(tmp_path: Path, made) -> Path:
    """A ledger with one launch that nothing was done for yet."""
    path, kit = made
    job = documents.read_document(path, Job)
    one = launch(1)
    stage_job(tmp_path / one.name, "post-train", job, recipe=kit.recipe, entry=kit.entry)
    keep(tmp_path, one)
    return tmp_path


def _name(one: Launch, stage: str) -> str:
    return f"{one.name}-{stage}"


def test_a_launch_runs_its_stages_one_after_the_other_and_knows_their_costs(ledger: Path) -> None:
    machines = RentedMachines()
    at = desk(ledger, machines)
    one = at.advance(get(ledger, launch(1).name))
    train = stage_of(one, "post-train")
    assert (train.state, train.reserved_usd) == ("launched", PRICE * COMPUTE.hours.post_train)
    machines.stands(_name(one, "post-train"), "RUNNING", seconds=1800, machine="nebius H100:1", recoveries=1)
    one = at.advance(one)
    assert (stage_of(one, "post-train").cost_usd, stage_of(one, "post-train").recoveries) == (1.5, 1)
    machines.stands(_name(one, "post-train"), "SUCCEEDED", seconds=3600, told=report("post-train"))
    one = at.advance(one)
    assert [stage.state for stage in one.stages] == ["succeeded", "launched"]
    assert stage_of(one, "post-train").cost_usd == PRICE
    assert (results(ledger, one.name, "post-train") / "reports" / "post-train.json").is_file()
    machines.stands(_name(one, "evaluate"), "SUCCEEDED", seconds=60, told=report("evaluate"))
    one = at.advance(one)
    assert [stage.state for stage in one.stages] == ["succeeded", "succeeded"]
    assert get(ledger, one.name) == one
    assert machines.launched == [_name(one, "post-train"), _name(one, "evaluate")]


def test_launched_twice_it_is_one_job(ledger: Path) -> None:
    machines = RentedMachines()
    at = desk(ledger, machines)
    for _ in range(3):
        at.advance(get(ledger, launch(1).name))
    assert machines.launched == [_name(launch(1), "post-train")]


def test_a_process_that_dies_right_after_it_reserved_launches_once(ledger: Path) -> None:
    machines = RentedMachines()
    at = desk(ledger, machines)
    one = at.advance(get(ledger, launch(1).name))
    (train, evaluate) = one.stages
    forgotten = keep(ledger, dataclasses.replace(one, stages=(dataclasses.replace(train, sky_id=None), evaluate)))
    assert stage_of(at.advance(forgotten), "post-train").sky_id == 1
    assert len(machines.launched) == 1


def test_training_gets_the_entry_and_never_the_suite_and_evaluation_the_other_way_round(ledger: Path) -> None:
    machines = RentedMachines()
    at = desk(ledger, machines)
    one = at.advance(get(ledger, launch(1).name))
    machines.stands(_name(one, "post-train"), "SUCCEEDED", told=report("post-train"))
    one = at.advance(one)
    train, evaluate = (machines.tasks[_name(one, stage)] for stage in ("post-train", "evaluate"))
    assert PLACE.suite not in str(train)
    assert "ARENA_SUITE" not in train["envs"]
    assert (Path(train["envs"]["ARENA_JOB"]) / "entry" / "submission.yaml").is_file()
    assert evaluate["envs"]["ARENA_SUITE"] == PLACE.suite
    assert sorted(path.name for path in Path(evaluate["envs"]["ARENA_JOB"]).rglob("*")) == ["job.json", "recipe.json"]


def test_an_entry_without_money_waits_and_is_launched_once_there_is_some(ledger: Path) -> None:
    machines = RentedMachines()
    poor = desk(ledger, machines, dataclasses.replace(COMPUTE, entry_usd=29.0))
    waiting = stage_of(poor.advance(get(ledger, launch(1).name)), "post-train")
    assert (waiting.state, machines.launched) == ("waiting", [])
    assert "over its budget of $29.00" in waiting.note
    rich = stage_of(desk(ledger, machines).advance(get(ledger, launch(1).name)), "post-train")
    assert (rich.state, rich.note) == ("launched", "")


def test_a_failure_keeps_its_owner_and_ends_the_launch(ledger: Path) -> None:
    machines = RentedMachines()
    at = desk(ledger, machines)
    one = at.advance(get(ledger, launch(1).name))
    blamed = StageFailure(owner="author", reason="training", detail="nothing to imitate")
    machines.stands(_name(one, "post-train"), "FAILED", told=report("post-train", state="failed", failure=blamed))
    one = at.advance(one)
    assert stage_of(one, "post-train").failure == blamed
    assert at.advance(one) == one
    assert len(machines.launched) == 1


def test_a_job_that_says_it_succeeded_without_its_documents_has_failed(ledger: Path) -> None:
    machines = RentedMachines()
    at = desk(ledger, machines)
    one = at.advance(get(ledger, launch(1).name))
    machines.stands(_name(one, "post-train"), "SUCCEEDED")
    failure = stage_of(at.advance(one), "post-train").failure
    assert failure is not None
    assert (failure.owner, failure.reason) == ("us", "no-report")


def test_a_stage_that_costs_more_than_its_reserve_is_cancelled(ledger: Path) -> None:
    machines = RentedMachines()
    at = desk(ledger, machines)
    one = at.advance(get(ledger, launch(1).name))
    machines.stands(_name(one, "post-train"), "RUNNING", seconds=11 * 3600, machine="nebius H100:1")
    one = at.advance(one)
    assert (stage_of(one, "post-train").note, machines.cancelled) == (TOLD_TO_END, [1])
    machines.stands(_name(one, "post-train"), "CANCELLED", seconds=11.5 * 3600)
    stage = stage_of(at.advance(one), "post-train")
    assert stage.failure is not None
    assert (stage.failure.reason, stage.cost_usd) == ("over-budget", 11.5 * PRICE)


def test_another_attempt_is_reserved_on_top_of_what_was_spent(ledger: Path) -> None:
    machines = RentedMachines()
    at = desk(ledger, machines)
    one = at.advance(get(ledger, launch(1).name))
    machines.stands(_name(one, "post-train"), "FAILED", seconds=10 * 3600)
    second = stage_of(at.start(again(at.look(one))), "post-train")
    assert (second.cost_usd, second.reserved_usd) == (10 * PRICE, 20 * PRICE)
    machines.stands(_name(one, "post-train"), "RUNNING", seconds=600)
    assert committed(stage_of(at.look(get(ledger, one.name)), "post-train")) == 20 * PRICE
    poor = desk(ledger, machines, dataclasses.replace(COMPUTE, entry_usd=59.0))
    machines.stands(_name(one, "post-train"), "FAILED", seconds=600)
    third = stage_of(poor.start(again(poor.look(get(ledger, one.name)))), "post-train")
    assert third.note == "$30.00 more than the $30.50 that the entry team holds is over its budget of $59.00"


def test_the_hours_of_all_gpus_count_on_all_machines_of_a_stage(ledger: Path) -> None:
    machines = RentedMachines()
    at = desk(ledger, machines, dataclasses.replace(COMPUTE, evaluation_machines=3))
    one = at.advance(get(ledger, launch(1).name))
    machines.stands(_name(one, "post-train"), "SUCCEEDED", seconds=7200, told=report("post-train"))
    one = at.advance(one)
    machines.stands(_name(one, "evaluate"), "SUCCEEDED", seconds=3600, told=report("evaluate"))
    two_gpus = read_recipe(RECIPES / "qwen3-8b-2gpu.yaml")
    assert gpu_hours(two_gpus, at.advance(one).stages) == 2 * (2 + 3 * 1)


def test_a_cancelled_launch_ends_and_starts_nothing_more(ledger: Path) -> None:
    machines = RentedMachines()
    at = desk(ledger, machines)
    one = keep(ledger, at.cancel(at.advance(get(ledger, launch(1).name))))
    assert machines.cancelled == [1]
    machines.stands(_name(one, "post-train"), "CANCELLED", seconds=60, machine="nebius H100:1")
    one = at.advance(one)
    assert [stage.state for stage in one.stages] == ["cancelled", "cancelled"]
    assert stage_of(one, "post-train").cost_usd == 0.05
    assert len(machines.launched) == 1
    shutil.rmtree(ledger / one.name)
    assert at.advance(one) == one  # and it takes nothing of what it was launched from


def test_a_cancelled_launch_whose_number_was_lost_is_found_by_its_name(ledger: Path) -> None:
    machines = RentedMachines()
    at = desk(ledger, machines)
    train, evaluate = at.advance(get(ledger, launch(1).name)).stages
    lost = dataclasses.replace(launch(1), stages=(dataclasses.replace(train, sky_id=None), evaluate))
    assert stage_of(at.cancel(lost), "post-train").sky_id == 1
    assert machines.cancelled == [1]
    machines.jobs.clear()
    assert [stage.state for stage in at.cancel(lost).stages] == ["cancelled", "cancelled"]


def test_a_launch_that_cannot_be_looked_at_does_not_keep_the_others_waiting(ledger: Path) -> None:
    machines = RentedMachines()
    at = desk(ledger, machines, dataclasses.replace(COMPUTE, entry_usd=1000.0))
    one = at.advance(get(ledger, launch(1).name))
    gone = keep(ledger, dataclasses.replace(one, name="pta-team-000000000000"))
    machines.stands(_name(one, "post-train"), "SUCCEEDED", told=report("post-train"))
    looked = {launch.name: (launch, well) for launch, well in look(at, [])}
    assert looked[gone.name] == (gone, False)
    assert looked[one.name][1]
    assert [stage.state for stage in get(ledger, one.name).stages] == ["succeeded", "launched"]

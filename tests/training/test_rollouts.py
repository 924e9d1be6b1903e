"""The trials of GRPO steps: planned beforehand, run ahead within bounds, replaced, given up."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fakes import a_trial

from posttrain_arena.core.training.gates import GateKeeper
from posttrain_arena.core.training.plan import Plan, RolloutRequest
from posttrain_arena.core.training.rollouts import Group, Rollouts, Settings
from posttrain_arena.errors import TrainingError
from posttrain_arena.model.recipe import Gates
from posttrain_arena.model.trial import Failure, Timings, Trial

TASKS = ("one", "two", "three", "four", "five")
LOST = Failure(stage="start", owner="infrastructure", reason="engine-away", detail="")
CRASHED = Failure(stage="verifier", owner="author", reason="verifier-timeout", detail="")


def a_plan(*, groups: int = 2, reserve: int = 0, tasks: tuple[str, ...] = TASKS) -> Plan:
    return Plan(tasks, seed=7, groups=groups, reserve=reserve, generations=4)


@dataclass
class Scripted:
    """An actor whose trials are scripted; ``ran`` maps each request to the version that sampled it."""

    trial: Callable[[RolloutRequest], Trial] = lambda request: a_trial(reward=float(request.seed % 2))
    ran: dict[RolloutRequest, int] = field(default_factory=dict)
    loaded: list[tuple[str, int]] = field(default_factory=list)

    def load(self, adapter: Path, version: int) -> float:
        self.loaded.append(((adapter / "weights").read_text(encoding="utf-8"), version))
        return 0.0

    def act(self, request: RolloutRequest, version: int) -> Trial:
        assert request not in self.ran
        self.ran[request] = version
        return self.trial(request)


def saving(step: int) -> Callable[[Path], None]:
    """Write the policy after ``step`` updates."""

    def save(folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / "weights").write_text(f"after {step}", encoding="utf-8")

    return save


def opened(actor: Scripted, folder: Path, *, given_up: dict[str, int] | None = None, **changes: object) -> Rollouts:
    plan = changes.pop("plan", None) or a_plan()
    settings = {"steps": 6, "staleness": 0, "concurrency": 3, "max_lost_share": 0.25, **changes}
    return Rollouts(plan, actor, Settings(**settings), folder=folder, given_up={} if given_up is None else given_up)  # type: ignore[arg-type]


def test_a_plan_uses_every_task_equally_and_never_a_seed_twice() -> None:
    plan = a_plan()
    requests = [request for step in range(10) for group in plan.step(step).groups for request in group]
    assert Counter(request.task for request in requests) == dict.fromkeys(TASKS, 16)
    assert len({request.seed for request in requests}) == len(requests)
    assert [request for step in range(10) for group in a_plan().step(step).groups for request in group] == requests


def test_steps_may_be_asked_for_in_any_order() -> None:
    forward, backward = a_plan(reserve=1), a_plan(reserve=1)
    assert [forward.step(step) for step in range(6)] == [backward.step(step) for step in reversed(range(6))][::-1]


def test_a_task_twice_in_one_step_counts_its_generations_on() -> None:
    groups = a_plan(tasks=("only",)).step(0).groups
    assert [request.generation for group in groups for request in group] == list(range(8))


def test_a_plan_goes_on_without_tasks_that_were_given_up_until_none_is_left() -> None:
    plan = a_plan()
    for step in range(10):
        groups = plan.step(step, without=TASKS[:4]).groups
        assert [group[0].task for group in groups] == ["five", "five"]
    with pytest.raises(TrainingError, match="every task was given up"):
        plan.step(0, without=TASKS)


@pytest.mark.parametrize("staleness", [0, 1, 2])
def test_a_step_is_sampled_by_the_policy_so_many_updates_before(tmp_path: Path, staleness: int) -> None:
    actor = Scripted()
    with opened(actor, tmp_path, staleness=staleness) as rollouts:
        steps = [rollouts.of_step(step, saving(step)) for step in range(6)]
    expected = [max(0, step - staleness) for step in range(6)]
    assert [step.version for step in steps] == expected
    assert {request.step: version for request, version in actor.ran.items()} == dict(enumerate(expected))
    assert actor.loaded == [(f"after {version}", version) for version in sorted(set(expected))]


def test_the_next_step_runs_while_the_trainer_has_this_one(tmp_path: Path) -> None:
    begun = threading.Event()

    def trial(request: RolloutRequest) -> Trial:
        if request.step == 1:
            begun.set()
        return a_trial(reward=float(request.seed % 2))

    with opened(Scripted(trial), tmp_path, staleness=1) as rollouts:
        rollouts.of_step(0, saving(0))
        assert begun.wait(timeout=10), "nobody asked for step 1 yet"


@pytest.mark.parametrize("staleness", [0, 1, 2])
def test_a_resumed_run_is_sampled_by_the_same_policies(tmp_path: Path, staleness: int) -> None:
    whole, cut = Scripted(), Scripted()
    with opened(whole, tmp_path / "whole", staleness=staleness) as rollouts:
        for step in range(6):
            rollouts.of_step(step, saving(step))
    with opened(cut, tmp_path / "cut", staleness=staleness) as rollouts:
        for step in range(3):
            rollouts.of_step(step, saving(step))
    resumed = Scripted()
    with opened(resumed, tmp_path / "cut", staleness=staleness) as rollouts:
        for step in range(3, 6):
            rollouts.of_step(step, saving(step))
    assert resumed.ran == {request: version for request, version in whole.ran.items() if request.step >= 3}


def test_a_resumed_run_without_the_old_policies_uses_the_newest(tmp_path: Path) -> None:
    actor = Scripted()
    with opened(actor, tmp_path, staleness=2) as rollouts:
        versions = [rollouts.of_step(step, saving(step)).version for step in range(3, 6)]
    assert versions == [3, 3, 3]


def test_groups_that_teach_nothing_are_replaced_by_those_that_do(tmp_path: Path) -> None:
    plan = a_plan(groups=2, reserve=2)
    first, second = (group[0].task for group in plan.step(0).groups)
    spare, other = (group[0].task for group in plan.step(0).reserve)
    rewards: Mapping[str, Callable[[int], float]] = {
        first: lambda _: 0.0,
        second: lambda seed: float(seed % 2),
        spare: lambda seed: float(seed % 2),
    }
    actor = Scripted(lambda request: a_trial(reward=rewards.get(request.task, lambda _: 1.0)(request.generation)))
    with opened(actor, tmp_path, plan=plan, steps=1) as rollouts:
        step = rollouts.of_step(0, saving(0))
    assert [group.task for group in step.groups] == [second, spare]
    assert (step.replaced, len(step.trained)) == (1, 8)
    assert [group.task for group in step.dropped] == [first]
    assert len(step.trials) == len(actor.ran) == 12
    assert other not in {request.task for request in actor.ran}, "one group was equal, so one more was tried"


def test_where_no_reserve_is_better_the_step_keeps_its_size(tmp_path: Path) -> None:
    with opened(Scripted(lambda _: a_trial(reward=1.0)), tmp_path, plan=a_plan(reserve=1)) as rollouts:
        step = rollouts.of_step(0, saving(0))
    assert (len(step.groups), step.replaced) == (2, 0)
    assert (len(step.dropped), len(step.trials)) == (1, 12), "what was tried in vain is told of too"


def timed_out(*, model_sec: float) -> Trial:
    return a_trial(reward=0.0, exit_reason="timeout", timings=Timings(agent_sec=10.0, model_sec=model_sec))


def test_a_package_whose_programs_hang_in_every_trial_is_hopeless_and_a_slow_model_is_not() -> None:
    crashed, hung, slow = a_trial(reward=None, failure=CRASHED), timed_out(model_sec=0.1), timed_out(model_sec=9.9)
    assert Group(task="one", trials=(hung, crashed)).hopeless()
    for other in (slow, a_trial(reward=0.0), a_trial(reward=None, failure=LOST)):
        assert not Group(task="one", trials=(hung, other)).hopeless()


@pytest.mark.parametrize("staleness", [0, 1, 2])
def test_a_policy_stays_on_disk_until_another_has_its_place_on_the_server(tmp_path: Path, staleness: int) -> None:
    """A server that dies is given all its adapters again: as many as ``staleness`` and two, each name in turn."""
    kept: list[bool] = []

    class Serving(Scripted):
        def load(self, adapter: Path, version: int) -> float:
            served = range(max(0, version - staleness - 1), version + 1)
            kept.append(all((adapter.parent / str(each) / "weights").exists() for each in served))
            return super().load(adapter, version)

    with opened(Serving(), tmp_path, staleness=staleness) as rollouts:
        for step in range(6):
            rollouts.of_step(step, saving(step))
    assert kept == [True] * (6 - staleness)


def test_a_policy_that_the_disk_harmed_is_written_again(tmp_path: Path) -> None:
    saving(3)(tmp_path / "3")
    (tmp_path / "3" / "weights").write_text("aft", encoding="utf-8")
    actor = Scripted()
    with opened(actor, tmp_path) as rollouts:
        rollouts.of_step(3, saving(3))
    assert actor.loaded == [("after 3", 3)]


@pytest.mark.parametrize("staleness", [0, 1])
def test_a_package_that_fails_every_trial_is_given_up_at_the_same_step_every_time(
    tmp_path: Path, staleness: int
) -> None:
    bad = a_plan().step(0).groups[0][0].task
    given_up: dict[str, int] = {}

    def trial(request: RolloutRequest) -> Trial:
        broken = request.task == bad
        return a_trial(reward=None, failure=CRASHED) if broken else a_trial(reward=float(request.seed % 2))

    actor = Scripted(trial)
    with opened(actor, tmp_path, staleness=staleness, given_up=given_up, steps=8) as rollouts:
        for step in range(8):
            rollouts.of_step(step, saving(step))
    assert given_up == {bad: 0}
    assert {request.step for request in actor.ran if request.task == bad} <= set(range(staleness + 1))


def test_a_lost_trial_has_no_advantage_and_moves_nobody_elses() -> None:
    group = Group(
        task="t",
        trials=(a_trial(reward=1.0), a_trial(reward=None, failure=LOST), a_trial(reward=0.0), a_trial(reward=None)),
    )
    assert group.rewards() == [1.0, pytest.approx(1 / 3), 0.0, 0.0]
    assert not group.hopeless()
    only_lost = Group(task="t", trials=(a_trial(reward=None, failure=LOST),) * 2)
    assert (only_lost.rewards(), only_lost.differs(), only_lost.hopeless()) == ([0.0, 0.0], False, False)


def test_a_step_that_the_infrastructure_lost_is_no_data(tmp_path: Path) -> None:
    actor = Scripted(
        lambda request: a_trial(reward=None, failure=LOST) if request.generation < 2 else a_trial(reward=1.0)
    )
    with (
        pytest.raises(TrainingError, match=r"lost 4 of 8 trials \(engine-away\): run again"),
        opened(actor, tmp_path) as rollouts,
    ):
        rollouts.of_step(0, saving(0))


def test_what_was_lost_with_a_group_that_was_replaced_is_lost_too(tmp_path: Path) -> None:
    gone = a_plan(reserve=1).step(0).groups[0][0].task

    def trial(request: RolloutRequest) -> Trial:
        lost = request.task == gone
        return a_trial(reward=None, failure=LOST) if lost else a_trial(reward=float(request.generation % 2))

    actor = Scripted(trial)
    with (
        pytest.raises(TrainingError, match=r"lost 4 of 12 trials \(engine-away\)"),
        opened(actor, tmp_path, plan=a_plan(reserve=1)) as rollouts,
    ):
        rollouts.of_step(0, saving(0))


GATES = Gates(
    max_steps_without_variance=2, min_weight_change=1e-3, min_entropy=0.05, max_sampler_kl=0.1, max_lost_share=0.1
)
EQUAL, MIXED = {"frac_reward_zero_std": 1.0}, {"frac_reward_zero_std": 0.5}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([EQUAL | {"reward": 0.0}] * 2, "no group's rewards differed"),
        ([MIXED | {"entropy": 0.04, "reward": 0.5, "step": 3}] * 2, "entropy was below 0.05 nats a token"),
        ([MIXED | {"sampler_kl": 0.2, "step": 1}], "the server serves another policy"),
    ],
    ids=["no variance", "collapse", "another policy"],
)
def test_a_run_that_cannot_learn_is_stopped(rows: list[dict[str, float]], said: str) -> None:
    keeper = GateKeeper(GATES, solved_steps=None)
    for row in rows[:-1]:
        keeper.hear(row)
    with pytest.raises(TrainingError, match=said):
        keeper.hear(rows[-1])


def test_a_run_that_learns_is_let_go_on() -> None:
    keeper = GateKeeper(GATES, solved_steps=2)
    low, fine = {"entropy": 0.04}, {"entropy": 0.3}
    for row in (
        EQUAL | fine,
        MIXED | low,
        MIXED | fine,
        MIXED | low,
        EQUAL | fine,
        EQUAL | fine | {"sampler_kl": 0.01},
    ):
        keeper.hear({"reward": 0.5, **row})
    assert not keeper.solved


def test_a_run_with_nothing_left_to_learn_is_solved_even_at_no_entropy() -> None:
    keeper = GateKeeper(GATES, solved_steps=3)
    for row in (MIXED, EQUAL, EQUAL, EQUAL):
        assert not keeper.solved
        keeper.hear({"reward": 1.0 if row is EQUAL else 0.9, "entropy": 0.2 if row is MIXED else 0.0, **row})
    assert keeper.solved

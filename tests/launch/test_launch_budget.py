"""Budgets hold whatever is launched, in whatever order."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
from launches import COMPUTE, launch

from posttrain_arena.core.launch.budget import committed, held, over_budget, why_wait
from posttrain_arena.model.launch import Launch, StageRun

MONEY = st.floats(0, 200).map(lambda number: round(number, 2))


def test_a_running_stage_holds_its_reserve_and_an_ended_one_its_cost() -> None:
    stage = StageRun(stage="post-train", state="launched", reserved_usd=30.0, cost_usd=4.0)
    assert committed(stage) == 30.0
    assert committed(dataclasses.replace(stage, cost_usd=31.0)) == 31.0
    assert committed(dataclasses.replace(stage, state="succeeded")) == 4.0
    assert committed(dataclasses.replace(stage, state="cancelled")) == 4.0
    assert committed(StageRun(stage="evaluate")) == 0.0


def test_a_stage_waits_for_a_free_place_then_for_its_entry_then_for_the_competition() -> None:
    one = launch(1)
    full = [launch(number, entry=f"other-{number}", stages=[_running(1.0)]) for number in (2, 3)]
    assert why_wait([one, *full], one, 10.0, COMPUTE) == "2 of 2 jobs run"
    spent = launch(4, stages=[_ended(95.0)])
    told = why_wait([one, spent], one, 10.0, COMPUTE)
    assert told == "$10.00 more than the $95.00 that the entry team holds is over its budget of $100.00"
    dear = [launch(number, entry=f"e{number}", stages=[_ended(99.0)]) for number in range(10)]
    assert "that the competition holds is over its budget of $1000.00" in why_wait([one, *dear], one, 20.0, COMPUTE)
    assert why_wait([one], one, 100.0, COMPUTE) == ""


def test_a_baseline_takes_from_the_competition_alone() -> None:
    base = launch(1, entry="", name="pta-baseline-000000000001", stages=[StageRun(stage="baseline")])
    other = launch(2, entry="", name="pta-baseline-000000000002", stages=[_ended(99.0)])
    assert why_wait([base, other], base, 99.0, COMPUTE) == ""


@given(st.lists(st.tuples(st.integers(0, 3), MONEY, st.booleans()), max_size=30))
def test_no_order_of_launches_takes_more_than_the_budgets(asked: list[tuple[int, float, bool]]) -> None:
    """Reserves are taken when why_wait allows it; some stages end, never dearer than reserved."""
    ledger: list[Launch] = []
    for number, (team, reserve, ends) in enumerate(asked):
        new = launch(number, entry=f"team-{team}")
        if why_wait(ledger, new, reserve, COMPUTE):
            continue
        stage = _ended(reserve / 2) if ends else _running(reserve)
        ledger.append(dataclasses.replace(new, stages=(stage,)))
    assert held(ledger) <= COMPUTE.total_usd
    for team in range(4):
        assert held(one for one in ledger if one.entry == f"team-{team}") <= COMPUTE.entry_usd
    assert sum(stage.state == "launched" for one in ledger for stage in one.stages) <= COMPUTE.parallel_jobs


def test_only_what_runs_can_be_over_its_reserve() -> None:
    stage = StageRun(stage="post-train", state="launched", reserved_usd=30.0, cost_usd=30.5)
    assert over_budget(stage)
    assert not over_budget(dataclasses.replace(stage, cost_usd=30.0))
    assert not over_budget(dataclasses.replace(stage, state="succeeded"))


def _running(reserve: float) -> StageRun:
    return StageRun(stage="post-train", state="launched", reserved_usd=reserve)


def _ended(cost: float) -> StageRun:
    return StageRun(stage="post-train", state="succeeded", reserved_usd=cost, cost_usd=cost)

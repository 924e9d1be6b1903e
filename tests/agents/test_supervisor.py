"""The supervisor's rules, on a clock that the test sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from posttrain_arena.core.agents.supervisor import Budget, Supervisor
from posttrain_arena.model.agent_run import ExitReason, Snapshot

DIGEST = "sha256:" + "0" * 64


@dataclass
class World:
    """Clock, container and copies in one: implements the supervisor's three protocols."""

    time: float = 100.0
    runs_for: float = 1e9
    status_of_end: int = 0
    limit_at: float = 1e9
    heeds_term: bool = True
    copy_sec: float = 0.0
    changes: bool = False
    told: list[float] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    started: float = 0.0
    ended: float | None = None

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += max(seconds, 0.01)

    def start(self, number: int, left_sec: float) -> None:
        self.started, self.ended = self.time, None
        self.events.append(f"start {number}")

    def status(self) -> int | None:
        if self.ended is not None or self.time >= self.started + self.runs_for:
            return self.status_of_end
        return None

    def ended_by(self) -> ExitReason | None:
        return "memory-limit" if self.time >= self.limit_at else None

    def tell_left(self, left_sec: float) -> None:
        self.told.append(round(left_sec, 1))

    def warn(self, left_sec: float) -> None:
        self.events.append(f"warn {left_sec:.0f}")

    def frozen(self, look: Callable[[], Snapshot | None]) -> Snapshot | None:
        self.events.append("frozen")
        return look()

    def terminate(self) -> None:
        self.events.append("term")
        self.ended = self.time if self.heeds_term else None

    def kill(self) -> None:
        self.events.append("kill")

    def changed(self) -> bool:
        return self.changes

    def take(self, at_sec: float) -> Snapshot | None:
        self.events.append("copy")
        self.time += self.copy_sec
        return Snapshot(at_sec=at_sec, digest=DIGEST, valid=True)


def _supervised(world: World, *, again: bool = False) -> Supervisor:
    budget = Budget(total_sec=60, warn_sec=10, grace_sec=5, snapshot_sec=20, again=again)
    return Supervisor(bench=world, snapshots=world, budget=budget, clock=world)


def test_time_over_freezes_copies_terms_and_kills_in_this_order() -> None:
    world = World()
    exit = _supervised(world).run()
    assert exit.reason == "budget"
    assert world.events == ["start 1", "warn 10", "frozen", "copy", "term", "kill", "kill"]
    assert 160 <= world.time <= 161


def test_an_agent_that_does_not_heed_term_has_its_grace_and_no_more() -> None:
    world = World(heeds_term=False)
    assert _supervised(world).run().reason == "budget-killed"
    assert 165 <= world.time <= 166


def test_an_agent_that_ends_is_copied_after_everything_is_killed() -> None:
    world = World(runs_for=30)
    assert _supervised(world).run().reason == "finished"
    assert world.events == ["start 1", "kill", "copy", "kill"]


@pytest.mark.parametrize(("status", "reason"), [(0, "finished"), (3, "failed"), (137, "failed")])
def test_exit_status_gives_the_reason(status: int, reason: str) -> None:
    assert _supervised(World(runs_for=1, status_of_end=status)).run().reason == reason


def test_a_limit_is_told_even_where_the_end_of_the_script_is_seen_first() -> None:
    world = World(runs_for=30, status_of_end=137, limit_at=131)
    assert _supervised(world).run().reason == "memory-limit"


def test_the_agent_is_warned_and_at_last_told_that_nothing_is_left() -> None:
    world = World()
    _supervised(world).run()
    assert world.told[0] == 60
    assert 9 <= world.told[1] <= 10
    assert world.told[-1] == 0
    assert world.events.count("warn 10") == 1


def test_what_a_copy_takes_is_given_back() -> None:
    world = World(changes=True, copy_sec=4)
    supervisor = _supervised(world)
    supervisor.run()
    copies = len(supervisor.taken)
    assert copies == 3
    assert 160 + 4 * copies <= world.time <= 162 + 4 * copies


def test_copies_that_take_long_are_made_less_often() -> None:
    world = World(changes=True, copy_sec=9)
    supervisor = _supervised(world)
    supervisor.run()
    assert [round(one.at_sec) for one in supervisor.taken] == [20, 65, 78]  # 9 s of copying, 36 s of work, the last


def test_an_agent_that_ends_is_started_again_while_there_is_time() -> None:
    world = World(runs_for=25)
    supervisor = _supervised(world, again=True)
    supervisor.run()
    assert (supervisor.starts, world.events[:3]) == (3, ["start 1", "start 2", "start 3"])


@pytest.mark.parametrize("world", [World(runs_for=1), World(runs_for=25, status_of_end=2)])
def test_one_that_ends_at_once_or_fails_is_not(world: World) -> None:
    supervisor = _supervised(world, again=True)
    supervisor.run()
    assert supervisor.starts == 1


def test_shares_of_a_budget_are_those_that_are_documented() -> None:
    ten_hours, two_minutes = Budget.of(36_000), Budget.of(120)
    assert (ten_hours.warn_sec, ten_hours.grace_sec, ten_hours.snapshot_sec) == (1800, 60, 300)
    assert (two_minutes.warn_sec, two_minutes.grace_sec, two_minutes.snapshot_sec) == (6, 5, 6)

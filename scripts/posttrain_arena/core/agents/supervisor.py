"""Keep an agent's budget from outside its container: start, warn, snapshot, TERM, KILL.

Nothing that runs in the container takes part: what the agent does to ``timer``, to its clock or to its own processes
changes nothing here. At the end of the budget the container is frozen for a last snapshot before the agent is told to
end, so that what it writes afterwards never counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from posttrain_arena.model.agent_run import AgentExit, ExitReason, Phase, Snapshot

POLL_SEC = 0.2
LEAST_SHARE_FOR_ANOTHER_START = 0.1
"""Of the budget: with less left, an agent that ended is not prompted again."""

SHORTEST_START_SEC = 5.0
"""An agent that ended sooner would only end again."""

MAX_STARTS = 50
KILLED = 137
LAG_SEC = 2.0
LEAST_WORK_PER_PAUSE = 4
"""Between two looks the agent works at least so many times as long as the look before took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Seconds. ``warn_sec`` before the end the agent is warned; ``grace_sec`` is what it has after TERM.

    ``snapshot_sec`` is the time between two looks at ``final_model/``. ``again`` prompts an agent that ended while
    time is left.
    """

    total_sec: float
    warn_sec: float
    grace_sec: float
    snapshot_sec: float
    again: bool = False

    @classmethod
    def of(cls, total_sec: float, *, again: bool = False) -> Budget:
        """Return a budget with the usual shares: 10 h warn 30 min before and give 60 s, 2 min 6 s and 5 s."""
        warn = min(1800.0, total_sec / 20)
        grace = min(60.0, max(5.0, total_sec / 60))
        return cls(
            total_sec=total_sec,
            warn_sec=warn,
            grace_sec=grace,
            snapshot_sec=min(300.0, max(2.0, total_sec / 20)),
            again=again,
        )


class Bench(Protocol):
    """The agent's container."""

    def start(self, number: int, left_sec: float) -> None:
        """Start solve.sh for the ``number``-th time."""
        ...

    def status(self) -> int | None:
        """Return the exit status of solve.sh, None while it runs."""
        ...

    def ended_by(self) -> ExitReason | None:
        """Return the limit that the whole container was ended for, None while it runs."""
        ...

    def tell_left(self, left_sec: float) -> None:
        """Show how much time is left, where ``timer`` reads it."""
        ...

    def warn(self, left_sec: float) -> None:
        """Put up the warning, which the agent sees."""
        ...

    def frozen(self, look: Callable[[], Snapshot | None]) -> Snapshot | None:
        """Do ``look`` while nothing in the container runs."""
        ...

    def terminate(self) -> None:
        """Send TERM to every process of the agent."""
        ...

    def kill(self) -> None:
        """End the container, whatever runs in it."""
        ...


class Snapshots(Protocol):
    """Copies of ``final_model/``."""

    def changed(self) -> bool:
        """Say whether the folder looks different from its last copy."""
        ...

    def take(self, at_sec: float) -> Snapshot | None:
        """Copy and judge the folder; None where it is not there."""
        ...


class Clock(Protocol):
    """Time that nobody can set."""

    def now(self) -> float:
        """Return monotonic seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


@dataclass(slots=True, kw_only=True)
class Supervisor:
    """One run. ``run`` ends with nothing of the agent running, whatever it did."""

    bench: Bench
    snapshots: Snapshots
    budget: Budget
    clock: Clock
    taken: list[Snapshot] = field(default_factory=list)
    starts: int = 0
    phases: list[Phase] = field(default_factory=list)
    _began: float = 0.0
    _deadline: float = 0.0
    _started: float = 0.0

    def run(self) -> AgentExit:
        """Start the agent and return how it ended."""
        self._began = self.clock.now()
        self._deadline = self._began + self.budget.total_sec
        try:
            self._start()
            ended = self._watch()
            agent_sec = self.clock.now() - self._began
            self.phases.append(Phase(name="agent", began_sec=0.0, duration_sec=round(agent_sec, 3)))
            if ended is None:
                return self._wind_down()
            self.bench.kill()
            self._look()
            return ended
        finally:
            self.bench.kill()

    def _start(self) -> None:
        self.starts += 1
        self._started = self.clock.now()
        self.bench.tell_left(self._left())
        self.bench.start(self.starts, self._left())

    def _watch(self) -> AgentExit | None:
        """Return how the agent ended, None where its time was over first."""
        next_look = self._began + self.budget.snapshot_sec
        warned = False
        while self._left() > 0:
            limit = self.bench.ended_by()
            if limit is not None:
                return AgentExit(reason=limit, status=None)
            status = self.bench.status()
            if status is not None:
                if not self._worth_another(status):
                    return self._ended(status)
                self._start()
            if not warned and self._left() <= self.budget.warn_sec:
                warned = True
                self.bench.tell_left(self._left())
                self.bench.warn(self._left())
            if self.clock.now() >= next_look:
                took = self._look_while_running()
                next_look = self.clock.now() + max(self.budget.snapshot_sec, LEAST_WORK_PER_PAUSE * took)
            self.clock.sleep(min(POLL_SEC, max(0.0, self._left())))
        return None

    def _ended(self, status: int) -> AgentExit:
        """Say how it ended: one that was killed may have been so with its container, which is told a little later."""
        until = self.clock.now() + LAG_SEC
        while status == KILLED and self.clock.now() < until:
            limit = self.bench.ended_by()
            if limit is not None:
                return AgentExit(reason=limit, status=None)
            self.clock.sleep(POLL_SEC)
        return AgentExit(reason="finished" if status == 0 else "failed", status=status)

    def _worth_another(self, status: int) -> bool:
        ran = self.clock.now() - self._started
        enough = self._left() >= LEAST_SHARE_FOR_ANOTHER_START * self.budget.total_sec
        return self.budget.again and enough and ran >= SHORTEST_START_SEC and self.starts < MAX_STARTS and status == 0

    def _wind_down(self) -> AgentExit:
        began = self.clock.now()
        self.bench.frozen(self._look)
        self.bench.tell_left(0.0)
        self.bench.terminate()
        until = self.clock.now() + self.budget.grace_sec
        while self.clock.now() < until and self.bench.status() is None and self.bench.ended_by() is None:
            self.clock.sleep(POLL_SEC)
        ended = self.bench.status() is not None
        limit = self.bench.ended_by()
        self.bench.kill()
        at = round(began - self._began, 3)
        self.phases.append(Phase(name="wind-down", began_sec=at, duration_sec=round(self.clock.now() - began, 3)))
        if limit is not None:
            return AgentExit(reason=limit, status=None)
        if ended:
            return AgentExit(reason="budget", status=None, detail="it ended when told to, as its time was over")
        return AgentExit(reason="budget-killed", status=None, detail="it did not end when told to, and was killed")

    def _look_while_running(self) -> float:
        """Copy what changed; return for how many seconds the agent was frozen."""
        if not self.snapshots.changed():
            return 0.0
        began = self.clock.now()
        self.bench.frozen(self._look)
        took = self.clock.now() - began
        self._deadline += took  # a pause costs the agent nothing
        self.bench.tell_left(self._left())
        return took

    def _look(self) -> Snapshot | None:
        snapshot = self.snapshots.take(round(self.clock.now() - self._began, 3))
        if snapshot is not None:
            self.taken.append(snapshot)
        return snapshot

    def _left(self) -> float:
        return self._deadline - self.clock.now()

"""Keep launches within their budgets: what is spent, what is reserved, what has to wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from posttrain_arena.model.competition import Compute
from posttrain_arena.model.launch import Launch, StageName, StageRun


def stage_hours(compute: Compute, stage: StageName) -> float:
    """Return how long one machine may take for a stage."""
    hours = {
        "post-train": compute.hours.post_train,
        "evaluate": compute.hours.evaluate,
        "evaluate-skills": compute.hours.evaluate,
        "baseline": compute.hours.baseline,
    }
    return hours[stage]


def stage_machines(compute: Compute, stage: StageName) -> int:
    """Return how many machines a stage runs on at once."""
    return 1 if stage == "post-train" else compute.evaluation_machines


def committed(stage: StageRun) -> float:
    """Return the US dollars that a stage holds of its budgets: its reserve while it runs, its cost once it ended."""
    if stage.state == "waiting":
        return stage.cost_usd  # of attempts before
    return max(stage.reserved_usd, stage.cost_usd) if stage.state == "launched" else stage.cost_usd


def held(launches: Iterable[Launch]) -> float:
    """Return the US dollars that launches hold of the budget."""
    return sum(committed(stage) for launch in launches for stage in launch.stages)


def why_wait(
    launches: Sequence[Launch], launch: Launch, reserve_usd: float, compute: Compute, *, limit: int | None = None
) -> str:
    """Return why a stage of ``launch`` that may cost ``reserve_usd`` cannot start now; empty where it can.

    ``launches`` is the whole ledger. ``limit`` stands for the competition's number of parallel jobs where it is given.
    """
    running = sum(stage.state == "launched" for other in launches for stage in other.stages)
    most = compute.parallel_jobs if limit is None else limit
    if running >= most:
        return f"{running} of {most} jobs run"
    if launch.entry:
        own = held(other for other in launches if other.entry == launch.entry)
        if own + reserve_usd > compute.entry_usd:
            return _over(f"the entry {launch.entry}", own, reserve_usd, compute.entry_usd)
    total = held(launches)
    if total + reserve_usd > compute.total_usd:
        return _over("the competition", total, reserve_usd, compute.total_usd)
    return ""


def over_budget(stage: StageRun) -> bool:
    """Say whether a running stage already cost more than was reserved for it: preemptions make that possible."""
    return stage.state == "launched" and stage.cost_usd > stage.reserved_usd > 0


def _over(whose: str, holds: float, more: float, limit: float) -> str:
    return f"${more:.2f} more than the ${holds:.2f} that {whose} holds is over its budget of ${limit:.2f}"

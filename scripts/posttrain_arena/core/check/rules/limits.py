"""Rules about what a trial of the task may use."""

from __future__ import annotations

from collections.abc import Iterator

from posttrain_arena.core.check.draft import Draft
from posttrain_arena.core.check.limits import environment_name, limits_of
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown

_PLACES = {
    "agent_timeout_sec": ("agent", "timeout_sec"),
    "verifier_timeout_sec": ("verifier", "timeout_sec"),
}


def limit_out_of_bounds(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Every limit lies in the range of competition.yaml.

    Why: thousands of trials run side by side; one task must not take the machine. How: stay in the range that the
    message names. Example: `memory_mb: 4096`.
    """
    if draft.task.value is None:
        return
    limits = limits_of(draft.task.value)
    for name in competition.limits.__dataclass_fields__:
        allowed, value = getattr(competition.limits, name), getattr(limits, name)
        if not allowed.min <= value <= allowed.max:
            place = _PLACES.get(name, (environment_name(draft.task.value), name))
            what = f"{'.'.join(place)} is {value:g}, it must be from {allowed.min:g} to {allowed.max:g}"
            how = f"write a number from {allowed.min:g} to {allowed.max:g}"
            yield draft.task.spot(*place, what=what, how=how)


def reward_range(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """verifier.reward_range is [0, 1] where it is given.

    Why: rewards are compared and averaged over tasks, and one outside [0, 1] is refused. How: scale the reward in the
    verifier. Example: `reward_range: [0, 1]`.
    """
    given = draft.task.value.verifier.reward_range if draft.task.value else None
    if given is not None and not (
        isinstance(given, list) and given == [0, 1] and not any(isinstance(end, bool) for end in given)
    ):
        what = f"verifier.reward_range is {shown(given)}, the arena's is [0, 1]"
        yield draft.task.spot("verifier", "reward_range", what=what, how="scale the reward to [0, 1] and write that")


RULES: tuple[Rule, ...] = (
    judged("limit-out-of-bounds", "error", limit_out_of_bounds),
    judged("reward-range", "error", reward_range),
)

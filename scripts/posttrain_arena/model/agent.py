"""An agent of the track agents: the manifest beside its solve.sh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a run is expected to take; hints for planning, never limits. None is *not said*."""

    hours: float | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentManifest:
    """``environment_variables`` are names without values; ``hosts`` is all that the agent may reach.

    With ``chat_template`` "own" the file chat_template.jinja in final_model/ is used in place of the base model's.
    """

    SCHEMA: ClassVar[str] = "agent"

    name: str
    description: str
    entry_point: Literal["solve.sh"] = "solve.sh"
    environment_variables: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    budget: Budget = Budget()
    chat_template: Literal["base", "own"] = "base"

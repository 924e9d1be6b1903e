"""How a run ended, once it is known what else broke beside the agent's container."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from posttrain_arena.model.agent_run import AgentExit

MAX_DETAIL = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A proxy or side-car that was ended; ``of_load``: for the memory that the agent's own calls took."""

    what: str
    of_load: bool


def ended_with(exit: AgentExit, lost: Sequence[Lost], faults: Sequence[str]) -> AgentExit:
    """Return ``exit`` with what broke: of what the agent's load did the run stands, all else is the machine's fault."""
    told = [f"the {one.what} {'ran out of memory' if one.of_load else 'was ended from outside'}" for one in lost]
    detail = "; ".join(text for text in (exit.detail, *told, *faults) if text)[:MAX_DETAIL]
    if faults or not all(one.of_load for one in lost):
        return AgentExit(reason="infrastructure", status=None, detail=detail)
    return replace(exit, detail=detail)

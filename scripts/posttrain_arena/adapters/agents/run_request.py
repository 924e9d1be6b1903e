"""What a run of an agent is asked to be, and its record as far as that is known before the agent is started."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from posttrain_arena.adapters.agents.bench import Machine
from posttrain_arena.adapters.benchmarks.registry import find
from posttrain_arena.adapters.benchmarks.sources import Sources
from posttrain_arena.core.agents.connections import utc
from posttrain_arena.core.agents.supervisor import Budget
from posttrain_arena.model import documents
from posttrain_arena.model.agent import AgentManifest
from posttrain_arena.model.agent_providers import Provider
from posttrain_arena.model.agent_run import (
    AgentExit,
    AgentRun,
    BaseModel,
    RunAgent,
    RunBenchmark,
    Telemetry,
    WorkspaceCopy,
)
from posttrain_arena.model.tree import tree_digest

RUN = "run.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """``agent`` is the folder with agent.yaml and solve.sh; ``config`` the text of AGENT_CONFIG."""

    entry: str
    agent: Path
    manifest: AgentManifest
    base_name: str
    base: Path
    benchmark: str
    budget: Budget
    machine: Machine
    seed: int
    out: Path
    config: str = ""
    sources: Sources = field(default_factory=Sources)
    providers: tuple[Provider, ...] = ()

    @property
    def id(self) -> str:
        """Return the run's name: those of its parts, in lower case and with a hyphen for what is no letter or digit."""
        parts = (self.entry, self.manifest.name, self.base_name, self.benchmark, str(self.seed))
        names = (re.sub(r"[^a-z0-9]+", _between, part.lower()).strip("._-") for part in parts)
        return "-".join(filter(None, names))

    @property
    def own_template(self) -> bool:
        """Say whether the agent declares a chat template of its own."""
        return self.manifest.chat_template == "own"


def _between(found: re.Match[str]) -> str:
    return found[0] if found[0] in (".", "_") else "-"


def record_of(request: RunRequest, dev_digest: str) -> AgentRun:
    """Return the record of a run of which nothing came; raises UsageError where it could not be written."""
    card, now = find(request.benchmark).card, utc(time.time())
    record = AgentRun(
        id=request.id,
        agent=RunAgent(
            entry=request.entry, name=request.manifest.name, digest=tree_digest(request.agent), config=request.config
        ),
        base_model=BaseModel(name=request.base_name, digest=tree_digest(request.base)),
        benchmark=RunBenchmark(name=card.name, version=card.version, dev_digest=dev_digest),
        seed=request.seed,
        budget_sec=request.budget.total_sec,
        started=now,
        ended=now,
        exit=AgentExit(reason="infrastructure", status=None),
        starts=0,
        phases=(),
        telemetry=Telemetry(),
        snapshots=(),
        counts=None,
        own_chat_template=request.own_template,
        workspace=WorkspaceCopy(files=0, size_bytes=0),
        calls_of_scoring=0,
        connections=0,
        connections_refused=0,
    )
    documents.written(record, where=str(request.out / RUN))
    return record

"""A way to run a script as an agent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from posttrain_arena.adapters.agents.bench import Machine
from posttrain_arena.adapters.agents.run import run_agent
from posttrain_arena.adapters.agents.run_request import RunRequest
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.core.agents.supervisor import Budget
from posttrain_arena.model.agent import AgentManifest
from posttrain_arena.model.agent_providers import Provider
from posttrain_arena.model.agent_run import AgentRun


@dataclass(slots=True)
class RunScript:
    """Runs a script as an agent's solve.sh; ``folders`` has the folder of each run by the run's id."""

    engine: DockerEngine
    base: Path
    fresh: Callable[[str], Path]
    folders: dict[str, Path] = field(default_factory=dict)
    providers: tuple[Provider, ...] = ()

    def __call__(
        self, name: str, script: str, *, seconds: float = 8.0, again: bool = False, **machine: Any
    ) -> AgentRun:
        """Run it for at most ``seconds``, with three of grace."""
        request = self.request(name, script, seconds=seconds, again=again, **machine)
        made = run_agent(request, self.engine)
        self.folders[made.id] = request.out
        return made

    def request(
        self, name: str, script: str, *, seconds: float = 8.0, again: bool = False, **machine: Any
    ) -> RunRequest:
        """Write the script into a folder of its own, and return what runs it."""
        folder = self.fresh(name)
        agent = folder / "agent"
        agent.mkdir()
        (agent / "solve.sh").write_text(f"#!/bin/bash\n{script}\n")
        return RunRequest(
            entry="tests",
            agent=agent,
            manifest=AgentManifest(name=name, description="An agent of the tests."),
            base_name="small",
            base=self.base,
            benchmark="tiny-reasoning",
            budget=replace(Budget.of(seconds, again=again), grace_sec=3.0, snapshot_sec=1.0),
            machine=Machine(cpus=1.0, **{"memory_mb": 2048, "storage_mb": 64, **machine}),
            seed=0,
            out=folder / "run",
            providers=self.providers,
        )

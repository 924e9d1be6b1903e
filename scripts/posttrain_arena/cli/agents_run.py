"""Run an agent within its budget and write its run's folder."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from posttrain_arena.cli.agents_machine import base_of, machine_of, rules_of, whole_number
from posttrain_arena.core.agents.supervisor import Budget
from posttrain_arena.core.check.entries.folders import FOLDERS
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.agent import AgentManifest
from posttrain_arena.model.agent_providers import AgentProviders, Provider
from posttrain_arena.model.agent_run import AgentRun

if TYPE_CHECKING:
    from posttrain_arena.adapters.agents.run_request import RunRequest
    from posttrain_arena.adapters.docker_engine.engine import DockerEngine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("agent", type=Path, help="an entry, or a folder with agent.yaml and solve.sh")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the run, empty or new")
    parser.add_argument("--entry", default="", help="the entry's name (default: that of its folder)")
    parser.add_argument("--budget-sec", type=float, help="seconds that the agent has (default: the rules)")
    parser.add_argument(
        "--seed", type=whole_number, default=0, help="the run's seed, which the agent is told (default 0)"
    )
    parser.add_argument("--again", action="store_true", help="start an agent that ended again while time is left")
    parser.add_argument("--config", default="", metavar="TEXT", help="the text of AGENT_CONFIG")
    parser.add_argument("--providers", type=Path, metavar="FILE", help="model providers whose keys a side-car holds")
    parser.add_argument(
        "--allow", action="append", default=[], metavar="HOST", help="a host that is allowed beside those of the rules"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the agent; return 3 where the run has to be made again."""
    from posttrain_arena.adapters.agents.run import run_agent
    from posttrain_arena.adapters.docker_engine.engine import DockerEngine

    with DockerEngine() as engine:
        came = run_agent(_request(arguments, engine), engine, lambda text: print(f"arena: {text}", flush=True))
    print(_told(came))
    print(f"wrote {arguments.out / 'run.json'}")
    return 3 if came.exit.reason == "infrastructure" else 0


def _request(arguments: argparse.Namespace, engine: DockerEngine) -> RunRequest:
    from posttrain_arena.adapters.agents.run_request import RunRequest
    from posttrain_arena.adapters.benchmarks.sources import read_sources

    folder: Path = arguments.agent
    agent = folder / FOLDERS["agents"] if (folder / FOLDERS["agents"]).is_dir() else folder
    manifest = documents.read_document(agent / "agent.yaml", AgentManifest)
    if not (agent / "solve.sh").is_file():
        raise UsageError(f"{agent}: there is no solve.sh, which a run starts")
    rules = rules_of(arguments)
    seconds = rules.budget_sec if arguments.budget_sec is None else arguments.budget_sec
    if seconds <= 0:
        raise UsageError("--budget-sec: a budget is more than 0 seconds")
    name, base = base_of(arguments, engine)
    allowed = {host.lower() for host in (*rules.hosts, *arguments.allow)}
    hosts = tuple(host for host in manifest.hosts if host.lower() in allowed)
    return RunRequest(
        entry=arguments.entry or folder.resolve().name,
        agent=agent,
        manifest=manifest,
        base_name=name,
        base=base,
        benchmark=arguments.benchmark or rules.benchmarks[0],
        budget=Budget.of(seconds, again=arguments.again),
        machine=machine_of(arguments, hosts),
        seed=arguments.seed,
        out=arguments.out,
        config=arguments.config,
        sources=read_sources(arguments.data),
        providers=_providers(arguments.providers, manifest),
    )


def _providers(path: Path | None, manifest: AgentManifest) -> tuple[Provider, ...]:
    """Return the providers that the agent asks for; raises UsageError where a key is not at hand."""
    if path is None:
        return ()
    known = documents.read_document(path, AgentProviders).providers
    asked = tuple(one for one in known if one.variable in manifest.environment_variables)
    for one in asked:
        if not os.environ.get(one.variable):
            raise UsageError(f"{path}: the key of {one.name} is not in the variable {one.variable}")
    return asked


def _told(run: AgentRun) -> str:
    valid = sum(snapshot.valid for snapshot in run.snapshots)
    agent = next((phase.duration_sec for phase in run.phases if phase.name == "agent"), 0.0)
    counts = f"the last valid one counts: {run.counts[:19]}" if run.counts else "none counts: the fallback will"
    detail = f" ({run.exit.detail})" if run.exit.detail else ""
    return (
        f"{run.id}: {run.exit.reason}{detail} after {agent:.1f} s of {run.budget_sec:g}; "
        f"{valid} of {len(run.snapshots)} snapshots are valid, {counts}; "
        f"{run.calls_of_scoring} calls of scoring, {run.connections_refused} of {run.connections} connections refused"
    )

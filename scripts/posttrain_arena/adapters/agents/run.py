"""One run: an agent, a base model, a benchmark, a budget; what came of it is a folder with run.json, written last."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from posttrain_arena.adapters.agents.bench import AgentBench, SystemClock, open_bench, open_desk
from posttrain_arena.adapters.agents.copies import ModelCopies
from posttrain_arena.adapters.agents.gpus import GpuSampler
from posttrain_arena.adapters.agents.keys import held_variables, keyed
from posttrain_arena.adapters.agents.left_files import LeftFiles
from posttrain_arena.adapters.agents.model_folder import Base
from posttrain_arena.adapters.agents.run_request import RUN, RunRequest, record_of
from posttrain_arena.adapters.agents.scoring_service import JudgeBudget, ScoringService
from posttrain_arena.adapters.benchmarks.process import items_of, judged
from posttrain_arena.adapters.benchmarks.registry import find
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.core.agents.connections import connections, cost_of, settled, tokens_of, utc
from posttrain_arena.core.agents.ends import MAX_DETAIL, ended_with
from posttrain_arena.core.agents.lines import encode_lines
from posttrain_arena.core.agents.supervisor import Supervisor
from posttrain_arena.core.agents.told import LEFT_ASIDE, prompt_text
from posttrain_arena.core.benchmarks.contract import items_digest
from posttrain_arena.core.benchmarks.model_judges import questions
from posttrain_arena.errors import EngineError, UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.agent_run import (
    AgentExit,
    AgentRun,
    CutFile,
    Phase,
    Telemetry,
    WorkspaceCopy,
)
from posttrain_arena.model.places import WORKSPACE

Value = TypeVar("Value")
_NO_COPY = WorkspaceCopy(files=0, size_bytes=0, cut=(CutFile(path=WORKSPACE, why="could not be copied"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Came:
    """What the container's life gave, before the log files are read."""

    exit: AgentExit
    supervisor: Supervisor
    telemetry: Telemetry
    counts: str | None
    workspace: WorkspaceCopy
    calls: int
    asked: tuple[int, int]
    started: float
    ended: float
    prepared_sec: float


def run_agent(request: RunRequest, engine: DockerEngine, say: Callable[[str], None] = lambda text: None) -> AgentRun:
    """Run an agent and write its folder; raises UsageError where the folder holds anything, such as a run cut off.

    So it does for whatever could not be written down after the run. From the agent's start on there is a run.json
    whatever breaks: what breaks on our side ends in the run's exit reason, after which nothing of the run counts.
    """
    if request.out.is_dir() and any(request.out.iterdir()):
        what = "a run already" if (request.out / RUN).exists() else f"files, and no {RUN}: a run that was cut off?"
        raise UsageError(f"{request.out} holds {what}: name another folder, or remove it")
    card = find(request.benchmark).card
    say("making the dev split")
    dev = items_of(request.benchmark, "dev", sources=request.sources)
    judge = request.sources.judge_of(request.benchmark)
    budget = JudgeBudget(limit=judge.questions_per_run, needs=questions) if judge else None
    base = Base(request.base)
    record = record_of(request, items_digest(dev))
    request.out.mkdir(parents=True, exist_ok=True)
    environment = {
        "PROMPT": prompt_text(card, request.budget),
        "AGENT_CONFIG": request.config,
        "ARENA_SEED": str(request.seed),
        **held_variables(request.providers),
    }
    began = time.monotonic()
    with (
        open_desk(request.agent, request.base, card, dev) as desk,
        open_bench(engine, request.machine, desk, environment=environment, keys=keyed(request.providers)) as bench,
    ):
        prepared = time.monotonic() - began
        say(f"the agent works, for at most {request.budget.total_sec:g} s")
        with ScoringService(
            dev,
            lambda items, said: judged(request.benchmark, items, said, request.sources),
            socket=desk.socket,
            log=request.out / "scoring.jsonl",
            at=lambda: time.monotonic() - began - prepared,
            judge=budget,
        ) as service:
            came = _lived(request, bench, base, (prepared, service))
        if budget:
            came = replace(came, telemetry=replace(came.telemetry, judge_questions=budget.asked))
        run = _ended(record, came)
        documents.write_document(request.out / RUN, run)
    return run


def _lived(request: RunRequest, bench: AgentBench, base: Base, made: tuple[float, ScoringService]) -> _Came:
    prepared, service = made
    started = time.time()
    final, aside = request.out / "final_model", request.out / LEFT_ASIDE
    copies = ModelCopies(bench.bench, base, final, aside, own_template=request.own_template)
    left = LeftFiles(bench.bench, request.out)
    bench.before_end = left.take_memory
    supervisor = Supervisor(bench=bench, snapshots=copies, budget=request.budget, clock=SystemClock())
    with GpuSampler() as sampler:
        exit = _supervised(supervisor)
        ended = time.time()
        faults: list[str] = []
        workspace = _tried(left.take, faults, _NO_COPY)
    rows = settled(_tried(bench.bench.rows, faults, []))
    exit = ended_with(exit, _tried(bench.bench.lost, faults, ()), faults)
    asked = connections(rows)
    tokens = tokens_of(rows, request.providers)
    documents.write_bytes(request.out / "egress.jsonl", encode_lines(asked))
    bench.trace.write(request.out / "trace.log")
    telemetry = Telemetry(
        cpu_sec=bench.usage.cpu_sec,
        memory_mb=bench.usage.memory_mb,
        disk_mb=bench.usage.disk_mb,
        gpus=sampler.gpus(),
        tokens=tokens,
        cost_usd=cost_of(tokens),
    )
    return _Came(
        exit=exit,
        supervisor=supervisor,
        telemetry=telemetry,
        counts=copies.counts,
        workspace=workspace,
        calls=service.calls,
        asked=(len(asked), sum(not one.allowed for one in asked)),
        started=started,
        ended=ended,
        prepared_sec=prepared,
    )


def _supervised(supervisor: Supervisor) -> AgentExit:
    try:
        return supervisor.run()
    except (EngineError, OSError) as error:
        return AgentExit(reason="infrastructure", status=None, detail=str(error)[:MAX_DETAIL])


def _tried(do: Callable[[], Value], faults: list[str], otherwise: Value) -> Value:
    """Return what ``do`` gives; where it fails, which is never the agent's doing, note so and return ``otherwise``."""
    try:
        return do()
    except (EngineError, OSError) as error:
        faults.append(str(error))
        return otherwise


def _ended(record: AgentRun, came: _Came) -> AgentRun:
    supervisor = came.supervisor
    prepare = Phase(name="prepare", began_sec=0.0, duration_sec=round(came.prepared_sec, 3))
    later = tuple(
        Phase(name=one.name, began_sec=round(one.began_sec + came.prepared_sec, 3), duration_sec=one.duration_sec)
        for one in supervisor.phases
    )
    return replace(
        record,
        started=utc(came.started),
        ended=utc(came.ended),
        exit=came.exit,
        starts=supervisor.starts,
        phases=(prepare, *later),
        telemetry=came.telemetry,
        snapshots=tuple(supervisor.taken),
        counts=came.counts,
        workspace=came.workspace,
        calls_of_scoring=came.calls,
        connections=came.asked[0],
        connections_refused=came.asked[1],
    )

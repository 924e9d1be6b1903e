"""Run one trial from image to reward."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from posttrain_arena.core.trial.agents import DETAIL_LIMIT, Agent, AgentRun
from posttrain_arena.core.trial.logs import LOG_LIMIT, last_lines, without_middle
from posttrain_arena.core.trial.paced import PacedSandbox
from posttrain_arena.core.trial.reward import read_reward
from posttrain_arena.core.trial.sandbox import AuthorFault, Engine, VerifierRun
from posttrain_arena.core.trial.supply import UNLIMITED, Supply
from posttrain_arena.errors import EngineError
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Failure, Isolation, Stage, Timings, Trial

MAX_RETRIES = 2
"""Retries of a trial lost to the infrastructure, with the same seed (docs/design.md, faults)."""

_LASTING = ("interrupted", "user-missing", "host-unreachable")
"""Failures that the next try would meet again."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRequest:
    """One trial to run. ``attempt`` counts an agent's trials at this task from 0; ``seed`` drives its sampling.

    What the task declares is taken from ``cores`` while its own programs run: not while a model writes, nor while
    containers come and go. ``skills`` is a folder that the agent has at ``SKILLS_DIR``, and the verifier never.
    """

    task: TaskPackage
    agent: Agent
    attempt: int = 0
    seed: int = 0
    isolation: Isolation = "fresh"
    cores: Supply = UNLIMITED
    skills: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A trial's record beside the workspace that its agent left, as a tar archive; None where it never came to it."""

    trial: Trial
    workspace: bytes | None = None


def run_trial(request: TrialRequest, engine: Engine) -> Trial:
    """Build the image if needed, let the agent act, stop it, verify its workspace, read the reward.

    Never raises for the author's or the engine's fault: both are failures with their owner in the record.
    """
    return attempt(request, engine).trial


def attempt(request: TrialRequest, engine: Engine) -> Attempt:
    """Run a trial and keep the workspace; see run_trial."""
    phases = _Phases()

    def run() -> Attempt | Failure:
        image = engine.build(request.task)
        if isinstance(image, Failure):
            return image
        with engine.room(request.task):
            return _in_sandbox(request, engine, phases, image)

    found = or_failure(lambda: phases.stage, run)
    if isinstance(found, Failure):
        return Attempt(trial=replace(_blank(request), failure=found, timings=Timings(**phases.spent)))
    return found


def retried(run: Callable[[], T], failure_of: Callable[[T], Failure | None]) -> T:
    """Return what ``run`` returns; what the infrastructure lost is run again, at most MAX_RETRIES times."""
    found = run()
    for _ in range(MAX_RETRIES):
        failure = failure_of(found)
        if failure is None or failure.owner != "infrastructure" or failure.reason in _LASTING:
            break
        found = run()
    return found


def run_with_retries(request: TrialRequest, engine: Engine) -> Trial:
    """Run a trial, and again what the infrastructure lost; the record keeps the failure of every try before its own."""
    lost: list[Failure] = []

    def run() -> Trial:
        trial = replace(run_trial(request, engine), retries=tuple(lost))
        if trial.failure is not None:
            lost.append(trial.failure)
        return trial

    return retried(run, lambda trial: trial.failure)


def verify_again(task: TaskPackage, first: Attempt, engine: Engine, *, cores: Supply) -> float | Failure:
    """Return what the verifier says of an attempt's workspace when it is asked once more."""
    if first.workspace is None or first.trial.image is None:
        raise ValueError("an attempt without a workspace cannot be verified again")
    image, workspace, isolation = first.trial.image, first.workspace, first.trial.isolation

    def score() -> float | Failure:
        with (
            engine.room(task),
            engine.verifier(task, image, isolation=isolation) as verifier,
            cores.taken(task.limits.cpus),
        ):
            return _reward_of(verifier.score(workspace))

    return or_failure(lambda: "verifier", score)


def or_failure(stage: Callable[[], Stage], act: Callable[[], T]) -> T | Failure:
    """Return what ``act`` returns; what the author or the engine is to blame for becomes a failure.

    ``stage`` tells how far it came, where the engine failed.
    """
    try:
        return act()
    except AuthorFault as fault:
        return fault.failure
    except EngineError as error:
        return Failure(stage=stage(), owner="infrastructure", reason=error.reason, detail=str(error)[:1000])


def _blank(request: TrialRequest) -> Trial:
    return Trial(
        task=request.task.name,
        task_digest=request.task.digest,
        agent=request.agent.name,
        attempt=request.attempt,
        seed=request.seed,
        isolation=request.isolation,
        image=None,
        reward=None,
        passed=False,
        exit_reason="failed",
        failure=None,
        timings=Timings(),
    )


def _in_sandbox(request: TrialRequest, engine: Engine, phases: _Phases, image: str) -> Attempt:
    task, cpus = request.task, request.task.limits.cpus
    record = replace(_blank(request), image=image)
    with ExitStack() as until_scored:
        phases.begin("start")
        with engine.open(task, image, isolation=request.isolation, skills=request.skills) as sandbox:
            phases.end("start_sec")
            paced = PacedSandbox(sandbox, request.cores, cpus)
            phases.begin("agent")
            run = request.agent.act(task, paced, seed=request.seed)
            phases.end("agent_sec", without=paced.waited_sec)
            verifier = until_scored.enter_context(engine.verifier(task, image, isolation=request.isolation))
            record = replace(record, agent_usage=sandbox.usage(), requests=sandbox.requests())
            workspace = sandbox.capture()
            phases.end("capture_sec")
        with request.cores.taken(cpus):
            phases.begin("verifier")
            verdict = verifier.score(workspace)
            phases.end("verify_sec")
    timings = Timings(model_sec=run.model_sec, **phases.spent)
    return Attempt(trial=_scored(replace(record, timings=timings), task, run, verdict), workspace=workspace)


class _Phases:
    """How far a trial came, and the seconds of its phases; what is spent waiting for memory and cores is not."""

    def __init__(self) -> None:
        self.stage: Stage = "build"
        self.spent: dict[str, float] = {}
        self._last = 0.0

    def begin(self, stage: Stage) -> None:
        self.stage = stage
        self._last = time.monotonic()

    def end(self, phase: str, *, without: float = 0.0) -> None:
        now = time.monotonic()
        self.spent[phase] = now - self._last - without
        self._last = now


def _scored(record: Trial, task: TaskPackage, run: AgentRun, verdict: VerifierRun) -> Trial:
    outcome = _reward_of(verdict)
    reward = None if isinstance(outcome, Failure) else outcome
    failure = run.failure or (outcome if isinstance(outcome, Failure) else None)
    return replace(
        record,
        reward=reward,
        passed=reward is not None and failure is None and reward >= task.pass_threshold,
        exit_reason=run.exit_reason,
        failure=failure,
        trajectory=run.trajectory,
        agent_log=without_middle(run.log, LOG_LIMIT),
        verifier_log=without_middle(verdict.log, LOG_LIMIT),
        verifier_usage=verdict.usage,
    )


def _reward_of(verdict: VerifierRun) -> float | Failure:
    if verdict.timed_out:
        return Failure(
            stage="verifier", owner="author", reason="verifier-timeout", detail="test.sh ran out of its time"
        )
    if verdict.exit_code != 0:
        said = last_lines(verdict.log, DETAIL_LIMIT)
        detail = f"test.sh exited with {verdict.exit_code}:\n{said}".rstrip(":\n")
        return Failure(stage="verifier", owner="author", reason="verifier-crashed", detail=detail)
    return read_reward(verdict.files)

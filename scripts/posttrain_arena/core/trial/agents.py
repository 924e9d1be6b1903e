"""The agents that need no model: ``noop`` does nothing, the others run a script that somebody wrote."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from posttrain_arena.core.trial.logs import last_lines, without_middle
from posttrain_arena.core.trial.sandbox import CommandResult, Sandbox
from posttrain_arena.core.trial.tools import BASH, SUBMIT
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import OUTPUT_LIMIT, ExitReason, Failure, ToolCall, Turn

DETAIL_LIMIT = 800
"""Characters of a program's last words in a failure, so that they fit into a finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRun:
    """What an agent did in its phase; the runner shortens ``log``."""

    exit_reason: ExitReason
    trajectory: tuple[Turn, ...] = ()
    log: str = ""
    failure: Failure | None = None
    model_sec: float = 0.0


class Agent(Protocol):
    """Acts in a sandbox until it is done or its time is over."""

    @property
    def name(self) -> str:
        """The agent's name in the record."""
        ...

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        """Work on the task within ``task.limits.agent_timeout_sec``."""
        ...


class Noop:
    """Does nothing: its trial shows that the verifier does not pay for nothing."""

    name = "noop"

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        """Return at once."""
        return AgentRun(exit_reason="completed")


class Oracle:
    """Runs ``oracle/solve.sh`` as its author wrote it, in one process."""

    name = "oracle"

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        """Copy the oracle in and run it."""
        sandbox.put_tree(task.path / "oracle", "/oracle")
        result = sandbox.run("bash /oracle/solve.sh", timeout_sec=task.limits.agent_timeout_sec)
        failure = _oracle_failure(result, sandbox)
        return AgentRun(
            exit_reason="timeout" if result.timed_out else "completed" if failure is None else "failed",
            log=_with_status(result),
            failure=failure,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Runs a script as the oracle is run, with the oracle's files beside it; how the script ends is no failure."""

    script: Path
    name: str = "solution"

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        """Copy the script in as /oracle/solution.sh and run it; the log tells a status other than 0."""
        sandbox.put_tree(task.path / "oracle", "/oracle")
        with tempfile.TemporaryDirectory() as alone:
            shutil.copyfile(self.script, Path(alone) / "solution.sh")
            sandbox.put_tree(Path(alone), "/oracle")
        result = sandbox.run("bash /oracle/solution.sh", timeout_sec=task.limits.agent_timeout_sec)
        return AgentRun(exit_reason="timeout" if result.timed_out else "completed", log=_with_status(result))


class StepwiseOracle:
    """Replays ``oracle/solve.sh`` command by command, as a model would have typed it.

    Its trajectory is a demonstration: each complete top-level command is one ``bash`` call, ``submit`` ends it.
    """

    name = "oracle"

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        """Type the commands one after another; stop at the first that fails or hangs."""
        sandbox.put_tree(task.path / "oracle", "/oracle")
        turns = [Turn(role="user", content=task.prompt)]
        left = task.limits.agent_timeout_sec
        for command in top_level_commands((task.path / "oracle" / "solve.sh").read_text(encoding="utf-8")):
            result = sandbox.run(command, timeout_sec=left)
            left -= result.duration_sec
            turns += _turns(command, result)
            if (failure := _oracle_failure(result, sandbox)) is not None:
                reason: ExitReason = "timeout" if result.timed_out else "failed"
                return AgentRun(exit_reason=reason, trajectory=tuple(turns), failure=failure)
        turns.append(Turn(role="assistant", content="", tool_calls=(ToolCall(name=SUBMIT, arguments={}),)))
        return AgentRun(exit_reason="submitted", trajectory=tuple(turns))


def observation(result: CommandResult, limit: int = OUTPUT_LIMIT) -> str:
    """Return what an agent is shown of a command: its output cut in the middle, and a status other than 0."""
    text = without_middle(result.output.rstrip("\n"), limit)
    return f"{text}\n[exit status {result.exit_code}]" if result.exit_code else text


def top_level_commands(script: str) -> Iterator[str]:
    """Yield the complete commands of a bash script in order, without comments and blank lines.

    A command that spans lines (a here-document, a loop, an open quote) stays whole: ``bash -n`` decides.
    """
    pending = ""
    for line in script.splitlines(keepends=True):
        if not pending and (not line.strip() or line.lstrip().startswith("#")):
            continue
        pending += line
        if not line.rstrip("\n").endswith("\\") and _is_complete(pending):
            yield pending.rstrip("\n")
            pending = ""
    if pending:
        yield pending.rstrip("\n")


def _is_complete(text: str) -> bool:
    # -n parses without running anything; an unfinished here-document is only a warning on stderr.
    parsed = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, timeout=10, check=False)
    return parsed.returncode == 0 and not parsed.stderr


def _with_status(result: CommandResult) -> str:
    text = result.output.rstrip("\n")
    return f"{text}\n[exit status {result.exit_code}]".lstrip("\n") if result.exit_code else text


def _turns(command: str, result: CommandResult) -> list[Turn]:
    call = ToolCall(name=BASH, arguments={"command": command})
    return [
        Turn(role="assistant", content="", tool_calls=(call,)),
        Turn(
            role="tool",
            content=observation(result),
            exit_code=result.exit_code,
            duration_sec=result.duration_sec,
        ),
    ]


def _oracle_failure(result: CommandResult, sandbox: Sandbox) -> Failure | None:
    if result.exit_code == 0 and not result.timed_out:
        return None
    missed = next((request for request in sandbox.requests() if request.unreachable), None)
    if missed is not None:
        told = (
            f"{missed.host} cannot be reached from this machine ({missed.why}), and the oracle failed without it: "
            "try again where the internet can be reached"
        )
        return Failure(stage="agent", owner="infrastructure", reason="host-unreachable", detail=told)
    if result.timed_out:
        return Failure(stage="agent", owner="author", reason="oracle-timeout", detail="the oracle ran out of time")
    status = "ended its shell" if result.exit_code is None else f"exited with {result.exit_code}"
    detail = f"solve.sh {status}:\n{last_lines(result.output, DETAIL_LIMIT)}".rstrip(":\n")
    return Failure(stage="agent", owner="author", reason="oracle-failed", detail=detail)

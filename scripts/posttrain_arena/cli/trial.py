"""Run trials of one task package and print their rewards.

    arena trial starting-kit/examples/<name> --agent oracle --expect 1.0
    arena trial PACKAGE --solution wrong-answer.sh
    arena trial PACKAGE --agent chat --endpoint http://127.0.0.1:8000 --model NAME --attempts 4

--solution runs a script as the oracle is run, with the oracle's files beside it in /oracle. It is a wrong answer that
you try: it must end below a pass, unless --expect names another reward.

Exit code 0 when every trial gave a reward (and the expected one), 1 when not, 3 when the engine failed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from posttrain_arena.cli.chat_agent import add_chat_arguments, chat_agent
from posttrain_arena.cli.packages import load_package
from posttrain_arena.core.trial.agents import Agent, Noop, Oracle, Solution
from posttrain_arena.core.trial.batch import run_trials
from posttrain_arena.core.trial.logs import plain
from posttrain_arena.core.trial.runner import TrialRequest
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.seeds import derive_seed
from posttrain_arena.model.trial import Trial

PLAIN_AGENTS: dict[str, type[Oracle] | type[Noop]] = {"oracle": Oracle, "noop": Noop}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("task", type=Path, help="the task package")
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--agent", choices=[*PLAIN_AGENTS, "chat"], default="oracle")
    who.add_argument("--solution", type=Path, metavar="FILE", help="a bash script to try in place of the oracle")
    parser.add_argument("--attempts", type=int, default=1, metavar="K", help="trials to run (default 1)")
    parser.add_argument("--expect", type=float, metavar="REWARD", help="exit 1 unless every reward is this number")
    parser.add_argument("--network", action="store_true", help="give the agent the network, whatever the task declares")
    parser.add_argument("--seed", type=int, default=0, help="seed of the agent's sampling (default 0)")
    parser.add_argument("--out", type=Path, help="folder for one trial record (JSON) per attempt")
    add_chat_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the trials."""
    from posttrain_arena.adapters.docker_engine.engine import DockerEngine

    task = load_package(arguments.task)
    if arguments.network:
        task = replace(task, limits=replace(task.limits, network="public"))
    with _agent(arguments) as agent, DockerEngine() as engine:
        requests = [
            TrialRequest(task=task, agent=agent, attempt=attempt, seed=derive_seed(arguments.seed, task.name, attempt))
            for attempt in range(arguments.attempts)
        ]
        trials = run_trials(requests, engine, concurrency=2)
    for trial in trials:
        _report(trial)
        if arguments.out:
            documents.write_document(arguments.out / f"{task.name}-{trial.agent}-{trial.attempt}.json", trial)
    if len(trials) > 1:
        print(f"{sum(trial.passed for trial in trials)} of {len(trials)} trials passed")
    return _exit_code(trials, _wanted(arguments, task.pass_threshold))


def _report(trial: Trial) -> None:
    for title, log in (("agent", trial.agent_log), ("verifier", trial.verifier_log)):
        if log.strip():
            print(f"--- {title}\n{_printable(log.rstrip())}")
    spent = trial.timings
    seconds = f"start {spent.start_sec:.2f} s, agent {spent.agent_sec:.2f} s, verifier {spent.verify_sec:.2f} s"
    failure, earned = trial.failure, "no reward" if trial.reward is None else f"reward {trial.reward}"
    if failure is not None:
        print(f"failed: {failure.stage}: {failure.reason} (owner: {failure.owner})\n{_printable(failure.detail)}")
        earned += f", but the trial does not count: {failure.reason}" if trial.reward is not None else ""
    print(f"{trial.agent} on {_printable(trial.task)}: {earned} ({trial.exit_reason}; {seconds})")


def _printable(text: str) -> str:
    """Show control characters instead of sending them to the terminal: logs are the contributor's bytes."""
    return "".join(char if char.isprintable() or char in "\n\t" else repr(char)[1:-1] for char in plain(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What every reward must be: said in words, and decided."""

    said: str
    holds: Callable[[float | None], bool]


def _wanted(arguments: argparse.Namespace, threshold: float) -> _Wanted | None:
    if arguments.expect is not None:
        return _Wanted(said=f"reward {arguments.expect}", holds=lambda reward: reward == arguments.expect)
    if arguments.solution is not None:
        said = f"a reward below {threshold:g}, which is a pass: the verifier pays this answer"
        return _Wanted(said=said, holds=lambda reward: reward is not None and reward < threshold)
    return None


def _exit_code(trials: list[Trial], wanted: _Wanted | None) -> int:
    if any(trial.lost for trial in trials):
        return 3
    if any(trial.failure is not None for trial in trials):
        return 1
    if wanted is not None and not all(wanted.holds(trial.reward) for trial in trials):
        print(f"expected {wanted.said}")
        return 1
    return 0


@contextmanager
def _agent(arguments: argparse.Namespace) -> Iterator[Agent]:
    if arguments.solution is not None:
        if not arguments.solution.is_file():
            raise UsageError(f"--solution: there is no file {arguments.solution}")
        yield Solution(script=arguments.solution)
        return
    if arguments.agent in PLAIN_AGENTS:
        yield PLAIN_AGENTS[arguments.agent]()
        return
    with chat_agent(arguments) as agent:
        yield agent

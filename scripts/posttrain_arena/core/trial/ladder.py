"""The ladder of level publication-grade: what a package must show in trials before anybody trains on it."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from posttrain_arena.core.trial.agents import Agent, Noop, Oracle
from posttrain_arena.core.trial.probes import EXHAUSTION, TAMPERING, Output, Probe, output_probes
from posttrain_arena.core.trial.runner import Attempt, TrialRequest, attempt, verify_again
from posttrain_arena.core.trial.sandbox import Engine
from posttrain_arena.core.trial.verdicts import Rung, judge
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Failure, Trial

MAX_RETRIES = 2
"""Retries of a trial lost to the infrastructure."""

_HEAD_BYTES = 4096
_CODE = (".sh", ".py", ".md", ".toml", ".cfg", ".ini")


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderResult:
    """A package's trials and what they say to its author; ``broken`` where the infrastructure failed instead."""

    trials: tuple[Trial, ...]
    findings: tuple[Finding, ...]
    broken: tuple[Failure, ...]


def climb_all(
    packages: Sequence[TaskPackage],
    engine: Engine,
    *,
    concurrency: int,
    on_trial: Callable[[Trial], None] = lambda trial: None,
    probed: Callable[[TaskPackage], bool] = lambda package: True,
) -> list[LadderResult]:
    """Return one result per package, in order; a package that fails never keeps the others from being tried."""

    def one(package: TaskPackage) -> LadderResult:
        return climb(package, engine, on_trial=on_trial, whole=probed(package))

    with ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="ladder") as pool:
        return list(pool.map(one, packages))


def climb(
    package: TaskPackage,
    engine: Engine,
    *,
    on_trial: Callable[[Trial], None] = lambda trial: None,
    whole: bool = True,
) -> LadderResult:
    """Try one package: its oracle, nothing at all, the oracle again, its workspace scored again, and every probe.

    After the first two the rest only means something where the oracle passed and nothing earned nothing; it is left
    out otherwise, and where ``whole`` is False.
    """

    def run(agent: Agent, number: int = 0) -> Attempt:
        found = _without_our_faults(TrialRequest(task=package, agent=agent, attempt=number), engine)
        on_trial(found.trial)
        return found

    first, empty = run(Oracle()), run(Noop())
    rung = Rung(package=package, oracle=first.trial, noop=empty.trial)
    if whole and rung.is_sound():
        second = run(Oracle(), 1)
        rung = replace(rung, oracle_again=second.trial, scored_again=verify_again(package, first, engine))
        probes = [*TAMPERING, *_of_outputs(package, first, empty), *EXHAUSTION]
        rung = replace(rung, probes=tuple((probe, run(probe).trial) for probe in probes))
    findings, broken = judge(rung)
    return LadderResult(trials=rung.trials(), findings=findings, broken=broken)


def _without_our_faults(request: TrialRequest, engine: Engine) -> Attempt:
    found = attempt(request, engine)
    for _ in range(MAX_RETRIES):
        if found.trial.failure is None or found.trial.failure.owner == "author":
            break
        found = attempt(request, engine)
    return found


def _of_outputs(package: TaskPackage, solved: Attempt, untouched: Attempt) -> Iterator[Probe]:
    before = {output.path: output for output in _files(untouched.workspace or b"")}
    outputs = [output for output in _files(solved.workspace or b"") if before.get(output.path) != output]
    folder = package.path / "verifier"
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    data = [path.as_posix() for path in files if path.suffix not in _CODE]
    return output_probes(sorted(outputs, key=lambda output: output.path), data)


def _files(workspace: bytes) -> Iterator[Output]:
    """Yield the regular files of a workspace that are no tool's own, such as a cache."""
    with tarfile.open(fileobj=io.BytesIO(workspace), mode="r:") as archive:
        for member in archive:
            path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            if member.isreg() and not any(part.startswith(".") or part == "__pycache__" for part in path.parts):
                content = archive.extractfile(member)
                head = content.read(_HEAD_BYTES) if content else b""
                yield Output(path=path.as_posix(), size=member.size, head=head)

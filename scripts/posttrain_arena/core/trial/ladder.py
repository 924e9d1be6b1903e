"""The ladder of level publication-grade: what a package must show in trials before anybody trains on it."""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from posttrain_arena.core.trial.agents import Agent, Oracle
from posttrain_arena.core.trial.image_content import LookingNoop
from posttrain_arena.core.trial.probes import EXHAUSTION, TAMPERING, Output, Probe, output_probes
from posttrain_arena.core.trial.runner import Attempt, TrialRequest, attempt, retried, verify_again
from posttrain_arena.core.trial.sandbox import AuthorFault, Engine
from posttrain_arena.core.trial.supply import Supply
from posttrain_arena.core.trial.verdicts import Rung, judge
from posttrain_arena.errors import EngineError
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.report import Peak
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Failure, Trial

_HEAD_BYTES = 4096
_CODE = (".sh", ".py", ".md", ".toml", ".cfg", ".ini")

PARALLEL_TRIALS = 3
"""Of one package; the cores that they take bound them further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderResult:
    """A package's trials and what they say to its author; ``broken`` where the infrastructure failed instead."""

    trials: tuple[Trial, ...]
    findings: tuple[Finding, ...]
    broken: tuple[Failure, ...]
    peaks: tuple[Peak, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who is told of each trial and of each package as it ends, in a worker's thread."""

    trial: Callable[[Trial], None] = lambda trial: None
    package: Callable[[TaskPackage, LadderResult], None] = lambda package, result: None


def climb_all(
    packages: Sequence[TaskPackage],
    engine: Engine,
    *,
    cores: Supply,
    listener: Listener = Listener(),
    probed: Callable[[TaskPackage], bool] = lambda package: True,
) -> list[LadderResult]:
    """Return one result per package, in order; a package that fails never keeps the others from being tried."""

    def one(package: TaskPackage) -> LadderResult:
        result = climb(package, engine, cores=cores, on_trial=listener.trial, whole=probed(package))
        listener.package(package, result)
        return result

    with ThreadPoolExecutor(max_workers=max(2, round(cores.count)), thread_name_prefix="ladder") as pool:
        return list(pool.map(one, packages))


def climb(
    package: TaskPackage,
    engine: Engine,
    *,
    cores: Supply,
    on_trial: Callable[[Trial], None] = lambda trial: None,
    whole: bool = True,
) -> LadderResult:
    """Try one package: its oracle, nothing at all, the oracle again, its workspace scored again, and every probe.

    After the first two the rest only means something where the oracle passed and nothing earned nothing; it is left
    out otherwise, and where ``whole`` is False.
    """

    def score_again(found: Attempt) -> float | Failure:
        return retried(lambda: verify_again(package, found, engine, cores=cores), _failure)

    def run(agent: Agent, number: int = 0) -> Attempt:
        request = TrialRequest(task=package, agent=agent, attempt=number, cores=cores)
        found = retried(lambda: attempt(request, engine), lambda found: found.trial.failure)
        on_trial(found.trial)
        return found

    build_sec = _build(package, engine)
    with ThreadPoolExecutor(PARALLEL_TRIALS, thread_name_prefix="trial") as pool:
        looking = LookingNoop()
        first, empty = pool.map(run, (Oracle(), looking))
        rung = Rung(package=package, oracle=first.trial, noop=empty.trial, copies=looking.copies, build_sec=build_sec)
        if whole and rung.is_sound():
            again = pool.submit(run, Oracle(), 1)
            scored = pool.submit(score_again, first)
            probes = [*TAMPERING, *_of_outputs(package, first, empty), *EXHAUSTION]
            tried = tuple(zip(probes, (found.trial for found in pool.map(run, probes)), strict=True))
            rung = replace(
                rung,
                oracle_again=again.result().trial,
                scored_again=scored.result(),
                probes=tried,
            )
    findings, broken = judge(rung)
    return LadderResult(trials=rung.trials(), findings=findings, broken=broken, peaks=rung.peaks())


def _build(package: TaskPackage, engine: Engine) -> float:
    """Return the seconds that the build took; a fault of it is told by the first trial."""
    began = time.monotonic()
    with suppress(AuthorFault, EngineError):
        engine.build(package)
    return time.monotonic() - began


def _failure(reward: float | Failure) -> Failure | None:
    return reward if isinstance(reward, Failure) else None


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

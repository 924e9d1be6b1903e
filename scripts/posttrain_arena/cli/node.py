"""Run one stage of a launched job on the machine that was rented for it.

    arena node post-train --job job/job.json --out checkpoints
    arena node evaluate --job job/job.json --suite suite --checkpoint checkpoints --out results

`sky/node.sh` calls it. It writes a report when the stage begins and when it ends, and sends the stage's small documents
home through the log. Exit code 75 where the machine was at fault and another one may do better; a stage that runs again
goes on where it was. Where SkyPilot started several machines for an evaluation, each runs a part of its trials; the
first puts the parts together, and it alone sends something home.
"""

from __future__ import annotations

import argparse
import dataclasses
import errno
import os
import secrets
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from posttrain_arena.adapters.docker_engine.interruption import stops_at_signals
from posttrain_arena.adapters.versions import library_versions
from posttrain_arena.cli import evaluate, post_train
from posttrain_arena.cli.job_files import read_job
from posttrain_arena.cli.run_document import hardware
from posttrain_arena.cli.training_stages import base_folder
from posttrain_arena.core.launch.results import opening, pack
from posttrain_arena.core.training.disk import disk_faults_named
from posttrain_arena.core.training.stages import MANIFEST
from posttrain_arena.errors import (
    ArenaError,
    EngineError,
    MachineError,
    ModelServerError,
    StorageError,
    TrainingError,
    UsageError,
)
from posttrain_arena.model import documents
from posttrain_arena.model.launch import StageFailure, StageName
from posttrain_arena.model.node_report import NodeReport
from posttrain_arena.model.reference_agent import Acting
from posttrain_arena.model.shard import Shard
from posttrain_arena.model.trial import Owner

RETRY = 75
"""Exit code (EX_TEMPFAIL) on which the job is started again on another machine; sky/*.yaml name it too."""

MAX_FAULTS = 3
"""After so many machines at fault it is not the machines."""

_MACHINE_FAULTS = ("CUDA error", "CUDA driver", "NCCL", "ECC error")
"""How PyTorch words what a device or its driver did wrong."""

SENT = ("manifest.json", "metrics.jsonl", "evaluation.json", "demonstrations.json")
"""The documents of a stage that go home; weights and trials stay in the store."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("stage", choices=list(STAGES), help="what to do")
    parser.add_argument("--job", type=Path, required=True, metavar="FILE", help="the job document (job.json)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of what the stage makes")
    parser.add_argument("--suite", type=Path, metavar="DIR", help="folder of the suite; not given to post-train")
    parser.add_argument("--checkpoint", type=Path, metavar="DIR", help="what post-train made; for evaluate alone")
    parser.add_argument("--bases", type=Path, default=Path(".arena/bases"), help="folder of base models (.arena/bases)")


def run(arguments: argparse.Namespace) -> int:
    """Run the stage; return 0, 75 to be run again elsewhere, or the exit code of what went wrong."""
    job, recipe = read_job(arguments.job)
    shard = Shard.of_machine(os.environ)
    path = arguments.out / "reports" / f"{arguments.stage}{_part(shard)}.json"
    with disk_faults_named(path.parent):
        if _first(shard):
            print(opening(_mark(path)), flush=True)
        report = _begun(arguments.stage, job.digest, path, recipe)
        documents.write_document(path, report)

    def end(report: NodeReport) -> None:
        _end(report, path, arguments, base_folder(recipe, arguments.bases) if _first(shard) else None)

    try:
        with stops_at_signals(lambda: None):
            failure, code = _outcome(arguments)
    except KeyboardInterrupt:
        end(dataclasses.replace(report, state="interrupted"))
        raise
    if failure is None:
        report = dataclasses.replace(report, state="succeeded")
    else:
        faults = report.faults + (failure.owner == "infrastructure")
        report = dataclasses.replace(report, state="failed", failure=failure, faults=faults)
        code = code if code != RETRY or faults < MAX_FAULTS else EngineError.exit_code
    end(report)
    return code


def _part(shard: Shard | None) -> str:
    return "" if shard is None or _first(shard) else f"-{shard.index}-of-{shard.count}"


def _first(shard: Shard | None) -> bool:
    return shard is None or shard.index == 1


def _begun(stage: StageName, job: str, path: Path, recipe: Acting) -> NodeReport:
    before = documents.read_document(path, NodeReport) if path.exists() else None
    return NodeReport(
        stage=stage,
        job=job,
        state="running",
        starts=1 + (before.starts if before else 0),
        faults=before.faults if before else 0,
        failure=None,
        hardware=hardware(),
        versions=library_versions(recipe),
    )


def _end(report: NodeReport, path: Path, arguments: argparse.Namespace, base: Path | None) -> None:
    """Write the report and send everything home; where the disk is full the report goes home all the same.

    Without ``base`` nothing is sent: another machine does.
    """
    with suppress(OSError):
        documents.write_document(path, report)
    if base is None:
        return
    found = [file for name in SENT for file in sorted(arguments.out.glob(f"*/{name}"))]
    files = {f"{file.parent.name}/{file.name}": file.read_text(encoding="utf-8") for file in found}
    files[f"{path.parent.name}/{path.name}"] = documents.encode(documents.to_document(report)).decode()
    if (base / MANIFEST).exists():
        files["base/manifest.json"] = (base / MANIFEST).read_text(encoding="utf-8")
    for line in pack(files, _mark(path)):
        print(line, flush=True)


def _mark(report: Path) -> str:
    """Return the mark of the lines that go home, which stays when the stage is started again."""
    path = report.with_suffix(".mark")
    if not path.exists():
        documents.write_bytes(path, secrets.token_hex(16).encode())
    return path.read_text(encoding="utf-8")


def _outcome(arguments: argparse.Namespace) -> tuple[StageFailure | None, int]:
    """Run the stage; say what went wrong and with which exit code to end."""
    try:
        STAGES[arguments.stage](arguments)
    except ArenaError as error:
        print(f"arena: {error}", file=sys.stderr)
        owner, reason = _blame(error)
        failure = StageFailure(owner=owner, reason=reason, detail=str(error)[-4000:])
        return failure, RETRY if owner == "infrastructure" else error.exit_code
    except Exception as error:  # noqa: BLE001 (the last chance to say what happened: nobody logs in to look)
        traceback.print_exc()
        owner, reason = _blame_of_stranger(error)
        failure = StageFailure(owner=owner, reason=reason, detail=f"{type(error).__name__}: {error}"[-4000:])
        return failure, RETRY if owner == "infrastructure" else ArenaError.exit_code
    return None, 0


def _blame(error: ArenaError) -> tuple[Owner, str]:
    if isinstance(error, EngineError):
        return "infrastructure", error.reason
    if isinstance(error, ModelServerError):
        return error.owner, error.reason
    if isinstance(error, TrainingError):
        return error.owner, "training"
    if isinstance(error, StorageError):
        return "infrastructure", "disk"
    if isinstance(error, MachineError):
        return "us", "machine-too-small"
    return "us", "usage" if isinstance(error, UsageError) else "error"


def _blame_of_stranger(error: Exception) -> tuple[Owner, str]:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.ESTALE):
        return "infrastructure", "disk"
    if isinstance(error, RuntimeError) and any(words in str(error) for words in _MACHINE_FAULTS):
        return "infrastructure", "device"
    return "us", "bug"


def _post_train(arguments: argparse.Namespace) -> None:
    post_train.run(argparse.Namespace(job=arguments.job, out=arguments.out, bases=arguments.bases, tracker=[]))


def _baseline(arguments: argparse.Namespace) -> None:
    _evaluate(arguments, [None])


def _checkpoints(arguments: argparse.Namespace) -> None:
    if arguments.checkpoint is None:
        raise UsageError("evaluate: name the folder of the checkpoints with --checkpoint DIR")
    _evaluate(arguments, [arguments.checkpoint / name for name in ("sft", "grpo")])


def _skills(arguments: argparse.Namespace) -> None:
    _evaluate(arguments, [None], skills=True)


def _evaluate(arguments: argparse.Namespace, checkpoints: Sequence[Path | None], *, skills: bool = False) -> None:
    """Evaluate the checkpoints, or the reference agent with the entry's skills.

    This machine's part of each comes first, and then on the first machine the whole of each.
    """
    if arguments.suite is None:
        raise UsageError(f"{arguments.stage}: name the folder of the suite with --suite DIR")
    given = {"job": arguments.job, "suite": arguments.suite, "out": arguments.out, "bases": arguments.bases}
    given |= {"sealed": None, "key": None, "digest": None}  # the sealed suite is evaluated by its operator
    shard = Shard.of_machine(os.environ)
    for part in dict.fromkeys([shard, None] if _first(shard) else [shard]):
        for checkpoint in checkpoints:
            parts = shard.count if shard and part is None else None
            evaluate.run(argparse.Namespace(checkpoint=checkpoint, skills=skills, shard=part, parts=parts, **given))


STAGES: dict[str, Callable[[argparse.Namespace], None]] = {
    "post-train": _post_train,
    "evaluate": _checkpoints,
    "evaluate-skills": _skills,
    "baseline": _baseline,
}
"""What a machine can be rented for."""

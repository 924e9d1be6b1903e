"""Jobs, launches and machines for the tests of launching."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synthetic_runs import sample

from posttrain_arena.adapters.skypilot.prices import Quote
from posttrain_arena.cli.demo_kit import SHORT, Kit, make_kit
from posttrain_arena.cli.launch_desk import Desk
from posttrain_arena.core.launch.progress import ManagedJob
from posttrain_arena.core.launch.results import opening, pack
from posttrain_arena.core.training.stages import output_digest
from posttrain_arena.errors import ArenaError
from posttrain_arena.model import documents
from posttrain_arena.model.competition import Compute, StageHours
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import Launch, Place, StageFailure, StageRun
from posttrain_arena.model.manifest import Manifest
from posttrain_arena.model.node_report import NodeReport

COMPUTE = Compute(
    entry_usd=100.0,
    total_usd=1000.0,
    parallel_jobs=2,
    evaluation_machines=1,
    hours=StageHours(post_train=10.0, evaluate=2.0, baseline=3.0),
)
PLACE = Place(infra="", store="s3://arena", suite="s3://suite", python="")
PRICE = 3.0
MARK = "5e" * 16
_PHASES = ("start_sec", "agent_sec", "model_sec", "capture_sec", "verify_sec")


def launch(number: int = 1, *, entry: str = "team", stages: Sequence[StageRun] | None = None, **more: Any) -> Launch:
    """Return a launch of an entry, as the ledger has it before anything ran."""
    facts = {
        "name": f"pta-{entry}-{number:012x}",
        "job": "sha256:" + f"{number:064x}",
        "entry": entry,
        "title": "A title",
        "baseline": "pta-baseline-000000000000",
        "pull": None,
        "head": "",
        "attempt": 1,
        "exhibition": "",
        "place": PLACE,
        "stages": tuple(stages or (StageRun(stage="post-train"), StageRun(stage="evaluate"))),
    }
    return Launch(**(facts | more))


def write_job(folder: Path, *, seed: int = 0) -> tuple[Path, Kit]:
    """Write the short demo's job, entry and suite below ``folder``; return the job's path and the kit."""
    kit = make_kit(folder, SHORT)
    path = folder / f"job-{seed}" / "job.json"
    documents.write_document(path, kit.job(seed, beside=path.parent))
    return path, kit


def report(stage: str, *, state: str = "succeeded", failure: StageFailure | None = None, job: str = "") -> NodeReport:
    """Return what a machine says of a stage; of the job that it was given, where none is named."""
    return NodeReport(
        stage=stage,
        job=job,
        state=state,
        starts=1,
        faults=0,
        failure=failure,
        hardware="a machine",
        versions={"python": "3.11"},
    )


class RentedMachines:
    """Managed jobs that stand where a test puts them; every launch is counted."""

    def __init__(self) -> None:
        self.jobs: dict[str, ManagedJob] = {}
        self.tasks: dict[str, Mapping[str, Any]] = {}
        self.launched: list[str] = []
        self.cancelled: list[int] = []
        self.logs: dict[int, str] = {}
        self.given: dict[str, str] = {}

    def ensure(self, name: str, doc: Mapping[str, Any], secrets: Mapping[str, str]) -> ManagedJob:
        if name not in self.jobs or self.jobs[name].outcome in ("failed", "cancelled"):
            self.launched.append(name)
            self.tasks[name] = doc
            self.given[name] = _given(doc)
            self.jobs[name] = ManagedJob(sky_id=len(self.launched), name=name, status="PENDING")
        return self.jobs[name]

    def find(self, name: str) -> list[ManagedJob]:
        return [self.jobs[name]] if name in self.jobs else []

    def get(self, name: str, sky_id: int) -> ManagedJob:
        if name not in self.jobs:
            raise ArenaError(f"no job {name}")
        assert self.jobs[name].sky_id == sky_id
        return self.jobs[name]

    def cancel(self, ids: Sequence[int]) -> None:
        self.cancelled += ids

    def log(self, sky_id: int) -> str:
        return self.logs.get(sky_id, "")

    def stands(
        self,
        name: str,
        status: str,
        *,
        told: NodeReport | None = None,
        files: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        """Put a job where it stands, and what its machine told, with the documents of its stages, into its log."""
        job = self.jobs[name]
        self.jobs[name] = ManagedJob(sky_id=job.sky_id, name=name, status=status, **more)
        if told is not None:
            told = told if told.job else dataclasses.replace(told, job=self.given[name])
            text = documents.encode(documents.to_document(told)).decode()
            self.logs[job.sky_id] = "\n".join(
                [opening(MARK), *pack({f"reports/{told.stage}.json": text, **(files or {})}, MARK)]
            )


def _given(doc: Mapping[str, Any]) -> str:
    """Return the digest of the job that a task gives its machine; empty where it is no whole task."""
    path = Path(doc.get("envs", {}).get("ARENA_JOB", "")) / "job.json"
    return documents.read_document(path, Job).digest if path.is_file() else ""


def quoted(docs: Sequence[Mapping[str, Any]], clouds: Sequence[str]) -> list[Quote]:
    """Quote one price for everything."""
    return [Quote(prices={"nebius H100:1": PRICE}, best="nebius H100:1") for _ in docs]


def desk(ledger: Path, machines: RentedMachines, compute: Compute = COMPUTE) -> Desk:
    """Return a desk at such machines."""
    return Desk(ledger=ledger, compute=compute, machines=machines, price=quoted)


def documents_of_a_run(job: Job) -> dict[str, dict[str, str]]:
    """Return what the machines of a whole run send home, by stage: manifests, metrics and evaluations that fit."""
    rows = {"sft": {"step": 1, "loss": 2.0}, "grpo": {"step": 1, "reward": 0.5, **dict.fromkeys(_ROLLOUTS, 1.0)}}
    home: dict[str, dict[str, str]] = {"post-train": {}, "evaluate": {}, "baseline": {}}
    made = {name: _manifest(name, {"made": documents.digest(name)}) for name in ("base", "demonstrations", *rows)}
    for name, manifest in made.items():
        home["post-train"][f"{name}/manifest.json"] = _text(manifest)
    for name, row in rows.items():
        home["post-train"][f"{name}/metrics.jsonl"] = json.dumps(row) + "\n"
    for name, rate in {"base": 0.1, "sft": 0.4, "grpo": 0.7}.items():
        evaluation = dataclasses.replace(
            sample(name, rate, seed=job.seed),
            checkpoint=output_digest(made[name]),
            suite=job.suite.name,
            suite_digest=job.suite.digest,
        )
        stage = home["baseline" if name == "base" else "evaluate"]
        stage[f"evaluation-{name}/evaluation.json"] = _text(evaluation)
        stage[f"evaluation-{name}/manifest.json"] = _text(_manifest(f"evaluation-{name}", {}))
    return home


_ROLLOUTS = ("trials", "rollout_sec", "timeouts", *_PHASES)


def _manifest(stage: str, files: dict[str, str]) -> Manifest:
    facts = {"trials": 96, "trials_per_sec": 2.0, "timeouts": 0, **dict.fromkeys(_PHASES, 1.0)}
    return Manifest(stage=stage, inputs={}, files=files, seconds=1.0, facts=facts)


def _text(value: documents.Document) -> str:
    return documents.encode(documents.to_document(value)).decode()

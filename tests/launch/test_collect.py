"""`arena collect` writes the runs of finished launches."""

from __future__ import annotations

from pathlib import Path

import pytest
from launches import documents_of_a_run, launch, report, write_job

from posttrain_arena.cli.launch_desk import results
from posttrain_arena.cli.main import main
from posttrain_arena.core.launch.ledger import keep
from posttrain_arena.core.launch.names import baseline_name, launch_name
from posttrain_arena.core.launch.stage_inputs import stage_job
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import Launch, StageRun


def _finished(ledger: Path, job: Job, one: Launch, home: dict[str, dict[str, str]]) -> None:
    keep(ledger, one)
    for stage in one.stages:
        files = {**home[stage.stage], f"reports/{stage.stage}.json": _report(stage.stage, job)}
        for name, text in files.items():
            documents.write_bytes(results(ledger, one.name, stage.stage) / name, text.encode())


def _report(stage: str, job: Job) -> str:
    return documents.encode(documents.to_document(report(stage, job=job.digest))).decode()


def test_a_result_that_does_not_hold_keeps_no_other_from_its_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, kit = write_job(tmp_path / "kit")
    ledger = tmp_path / "ledger"
    jobs = {"broken": documents.read_document(path, Job), "whole": kit.job(1, beside=path.parent)}
    home = documents_of_a_run(jobs["broken"])
    base = baseline_name(jobs["broken"])
    stages = [StageRun(stage=name, state="succeeded") for name in ("post-train", "evaluate", "baseline")]
    _finished(ledger, jobs["broken"], launch(9, entry="", name=base, stages=stages[2:]), home)
    names = {}
    for day, (which, job) in enumerate(jobs.items()):
        names[which] = launch_name(job)
        one = launch(name=names[which], job=job.digest, baseline=base, asked=f"2026-11-0{day + 1}", stages=stages[:2])
        stage_job(ledger / one.name, "post-train", job, recipe=kit.recipe, entry=kit.entry)
        _finished(ledger, job, one, documents_of_a_run(job))
    other = home["baseline"]["evaluation-base/evaluation.json"]
    documents.write_bytes(
        results(ledger, names["broken"], "evaluate") / "evaluation-grpo" / "evaluation.json", other.encode()
    )
    assert main(["collect", "--ledger", str(ledger)]) == 3
    told = capsys.readouterr()
    assert f"arena: {names['broken']}: refused: " in told.err
    assert "was evaluated, not sha256:" in told.err
    assert not (ledger / names["broken"] / "run.json").exists()
    assert f"wrote {ledger / names['whole'] / 'run.json'}" in told.out

"""What a rented machine tells of its stage, and with which exit code it ends."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from launches import write_job

from posttrain_arena.cli import node
from posttrain_arena.cli.main import main
from posttrain_arena.core.launch.results import unpack
from posttrain_arena.errors import ArenaError, EngineError, MachineError, ModelServerError, TrainingError
from posttrain_arena.model import documents
from posttrain_arena.model.node_report import NodeReport


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_job(tmp_path_factory.mktemp("kit"))[0]


def _stage(work: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Put ``work`` into the place of what a machine that evaluates the base model does."""
    monkeypatch.setitem(node.STAGES, "baseline", lambda _: work())


def _run(job: Path, out: Path, stage: str = "baseline") -> int:
    return main(["node", stage, "--job", str(job), "--out", str(out), "--bases", str(out / "bases")])


def _report(out: Path, stage: str = "baseline") -> NodeReport:
    return documents.read_document(out / "reports" / f"{stage}.json", NodeReport)


@pytest.mark.parametrize(
    ("error", "owner", "reason", "code"),
    [
        (EngineError("gone", reason="engine-gone"), "infrastructure", "engine-gone", 75),
        (ModelServerError("gone", reason="model-gone"), "infrastructure", "model-gone", 75),
        (ModelServerError("status 401", reason="model-key", owner="us"), "us", "model-key", 3),
        (TrainingError("too many lost", owner="infrastructure"), "infrastructure", "training", 75),
        (OSError(errno.ENOSPC, "No space left on device"), "infrastructure", "disk", 75),
        (RuntimeError("CUDA error: an illegal memory access"), "infrastructure", "device", 75),
        (TrainingError("nothing to learn from", owner="author"), "author", "training", 3),
        (TrainingError("the loss is nan"), "us", "training", 3),
        (MachineError("too small"), "us", "machine-too-small", 3),
        (ArenaError("a gap"), "us", "error", 3),
        (RuntimeError("shape mismatch"), "us", "bug", 3),
        (KeyError("x"), "us", "bug", 3),
    ],
)
def test_every_fault_has_an_owner_and_an_exit_code(
    error: Exception, owner: str, reason: str, code: int, job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise error

    _stage(fail, monkeypatch)
    assert _run(job, tmp_path) == code
    failure = _report(tmp_path).failure
    assert failure is not None
    assert (failure.owner, failure.reason) == (owner, reason)
    assert str(error.args[-1]) in failure.detail


def test_the_third_faulty_machine_is_the_last(job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise EngineError("gone")

    _stage(fail, monkeypatch)
    assert [_run(job, tmp_path) for _ in range(3)] == [75, 75, 3]
    assert (_report(tmp_path).starts, _report(tmp_path).faults) == (3, 3)


def test_documents_go_home_through_the_log(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        documents.write_bytes(tmp_path / "evaluation-base" / "evaluation.json", b"{}\n")
        documents.write_bytes(tmp_path / "evaluation-base" / "trials.jsonl", b"too much\n")

    _stage(work, monkeypatch)
    assert _run(job, tmp_path) == 0
    files = unpack(capsys.readouterr().out)
    assert sorted(files) == ["evaluation-base/evaluation.json", "reports/baseline.json"]
    assert _report(tmp_path).state == "succeeded"


def test_a_machine_that_is_told_to_end_says_so(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _stage(lambda: os.kill(os.getpid(), signal.SIGTERM), monkeypatch)
    others = signal.signal(signal.SIGTERM, signal.SIG_DFL)  # an engine of other tests shall not hear of it
    try:
        assert _run(job, tmp_path) == 130
    finally:
        signal.signal(signal.SIGTERM, others)
    assert _report(tmp_path).state == "interrupted"
    assert "reports/baseline.json" in unpack(capsys.readouterr().out)


def test_of_several_machines_each_runs_a_part_and_the_first_sends_the_whole(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, int | None]] = []
    monkeypatch.setattr(node.evaluate, "run", lambda given: asked.append((str(given.shard), given.parts)))
    monkeypatch.setenv("SKYPILOT_NUM_NODES", "3")
    words = ["node", "baseline", "--job", str(job), "--out", str(tmp_path), "--bases", str(tmp_path), "--suite", "x"]
    for rank in ("2", "0"):
        monkeypatch.setenv("SKYPILOT_NODE_RANK", rank)
        assert main(words) == 0
        files = unpack(capsys.readouterr().out)
        assert sorted(files) == (["reports/baseline.json"] if rank == "0" else [])
    assert asked == [("3/3", None), ("1/3", None), ("None", 3)]
    assert _report(tmp_path).starts == 1
    assert _report(tmp_path, "baseline-3-of-3").state == "succeeded"


def test_evaluation_without_a_suite_is_our_mistake(job: Path, tmp_path: Path) -> None:
    assert _run(job, tmp_path) == 2
    failure = _report(tmp_path).failure
    assert failure is not None
    assert (failure.owner, failure.reason) == ("us", "usage")


def test_a_checkpoint_that_was_changed_is_not_evaluated(job: Path, tmp_path: Path) -> None:
    stage = tmp_path / "checkpoints" / "sft"
    documents.write_bytes(stage / "adapter" / "weights", b"1")
    documents.write_bytes(
        stage / "manifest.json",
        documents.encode(
            {
                "schema": "manifest/1",
                "stage": "sft",
                "inputs": {},
                "files": {"adapter/weights": "sha256:" + "0" * 64},
                "seconds": 1.0,
                "facts": {},
            }
        ),
    )
    words = ["--job", job, "--out", tmp_path / "out", "--suite", tmp_path, "--checkpoint", tmp_path / "checkpoints"]
    assert main(["node", "evaluate", *map(str, words)]) == 3
    failure = _report(tmp_path / "out", "evaluate").failure
    assert failure is not None
    assert "sft: damaged, not as its manifest says: adapter/weights" in failure.detail

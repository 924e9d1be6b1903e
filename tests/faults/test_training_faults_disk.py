"""A disk that fills up while a stage writes is named; nothing half counts as whole, and room lets the run go on."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from training_runs import Whole, facts, lines, rewards, until, weights

pytestmark = [pytest.mark.docker, pytest.mark.training]
SIZE_MB = 12
FILL = "fill"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with little room, for the folder of a run."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "arena-faults", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, *, but: int = 0) -> None:
    """Take all room of a disk but some bytes."""
    with (disk / FILL).open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            file.truncate(max(0, file.tell() - but))


def empty(disk: Path) -> None:
    (disk / FILL).unlink()


def test_sft_on_a_full_disk_is_told_and_runs_once_there_is_room(whole: Whole, disk: Path) -> None:
    run = whole.begun(disk / "run", "demonstrations")
    fill(disk, but=100_000)
    result = whole.ended(whole.post_train(run))
    assert result.returncode == 3
    assert result.stderr.splitlines()[-1].startswith(f"arena: {run / 'sft'}: the disk does not take what is written")
    assert not (run / "sft" / "manifest.json").exists()
    empty(disk)
    again = whole.ended(whole.post_train(run))
    assert again.returncode == 0, again.stderr
    assert [weights(run / name) for name in ("sft", "grpo")] == [weights(whole.stage(name)) for name in ("sft", "grpo")]


def test_grpo_on_a_full_disk_is_told_and_goes_on_once_there_is_room(whole: Whole, disk: Path) -> None:
    """As a rented machine runs it: that it is another machine's turn is told though its report has no room either."""
    run = whole.begun(disk / "run", "demonstrations", "sft")
    with whole.started(whole.node(run)) as process:
        until(lambda: lines(run / "grpo" / "metrics.jsonl") >= 2, process)
        fill(disk)
        _, said = process.communicate()
    assert process.returncode == 75, said
    assert f"arena: {run / 'grpo'}: the disk does not take what is written" in said
    assert not (run / "grpo" / "manifest.json").exists()
    empty(disk)
    again = whole.ended(whole.node(run))
    assert again.returncode == 0, again.stderr
    assert facts(run / "grpo")["resumed_from_step"] >= 1
    assert weights(run / "grpo") == weights(whole.stage("grpo"))


def test_an_evaluation_on_a_full_disk_is_told_and_goes_on_once_there_is_room(whole: Whole, disk: Path) -> None:
    command = whole.evaluate(disk, whole.stage("grpo"))
    folder = disk / "evaluation-grpo"
    with whole.started(command) as process:
        until(lambda: lines(folder / "unfinished.jsonl") >= 3, process)
        fill(disk)
        _, said = process.communicate()
    assert process.returncode == 3, said
    assert f"arena: {folder}: the disk does not take what is written" in said
    assert not (folder / "evaluation.json").exists()
    empty(disk)
    again = whole.ended(command)
    assert again.returncode == 0, again.stderr
    assert facts(folder)["trials_before"] >= 3
    assert rewards(folder) == rewards(whole.stage("evaluation-grpo"))

"""What a machine is given arrives as it was sent."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from launches import write_job

from posttrain_arena.core.launch.stage_inputs import stage_code, stage_job
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import StageName
from posttrain_arena.model.tree import tree_digest

SUITE = documents.REPOSITORY_ROOT / "starting-kit" / "public-sample"


@pytest.mark.parametrize("stage", ["post-train", "evaluate", "baseline"])
def test_files_that_lose_their_executable_bits_on_the_way_get_them_back(stage: StageName, tmp_path: Path) -> None:
    path, kit = write_job(tmp_path / "kit")
    job = documents.read_document(path, Job)
    sent = tmp_path / "sent"
    stage_code(sent / "code")
    stage_job(sent / "job", stage, job, recipe=kit.recipe, entry=kit.entry, suite=str(SUITE))
    names = ("job", "code") if stage == "post-train" else ("job", "code", "suite")
    if "suite" in names:
        shutil.copytree(SUITE, sent / "suite")
    before = [tree_digest(sent / name) for name in names]
    for file in sent.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    assert tree_digest(sent / "code") != before[1]
    steps = (
        (sent / "code" / "sky" / "node.sh").read_text(encoding="utf-8").split("setup() {")[1].split("  environment")[0]
    )
    subprocess.run(["bash", "-euc", steps.replace("$home", str(sent))], cwd=sent / "code", check=True, timeout=60)
    assert [tree_digest(sent / name) for name in names] == before

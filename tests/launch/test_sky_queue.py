"""What SkyPilot's own queue tells of a job, while it runs and once its machine is gone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from posttrain_arena.adapters.skypilot.prices import CATALOGS
from posttrain_arena.core.launch.progress import ManagedJob, seen
from posttrain_arena.model.launch import StageRun


def test_a_spot_machine_that_is_gone_still_costs_what_it_did(tmp_path: Path) -> None:
    shutil.copytree(CATALOGS, tmp_path / ".sky" / "catalogs" / "v8")
    result = subprocess.run(
        [sys.executable, Path(__file__).with_name("queue_rows.py")],
        env={**os.environ, "SKY_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    looks = [ManagedJob(**json.loads(line)) for line in result.stdout.splitlines() if line.startswith("{")]
    assert [(job.status, job.machine) for job in looks] == [("RUNNING", "nebius H100:1 spot"), ("SUCCEEDED", "")]
    stage = StageRun(stage="post-train", prices={"nebius H100:1 spot": 1.25, "lambda H100:2": 8.38})
    for job in looks:
        stage = seen(stage, job)
    assert stage.cost_usd == pytest.approx(12.5, abs=0.01)

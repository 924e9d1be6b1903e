"""What may be entered can be run on what is rented."""

from __future__ import annotations

import pytest

from posttrain_arena.adapters.docker_engine.room import Room
from posttrain_arena.core.launch.task import SKY
from posttrain_arena.model import documents
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.task import Limits, TaskPackage


@pytest.mark.parametrize("stage", ["post-train", "evaluate", "evaluate-skills", "baseline"])
def test_the_largest_task_that_may_be_entered_fits_into_the_machine_that_is_rented(stage: str) -> None:
    limits = documents.read_document(documents.REPOSITORY_ROOT / "competition.yaml", Competition).limits
    task = documents.parse_text((SKY / f"{stage}.yaml").read_text(encoding="utf-8"), where=f"{stage}.yaml")
    memory, cpus = (int(task["resources"][name].removesuffix("+")) for name in ("memory", "cpus"))
    largest = Limits(cpus=limits.cpus.max, memory_mb=int(limits.memory_mb.max), network="allowlist")
    package = TaskPackage(name="t", path=SKY, digest="", prompt="", category="", limits=largest)
    Room(memory_mb=memory * 950, cpus=cpus).require([package])  # a machine tells of less than it is sold with

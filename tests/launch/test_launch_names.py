"""Launches are named by their jobs' digests."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from launches import write_job

from posttrain_arena.core.launch.names import baseline_name, launch_name, managed_job_name
from posttrain_arena.model import documents
from posttrain_arena.model.job import EntryRef, Job, RecipeRef, SuiteRef

SHA = "sha256:" + "0" * 64
JOB = Job(
    entry=EntryRef(name="team-north", team="North", track="environments", path="entry", digest=SHA),
    recipe=RecipeRef(path="recipe.json", digest=SHA),
    suite=SuiteRef(name="suite", digest=SHA),
    seed=0,
)


def test_the_same_job_has_the_same_name_wherever_it_lies(tmp_path: Path) -> None:
    paths = [write_job(tmp_path / name)[0] for name in ("here", "there")]
    first, second = (documents.read_document(path, Job) for path in paths)
    assert launch_name(first) == launch_name(second)
    moved = dataclasses.replace(JOB, entry=dataclasses.replace(JOB.entry, path="elsewhere"))
    assert moved.digest == JOB.digest


def test_whatever_decides_the_result_changes_the_name() -> None:
    other = "sha256:" + "1" * 64
    changed = [
        dataclasses.replace(JOB, seed=1),
        dataclasses.replace(JOB, entry=dataclasses.replace(JOB.entry, digest=other)),
        dataclasses.replace(JOB, recipe=dataclasses.replace(JOB.recipe, digest=other)),
        dataclasses.replace(JOB, suite=dataclasses.replace(JOB.suite, digest=other)),
    ]
    assert len({launch_name(job) for job in [JOB, *changed]}) == 5


def test_jobs_of_one_recipe_and_suite_share_their_baseline() -> None:
    other = dataclasses.replace(JOB, seed=1, entry=dataclasses.replace(JOB.entry, name="team-south"))
    assert baseline_name(other) == baseline_name(JOB)
    changed = dataclasses.replace(JOB, recipe=dataclasses.replace(JOB.recipe, digest="sha256:" + "1" * 64))
    assert baseline_name(changed) != baseline_name(JOB)


def test_a_hostile_entry_name_gives_a_name_that_every_cloud_takes() -> None:
    for name in ("../../etc", "$(reboot)", "-" * 50, "Ünïcode", "a" * 200):
        job = dataclasses.replace(JOB, entry=dataclasses.replace(JOB.entry, name=name))
        assert re.fullmatch(r"pta-[a-z0-9]([a-z0-9-]*[a-z0-9])?-[0-9a-f]{12}-post-train", _name(job))
        assert len(_name(job)) < 60


def _name(job: Job) -> str:
    return managed_job_name(launch_name(job), "post-train")

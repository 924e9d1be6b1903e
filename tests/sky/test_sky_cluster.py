"""Jobs through SkyPilot on a real cluster: launched twice, on a machine that dies, cancelled, and failing."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from launch_site import Site, launched

from posttrain_arena.cli.demo_kit import SHORT, Kit, make_kit
from posttrain_arena.cli.launch_desk import results
from posttrain_arena.core.launch.ledger import find, get
from posttrain_arena.core.launch.names import launch_name
from posttrain_arena.core.launch.progress import stage_of
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import Launch
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.manifest import Manifest
from posttrain_arena.model.node_report import NodeReport

STORY_LIMIT_SEC = 2400
PLAIN, KILLED, CANCELLED = 0, 1, 2
"""The seeds of three jobs of one entry."""


@dataclass(frozen=True)
class Story:
    """What was launched, and what came of it."""

    ledger: Path
    names: dict[str, str]
    second_launch: str
    collected: str

    def launch(self, which: str) -> Launch:
        return get(self.ledger, self.names[which])


def _job(kit: Kit, seed: int, folder: Path) -> Path:
    path = folder / "job.json"
    documents.write_document(path, kit.job(seed, beside=folder))
    return path


def _broken_entry(folder: Path) -> Path:
    """Write a job on an entry whose oracles all fail."""
    kit = make_kit(folder, SHORT)
    for script in kit.entry.glob("envs/*/oracle/solve.sh"):
        script.write_text("#!/bin/sh\nfalse\n", encoding="utf-8")
    return _job(kit, 0, folder / "job")


def _jobs(folder: Path, wanted: tuple[str, ...]) -> dict[str, Path]:
    kit = make_kit(folder / "kit", SHORT)
    seeds = {"plain": PLAIN, "killed": KILLED, "cancelled": CANCELLED}
    jobs = {name: _job(kit, seed, folder / "kit" / f"job-{seed}") for name, seed in seeds.items() if name in wanted}
    return jobs | ({"failing": _broken_entry(folder / "broken")} if "failing" in wanted else {})


@pytest.fixture(scope="module")
def story(site: Site, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Story]:
    """Launch four jobs, one of them twice; take a machine away, cancel a job, and collect until all is over.

    With ``--sky-jobs plain`` only the one that is launched twice.
    """
    folder = tmp_path_factory.mktemp("story")
    jobs, ledger = _jobs(folder, launched(request.config)), folder / "ledger"
    names = {which: launch_name(documents.read_document(path, Job)) for which, path in jobs.items()}
    where = ["--suite", folder / "kit" / "suite", "--store", site.store, "--infra", "slurm/arena"]
    where += ["--python", site.python, "--ledger", ledger, "--pull", 41, "--head", "0123abc"]
    with ThreadPoolExecutor(1) as aside:
        taking = [aside.submit(_take_machine_away, site, ledger, names["killed"])] if "killed" in jobs else []
        site.arena("launch", *(path for name, path in jobs.items() if name != "cancelled"), *where)
        second = site.arena("launch", jobs["plain"], *where)
        if "cancelled" in jobs:
            site.arena("launch", jobs["cancelled"], *where)
            site.arena("cancel", names["cancelled"], "--ledger", ledger)  # at once, before it can end by itself
        words = ("collect", "--wait", STORY_LIMIT_SEC, "--ledger", ledger)
        code = site.arena(*words, limit_sec=2 * STORY_LIMIT_SEC, ends=int("failing" in jobs))
        for one in taking:
            one.result()
    yield Story(ledger=ledger, names=names, second_launch=second, collected=code)
    shutil.rmtree(folder)


def _take_machine_away(site: Site, ledger: Path, name: str) -> None:
    """End the machine under a training, as a cloud does, once GRPO has finished a step."""
    deadline = time.monotonic() + STORY_LIMIT_SEC
    seals = site.store / name / "checkpoints" / "grpo" / "trainer"
    while not list(seals.glob("checkpoint-*/whole.json")):
        assert time.monotonic() < deadline, "GRPO did not finish a step"
        known = find(ledger, name)
        assert known is None or stage_of(known, "post-train").failure is None, "the training failed before that"
        time.sleep(0.2)
    sky_id = stage_of(get(ledger, name), "post-train").sky_id
    (number,) = [number for number, job in site.slurm_jobs().items() if re.search(rf"-{sky_id}-[0-9a-f]+$", job)]
    subprocess.run(["scancel", number], env=site.environment, check=True)


@pytest.mark.parametrize("which", ["plain", pytest.param("killed", marks=pytest.mark.job("killed"))])
def test_a_job_ends_in_a_run_that_its_rewards_confirm(story: Story, site: Site, which: str, tmp_path: Path) -> None:
    path = story.ledger / story.names[which] / "run.json"
    site.arena("leaderboard", "add", path, "--leaderboard", tmp_path)
    assert "verified 1 run(s)" in site.arena("leaderboard", "verify", "--leaderboard", tmp_path)
    run = documents.read_document(path, LeaderboardRun)
    assert [evaluation.stage for evaluation in run.evaluations] == ["base", "sft", "grpo"]
    assert {curve.stage for curve in run.curves} == {"sft", "grpo"}
    assert "torch" in run.versions
    launch = story.launch(which)
    assert run.cost_usd == pytest.approx(sum(stage.cost_usd for stage in launch.stages), abs=0.01)
    assert (run.gpu_hours, run.sources["launch"]) == (0, launch.name)


def test_a_job_launched_twice_is_one_job(story: Story) -> None:
    sky_id = stage_of(story.launch("plain"), "post-train").sky_id
    assert f"job {sky_id}" in story.second_launch
    numbers = [
        stage.sky_id for which in story.names for stage in story.launch(which).stages if stage.sky_id is not None
    ]
    numbers += [stage.sky_id for stage in get(story.ledger, story.launch("plain").baseline).stages if stage.sky_id]
    evaluated = {"plain", "killed"} & story.names.keys()
    count = 1 + len(story.names) + len(evaluated)  # a baseline, trainings, evaluations: all that was ever launched
    assert sorted(numbers) == list(range(1, count + 1))


@pytest.mark.job("killed")
def test_a_machine_that_is_taken_away_is_replaced_and_the_training_goes_on(story: Story) -> None:
    launch = story.launch("killed")
    home = results(story.ledger, launch.name, "post-train")
    assert stage_of(launch, "post-train").recoveries == 1
    assert documents.read_document(home / "reports" / "post-train.json", NodeReport).starts == 2
    manifest = documents.read_document(home / "grpo" / "manifest.json", Manifest)
    assert int(str(manifest.facts["resumed_from_step"])) >= 1


@pytest.mark.job("cancelled")
def test_a_cancelled_job_ends_and_is_not_evaluated(story: Story) -> None:
    launch = story.launch("cancelled")
    assert [stage.state for stage in launch.stages] == ["cancelled", "cancelled"]
    assert not (story.ledger / launch.name / "run.json").exists()


@pytest.mark.job("failing")
def test_an_entry_that_nothing_can_be_learned_from_fails_as_its_authors(story: Story) -> None:
    launch = story.launch("failing")
    failure = stage_of(launch, "post-train").failure
    assert failure is not None
    assert (failure.owner, failure.reason) == ("author", "training")
    assert "no task's demonstration passed its verifier" in failure.detail
    assert stage_of(launch, "evaluate").state == "waiting"
    assert "author: training: no task's demonstration" in story.collected


def test_what_ran_has_cost_what_the_cluster_says(story: Story) -> None:
    for which in story.names.keys() - {"cancelled"}:
        stage = stage_of(story.launch(which), "post-train")
        assert stage.seconds > 0
        assert stage.cost_usd == pytest.approx(4 * 0.05 * stage.seconds / 3600, abs=1e-4)  # four CPUs
        assert stage.cost_usd < stage.reserved_usd


def test_no_machine_is_left(story: Story, site: Site) -> None:
    deadline = time.monotonic() + 180
    while site.slurm_jobs():  # a job is over before its machine is gone
        assert time.monotonic() < deadline, site.slurm_jobs()
        time.sleep(1)

"""The tasks of sky/: what they may hold, what they are filled with, and that SkyPilot takes and prices them offline."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from launches import write_job

from posttrain_arena.adapters.skypilot.prices import Quote, clouds_with_prices, quotes
from posttrain_arena.cli import node
from posttrain_arena.cli.demo_kit import Kit
from posttrain_arena.cli.main import main
from posttrain_arena.core.launch.names import launch_name
from posttrain_arena.core.launch.stage_inputs import stage_code, stage_job
from posttrain_arena.core.launch.task import SKY, Request, gpus_of, secrets_of, sized, task_document
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import Place
from posttrain_arena.model.recipe import Recipe

STAGES = ("post-train", "evaluate", "evaluate-skills", "baseline")
TASKS = {
    stage: documents.parse_text((SKY / f"{stage}.yaml").read_text(encoding="utf-8"), where=f"{stage}.yaml")
    for stage in STAGES
}
BUCKETS = "s3://arena"


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Job, Kit]:
    """A job, and below a folder what each stage's machine is given of it."""
    folder = tmp_path_factory.mktemp("given")
    path, kit = write_job(folder / "kit")
    job = documents.read_document(path, Job)
    stage_code(folder / "code")
    for stage in STAGES:
        stage_job(folder / stage, stage, job, recipe=kit.recipe, entry=kit.entry)
    return folder, job, kit


def _recipe(name: str) -> Recipe:
    return read_recipe(SKY / "recipes" / f"{name}.yaml")


def _filled(
    folder: Path, stage: str, recipe: Recipe, *, store: str = BUCKETS, name: str = "pta-team-0123456789ab"
) -> dict[str, Any]:
    place = Place(infra="", store=store, suite=str(folder / "kit" / "suite"), python="")
    request = Request(
        name=name,
        stage=stage,
        place=place,
        code=folder / "code",
        job=folder / stage,
        budget_sec=60,
    )
    return task_document(request, recipe)


@pytest.mark.parametrize("stage", STAGES)
def test_buckets_and_secrets_are_named_and_nothing_more(stage: str) -> None:
    task = TASKS[stage]
    assert set(task["secrets"].values()) == {None}
    for mount in task["file_mounts"].values():
        words = [mount] if isinstance(mount, str) else [mount.get("name", mount.get("source")), mount.get("store", "$")]
        assert all(word.startswith("$") for word in words), mount
    assert "://" not in (SKY / f"{stage}.yaml").read_text(encoding="utf-8").replace("$ARENA_STORE_KIND://", "")


@pytest.mark.parametrize("stage", STAGES)
def test_a_machine_is_bounded_recovered_and_stopped(stage: str) -> None:
    task = TASKS[stage]
    assert task["run"].startswith('timeout --kill-after=120 "$ARENA_BUDGET_SEC" ')
    assert task["resources"]["job_recovery"]["recover_on_exit_codes"] == [node.RETRY]
    assert task["resources"]["autostop"]["down"] is True
    options = task["resources"]["any_of"]
    assert {option["accelerators"].split(":")[0] for option in options} == {"H100", "H200"}
    assert {option["use_spot"] for option in options} == {True, False}
    assert task["resources"] == TASKS["post-train"]["resources"]


@pytest.mark.parametrize("stage", STAGES)
def test_the_script_on_the_machine_reads_what_the_task_gives(stage: str) -> None:
    read = set(re.findall(r"\bARENA_[A-Z]+\b", (SKY / "node.sh").read_text(encoding="utf-8")))
    passed_on = {"ARENA_BUDGET_SEC", "ARENA_TEACHER_ENDPOINT", "ARENA_STORE_KIND"}
    mounted = set(re.findall(r"\$(ARENA_[A-Z]+)", str(TASKS[stage]["file_mounts"])))
    assert set(TASKS[stage]["envs"]) - read == (passed_on | mounted) & set(TASKS[stage]["envs"]) - read


def test_the_training_task_has_no_word_for_a_suite() -> None:
    task = TASKS["post-train"]
    assert not [
        word for word in (*task["file_mounts"], *task["envs"], str(task["file_mounts"])) if "suite" in word.lower()
    ]


@pytest.mark.parametrize("recipe", ["qwen3-8b", "tiny-short"])
@pytest.mark.parametrize("store", [BUCKETS, "/shared"])
def test_nothing_of_the_suite_reaches_the_machine_that_trains(given, recipe: str, store: str) -> None:
    folder, _, kit = given
    task = _filled(folder, "post-train", _recipe(recipe), store=store)
    assert str(folder / "kit" / "suite") not in str(task)
    sources = [Path(source) for source in _local_mounts(task)]
    assert sources == [folder / "code", folder / "post-train"]
    own = _contents(folder / "kit" / "suite") - _contents(kit.entry)  # one family: some files are the same
    assert own
    assert not _contents(*sources) & own


def test_nothing_of_the_entry_reaches_the_machines_that_evaluate(given) -> None:
    folder, _, kit = given
    own = _contents(kit.entry) - _contents(folder / "kit" / "suite")
    assert own
    for stage in ("evaluate", "baseline"):
        task = _filled(folder, stage, kit.recipe)
        sources = [Path(source) for source in _local_mounts(task)]
        assert sources == [folder / "code", folder / stage, folder / "kit" / "suite"]
        assert not _contents(*sources) & own


def test_evaluation_reads_the_checkpoints_and_writes_elsewhere(given) -> None:
    folder, _, kit = given
    mounts = _filled(folder, "evaluate", kit.recipe)["file_mounts"]
    assert mounts["~/arena/checkpoints"]["mode"] == "COPY"
    assert mounts["~/arena/results"]["name"] != TASKS["post-train"]["file_mounts"]["~/arena/checkpoints"]["name"]


def test_every_job_has_buckets_of_its_own_and_on_a_shared_disk_folders(given) -> None:
    folder, _, kit = given
    train = _filled(folder, "post-train", kit.recipe)
    assert train["envs"]["ARENA_CHECKPOINTS"] == "arena-pta-team-0123456789ab-checkpoints"
    shared = {stage: _filled(folder, stage, kit.recipe, store="/shared") for stage in STAGES}
    assert shared["post-train"]["envs"]["ARENA_RUN"] == shared["evaluate"]["envs"]["ARENA_CHECKPOINT"]
    assert shared["evaluate"]["envs"]["ARENA_RUN"] == "/shared/pta-team-0123456789ab/results"
    assert not [mount for task in shared.values() for mount in task["file_mounts"].values() if isinstance(mount, dict)]


def test_staged_code_runs_by_itself(given) -> None:
    folder, _, _ = given
    result = subprocess.run(
        [sys.executable, "-m", "posttrain_arena", "node", "--help"],
        env={"PYTHONPATH": str(folder / "code" / "scripts")},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "rented" in result.stdout
    tops = {path.name for path in (folder / "code").iterdir()}
    assert tops.isdisjoint({"submissions", "tests", "leaderboard", ".git"})
    assert [path.name for path in (folder / "code" / "starting-kit").iterdir()] == ["base-image"]


def test_a_recipe_gets_the_gpus_and_the_secrets_that_it_uses() -> None:
    assert [gpus_of(_recipe(name)) for name in ("tiny-short", "qwen3-8b", "qwen3-8b-2gpu")] == [0, 1, 2]
    served = dataclasses.replace(_recipe("qwen3-8b").server, devices=(1, 2), tensor_parallel=2)
    assert gpus_of(dataclasses.replace(_recipe("qwen3-8b"), server=served)) == 4  # nobody sells three
    three = dataclasses.replace(_recipe("qwen3-8b").trainer, processes=3)
    assert gpus_of(dataclasses.replace(_recipe("qwen3-8b"), trainer=three)) == 4  # three of its own, one of the server
    with pytest.raises(UsageError, match="wants 9 GPUs"):
        gpus_of(dataclasses.replace(_recipe("qwen3-8b"), server=dataclasses.replace(served, devices=(8,))))
    assert secrets_of(_recipe("tiny-short")) == {}
    assert secrets_of(_recipe("qwen3-8b")) == {"HF_TOKEN": False}
    assert secrets_of(_recipe("tiny-short"), ("tensorboard", "wandb")) == {"WANDB_API_KEY": True}
    two = sized(TASKS["post-train"]["resources"], gpus=2, infra="nebius,lambda")["any_of"]
    assert {option["accelerators"] for option in two} == {"H100:2", "H200:2"}
    assert {option["infra"] for option in two} == {"nebius", "lambda"}
    assert len(two) == len({str(option) for option in two}) == 8


def test_trackers_reach_the_machine_that_trains_and_no_other(given) -> None:
    folder, _, kit = given
    place = Place(infra="", store=BUCKETS, suite="/suite", python="")
    request = Request(
        name="pta-team-0123456789ab",
        stage="post-train",
        place=place,
        code=folder / "code",
        job=folder / "post-train",
        budget_sec=60,
        trackers=("tensorboard", "wandb"),
    )
    train = task_document(request, kit.recipe)
    assert train["envs"]["ARENA_TRACKERS"] == "tensorboard,wandb"
    assert train["secrets"] == {"WANDB_API_KEY": None}
    for stage in ("evaluate", "baseline"):
        other = task_document(dataclasses.replace(request, stage=stage), kit.recipe)
        assert not [name for name in (*other["envs"], *other["secrets"]) if "TRACKER" in name or "WANDB" in name]
    assert _filled(folder, "post-train", kit.recipe)["secrets"] == {}


@pytest.mark.parametrize("store", ["://", "s3://", "gs://arena", "s3://arena/team", "s3://Arena", "s3://" + "a" * 13])
def test_a_store_that_gives_no_bucket_names_is_refused(given, store: str) -> None:
    folder, _, kit = given
    with pytest.raises(UsageError, match=re.escape(f"{store}: a store is a folder, or")):
        _filled(folder, "evaluate", kit.recipe, store=store)


def test_names_of_buckets_fit_the_clouds(given) -> None:
    folder, _, kit = given
    name = launch_name(dataclasses.replace(given[1], entry=dataclasses.replace(given[1].entry, name="n" * 80)))
    task = _filled(folder, "post-train", kit.recipe, store="s3://" + "a" * 12, name=name)
    assert len(task["envs"]["ARENA_CHECKPOINTS"]) <= 63
    assert not [name for name, value in task["envs"].items() if value is None]


@pytest.fixture(scope="module")
def priced(given) -> dict[str, list[Quote]]:
    """The tasks of three recipes, through SkyPilot's loader, ``validate()`` and optimizer, without a network."""
    folder, _, _ = given
    names = ("qwen3-8b", "qwen3-8b-2gpu", "tiny-short")
    docs = [_filled(folder, stage, _recipe(name)) for name in names for stage in STAGES]
    found = quotes(docs, clouds_with_prices())
    each = len(STAGES)
    return {name: found[each * number : each * (number + 1)] for number, name in enumerate(names)}


def test_skypilot_prices_every_task_on_two_clouds(priced) -> None:
    pairs = {"lambda"}  # the other cloud sells one H100 or eight
    for name, found in priced.items():
        for quote in found:
            clouds = {machine.split()[0] for machine in quote.prices}
            assert clouds == (pairs if name == "qwen3-8b-2gpu" else {"lambda", "nebius"}), name
            assert quote.prices[quote.best] == min(quote.prices.values())


def test_the_cheapest_is_a_spot_machine_and_fallbacks_are_on_demand(priced) -> None:
    quote = priced["qwen3-8b"][0]
    assert (quote.best, quote.prices[quote.best]) == ("nebius H100:1 spot", 1.25)
    assert quote.prices["lambda H100:1"] == 3.29
    assert quote.highest == quote.prices["lambda H100:2"]
    assert "nebius H200:1 spot" in quote.prices


def test_two_gpus_are_asked_for_where_the_recipe_parts_trainer_and_server(priced) -> None:
    assert {machine.split()[1] for quote in priced["qwen3-8b-2gpu"] for machine in quote.prices} == {"H100:2"}
    assert {machine.split()[1] for quote in priced["tiny-short"] for machine in quote.prices} == {"cpu"}


def test_a_dry_run_prints_the_prices_and_launches_nothing(
    given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, job, _ = given
    monkeypatch.chdir(tmp_path)
    words = ["--suite", str(folder / "kit" / "suite"), "--store", BUCKETS, "--dry-run"]
    assert main(["launch", str(folder / "kit" / "job-0" / "job.json"), *words]) == 0
    told = capsys.readouterr().out
    for stage in ("post-train", "evaluate", "baseline"):
        assert f"{stage}: nebius cpu at $0.10/h" in told
    assert told.count("  lambda cpu") == 3
    assert f"{launch_name(job)}: at most $3.20 of the $150.00 that the entry has" in told
    assert list(tmp_path.iterdir()) == []


def test_a_machine_that_nobody_has_is_told(given) -> None:
    folder, _, _ = given
    task = _filled(folder, "post-train", _recipe("qwen3-8b"))
    task["resources"]["any_of"] = [{"accelerators": "H100:64"}]
    with pytest.raises(UsageError, match=r"none of .* has a machine"):
        quotes([task], clouds_with_prices())


def test_a_task_that_skypilot_refuses_is_told(given) -> None:
    folder, _, _ = given
    task = _filled(folder, "post-train", _recipe("qwen3-8b")) | {"fruit": "apple"}
    with pytest.raises(UsageError, match=r"SkyPilot refuses the task .*fruit"):
        quotes([task], clouds_with_prices())


def _local_mounts(task: dict[str, Any]) -> Iterator[str]:
    """Yield the folders here that a filled task copies to its machine."""
    for source in task["file_mounts"].values():
        if isinstance(source, str):
            yield re.sub(r"\$(\w+)", lambda name: task["envs"][name[1]], source)


def _contents(*folders: Path) -> set[str]:
    """Return the digests of all files that are not empty."""
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.stat().st_size > 0}

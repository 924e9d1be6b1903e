"""The workflows keep the rules that a linter does not know."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from posttrain_arena.model.documents import REPOSITORY_ROOT

FILES = sorted((REPOSITORY_ROOT / ".github/workflows").glob("*.y*ml"))
WORKFLOWS = {path.name: yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) for path in FILES}
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")


def _jobs(workflow: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from workflow["jobs"].items()


def _steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for _, job in _jobs(workflow):
        yield from job["steps"]


TRUSTED = ("pull_request_target", "workflow_run")
"""Triggers that give a pull request's event to the base branch's workflow, with its token and its secrets."""

UNTRUSTED = re.compile(
    r"head\.ref|head_ref|head\.label|\.title|\.body|\.message|\.email|\.name\b(?!\s*==)|head_commit|pages\.\*|review_comment"
)
"""Text of contexts that strangers write. Names of labels are compared, never handed on."""


def test_there_are_workflows() -> None:
    assert {"cache", "check", "ci", "collect", "gauntlet", "pages", "phases", "post-train", "report", "stale"} == {
        name.partition(".")[0] for name in WORKFLOWS
    }


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_permission_is_given_to_a_whole_workflow(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_job_has_a_time_limit(name: str) -> None:
    for job_id, job in _jobs(WORKFLOWS[name]):
        assert 0 < int(job["timeout-minutes"]) <= 360, job_id


@pytest.mark.parametrize("name", WORKFLOWS)
def test_runs_of_one_pull_request_do_not_race(name: str) -> None:
    assert WORKFLOWS[name]["concurrency"]["group"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_by_commit(name: str) -> None:
    for step in _steps(WORKFLOWS[name]):
        assert "uses" not in step or PINNED.fullmatch(step["uses"]), step["uses"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_programs_are_in_files_not_in_workflows(name: str) -> None:
    for step in _steps(WORKFLOWS[name]):
        script = step.get("run", "")
        assert len(script.strip().splitlines()) <= 3, script
        assert "${{" not in script, f"pass it through env, a shell would run it: {script}"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_checkout_keeps_its_token(name: str) -> None:
    for step in _steps(WORKFLOWS[name]):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_pull_request_code_meets_no_token_that_writes(name: str) -> None:
    workflow = WORKFLOWS[name]
    if "pull_request" not in workflow["on"]:
        return
    for job_id, job in _jobs(workflow):
        assert set(job["permissions"].values()) <= {"read"}, job_id
    assert "secrets." not in (REPOSITORY_ROOT / ".github/workflows" / name).read_text(encoding="utf-8")


def test_the_checker_of_a_pull_request_is_the_base_branch() -> None:
    steps = list(_steps(WORKFLOWS["check.yml"]))
    base = next(step for step in steps if step.get("with", {}).get("path") == "base")
    assert base["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    for step in steps:
        assert step.get("run", "base/").startswith("base/"), step["run"]


def test_the_trials_of_a_pull_request_are_the_base_branchs_too() -> None:
    for job_id, job in _jobs(WORKFLOWS["gauntlet.yml"]):
        checkouts = [step["with"] for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert checkouts[0]["path"] == "base", job_id
        assert checkouts[0]["ref"] == "${{ github.event.pull_request.base.sha }}", job_id
        for step in job["steps"]:
            assert step.get("run", "base/").startswith("base/"), step["run"]


def test_the_required_job_is_always_there() -> None:
    job = WORKFLOWS["gauntlet.yml"]["jobs"]["gauntlet"]
    assert job["if"] == "always()"
    assert set(job["needs"]) == set(WORKFLOWS["gauntlet.yml"]["jobs"]) - {"gauntlet"}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_what_a_pull_request_could_save_is_not_restored_by_others(name: str) -> None:
    for step in _steps(WORKFLOWS[name]):
        saves = step.get("uses", "").startswith(("actions/cache@", "actions/cache/save@"))
        assert not saves or not {"pull_request", *TRUSTED} & set(WORKFLOWS[name]["on"])
        assert not {"cache", "enable-cache", "package-manager-cache"} & set(step.get("with", {})), "that saves as well"


def test_what_the_gauntlet_restores_is_saved_on_main_under_the_same_path() -> None:
    """A cache is found by its path as well as its key; one of main is shown to pull requests, never the other way."""
    (saved,) = (step for step in _steps(WORKFLOWS["cache.yml"]) if "cache/save@" in step.get("uses", ""))
    (restored,) = (step for step in _steps(WORKFLOWS["gauntlet.yml"]) if "cache/restore@" in step.get("uses", ""))
    assert saved["with"]["path"] == restored["with"]["path"]
    assert saved["with"]["key"].startswith(restored["with"]["restore-keys"])
    assert WORKFLOWS["cache.yml"]["on"]["push"]["branches"] == ["main"]
    assert set(WORKFLOWS["cache.yml"]["on"]) == {"push", "schedule", "workflow_dispatch"}


def test_a_pull_request_to_another_branch_is_neither_checked_nor_launched() -> None:
    """Its base branch's checker may be older, and its statuses stand on the same commit."""
    for name in ("check.yml", "gauntlet.yml"):
        assert WORKFLOWS[name]["on"]["pull_request"]["branches"] == ["main"]
    jobs = WORKFLOWS["post-train.yml"]["jobs"]
    assert "github.event.pull_request.base.ref == 'main'" in jobs["authorise"]["if"]
    assert "branches" not in WORKFLOWS["post-train.yml"]["on"]["pull_request_target"], "cancelling is for all"


def test_whoever_asked_is_told_where_a_launch_came_to_nothing() -> None:
    jobs = WORKFLOWS["post-train.yml"]["jobs"]
    assert set(jobs["tell"]["needs"]) == {"authorise", "plan", "launch"}
    assert "failure()" in jobs["tell"]["if"]


def test_results_are_signed_where_nothing_else_is_done_and_kept_where_nothing_is_signed() -> None:
    jobs = WORKFLOWS["collect.yml"]["jobs"]
    assert jobs["attest"]["permissions"] == {"contents": "read", "id-token": "write", "attestations": "write"}
    assert not [step for step in jobs["attest"]["steps"] if "run" in step]
    assert "id-token" not in jobs["keep"]["permissions"]


def test_nothing_that_was_asked_for_is_dropped() -> None:
    for name in ("collect.yml", "post-train.yml"):
        assert WORKFLOWS[name]["concurrency"] | {"group": ""} == {
            "group": "",
            "cancel-in-progress": "false",
            "queue": "max",
        }


def test_github_s_own_language_service_finds_nothing() -> None:
    service = REPOSITORY_ROOT / ".arena/github/language-service"
    if not service.is_dir():
        message = "GitHub's language service is not here: run scripts/setup/github.sh (needs npm)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    words = ["node", "scripts/lint_workflows.mjs", *map(str, FILES)]
    done = subprocess.run(words, cwd=REPOSITORY_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"language service: {len(FILES)} workflows, 0 findings" in done.stdout


def test_the_language_service_finds_what_is_wrong(tmp_path: Path) -> None:
    if not (REPOSITORY_ROOT / ".arena/github/language-service").is_dir():
        pytest.skip("GitHub's language service is not here: run scripts/setup/github.sh (needs npm)")
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    needs: b\n    steps:\n      - run: echo\n")
    words = ["node", "scripts/lint_workflows.mjs", str(wrong)]
    done = subprocess.run(words, cwd=REPOSITORY_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{wrong}:5: " in done.stdout


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_trusted_workflow_never_checks_out_a_pull_request(name: str) -> None:
    if not set(TRUSTED) & set(WORKFLOWS[name]["on"]):
        return
    for step in _steps(WORKFLOWS[name]):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert not {"ref", "repository", "allow-unsafe-pr-checkout"} & set(step["with"]), step["with"]
        assert "gh pr checkout" not in step.get("run", "")
        assert "git fetch" not in step.get("run", "")


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_expression_hands_on_what_a_stranger_wrote(name: str) -> None:
    text = (REPOSITORY_ROOT / ".github/workflows" / name).read_text(encoding="utf-8")
    group = WORKFLOWS[name]["concurrency"]["group"]
    for expression in re.findall(r"\$\{\{(.*?)\}\}", text):
        if expression not in re.findall(r"\$\{\{(.*?)\}\}", group):  # a group is compared and shown nowhere
            assert not UNTRUSTED.search(expression), expression


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_two_forks_share_a_concurrency_group(name: str) -> None:
    """Forks have branches of equal names: one alone would cancel or hold up the other's runs."""
    group = WORKFLOWS[name]["concurrency"]["group"]
    if "branch" in group or "ref" in group.replace("refs", ""):
        assert "head_repository.full_name" in group
    if set(TRUSTED) & set(WORKFLOWS[name]["on"]) or "schedule" in WORKFLOWS[name]["on"]:
        assert WORKFLOWS[name]["concurrency"]["cancel-in-progress"] == "false", "what was asked for is not dropped"


def test_only_a_fresh_label_launches() -> None:
    """A label stays on a pull request when commits are pushed: jobs that lead to machines ask for the event itself."""
    jobs = WORKFLOWS["post-train.yml"]["jobs"]
    for job_id in ("authorise", "plan", "launch"):
        assert "github.event.action == 'labeled'" in jobs[job_id]["if"], job_id
    assert "github.event.action != 'labeled'" in jobs["cancel"]["if"]
    assert jobs["launch"]["needs"] == "plan"
    assert jobs["plan"]["needs"] == "authorise"


def test_secrets_are_given_to_protected_environments_alone() -> None:
    for name, workflow in WORKFLOWS.items():
        for job_id, job in _jobs(workflow):
            if "secrets." in str(job):
                assert job.get("environment"), f"{name}: {job_id}"
                assert not any(step.get("uses", "").startswith("./") for step in job["steps"])


@pytest.mark.parametrize("name", WORKFLOWS)
def test_files_of_the_runner_are_written_by_our_commands_alone(name: str) -> None:
    """What a workflow writes to GITHUB_ENV or GITHUB_OUTPUT from data could set variables of later steps."""
    for step in _steps(WORKFLOWS[name]):
        script = step.get("run", "")
        assert "GITHUB_ENV" not in script
        assert "GITHUB_PATH" not in script
        if "GITHUB_OUTPUT" in script:
            assert script == 'base/scripts/plan_shards.sh entry >>"$GITHUB_OUTPUT"', "it prints numbers alone"


def test_the_job_that_has_an_entrys_files_has_no_token_that_writes() -> None:
    plan = WORKFLOWS["post-train.yml"]["jobs"]["plan"]
    assert plan["permissions"] == {"contents": "read"}
    assert "environment" not in plan
    assert "secrets." not in str(plan)


def test_the_list_of_what_strangers_write_finds_it() -> None:
    theirs = ("github.head_ref", "github.event.pull_request.title", "github.event.comment.body")
    theirs += ("github.event.head_commit.message", "github.event.label.name", "github.event.pages.*.page_name")
    ours = ("github.event.pull_request.number", "github.event.pull_request.base.sha", "steps.plan.outputs.shards")
    assert all(UNTRUSTED.search(one) for one in theirs)
    assert not any(UNTRUSTED.search(one) for one in ours)

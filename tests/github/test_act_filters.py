"""What the played GitHub Actions adds to act: which event starts what, which runs give way, what a token may do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from act_events import EXAMPLES, example, filled, group_of, starts
from act_run import load
from fake_permissions import refusal

from posttrain_arena.model.documents import REPOSITORY_ROOT

FOLDER = REPOSITORY_ROOT / ".github" / "workflows"
WORKFLOWS = {path.stem: load(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.yml")}


def to(branch: str, action: str) -> dict[str, Any]:
    """Return what matters of the event of a pull request to a branch."""
    return {"action": action, "pull_request": {"base": {"ref": branch}}}


def started(event: str, payload: dict[str, Any], *paths: str) -> set[str]:
    return {name for name, workflow in WORKFLOWS.items() if starts(workflow["on"], event, payload, paths)}


def test_of_all_webhooks_that_github_sent_few_start_a_workflow() -> None:
    example("push")  # which skips this test where there are none
    kinds = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    found = {
        (kind["name"], payload.get("action"))
        for kind in kinds
        for payload in kind["examples"]
        if kind["name"] not in ("push", "schedule") and started(kind["name"], payload)
    }
    assert len(kinds) > 50
    assert found == {
        *(("pull_request", action) for action in ("opened", "reopened", "synchronize")),
        ("workflow_dispatch", None),
    }, "workflow_run and repository_dispatch: theirs are of workflows that are not ours"


@pytest.mark.parametrize(
    ("event", "payload", "names"),
    [
        ("pull_request", to("main", "opened"), {"check", "gauntlet", "ci"}),
        ("pull_request", to("dev", "opened"), {"ci"}),
        ("pull_request", to("main", "labeled"), set()),
        ("pull_request_target", to("main", "labeled"), {"post-train"}),
        ("pull_request_target", to("dev", "closed"), {"post-train"}),
        ("pull_request_target", to("main", "opened"), set()),
        ("workflow_run", {"action": "completed", "workflow_run": {"name": "check"}}, {"report"}),
        ("workflow_run", {"action": "completed", "workflow_run": {"name": "ci"}}, set()),
        ("workflow_run", {"action": "in_progress", "workflow_run": {"name": "check"}}, set()),
        ("schedule", {"schedule": "11 0 * * *"}, {"phases"}),
        ("schedule", {"schedule": "41 3 * * 1,4"}, {"cache"}),
        ("schedule", {"schedule": "0 0 * * *"}, set()),
        ("repository_dispatch", {"action": "collect"}, {"collect"}),
        ("repository_dispatch", {"action": "other"}, set()),
        ("push", {"ref": "refs/heads/main"}, {"ci"}),
        ("push", {"ref": "refs/heads/ledger"}, set()),
    ],
)
def test_an_event_starts_what_it_is_for(event: str, payload: dict[str, Any], names: set[str]) -> None:
    assert started(event, payload) == names


@pytest.mark.parametrize(
    ("path", "built"),
    [
        ("leaderboard/runs/x.json", True),
        ("scripts/posttrain_arena/core/site/pages.py", True),
        ("docs/scoring.md", True),
        ("leaderboards/x", False),
        ("docs/leaderboard/x", False),
    ],
)
def test_pages_are_built_for_what_is_on_them(path: str, *, built: bool) -> None:
    assert ("pages" in started("push", {"ref": "refs/heads/main"}, "README.md", path)) is built


def test_two_forks_branches_of_one_name_do_not_share_a_group() -> None:
    run = {"head_branch": "main", "head_repository": {"full_name": "north/arena"}}
    groups = [
        group_of(WORKFLOWS["report"]["concurrency"], {"github": {"event": {"workflow_run": one}}})
        for one in (run, filled(run, {"head_repository": {"full_name": "south/arena"}}))
    ]
    assert groups == ["report-north/arena-main", "report-south/arena-main"]
    assert group_of(WORKFLOWS["ci"]["concurrency"], {"github": {"run_id": 7, "event": {}}}) == "ci-7"


@pytest.mark.parametrize(
    ("permissions", "method", "path", "allowed"),
    [
        ({}, "GET", "/repos/a/b/pulls/1", True),
        ({"contents": "read"}, "POST", "/repos/a/b/issues/1/comments", False),
        ({"issues": "read"}, "POST", "/repos/a/b/issues/1/comments", False),
        ({"pull-requests": "write"}, "POST", "/repos/a/b/issues/1/comments", True),
        ({"pull-requests": "write"}, "PATCH", "/repos/a/b/git/refs/heads/main", False),
        ({"contents": "write"}, "PATCH", "/repos/a/b/git/refs/heads/main", True),
        ({"contents": "write"}, "POST", "/repos/a/b/actions/workflows/pages.yml/dispatches", False),
        ({"contents": "write"}, "DELETE", "/repos/a/b/unheard-of", False),
    ],
)
def test_a_token_may_what_its_job_may(permissions: dict[str, str], method: str, path: str, *, allowed: bool) -> None:
    assert (refusal(permissions, method, path) == "") is allowed

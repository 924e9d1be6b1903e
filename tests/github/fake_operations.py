"""The operations of the fake GitHub, each as GitHub describes it; ``OPERATIONS`` lists them with their paths."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable
from typing import Any

from fake_git_operations import GIT_OPERATIONS
from fake_github import NAME, Answer, FakeGitHub, Pull, Run


def _user(login: str) -> dict[str, Any]:
    return {"login": login, "id": sum(login.encode()), "type": "Bot" if login.endswith("[bot]") else "User"}


def _label(github: FakeGitHub, name: str) -> dict[str, Any]:
    known = github.labels.get(name, {"color": "ededed", "description": ""})
    return {"name": name, "url": github.api(f"labels/{urllib.parse.quote(name, safe='')}"), **known}


def _issue(github: FakeGitHub, number: str) -> dict[str, Any]:
    pull = github.pulls[int(number)]
    return {
        "number": pull.number,
        "url": github.api(f"issues/{number}"),
        "state": pull.state,
        "user": _user(pull.owner),
        "labels": [_label(github, name) for name in pull.labels],
    }


def _pull(github: FakeGitHub, pull: Pull) -> dict[str, Any]:
    return _issue(github, str(pull.number)) | {
        "url": github.api(f"pulls/{pull.number}"),
        "issue_url": github.api(f"issues/{pull.number}"),
        "draft": pull.draft,
        "head": {"sha": github.head(pull), "ref": pull.branch, "label": f"{pull.owner}:{pull.branch}"},
        "base": {"sha": github.store.ref(f"refs/heads/{pull.base}"), "ref": pull.base},
    }


def _comment(github: FakeGitHub, comment: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": comment["id"],
        "url": github.api(f"issues/comments/{comment['id']}"),
        "body": comment["body"],
        "user": _user(comment["by"]),
    }


def get_repository(github: FakeGitHub, **_: Any) -> Answer:
    return 200, {"name": NAME.split("/")[1], "full_name": NAME, "url": f"{github.url}/repos/{NAME}"}


def get_pull(github: FakeGitHub, number: str, **_: Any) -> Answer:
    return 200, _pull(github, github.pulls[int(number)])


def list_pulls(github: FakeGitHub, *, query: dict[str, str], **_: Any) -> Answer:
    owner, _, branch = query.get("head", "").partition(":")
    found = [
        _pull(github, pull)
        for pull in github.pulls.values()
        if query.get("state", "open") in (pull.state, "all")
        and query.get("base", pull.base) == pull.base
        and (not owner or (pull.owner, pull.branch) == (owner, branch))
    ]
    return 200, found


def permission(github: FakeGitHub, login: str, **_: Any) -> Answer:
    role = github.permissions.get(login, "read")
    return 200, {"permission": role if role in ("admin", "write", "read", "none") else "read", "role_name": role}


def get_issue(github: FakeGitHub, number: str, **_: Any) -> Answer:
    return 200, _issue(github, number)


def list_comments(github: FakeGitHub, number: str, **_: Any) -> Answer:
    return 200, [_comment(github, one) for one in github.comments_on(int(number))]


def add_comment(github: FakeGitHub, number: str, *, body: Any, **_: Any) -> Answer:
    comment = {"id": github.next_id(), "number": int(number), "body": body["body"], "by": github.actor, "edits": 0}
    github.comments[comment["id"]] = comment
    return 201, _comment(github, comment)


def edit_comment(github: FakeGitHub, number: str, *, body: Any, **_: Any) -> Answer:
    comment = github.comments[int(number)]
    comment |= {"body": body["body"], "edits": comment["edits"] + 1}
    return 200, _comment(github, comment)


def delete_comment(github: FakeGitHub, number: str, **_: Any) -> Answer:
    del github.comments[int(number)]
    return 204, None


def get_commit(github: FakeGitHub, sha: str, **_: Any) -> Answer:
    found = github.store.ref(sha)
    return 200, {"sha": found, "url": github.api(f"commits/{found}")}


def combined_status(github: FakeGitHub, sha: str, **_: Any) -> Answer:
    latest = {one["context"]: one for one in github.statuses.get(sha, [])}
    return 200, {"sha": sha, "state": "pending", "statuses": list(latest.values()), "total_count": len(latest)}


def add_status(github: FakeGitHub, sha: str, *, body: Any, **_: Any) -> Answer:
    status = {"id": github.next_id(), "url": github.api(f"statuses/{sha}"), "creator": _user(github.actor), **body}
    github.statuses.setdefault(github.store.ref(sha), []).append(status)
    return 201, status


def list_labels(github: FakeGitHub, **_: Any) -> Answer:
    return 200, [_label(github, name) for name in github.labels]


def create_label(github: FakeGitHub, *, body: Any, **_: Any) -> Answer:
    if body["name"] in github.labels:
        return 422, {"message": "Validation Failed"}
    github.labels[body["name"]] = {"color": body["color"], "description": body.get("description", "")}
    return 201, _label(github, body["name"])


def get_label(github: FakeGitHub, name: str, **_: Any) -> Answer:
    github.labels[urllib.parse.unquote(name)]
    return 200, _label(github, urllib.parse.unquote(name))


def edit_label(github: FakeGitHub, name: str, *, body: Any, **_: Any) -> Answer:
    github.labels[urllib.parse.unquote(name)] = {"color": body["color"], "description": body["description"]}
    return 200, _label(github, urllib.parse.unquote(name))


def add_labels(github: FakeGitHub, number: str, *, body: Any, **_: Any) -> Answer:
    pull = github.pulls[int(number)]
    pull.labels += [name for name in (body if isinstance(body, list) else body["labels"]) if name not in pull.labels]
    return 200, [_label(github, name) for name in pull.labels]


def remove_label(github: FakeGitHub, number: str, name: str, **_: Any) -> Answer:
    pull = github.pulls[int(number)]
    if urllib.parse.unquote(name) not in pull.labels:
        raise KeyError(name)
    pull.labels.remove(urllib.parse.unquote(name))
    return 200, [_label(github, one) for one in pull.labels]


def create_check(github: FakeGitHub, *, body: Any, **_: Any) -> Answer:
    check = {"id": github.next_id(), **body}
    check["annotations"] = list(body.get("output", {}).get("annotations", []))
    github.checks.append(check)
    return 201, {"id": check["id"], "url": github.api(f"check-runs/{check['id']}"), "name": body["name"]}


def edit_check(github: FakeGitHub, number: str, *, body: Any, **_: Any) -> Answer:
    check = next(one for one in github.checks if one["id"] == int(number))
    check["annotations"] += body.get("output", {}).get("annotations", [])
    return 200, {"id": check["id"], "url": github.api(f"check-runs/{check['id']}"), "name": check["name"]}


def _run(github: FakeGitHub, run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "url": github.api(f"actions/runs/{run.id}"),
        "html_url": f"https://github.com/{NAME}/actions/runs/{run.id}",
        "artifacts_url": github.api(f"actions/runs/{run.id}/artifacts"),
        "name": run.workflow,
        "path": f".github/workflows/{run.workflow}.yml",
        "head_sha": run.head,
        "head_branch": run.branch,
        "head_repository": {"owner": _user(run.owner)},
        "event": "pull_request",
        "status": run.status,
        "conclusion": run.conclusion,
        "run_attempt": run.attempt,
    }


def list_runs(github: FakeGitHub, workflow: str, *, query: dict[str, str], **_: Any) -> Answer:
    found = [
        _run(github, run)
        for run in reversed(github.runs)
        if f"{run.workflow}.yml" == workflow and query.get("head_sha") in (None, run.head)
    ]
    return 200, {"total_count": len(found), "workflow_runs": found}


def list_checks(github: FakeGitHub, sha: str, *, query: dict[str, str], **_: Any) -> Answer:
    found = [
        {"id": check["id"], "url": github.api(f"check-runs/{check['id']}"), **check}
        for check in github.checks
        if check["head_sha"] == sha and check["name"] == query.get("check_name", check["name"])
    ]
    return 200, {"total_count": len(found), "check_runs": found}


def start_again(github: FakeGitHub, number: str, **_: Any) -> Answer:
    run = next(run for run in github.runs if run.id == int(number))
    run.status, run.attempt, run.artifacts = "queued", run.attempt + 1, {}
    return 201, {}


def get_workflow(github: FakeGitHub, workflow: str, **_: Any) -> Answer:
    return 200, {"id": 1, "name": workflow, "url": github.api(f"actions/workflows/{workflow}"), "path": workflow}


def get_run(github: FakeGitHub, number: str, **_: Any) -> Answer:
    return 200, _run(github, next(run for run in github.runs if run.id == int(number)))


def list_artifacts(github: FakeGitHub, number: str, **_: Any) -> Answer:
    run = next(run for run in github.runs if run.id == int(number))
    found = [
        {
            "id": 1000 * run.id + index,
            "name": name,
            "size_in_bytes": len(data),
            "expired": False,
            "url": github.api(f"actions/artifacts/{1000 * run.id + index}"),
            "archive_download_url": github.api(f"actions/artifacts/{1000 * run.id + index}/zip"),
        }
        for index, (name, data) in enumerate(run.artifacts.items())
    ]
    return 200, {"total_count": len(found), "artifacts": found}


def download_artifact(github: FakeGitHub, number: str, **_: Any) -> Answer:
    run = next(run for run in github.runs if run.id == int(number) // 1000)
    return 200, list(run.artifacts.values())[int(number) % 1000]


def dispatch(github: FakeGitHub, workflow: str, *, body: Any, **_: Any) -> Answer:
    github.dispatched.append({"workflow": workflow, **body})
    return 204, None


def create_issue(github: FakeGitHub, *, body: Any, **_: Any) -> Answer:
    github.issues.append({**body, "number": 10_000 + len(github.issues), "user": _user(github.actor)})
    return 201, github.issues[-1] | {"labels": [], "url": github.api("issues/x")}


def list_issues(github: FakeGitHub, *, query: dict[str, str], **_: Any) -> Answer:
    wanted = set(query.get("labels", "").split(",")) - {""}
    found = [one | {"labels": []} for one in github.issues if wanted <= set(one.get("labels", []))]
    return 200, found


R = f"/repos/{NAME}"
OPERATIONS: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    *GIT_OPERATIONS,
    ("GET", R, get_repository),
    ("GET", f"{R}/pulls/(\\d+)", get_pull),
    ("GET", f"{R}/pulls", list_pulls),
    ("GET", f"{R}/collaborators/([^/]+)/permission", permission),
    ("GET", f"{R}/issues/(\\d+)", get_issue),
    ("GET", f"{R}/issues/(\\d+)/comments", list_comments),
    ("POST", f"{R}/issues/(\\d+)/comments", add_comment),
    ("PATCH", f"{R}/issues/comments/(\\d+)", edit_comment),
    ("DELETE", f"{R}/issues/comments/(\\d+)", delete_comment),
    ("GET", f"{R}/commits/([^/]+)", get_commit),
    ("GET", f"{R}/commits/([^/]+)/status", combined_status),
    ("POST", f"{R}/statuses/([^/]+)", add_status),
    ("GET", f"{R}/labels", list_labels),
    ("POST", f"{R}/labels", create_label),
    ("GET", f"{R}/labels/([^/]+)", get_label),
    ("PATCH", f"{R}/labels/([^/]+)", edit_label),
    ("POST", f"{R}/issues/(\\d+)/labels", add_labels),
    ("DELETE", f"{R}/issues/(\\d+)/labels/([^/]+)", remove_label),
    ("GET", f"{R}/commits/([^/]+)/check-runs", list_checks),
    ("POST", f"{R}/actions/runs/(\\d+)/rerun-failed-jobs", start_again),
    ("POST", f"{R}/check-runs", create_check),
    ("PATCH", f"{R}/check-runs/(\\d+)", edit_check),
    ("GET", f"{R}/actions/workflows/([^/]+)/runs", list_runs),
    ("GET", f"{R}/actions/workflows/([^/]+)", get_workflow),
    ("GET", f"{R}/actions/runs/(\\d+)", get_run),
    ("GET", f"{R}/actions/runs/(\\d+)/artifacts", list_artifacts),
    ("GET", f"{R}/actions/artifacts/(\\d+)/zip", download_artifact),
    ("POST", f"{R}/actions/workflows/([^/]+)/dispatches", dispatch),
    ("POST", f"{R}/issues", create_issue),
    ("GET", f"{R}/issues", list_issues),
)

"""The workflows of a pull request, run by act: checked without rights, told by the bot."""

from __future__ import annotations

import pytest
from act_contest import PACKAGE, Asking, of_one_package
from act_harness import Actions
from act_run import SECRETS

STOLEN = r"""
      - name: Help ourselves
        if: always()
        env:
          TOKEN: ${{ github.token }}
          SECRET: ${{ secrets.HF_TOKEN }}
        run: |
          curl --silent --header "Authorization: Bearer $TOKEN" --data '{"body": "stolen'"$SECRET"'"}' \
            "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/1/comments"
"""


@pytest.fixture
def asking(actions: Actions, files: dict[str, bytes | None]) -> Asking:
    """Return a fork's pull request with an entry of one package."""
    actions.only = ("check", "report")
    return Asking(actions, of_one_package(files))


def test_an_entry_that_is_in_order_is_told_so(asking: Asking) -> None:
    asking.actions.pull_event(asking.pull, "opened")
    ran = asking.actions.drain()
    assert [name for name, _ in ran] == ["check", "report", "report"], "one for the begin, one for the end"
    assert all(one.conclusion == "success" for _, one in ran)
    assert ran[0][1].report()["outcome"] == "passed"
    assert [one["path"] for one in ran[0][1].record] == ["base", "entry"]
    assert asking.statuses() == {"arena/files": "success", "arena/trials": "pending"}
    assert "1 package" in asking.comment()
    assert "track: environments" in asking.pull.labels


def test_a_fault_is_shown_on_the_contributors_line(asking: Asking) -> None:
    task = asking.github.store.blob(asking.pull.ref, f"{PACKAGE}/task.md")[1]
    asking.github.push(asking.pull, {f"{PACKAGE}/task.md": task.replace(b"category:", b"category: nothing-of-ours #")})
    asking.actions.pull_event(asking.pull, "synchronize")
    (_, check), *_ = asking.actions.drain()
    assert check.jobs == {"files": "failure"}
    assert check.report()["outcome"] == "fix"
    assert asking.statuses()["arena/files"] == "failure"
    assert "needs-fix" in asking.pull.labels
    annotated = [one for checks in asking.github.checks for one in checks["annotations"]]
    assert f"{PACKAGE}/task.md" in {one["path"] for one in annotated}
    assert "category-unknown" in asking.comment()


def test_a_pull_request_that_edits_its_workflow_gets_no_rights_and_no_green(asking: Asking) -> None:
    check = asking.github.store.blob("refs/heads/main", ".github/workflows/check.yml")[1].decode()
    evil = check.replace("contents: read", "contents: write\n      issues: write\n      pull-requests: write")
    evil = evil.replace("    timeout-minutes", "    environment: post-train\n    timeout-minutes")
    evil = evil.replace("- name: Check\n        run: ", "- name: Check\n        run: true || ")
    evil += STOLEN.strip("\n") + "\n"
    asking.github.push(asking.pull, {".github/workflows/check.yml": evil.encode()})
    asking.actions.pull_event(asking.pull, "synchronize")
    (_, ran), *_ = asking.actions.drain()
    assert "Resource not accessible by integration" in ran.text
    assert ran.conclusion == "success", "its own workflow says what it likes"
    assert "stolen" not in asking.comment()
    assert not any(secret in ran.text for secret in SECRETS.values())
    assert set(asking.statuses().values()) == {"failure"}


def test_a_newer_push_takes_the_place_of_a_check_that_runs(asking: Asking) -> None:
    asking.actions.only = ("check",)
    asking.actions.pull_event(asking.pull, "opened")
    asking.github.push(asking.pull, {f"{PACKAGE}/more.md": b"more"})
    asking.actions.pull_event(asking.pull, "synchronize")
    assert asking.actions.cancelled == ["check"]
    assert [run.conclusion for run in asking.github.runs[:1]] == ["cancelled"]
    assert len(asking.actions.queue) == 1


def test_a_pull_request_without_an_entry_hears_nothing(asking: Asking) -> None:
    pull = asking.github.open_pull("south", "words", {"docs/words.md": b"words"})
    asking.actions.pull_event(pull, "opened")
    (_, check), *_ = asking.actions.drain()
    assert check.conclusion == "success"
    assert check.artifacts() == {}
    assert asking.github.comments == {}


def test_a_check_that_we_broke_is_run_again_by_itself(asking: Asking) -> None:
    actions = asking.actions
    actions.only = ("check",)
    actions.pull_event(asking.pull, "opened")
    actions.drain()
    (run,) = asking.github.runs
    run.artifacts = {}
    actions.only = ("check", "report")
    actions.run_event(run, "pull_request", "completed")
    actions.drain()
    assert asking.statuses()["arena/files"] == "error"
    assert "arena-broken" in asking.pull.labels
    assert "### We broke" in asking.comment()
    actions.again()
    assert [name for name, _ in actions.drain()] == ["check", "report", "report"]
    assert run.attempt == 2
    assert asking.statuses()["arena/files"] == "success"
    assert "arena-broken" not in asking.pull.labels


def test_a_pull_request_that_cannot_be_merged_runs_nothing(asking: Asking) -> None:
    asking.github.push(asking.pull, {"README.md": b"theirs\n"})
    asking.github.store.write("main", {"README.md": b"ours\n"})
    asking.actions.pull_event(asking.pull, "synchronize")
    assert asking.actions.drain() == []

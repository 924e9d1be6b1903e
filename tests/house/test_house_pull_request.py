"""The check of a pull request finds exactly the entries that it changes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from posttrain_arena.model.documents import REPOSITORY_ROOT

RECORDER = """#!/bin/bash
printf '%s\\0' "$@" > "{record}"
exit 1
"""


class PullRequest:
    """A merge commit with its base as first parent, and a checker that records what it is given."""

    def __init__(self, folder: Path) -> None:
        self.tree, self.record = folder / "entry", folder / "given"
        (folder / "base/scripts").mkdir(parents=True)
        (folder / "base/.venv/bin").mkdir(parents=True)
        self.tree.mkdir()
        self.scripts = folder / "base/scripts"
        for name in ("check_pull_request.sh", "plan_shards.sh", "merge_shards.sh"):
            shutil.copy(REPOSITORY_ROOT / "scripts" / name, self.scripts / name)
        checker = folder / "base/.venv/bin/arena"
        checker.write_text(RECORDER.format(record=self.record))
        checker.chmod(0o755)
        self._git("init", "--quiet", "--initial-branch=main")
        self.write("README.md", "submissions/untouched/envs/one/task.md", "submissions/gone/submission.yaml")
        self.commit()

    def write(self, *names: str) -> None:
        for name in names:
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / name).write_text(f"{name}\n")

    def commit(self) -> None:
        self._git("add", "--all")
        self._git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "change")

    def check(self, *more: str) -> tuple[int, list[str]]:
        """Return the exit code, and the words that the checker was given."""
        report = str(self.tree.parent / "report.json")
        return self.run("check_pull_request.sh", str(self.tree), report, *(more or ("structural",)))[:2]

    def run(self, script: str, *words: str) -> tuple[int, list[str], str]:
        """Return the exit code, the words that the checker was given, and what was printed."""
        command = [self.scripts / script, *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        given = self.record.read_text().split("\0")[:-1] if self.record.exists() else []
        return done.returncode, given, done.stdout

    def _git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.tree, check=True, capture_output=True)


@pytest.fixture
def pull_request(tmp_path: Path) -> PullRequest:
    return PullRequest(tmp_path)


def _entries(given: list[str]) -> list[str]:
    return [word for word in given if word.startswith("submissions/")]


def test_changed_entries_are_checked_once_and_the_exit_code_is_kept(pull_request: PullRequest) -> None:
    pull_request.write("submissions/ours/envs/a/task.md", "submissions/ours/envs/b/task.md", "submissions/other/x")
    pull_request.commit()
    code, given = pull_request.check()
    assert code == 1
    assert _entries(given) == ["submissions/other", "submissions/ours"]
    assert given[: given.index("--out")] == ["check", "--level", "structural", "--format", "github"]


def test_a_shard_is_checked_of_what_changed(pull_request: PullRequest) -> None:
    pull_request.write("submissions/ours/envs/a/task.md")
    pull_request.commit()
    _, given = pull_request.check("publication-grade", "2/3")
    wanted = [
        "check",
        "--level",
        "publication-grade",
        "--changed-from",
        "HEAD^1",
        "--shard",
        "2/3",
        "--format",
        "github",
    ]
    assert given[: given.index("--out")] == wanted


@pytest.mark.parametrize(("packages", "shards"), [(0, 1), (1, 1), (10, 1), (11, 2), (75, 8), (300, 8)])
def test_shards_follow_the_number_of_changed_packages(pull_request: PullRequest, packages: int, shards: int) -> None:
    for number in range(packages):
        pull_request.write(f"submissions/ours/envs/p\n{number}/task.md", f"submissions/ours/envs/p\n{number}/x/y")
    pull_request.write("submissions/ours/submission.yaml")
    pull_request.commit()
    code, _, said = pull_request.run("plan_shards.sh", str(pull_request.tree))
    listed = ",".join(str(number) for number in range(1, shards + 1))
    assert (code, said) == (0, f"count={shards}\nshards=[{listed}]\n")


@pytest.mark.parametrize(
    ("reports", "count", "result", "code", "merged"),
    [
        (3, 3, "failure", 1, True),
        (2, 3, "failure", 3, False),
        (0, 1, "success", 0, False),
        (0, 2, "cancelled", 3, False),
    ],
)
def test_shards_come_together_where_all_of_them_ended(
    pull_request: PullRequest, tmp_path: Path, reports: int, count: int, result: str, code: int, merged: bool
) -> None:
    (tmp_path / "shards").mkdir()
    for number in range(reports):
        (tmp_path / "shards" / f"shard-{number}").mkdir()
        (tmp_path / "shards" / f"shard-{number}" / "report.json").write_text("{}")
    words = [str(tmp_path / "shards"), str(tmp_path / "report.json"), str(count), result]
    found, given, _ = pull_request.run("merge_shards.sh", *words)
    assert (found, bool(given)) == (code, merged)
    assert len([word for word in given if word.endswith("/report.json")]) == (reports + 1 if merged else 0)


def test_a_pull_request_without_entries_passes(pull_request: PullRequest) -> None:
    pull_request.write("README.md", "submissions/README.md", "docs/new.md")
    pull_request.commit()
    assert pull_request.check() == (0, [])


def test_a_removed_entry_has_nothing_to_check(pull_request: PullRequest) -> None:
    shutil.rmtree(pull_request.tree / "submissions/gone")
    pull_request.commit()
    assert pull_request.check() == (0, [])


def test_names_made_to_confuse_a_shell_reach_the_checker_whole(pull_request: PullRequest) -> None:
    names = ["submissions/two\nlines", "submissions/$(touch pwned)", "submissions/with space"]
    pull_request.write(*(f"{name}/submission.yaml" for name in names))
    pull_request.commit()
    code, given = pull_request.check()
    assert code == 1
    assert _entries(given) == sorted(names)
    assert not (pull_request.tree / "pwned").exists()


def test_an_entry_that_is_a_link_is_given_to_the_checker(pull_request: PullRequest) -> None:
    (pull_request.tree / "submissions/link").symlink_to("/")
    pull_request.commit()
    assert _entries(pull_request.check()[1]) == ["submissions/link"]


def test_a_tree_without_its_base_is_an_error_not_a_pass(pull_request: PullRequest) -> None:
    code, given = pull_request.check()
    assert code != 0
    assert given == []

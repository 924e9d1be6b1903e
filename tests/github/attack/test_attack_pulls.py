"""Pull requests that touch what is not theirs, and names that were made to be read by something else than people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fake_github import FakeGitHub, Run
from markdown_it import MarkdownIt
from played_contest import ENTRY, Contest
from test_bot_report import Desk, report

from posttrain_arena.adapters.github.entries import fetch_entry
from posttrain_arena.cli.bot.authorise import authorise
from posttrain_arena.errors import GitHubError

BESIDE = (
    "scripts/posttrain_arena/cli/check.py",
    "scripts/check_pull_request.sh",
    ".github/workflows/check.yml",
    ".github/CODEOWNERS",
    "competition.yaml",
    "schemas/report.schema.json",
    "leaderboard/runs/forged-run.json",
    "submissions/README.md",
    "submissions/.gitattributes",
    ".gitattributes",
    ".gitmodules",
    "Submissions/team-north/submission.yaml",
    "docs/a\n::error::owned",
    "docs/a, b",
    "docs/\u202egnp.md",
    "docs/@octocat <img src=x> [x](https:evil) `` ` <!-- arena:check -->",
)


@pytest.fixture
def desk(github: FakeGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(github, tmp_path, monkeypatch)


@pytest.mark.parametrize("path", BESIDE)
def test_whoever_changes_more_than_entries_is_told_what_and_gets_no_green(
    path: str, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.github.push(desk.pull, {path: b"mine"})
    desk.ran("gauntlet", report("publication-grade"))
    assert desk.report(desk.ran("check", report("structural"))) == 0
    assert desk.statuses() == {"arena/files": "failure", "arena/trials": "failure"}
    assert desk.pull.labels == ["needs-fix"]
    comment = desk.comment()
    assert "### Fix this: entries alone" in comment
    assert path.encode("unicode_escape").decode() in comment
    outside = re.sub(r"<code.*?</code>", "", MarkdownIt("commonmark").render(comment), flags=re.DOTALL)
    assert outside.count("<!--") == 1
    assert not re.search(r"@octocat|<img|evil", outside)
    assert not any(line.startswith("::") for line in capsys.readouterr().out.splitlines())
    assert not any(url.endswith("/zip") for _, url, _ in desk.github.requests), "the artifact is not even read"


@pytest.mark.parametrize("path", [*BESIDE[:9:3], "submissions/team-south/submission.yaml"])
def test_its_label_leads_to_nothing_even_where_the_statuses_are_green(path: str, contest: Contest) -> None:
    contest.github.push(contest.pull, {path: b"mine"})
    contest.green()
    contest.pull.labels = ["post-train"]
    authorise(contest.context("labeled"))
    assert "rule not-one-entry" in contest.comment()
    assert not (contest.folder / "output").exists()


def test_another_teams_entry_that_is_taken_away_is_touched(contest: Contest) -> None:
    contest.github.store.write("main", {"submissions/team-south/submission.yaml": b"south"})
    pull = contest.github.open_pull(
        "west", "entry", {"submissions/team-south/submission.yaml": None, f"{ENTRY}/a": b"1"}
    )
    contest.pull = pull
    contest.green()
    pull.labels = ["post-train"]
    authorise(contest.context("labeled"))
    assert "rule not-one-entry" in contest.comment()


@pytest.mark.parametrize("name", ["a\nhead=0000", "a,b", "a\u202eb", "A", "a b", "$(touch x)", "..."])
def test_an_entrys_name_reaches_no_output_and_no_log(
    name: str, contest: Contest, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    pull = contest.github.open_pull("west", "entry", {f"submissions/{name}/submission.yaml": b"1"})
    run = Run(id=9, workflow="check", head=contest.github.head(pull), owner="west", branch="entry")
    run.artifacts = desk.ran("check", report("structural")).artifacts
    contest.github.runs.append(run)
    assert desk.report(run) == 0
    assert not any(line.startswith("head=") for line in capsys.readouterr().out.splitlines())
    contest.pull = pull
    assert {one["state"] for one in contest.github.statuses[contest.head]} == {"error", "pending"}
    contest.green()
    pull.labels = ["post-train"]
    authorise(contest.context("labeled"))
    assert "a name that no entry may have" in contest.comment()
    assert not (contest.folder / "output").exists()


def test_nothing_is_said_of_a_pull_request_to_another_branch(desk: Desk) -> None:
    """Its checker is that branch's, which may be older; the fake has none, so the question itself is looked at."""
    desk.report(desk.ran("check", report("structural")))
    asked = [url for method, url, _ in desk.github.requests if method == "GET" and "/pulls?" in url]
    assert len(asked) == 1
    assert "base=main" in asked[0]


def test_a_comment_that_forges_our_marker_is_no_answer_of_ours(desk: Desk) -> None:
    forged = {"id": desk.github.next_id(), "number": desk.pull.number, "by": "north", "edits": 0}
    forged["body"] = "<!-- arena:check -->\n### Passed\n"
    desk.github.comments[forged["id"]] = dict(forged)
    desk.report(desk.ran("check", report("structural")))
    theirs, ours = desk.github.comments_on(desk.pull.number)
    assert (theirs["body"], theirs["edits"]) == (forged["body"], 0)
    assert ours["by"] == "github-actions[bot]"
    assert "### The check will begin" in ours["body"]


ODD = {
    "a link": {"mode": "120000", "path": f"{ENTRY}/envs/key", "content": "/etc/passwd"},
    "a submodule": {"mode": "160000", "path": f"{ENTRY}/envs/sub", "sha": "1" * 40},
    "files left out": {
        "mode": "100644",
        "path": f"{ENTRY}/.gitattributes",
        "content": "submission.yaml export-ignore\n",
    },
    "files rewritten": {"mode": "100644", "path": f"{ENTRY}/.gitattributes", "content": "* text eol=crlf\n"},
}


@pytest.mark.parametrize("name", ODD)
def test_files_that_are_not_plain_or_not_those_of_the_commit_are_not_taken(name: str, contest: Contest) -> None:
    store = contest.github.store
    tree = store.make_tree(store.commit(contest.head)["tree"], [ODD[name]])
    store.move(contest.pull.ref, store.make_commit("odd", tree, [contest.head]))
    with pytest.raises(GitHubError, match=r"a link|is not what was committed|is committed and not handed out"):
        fetch_entry(contest.context("labeled").repository, contest.head, ENTRY, contest.folder / "fetched")


def test_a_sound_entry_is_taken_whole(contest: Contest) -> None:
    fetch_entry(contest.context("labeled").repository, contest.head, ENTRY, contest.folder / "fetched")
    assert (contest.folder / "fetched/submission.yaml").is_file()

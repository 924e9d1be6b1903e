"""From a finished check to what the contributor sees: the real command, a real HTTP API, real git objects."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fake_github import NAME, FakeGitHub, Pull, Run

from posttrain_arena.cli.main import main
from posttrain_arena.core.check.summary import build_report
from posttrain_arena.core.contest.check_comment import MARKER
from posttrain_arena.model import documents
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.report import Report, Subject

ENTRY = "submissions/team-north"
PACKAGE = f"{ENTRY}/envs/sums-add"


def finding(severity: str = "error", line: int = 6) -> Finding:
    return Finding(
        rule="category-unknown",
        severity=severity,
        path=f"{PACKAGE}/task.md",
        line=line,
        what="the category 'x' is not a domain",
        how="write one that is",
    )


def report(level: str, *findings: Finding, outcome: str | None = None, topic: str = "software-engineering") -> Report:
    subjects = [
        Subject(
            kind="entry",
            name="team-north",
            path=ENTRY,
            digest=None,
            outcome="passed",
            findings=(),
            topic="environments",
        ),
        Subject(
            kind="package",
            name="sums-add",
            path=PACKAGE,
            digest=None,
            outcome=outcome or ("fix" if any(one.severity == "error" for one in findings) else "passed"),
            findings=findings,
            topic=topic,
        ),
    ]
    return build_report(level, subjects)


def handed(found: Report | bytes) -> bytes:
    data = found if isinstance(found, bytes) else documents.encode(documents.to_document(found))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.json", data)
    return buffer.getvalue()


class Desk:
    """A pull request, the runs of its workflows, and the bot called as the workflow calls it."""

    def __init__(self, github: FakeGitHub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.github = github
        self.folder = folder
        self.pull = github.open_pull("north", "entry", {f"{PACKAGE}/task.md": b"1", f"{ENTRY}/submission.yaml": b"2"})
        for name, value in {
            "GITHUB_REPOSITORY": NAME,
            "GITHUB_TOKEN": "token",
            "GITHUB_API_URL": github.url,
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        }.items():
            monkeypatch.setenv(name, value)

    def ran(self, workflow: str, found: Report | bytes | None, **changes: Any) -> Run:
        run = Run(
            id=len(self.github.runs) + 1,
            workflow=workflow,
            head=self.github.head(self.pull),
            owner="north",
            branch="entry",
            artifacts={} if found is None else {"report": handed(found)},
            **changes,
        )
        self.github.runs.append(run)
        return run

    def report(self, run: Run, **changes: Any) -> int:
        event = {
            "workflow_run": {
                "id": run.id,
                "run_attempt": run.attempt,
                "name": run.workflow,
                "event": "pull_request",
                "head_sha": run.head,
                "head_branch": run.branch,
                "head_repository": {"owner": {"login": run.owner}},
                **changes,
            }
        }
        path = self.folder / "event.json"
        path.write_text(json.dumps(event))
        return main(["bot", "report", "--event", str(path)])

    def statuses(self) -> dict[str, str]:
        return {one["context"]: one["state"] for one in self.github.statuses.get(self.github.head(self.pull), [])}

    def comment(self) -> str:
        (comment,) = self.github.comments_on(self.pull.number)
        return str(comment["body"])


@pytest.fixture
def desk(github: FakeGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(github, tmp_path, monkeypatch)


def test_a_sound_entry_is_told_to_pass_once_both_stages_did(desk: Desk) -> None:
    desk.pull.labels = ["needs-fix", "somebody's own"]
    run = desk.ran("check", report("structural"))
    assert desk.report(run) == 0
    assert desk.statuses() == {"arena/files": "success", "arena/trials": "pending"}
    assert "### The check will begin" in desk.comment()
    assert desk.report(desk.ran("gauntlet", report("publication-grade"))) == 0
    assert desk.statuses() == {"arena/files": "success", "arena/trials": "success"}
    assert desk.comment().startswith(f"{MARKER}\n### Passed\n")
    assert sorted(desk.pull.labels) == [
        "check-passed",
        "domain: software-engineering",
        "somebody's own",
        "track: environments",
    ]
    assert (desk.folder / "summary.md").read_text().endswith(f"{desk.comment().rstrip()}\n\n")


def test_findings_stand_in_the_comment_the_status_and_on_their_lines_once(desk: Desk) -> None:
    run = desk.ran("check", report("structural", finding(), finding("warning", 9)))
    desk.ran("gauntlet", None, status="in_progress")
    for _ in range(2):
        assert desk.report(run) == 0
    assert desk.statuses() == {"arena/files": "failure", "arena/trials": "pending"}
    assert "### Fix these: 1 error\n" in desk.comment()
    (check,) = desk.github.checks
    assert [(one["start_line"], one["annotation_level"]) for one in check["annotations"]] == [
        (6, "failure"),
        (9, "warning"),
    ]
    assert "needs-fix" in desk.pull.labels


def test_what_we_broke_is_ours_is_tried_again_and_never_the_authors(desk: Desk) -> None:
    desk.ran("check", report("structural"))
    run = desk.ran("gauntlet", report("publication-grade", outcome="broken"))
    for attempt in (1, 2, 3):
        run.status, run.artifacts = "completed", {"report": handed(report("publication-grade", outcome="broken"))}
        assert desk.report(run) == 0
        assert desk.statuses()["arena/trials"] == "error"
        assert "### We broke, nothing to do for you" in desk.comment()
        assert run.attempt == min(attempt + 1, 3)
    assert "a maintainer has to look" in desk.comment()
    assert set(desk.pull.labels) & {"needs-fix", "check-passed", "arena-broken"} == {"arena-broken"}


@pytest.mark.parametrize(
    "handed_over",
    [
        None,
        b"{",
        b"[]",
        documents.encode({"schema": "report/1"}),
        documents.encode(documents.to_document(report("schema"))),
    ],
    ids=range(5),
)
def test_a_report_that_cannot_be_used_is_our_fault(desk: Desk, handed_over: bytes | None) -> None:
    desk.report(desk.ran("check", handed_over))
    assert desk.statuses()["arena/files"] == "error"
    assert "We broke" in desk.comment()


def test_a_pull_request_that_changes_the_checker_gets_no_green_whatever_it_reports(desk: Desk) -> None:
    desk.github.push(desk.pull, {".github/workflows/check.yml": b"steps: [forge]", "competition.yaml": b"mine"})
    desk.ran("gauntlet", report("publication-grade"))
    desk.report(desk.ran("check", report("structural")))
    assert desk.statuses() == {"arena/files": "failure", "arena/trials": "failure"}
    assert ".github/workflows/check.yml" in desk.comment()
    assert desk.pull.labels == ["needs-fix"]
    assert desk.github.checks == []


def test_a_forged_report_of_another_teams_entry_is_not_used(desk: Desk) -> None:
    forged = report("structural")
    other = documents.to_document(forged)
    other["subjects"][1]["path"] = "submissions/team-south/envs/x"
    desk.report(desk.ran("check", documents.encode(other)))
    assert desk.statuses()["arena/files"] == "error"


def test_a_topic_that_is_none_makes_no_label(desk: Desk) -> None:
    desk.report(desk.ran("check", report("structural", topic="a, b @octocat")))
    assert desk.pull.labels == ["track: environments"]


def test_a_run_of_an_older_commit_or_another_pull_request_says_nothing(desk: Desk, github: FakeGitHub) -> None:
    old = desk.ran("check", report("structural", finding()))
    github.push(desk.pull, {f"{ENTRY}/submission.yaml": b"3"})
    assert desk.report(old) == 0
    assert desk.report(desk.ran("check", report("structural")), event="push") == 0
    assert desk.report(desk.ran("check", report("structural")), head_branch="other") == 0
    plain: Pull = github.open_pull("south", "docs", {"README.md": b"better"})
    assert desk.report(Run(id=9, workflow="check", head=github.head(plain), owner="south", branch="docs")) == 0
    assert github.comments == {}
    assert github.statuses == {}


def test_an_artifact_over_the_limit_is_not_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posttrain_arena.cli.bot.report.MAX_ZIP_BYTES", 100)
    desk.report(desk.ran("check", report("structural")))
    assert desk.statuses()["arena/files"] == "error"
    assert not any(path.endswith("/zip") for _, path, _ in desk.github.requests)


def test_without_a_token_the_bot_says_what_it_needs(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.report(desk.ran("check", report("structural")))
    monkeypatch.delenv("GITHUB_TOKEN")
    assert desk.report(desk.github.runs[0]) == 2
    assert "GITHUB_TOKEN" in capsys.readouterr().err


def test_an_entry_that_is_taken_out_has_nothing_to_mend(desk: Desk, github: FakeGitHub) -> None:
    github.store.write("main", {f"{ENTRY}/submission.yaml": b"2"})
    desk.pull = github.open_pull("south", "entry", {f"{ENTRY}/submission.yaml": None})
    run = Run(id=5, workflow="check", head=github.head(desk.pull), owner="south", branch="entry")
    github.runs.append(run)
    assert desk.report(run) == 0
    assert desk.statuses() == {"arena/files": "success", "arena/trials": "success"}
    assert "### Passed" in desk.comment()

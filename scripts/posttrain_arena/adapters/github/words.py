"""Say things on pull requests: one comment of each kind, labels, statuses, annotations on lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from github import GithubException
from github.IssueComment import IssueComment
from github.Repository import Repository

from posttrain_arena.adapters.github.connection import faults_named
from posttrain_arena.model import documents
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.shown import shown

BOT = "github-actions[bot]"
"""Who a workflow's own token writes as. Nobody else can, so a forged marker in another's comment is never edited."""

State = Literal["pending", "success", "failure", "error"]

ANNOUNCED = "phase"
"""The label of issues that tell of the calendar."""

MAX_ANNOTATED = 500
"""Findings that are written on their lines: ten requests. All stand in the report."""

_BATCH = 50
"""Annotations that GitHub takes in one request."""

_DESCRIPTION = 140
_LAST_LINE = 2**31 - 1
_LEVELS = {"error": "failure", "warning": "warning", "note": "notice"}


def say(repository: Repository, number: int, body: str) -> bool:
    """Have one comment of this kind on a pull request, the kind being the first line; say whether it changed."""
    marker = body.split("\n", 1)[0]
    with faults_named(f"comment on pull request {number}"):
        issue = repository.get_issue(number)
        own = [comment for comment in issue.get_comments() if _is_ours(comment, marker)]
        for double in own[1:]:  # two runs at once may both have found none
            with _gone_is_fine():
                double.delete()
        if not own:
            issue.create_comment(body)
        elif own[0].body.rstrip() != body.rstrip():
            own[0].edit(body)
        else:
            return False
    return True


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    """Take no offence where another run removed first what was to be removed."""
    try:
        yield
    except GithubException as error:
        if error.status != 404:
            raise


def _is_ours(comment: IssueComment, marker: str) -> bool:
    return comment.user.login == BOT and comment.body.split("\n", 1)[0].rstrip() == marker


def set_status(repository: Repository, head: str, context: str, state: State, *, said: str, url: str = "") -> None:
    """Set a commit's status, unless it is that already."""
    description = shown(said, _DESCRIPTION)
    with faults_named(f"set {context} on {head[:12]}"):
        commit = repository.get_commit(head)
        known = next((one for one in commit.get_combined_status().statuses if one.context == context), None)
        if known is None or (known.state, known.description) != (state, description):
            more = {"target_url": url} if url else {}
            commit.create_status(state, description=description, context=context, **more)


def statuses(repository: Repository, head: str) -> dict[str, str]:
    """Return the states on a commit by context."""
    with faults_named(f"read the statuses of {head[:12]}"):
        combined = repository.get_commit(head).get_combined_status()
        return {one.context: one.state for one in combined.statuses}


def set_labels(repository: Repository, number: int, *, on: Iterable[str], off: Iterable[str]) -> None:
    """Have some labels on a pull request and some not; all others stay as they are."""
    with faults_named(f"label pull request {number}"):
        issue = repository.get_issue(number)
        known = {label.name for label in issue.labels}
        for name in sorted(set(off) & known):
            with _gone_is_fine():
                issue.remove_from_labels(name)
        for name in sorted(set(on) - known):
            issue.add_to_labels(name)


def ensure_labels(repository: Repository, wanted: Mapping[str, tuple[str, str]]) -> None:
    """Have the labels by name, each with a colour and a description."""
    with faults_named("create the labels"):
        known = {label.name: (label.color, label.description or "") for label in repository.get_labels()}
        for name, (colour, description) in wanted.items():
            if name not in known:
                repository.create_label(name, colour, description)
            elif known[name] != (colour, description):
                repository.get_label(name).edit(name, colour, description)


def announce(repository: Repository, title: str, body: str) -> bool:
    """Open an issue of this title unless there is one; say whether it was opened."""
    with faults_named(f"announce {title!r}"):
        known = repository.get_issues(state="all", labels=[ANNOUNCED])
        if any(issue.title == title and issue.user.login == BOT for issue in known):
            return False
        repository.create_issue(title=title, body=body, labels=[ANNOUNCED])
    return True


def annotate(repository: Repository, head: str, name: str, findings: Sequence[Finding], *, summary: str) -> None:
    """Write findings on their lines, as a check of the head commit, unless they stand there already."""
    told = documents.digest([documents.to_document(finding) for finding in findings])
    findings = sorted(findings, key=lambda finding: list(_LEVELS).index(finding.severity))[:MAX_ANNOTATED]
    errors = any(finding.severity == "error" for finding in findings)
    first, *rest = [findings[start : start + _BATCH] for start in range(0, len(findings), _BATCH)] or [[]]
    with faults_named(f"annotate {head[:12]}"):
        known = repository.get_commit(head).get_check_runs(check_name=name)
        if any(check.external_id == told for check in known):
            return
        check = repository.create_check_run(
            name=name,
            head_sha=head,
            external_id=told,
            status="completed",
            conclusion="failure" if errors else "success",
            output=_output(name, summary, first),
        )
        for batch in rest:
            check.edit(output=_output(name, summary, batch))


def _output(title: str, summary: str, findings: Sequence[Finding]) -> dict[str, Any]:
    return {"title": title, "summary": summary, "annotations": [_annotation(finding) for finding in findings]}


def _annotation(finding: Finding) -> dict[str, str | int]:
    """Return GitHub's form; it shows messages as plain text."""
    line = min(finding.line or 1, _LAST_LINE)
    return {
        "path": finding.path,
        "start_line": line,
        "end_line": line,
        "annotation_level": _LEVELS[finding.severity],
        "title": shown(finding.rule, 100),
        "message": f"{shown(finding.what, 1000)}\nfix: {shown(finding.how, 1000)}",
    }

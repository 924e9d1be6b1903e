"""Find workflow runs, take what they handed over, and start one again."""

from __future__ import annotations

from dataclasses import dataclass

from github.Repository import Repository

from posttrain_arena.adapters.github.connection import faults_named
from posttrain_arena.adapters.github.download import download
from posttrain_arena.errors import GitHubError


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRun:
    """The newest run of a workflow on a commit; ``over`` says that it ended."""

    id: int
    attempt: int
    over: bool
    url: str


def newest_run(repository: Repository, workflow: str, head: str) -> CheckRun | None:
    """Return the newest run for a pull request of the workflow in ``<workflow>.yml`` on a head commit."""
    with faults_named(f"find the run of {workflow} on {head[:12]}"):
        found = repository.get_workflow(f"{workflow}.yml").get_runs(head_sha=head, event="pull_request")
        run = next(iter(found), None)
    if run is None:
        return None
    return CheckRun(id=run.id, attempt=run.run_attempt, over=run.status == "completed", url=run.html_url)


def download_artifact(repository: Repository, run: int, name: str, *, most: int) -> bytes | None:
    """Return a run's artifact as the archive it is; None where the run has none of this name, or it is gone.

    Raises GitHubError where it has more than ``most`` bytes, before or while it is read.
    """
    with faults_named(f"read the artifacts of run {run}"):
        found = next((one for one in repository.get_workflow_run(run).get_artifacts() if one.name == name), None)
        if found is None or found.expired:
            return None
        if found.size_in_bytes > most:
            raise GitHubError(f"GitHub: the artifact {name} has {found.size_in_bytes} bytes, over {most}", status=200)
        headers = {"Authorization": f"Bearer {repository.requester.auth.token}"}  # type: ignore[union-attr]
        return download(found.archive_download_url, most=most, what=f"the artifact {name}", headers=headers)


def start_again(repository: Repository, run: int) -> None:
    """Run the failed jobs of a workflow run again."""
    with faults_named(f"start run {run} again"):
        repository.get_workflow_run(run).rerun_failed_jobs()

"""Connect to GitHub's API, within its limits and with an end to every wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from github import Auth, Github, GithubException, GithubRetry

from posttrain_arena.errors import GitHubError

API = "https://api.github.com"
TIMEOUT_SEC = 30
RETRIES = 6
LIMIT_WAIT_SEC = 300
"""A job that waits longer for a rate limit to end is better started again by whoever looks after it."""

WRITE_SEC = 1.0
"""Between two writes, as GitHub asks for: https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api"""


def connect(token: str, api: str = API) -> Github:
    """Return a client that retries server errors and both kinds of rate limit, a bounded number of times."""
    retry = GithubRetry(total=RETRIES, backoff_factor=0.5, max_rate_limit_wait=LIMIT_WAIT_SEC)
    return Github(
        base_url=api.rstrip("/"),
        auth=Auth.Token(token),
        timeout=TIMEOUT_SEC,
        retry=retry,
        per_page=100,
        seconds_between_requests=0.0,
        seconds_between_writes=WRITE_SEC if api == API else 0.0,
        lazy=True,
    )


@contextmanager
def faults_named(what: str) -> Iterator[None]:
    """Turn what the API refuses into GitHubError that says what could not be done and why."""
    try:
        yield
    except GithubException as error:
        said = error.data.get("message", "") if isinstance(error.data, dict) else str(error.data)
        raise GitHubError(f"GitHub: cannot {what}: {error.status} {said}".strip(), status=error.status) from error
    except requests.RequestException as error:
        raise GitHubError(f"GitHub: cannot {what}: {error}", status=0) from error

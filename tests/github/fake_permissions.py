"""Which permission of a workflow's token an operation asks for, as GitHub's reference of each says."""

from __future__ import annotations

import re
from collections.abc import Mapping

NEEDED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("GET", r"", ()),
    ("GET", r"/collaborators/.+", ()),  # metadata, which every token may read
    ("GET", r"/(pulls.*)", ("pull-requests",)),
    ("*", r"/issues/\d+(/.*)?", ("issues", "pull-requests")),
    ("*", r"/issues/comments/\d+", ("issues", "pull-requests")),
    ("*", r"/issues", ("issues",)),
    ("*", r"/labels(/.*)?", ("issues", "pull-requests")),
    ("GET", r"/commits/[^/]+/status", ("statuses",)),
    ("*", r"/statuses/.+", ("statuses",)),
    ("*", r"/(check-runs.*|commits/[^/]+/check-runs)", ("checks",)),
    ("*", r"/actions/.+", ("actions",)),
    ("*", r"/(git/.+|contents/.+|compare/.+|commits/[^/]+|tarball/.+)", ("contents",)),
)
"""Method, path below the repository, and the permissions of which one is enough."""


def refusal(permissions: Mapping[str, str], method: str, path: str) -> str:
    """Return what a token lacks for a request; empty where it may. A public repository may be read by any token."""
    below = re.sub(r"^/repos/[^/]+/[^/]+", "", path)
    for verb, pattern, enough in NEEDED:
        if verb in (method, "*") and re.fullmatch(pattern, below):
            if method == "GET" or not enough or any(permissions.get(name) == "write" for name in enough):
                return ""
            return f"Resource not accessible by integration: {method} {below} needs {' or '.join(enough)}: write"
    return "" if path.startswith("/codeload/") else f"no permission is known for {method} {below}"

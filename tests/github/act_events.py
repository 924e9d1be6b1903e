"""What starts a workflow, and what two runs may not do at once: the parts of a workflow file that act passes over."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import pytest

from posttrain_arena.model.documents import REPOSITORY_ROOT

EXAMPLES = REPOSITORY_ROOT / ".arena" / "github" / "webhooks.json"
"""Where scripts/setup/github.sh puts payloads that GitHub has sent."""

DEFAULT_TYPES = ("opened", "synchronize", "reopened")
"""Of the events about pull requests, where a workflow names no types; all of the others."""


def starts(trigger: Mapping[str, Any], event: str, payload: Mapping[str, Any], paths: Sequence[str] = ()) -> bool:
    """Say whether an event starts a workflow; ``paths`` are those that a push changes."""
    if event not in trigger:
        return False
    wanted = trigger[event] or {}
    if event == "schedule":
        return payload["schedule"] in [one["cron"] for one in wanted]
    types = wanted.get("types", DEFAULT_TYPES if event.startswith("pull_request") else None)
    if types is not None and payload["action"] not in types:
        return False
    if event == "workflow_run" and payload["workflow_run"]["name"] not in wanted["workflows"]:
        return False
    pulled = payload["pull_request"]["base"]["ref"] if event.startswith("pull_request") else ""
    branch = pulled or payload.get("ref", "").removeprefix("refs/heads/")
    if "branches" in wanted and not any(fnmatchcase(branch, one) for one in wanted["branches"]):
        return False
    return "paths" not in wanted or any(_like(pattern, path) for pattern in wanted["paths"] for path in paths)


def _like(pattern: str, path: str) -> bool:
    parts = (re.escape(part).replace(r"\*", "[^/]*") for part in pattern.split("**"))
    return re.fullmatch(".*".join(parts), path) is not None


def group_of(concurrency: Mapping[str, Any], contexts: Mapping[str, Any]) -> str:
    """Return the name of a run's concurrency group."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: _value(match[1], contexts), concurrency["group"])


def _value(expression: str, contexts: Mapping[str, Any]) -> str:
    """Evaluate names joined by ``||``, which is all that our groups use."""
    for name in expression.split("||"):
        found: Any = contexts
        for part in name.strip().split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if found:
            return str(found)
    return ""


def example(event: str, action: str | None = None) -> dict[str, Any]:
    """Return a payload that GitHub has sent; the test is skipped where they are not here."""
    if not EXAMPLES.exists():
        message = "GitHub's examples of webhooks are not here: run scripts/setup/github.sh (needs npm)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    for kind in json.loads(EXAMPLES.read_text(encoding="utf-8")):
        for one in kind["examples"] if kind["name"] == event else ():
            if action in (None, one.get("action")):
                return dict(one)
    raise KeyError(f"{event} {action}")


def filled(payload: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload with some of its facts replaced, however deep they lie."""
    merged = dict(payload)
    for name, value in facts.items():
        old = payload.get(name)
        merged[name] = filled(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged

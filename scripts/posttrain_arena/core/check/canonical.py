"""The canonical form of a task.md: the same task with every default written out.

Reading the canonical form gives the same limits, prompt, roles, scenes and user, and the same canonical form again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from posttrain_arena.core.check.draft import Draft
from posttrain_arena.core.check.front_matter import MarkdownDocument
from posttrain_arena.core.check.limits import limits_of
from posttrain_arena.core.check.scenes import FullScene, prompt_of, roles_of, scenes_of
from posttrain_arena.model.task_document import TaskDocument

ONE_TABLE_LIMITS = ("build_timeout_sec", "cpus", "memory_mb", "storage_mb")


def canonical_text(draft: Draft) -> str | None:
    """Return the canonical task.md, None where the package's own cannot be read."""
    task, markdown = draft.task.value, draft.task.markdown
    if task is None or markdown is None or markdown.front is None:
        return None
    settings = {name: table for name, table in _settings(draft, task, markdown.front.value).items() if table}
    front = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True, width=118)
    return "\n".join(["---", f"{front}---", *_sections(draft)]) + "\n"


def _number(value: float) -> float:
    """Return a whole number without a point, as authors write it."""
    return int(value) if value == int(value) else value


def _settings(draft: Draft, task: TaskDocument, written: dict[str, Any]) -> dict[str, Any]:
    limits = limits_of(task)
    environment: dict[str, Any] = {name: _number(getattr(limits, name)) for name in ONE_TABLE_LIMITS}
    environment["network_mode"] = limits.network
    if limits.allowed_hosts:
        environment["allowed_hosts"] = list(limits.allowed_hosts)
    verifier = {"timeout_sec": _number(limits.verifier_timeout_sec), "pass_threshold": task.verifier.pass_threshold}
    return {
        "version": str(task.version or task.schema_version or "1.0"),
        "metadata": written.get("metadata", {}),
        "agent": {"timeout_sec": _number(limits.agent_timeout_sec)},
        "verifier": verifier,
        "environment": environment,
        "agents": {"roles": roles} if (roles := {name: _given(role) for name, role in roles_of(task).items()}) else {},
        "scenes": [_scene(markdown, scene) for scene in scenes_of(task)] if (markdown := draft.task.markdown) else [],
        "user": _given(task.user) if task.user else {},
    }


def _given(table: object) -> dict[str, Any]:
    fields = {name: getattr(table, name) for name in type(table).__dataclass_fields__}  # type: ignore[attr-defined]
    return {name: list(v) if isinstance(v, tuple) else v for name, v in fields.items() if v is not None}


def _scene(markdown: MarkdownDocument, scene: FullScene) -> dict[str, Any]:
    turns = [{"role": turn.role, "prompt": prompt_of(markdown, scene, turn)} for turn in scene.turns]
    return {"name": scene.name, "roles": list(scene.roles), "turns": turns}


def _sections(draft: Draft) -> Iterator[str]:
    markdown = draft.task.markdown
    for heading in markdown.headings if markdown else ():
        known = heading.title in ("prompt", "user-persona") or heading.title.startswith(("role:", "scene:"))
        if markdown and heading.depth == 2 and known:
            yield f"\n## {heading.title}\n\n{markdown.section(heading.title)}"

"""The scenes and the user of a task with every default filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from posttrain_arena.core.check.front_matter import MarkdownDocument
from posttrain_arena.model import task as package
from posttrain_arena.model.task_document import Role, Scene, TaskDocument, Turn

STOP_RULE = re.compile(
    r"(?:(?P<when>[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*)-or|[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*)-(?P<rounds>[1-9][0-9]{0,3})-rounds"
)
MAX_STOP_RULE_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FullScene:
    """``index`` is the scene's place in the front matter; a turn's ``prompt`` is None where none was written."""

    index: int
    name: str
    roles: tuple[str, ...]
    turns: tuple[Turn, ...]


def roles_of(task: TaskDocument) -> dict[str, Role]:
    """Return the declared roles by name."""
    declared = task.agents.roles if task.agents else {}
    return {name: role or Role() for name, role in declared.items()}


def scenes_of(task: TaskDocument) -> tuple[FullScene, ...]:
    """Return the scenes in order.

    A scene without a name is ``scene-<index>``. Without roles it has those of its turns, in the order of their first
    turn, or all. Without turns each of its roles has one.
    """
    return tuple(_full(index, scene, task) for index, scene in enumerate(task.scenes or ()))


def _full(index: int, scene: Scene, task: TaskDocument) -> FullScene:
    turns = tuple(Turn(role=turn) if isinstance(turn, str) else turn for turn in scene.turns or ())
    roles = scene.roles
    if roles is None:
        roles = tuple(dict.fromkeys(turn.role for turn in turns)) or tuple(roles_of(task))
    return FullScene(
        index=index,
        name=scene.name or f"scene-{index}",
        roles=roles,
        turns=turns or tuple(Turn(role=role) for role in roles),
    )


def prompt_of(markdown: MarkdownDocument, scene: FullScene, turn: Turn) -> str:
    """Return what the role reads: the turn's own prompt, else the scene's, else the role's, else the task's."""
    sections = (f"scene:{scene.name}", f"role:{turn.role}", "prompt")
    return turn.prompt or next((text for title in sections if (text := markdown.section(title))), "")


def played_scenes(task: TaskDocument, markdown: MarkdownDocument) -> tuple[package.Scene, ...]:
    """Return the scenes as a trial plays them."""
    roles = roles_of(task)
    return tuple(
        package.Scene(
            name=scene.name,
            turns=tuple(_played(markdown, scene, turn, roles.get(turn.role, Role())) for turn in scene.turns),
        )
        for scene in scenes_of(task)
        if scene.turns
    )


def user_of(task: TaskDocument, markdown: MarkdownDocument) -> package.SimulatedUser | None:
    """Return the simulated user as a trial has it, None where the task has none."""
    if task.user is None:
        return None
    rule = (task.user.stop_rule or "")[:MAX_STOP_RULE_CHARS]
    found = STOP_RULE.fullmatch(rule)
    default = package.SimulatedUser()
    return package.SimulatedUser(
        persona=markdown.section("user-persona") or "",
        private_facts=tuple((name, str(value)) for name, value in (task.user.private_facts or {}).items()),
        satisfied_when=found["when"].replace("-", " ") if found and found["when"] else default.satisfied_when,
        max_rounds=int(found["rounds"]) if found else default.max_rounds,
    )


def _played(markdown: MarkdownDocument, scene: FullScene, turn: Turn, role: Role) -> package.SceneTurn:
    return package.SceneTurn(
        role=turn.role,
        prompt=prompt_of(markdown, scene, turn),
        role_prompt=markdown.section(f"role:{turn.role}") or "",
        timeout_sec=role.timeout_sec,
        idle_timeout_sec=role.idle_timeout_sec,
    )

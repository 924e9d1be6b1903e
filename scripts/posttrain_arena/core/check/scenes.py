"""The scenes of a task with every default filled in."""

from __future__ import annotations

from dataclasses import dataclass

from posttrain_arena.model.task_document import Role, Scene, TaskDocument, Turn


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

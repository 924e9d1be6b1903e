"""A task package as every later stage sees it: read, checked, with its defaults filled in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Network = Literal["no-network", "allowlist", "public"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a trial of the task may use. The defaults are the specification's."""

    agent_timeout_sec: float = 900
    verifier_timeout_sec: float = 180
    build_timeout_sec: float = 600
    cpus: float = 1
    memory_mb: int = 4096
    storage_mb: int = 10240
    network: Network = "no-network"
    allowed_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneTurn:
    """One turn of a scene. ``prompt`` opens it; ``role_prompt`` is the role's own section, empty where it has none."""

    role: str = ""
    prompt: str
    role_prompt: str = ""
    timeout_sec: float | None = None
    idle_timeout_sec: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One scene: the turns of its roles in order."""

    name: str = ""
    turns: tuple[SceneTurn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedUser:
    """Who answers the agent: at most ``max_rounds`` times, or until ``satisfied_when`` holds."""

    persona: str = ""
    private_facts: tuple[tuple[str, str], ...] = ()
    satisfied_when: str = "satisfied"
    max_rounds: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPackage:
    """One package on disk. ``digest`` covers every file of it; ``pass_threshold`` is the least passing reward.

    A task without ``scenes`` is one turn with the prompt; ``user`` is None where the task has none.
    """

    name: str
    path: Path
    digest: str
    prompt: str
    category: str
    difficulty: str = ""
    tags: tuple[str, ...] = ()
    limits: Limits = Limits()
    pass_threshold: float = 1.0
    scenes: tuple[Scene, ...] = ()
    user: SimulatedUser | None = None

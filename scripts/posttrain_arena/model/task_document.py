"""The front matter of ``task.md`` as its author wrote it; ``task.TaskPackage`` is the package made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from posttrain_arena.model.task import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Who wrote the task and what it is about; further keys are the author's own and not kept."""

    author_name: str = ""
    author_email: str = ""
    category: str = ""
    difficulty: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTable:
    """Limits of the agent; None where the author leaves the default."""

    timeout_sec: float | None = None
    user: Any = None
    network_mode: Any = None
    allowed_hosts: Any = None
    prompt_prefix: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierTable:
    """Limits of the verifier; None where the author leaves the default."""

    timeout_sec: float | None = None
    pass_threshold: float = 1.0
    reward_range: Any = None
    type: Any = None
    env: Any = None
    hardening: Any = None
    judge: Any = None
    pytest_plugins: Any = None
    service: Any = None
    user: Any = None
    sandbox: Any = None
    sandbox_mode: Any = None
    network_mode: Any = None
    allowed_hosts: Any = None
    memory: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentTable:
    """Limits and network of a trial; None where the author leaves the default."""

    build_timeout_sec: float | None = None
    cpus: float | None = None
    memory_mb: int | None = None
    storage_mb: int | None = None
    network_mode: Network | None = None
    allowed_hosts: tuple[str, ...] = ()
    allow_internet: bool | None = None
    gpus: Any = None
    gpu_types: Any = None
    tpu: Any = None
    docker_image: Any = None
    env: Any = None
    workdir: Any = None
    os: Any = None
    skills_dir: Any = None
    mcp_servers: Any = None
    healthcheck: Any = None
    setup_commands: Any = None
    memory: Any = None
    storage: Any = None
    bugswarm_image_tag: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One participant; a section ``## role:<name>`` holds its prompt."""

    agent: str | None = None
    model: str | None = None
    reasoning_effort: str | None = None
    capabilities: tuple[str, ...] | None = None
    timeout_sec: float | None = None
    idle_timeout_sec: float | None = None
    skills_dir: Any = None
    env: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsTable:
    """Who takes part."""

    roles: dict[str, Role | None] = field(default_factory=dict)
    teams: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of a scene; without a prompt it has that of the scene, else of the role, else of the task."""

    role: str
    prompt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One scene; None where the author leaves the default."""

    name: str | None = None
    roles: tuple[str, ...] | None = None
    turns: tuple[Turn | str, ...] | None = None
    skills_dir: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTable:
    """A simulated user; a section ``## user-persona`` says who it is."""

    model: str | None = None
    stop_rule: str | None = None
    tools: Any = None
    private_facts: dict[str, str | float | bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDocument:
    """Both dialects side by side: ``version`` or ``schema_version``, ``environment`` or ``sandbox``."""

    SCHEMA: ClassVar[str] = "task"

    version: str | float | None = None
    schema_version: str | float | None = None
    metadata: Metadata = field(default_factory=Metadata)
    agent: AgentTable = field(default_factory=AgentTable)
    verifier: VerifierTable = field(default_factory=VerifierTable)
    environment: EnvironmentTable | None = None
    sandbox: EnvironmentTable | None = None
    task: Any = None
    benchflow: Any = None
    oracle: Any = None
    solution: Any = None
    source: Any = None
    reward: Any = None
    agents: AgentsTable | None = None
    scenes: tuple[Scene, ...] | None = None
    user: UserTable | None = None
    artifacts: Any = None
    steps: Any = None
    multi_step_reward_strategy: Any = None
    name: Any = None
    image: Any = None
    profile: Any = None
    profiles: Any = None

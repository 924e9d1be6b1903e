"""Create the containers of a trial with everything taken away that a task does not need."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound

from posttrain_arena.adapters.docker_engine.connection import ENGINE_ERRORS, engine_faults
from posttrain_arena.adapters.docker_engine.egress import ENVIRONMENT, NO_RESOLVER, Egress, Uplink, open_egress
from posttrain_arena.adapters.docker_engine.shell import COMMAND, Shell, attached_shell, exec_shell
from posttrain_arena.adapters.docker_engine.usage import usage_of
from posttrain_arena.core.trial.sandbox import AuthorFault
from posttrain_arena.errors import EngineError
from posttrain_arena.model.places import SKILLS_DIR, VERIFIER_DIR, VERIFIER_ENVIRONMENT, WORKSPACE
from posttrain_arena.model.task import Limits
from posttrain_arena.model.trial import Failure, Usage

GVISOR = "runsc"
PIDS_LIMIT = 512
OPEN_FILES_LIMIT = 4096
IDLE_USER = "65534:65534"
"""Process 1 of an agent's container only waits; the agent, root without capabilities, cannot touch another user's."""

WRITABLE_WHEN_WARM = (WORKSPACE, "/tmp", "/var/tmp", "/run", "/logs", "/oracle")  # noqa: S108 (inside the container)
_NAME_LOCALHOST = r"[ -s /etc/hosts ] || printf '%s\tlocalhost\n' 127.0.0.1 ::1 2>/dev/null >/etc/hosts"
AGENT_ENVIRONMENT = {"HOME": WORKSPACE, "LANG": "C.UTF-8", "BENCHFLOW_WORKSPACE": WORKSPACE}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPlan:
    """What a container is made from; equal plans may share a warm container. Without ``runtime`` the engine chooses."""

    image: str
    limits: Limits
    network: bool
    verifier: Path | None = None
    skills: Path | None = None
    warm: bool = False
    runtime: str | None = None

    @property
    def offline(self) -> bool:
        """Whether the engine leaves the network out altogether, which halves the cost of a container.

        The container still has a network namespace of its own with nothing but a loopback device; what the engine
        leaves out is its own bookkeeping, and /etc/hosts with it.
        """
        return not self.network and not self.warm

    @property
    def is_shell(self) -> bool:
        """Whether the container's process 1 is the one shell it needs: a verifier's, used once."""
        return self.verifier is not None and not self.warm


@dataclass(slots=True, kw_only=True, eq=False)
class Container:
    """A running container and, where one is open, a shell in it that only ran this package's own commands."""

    id: str
    plan: ContainerPlan
    shell: Shell | None = None
    egress: Egress | None = None

    def clean_shell(self, client: docker.APIClient) -> Shell:
        """Return the clean shell, opened where there is none."""
        if self.shell is None or not self.shell.open:
            self.shell = self._new_shell(client)
            self.name_localhost()
        return self.shell

    def name_localhost(self) -> None:
        """Have the shell write the /etc/hosts that the engine leaves out."""
        if self.shell is not None and self.plan.offline:
            self.shell.tell(_NAME_LOCALHOST)

    def _new_shell(self, client: docker.APIClient) -> Shell:
        if self.plan.verifier is not None:
            return exec_shell(client, self.id, environment=VERIFIER_ENVIRONMENT, folder="/")
        return exec_shell(client, self.id, environment=self._agent_environment(), folder=WORKSPACE)

    def _agent_environment(self) -> Mapping[str, str]:
        return AGENT_ENVIRONMENT if self.egress is None else AGENT_ENVIRONMENT | ENVIRONMENT

    def remove(self, client: docker.APIClient) -> None:
        """End and remove the container, its shell and its way out."""
        self.close_shell()
        remove(client, self.id)
        if self.egress is not None:
            self.egress.close(client)

    def close_shell(self) -> None:
        """Leave the clean shell where one is open."""
        if self.shell is not None:
            self.shell.close()
            self.shell = None

    def usage(self, client: docker.APIClient) -> Usage:
        """Return the most that the container used so far."""
        return usage_of(client, self.id)

    def hand_over_shell(self, client: docker.APIClient) -> Shell:
        """Return the clean shell for an agent to use: from now on it counts as touched."""
        shell = self.clean_shell(client)
        self.shell = None
        return shell


def safest_runtime(client: docker.APIClient) -> str | None:
    """Return gVisor's runtime where the engine offers it: system calls then end in a kernel of the container's own."""
    with engine_faults("asking for the engine's runtimes"):
        return GVISOR if GVISOR in (client.info().get("Runtimes") or {}) else None


def start(client: docker.APIClient, plan: ContainerPlan, *, uplink: Uplink, labels: Mapping[str, str]) -> Container:
    """Create and start an idle container. Raises AuthorFault where the image cannot run."""
    limits = plan.limits
    needs_egress = plan.network and limits.network == "allowlist"
    egress = open_egress(client, limits.allowed_hosts, uplink, labels) if needs_egress else None
    try:
        return _started(client, plan, egress, labels)
    except BaseException:
        if egress is not None:
            egress.close(client)
        raise


def _started(
    client: docker.APIClient, plan: ContainerPlan, egress: Egress | None, labels: Mapping[str, str]
) -> Container:
    with engine_faults("starting a container"):
        container = Container(id=_created(client, plan, egress, labels), plan=plan, egress=egress)
        try:
            if plan.is_shell:  # attached before the start: the stream of a container that ended by then never ends
                container.shell = attached_shell(client, container.id)
            client.start(container.id)
        except (*ENGINE_ERRORS, EngineError) as error:
            container.close_shell()
            with suppress(EngineError):  # then it goes when the engine is left
                remove(client, container.id)
            if isinstance(error, APIError) and "executable file not found" in str(error):
                raise AuthorFault(_unusable(str(error.explanation))) from error
            raise
    container.name_localhost()
    return container


def _created(client: docker.APIClient, plan: ContainerPlan, egress: Egress | None, labels: Mapping[str, str]) -> str:
    try:
        container: str = client.create_container(
            plan.image,
            COMMAND if plan.is_shell else ["sleep", "infinity"],
            entrypoint=[],
            user="0" if plan.is_shell else IDLE_USER,
            stdin_open=plan.is_shell,
            environment=dict(VERIFIER_ENVIRONMENT) if plan.is_shell else None,
            working_dir="/",
            labels=dict(labels),
            healthcheck={"test": ["NONE"]},
            network_disabled=plan.offline,
            host_config=client.create_host_config(**host_options(plan, egress)),
        )["Id"]
    except ImageNotFound as error:
        raise EngineError(f"the image was removed: {error.explanation}", reason="image-gone") from error
    return container


def remove(client: docker.APIClient, container: str) -> None:
    """End and remove a container, whatever its state; one that is gone already is fine."""
    with engine_faults("removing a container"):
        try:
            client.remove_container(container, force=True, v=True)
        except APIError as error:
            if error.status_code not in (404, 409):
                raise


def host_options(plan: ContainerPlan, egress: Egress | None) -> dict[str, Any]:
    """Return what the engine is asked to give a container, and to take away from it."""
    limits = plan.limits
    memory = f"{limits.memory_mb}m"
    host: dict[str, Any] = {
        **_network(plan, egress),
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "mem_limit": memory,
        "memswap_limit": memory,
        "nano_cpus": int(limits.cpus * 1e9),
        "pids_limit": PIDS_LIMIT,
        "ulimits": [
            docker.types.Ulimit(name="nofile", soft=OPEN_FILES_LIMIT, hard=OPEN_FILES_LIMIT),
            docker.types.Ulimit(name="fsize", soft=limits.storage_mb << 20, hard=limits.storage_mb << 20),
            docker.types.Ulimit(name="core", soft=0, hard=0),
        ],
        "log_config": {"Type": "none"},
        "init": not plan.is_shell,
        "binds": _binds(plan),
    }
    if plan.runtime is not None:
        host["runtime"] = plan.runtime
    if plan.warm:
        host["read_only"] = True
        host["tmpfs"] = dict.fromkeys(WRITABLE_WHEN_WARM, f"rw,exec,nosuid,size={limits.storage_mb}m")
    return host


def _binds(plan: ContainerPlan) -> dict[str, dict[str, str]]:
    mounts = {VERIFIER_DIR: plan.verifier, SKILLS_DIR: plan.skills}
    return {str(folder): {"bind": place, "mode": "ro"} for place, folder in mounts.items() if folder is not None}


def _network(plan: ContainerPlan, egress: Egress | None) -> dict[str, Any]:
    if egress is not None:
        return {
            "network_mode": egress.network,
            "dns": [NO_RESOLVER],
            "sysctls": {"net.ipv6.conf.all.disable_ipv6": "1"},
        }
    return {"network_mode": "bridge" if plan.network and plan.limits.network == "public" else "none"}


def _unusable(detail: str) -> Failure:
    how = "the image must have bash, sleep, find, head and tar (every Debian and Ubuntu image has)"
    return Failure(stage="start", owner="author", reason="image-unusable", detail=f"{detail[:500]}: {how}")

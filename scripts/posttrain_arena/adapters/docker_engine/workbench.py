"""A long-lived container for an agent that works for hours: frozen, copied from, told to end, ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound, NotFound

from posttrain_arena.adapters.docker_engine import containers
from posttrain_arena.adapters.docker_engine.changes import Change, changes_of
from posttrain_arena.adapters.docker_engine.connection import ENGINE_ERRORS, engine_faults
from posttrain_arena.adapters.docker_engine.disk_guard import DiskGuard
from posttrain_arena.adapters.docker_engine.egress import ENVIRONMENT, Egress, lost_of
from posttrain_arena.adapters.docker_engine.sidecar import ALIAS, Sidecar
from posttrain_arena.adapters.docker_engine.usage import usage_of
from posttrain_arena.core.agents.ends import Lost
from posttrain_arena.errors import EngineError
from posttrain_arena.model.agent_run import ExitReason
from posttrain_arena.model.places import WORKSPACE
from posttrain_arena.model.task import Limits
from posttrain_arena.model.trial import Usage

SHARED_MEMORY = "/dev/shm"  # noqa: S108 (inside the container)
_SHARED_OPTIONS = {"type": "tmpfs", "device": "tmpfs", "o": "size=2g,mode=1777,nosuid,nodev,noexec"}
"""A volume, which the engine can copy from as long as the container lives; from a tmpfs of its own it cannot."""

_KILLED = 137
_NOT_RUNNING = (404, 409, 500)
"""What the engine answers where a container has ended; older ones have no status of its own for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbenchPlan:
    """``mounts`` are read-only, by their place in the container. Without egress there is no network at all.

    ``processes`` bounds processes and threads together. ``keys`` are the settings of a side-car, with the keys.
    """

    image: str
    limits: Limits
    mounts: Mapping[str, Path] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    egress: bool = False
    gpus: bool = False
    processes: int = 64
    keys: tuple[Mapping[str, Any], ...] = ()


class Workbench:
    """A running container. Its process 1 belongs to another user than the agent, which therefore cannot end it."""

    def __init__(self, client: docker.APIClient, container: str, plan: WorkbenchPlan, egress: Egress | None) -> None:
        self.id = container
        self.egress = egress
        self.sidecar: Sidecar | None = None
        self._client = client
        self._plan = plan
        self._exec = ""
        self._reader: threading.Thread | None = None

    def start(self, argv: list[str], environment: Mapping[str, str], said: Callable[[bytes], None]) -> None:
        """Start a command in the background; ``said`` hears its output, stdout and stderr together."""
        with engine_faults("starting a command"):
            self._exec = self._client.exec_create(
                self.id, argv, user="0", workdir=WORKSPACE, environment=self._environment(environment)
            )["Id"]
            stream = self._client.exec_start(self._exec, stream=True)
        self._reader = threading.Thread(target=_hear, args=(stream, said), name="agent-output", daemon=True)
        self._reader.start()

    def status(self) -> int | None:
        """Return the exit status of the command, None while it runs."""
        with engine_faults("asking for a command's exit status"):
            try:
                about = self._client.exec_inspect(self._exec)
            except NotFound:  # the engine forgets commands of a container that ended
                return None
        return None if about["Running"] else int(about["ExitCode"] if about["ExitCode"] is not None else _KILLED)

    def run(self, argv: list[str], *, timeout_sec: float | None = None) -> tuple[int, str]:
        """Run a command to its end, or end the container after ``timeout_sec``; return its status and its output."""
        with engine_faults("running a command"), _ended_after(timeout_sec, self.kill):
            made = self._client.exec_create(
                self.id, argv, user="0", workdir=WORKSPACE, environment=self._environment({})
            )["Id"]
            output = self._client.exec_start(made)
            status = self._client.exec_inspect(made)["ExitCode"]
        return (_KILLED if status is None else int(status)), bytes(output).decode("utf-8", errors="replace")

    def ended_by(self, guard: DiskGuard) -> ExitReason | None:
        """Return what the container was ended for, None while it runs; raises EngineError where someone else did it."""
        state = self._state()
        if state["Running"] or state["Paused"]:
            return None
        if guard.ended(self.id):
            return "disk-limit"
        if state["OOMKilled"]:
            return "memory-limit"
        raise EngineError(f"the container ended (status {state['ExitCode']})", reason="container-lost")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Have nothing in the container run for as long as the context lasts; one that has ended is still already."""
        with engine_faults("freezing a container"), _ended_is_fine():
            self._client.pause(self.id)
        try:
            yield
        finally:
            with engine_faults("thawing a container"), _ended_is_fine():
                self._client.unpause(self.id)

    def terminate(self) -> None:
        """Send TERM to every process of the agent; one that leaves no room for that cannot be told, and is killed."""
        with suppress(*ENGINE_ERRORS):
            made = self._client.exec_create(self.id, ["bash", "-c", "kill -TERM -1"], user="0")["Id"]
            self._client.exec_start(made, detach=True)

    def kill(self) -> None:
        """End the container; one that has ended is fine."""
        with engine_faults("ending a container"), _ended_is_fine():
            self._client.kill(self.id)
        if self._reader is not None:
            self._reader.join(timeout=10)

    def archive(self, path: str) -> tuple[Iterator[bytes], dict[str, Any]] | None:
        """Return a file or folder as a tar stream and what the engine says of it, None where it is not there."""
        with engine_faults("copying out of the container"):
            try:
                chunks, about = self._client.get_archive(self.id, path)
            except NotFound:
                return None
        return chunks, about

    def changes(self, most_bytes: int) -> list[Change] | None:
        """Return what was written over the image, None where the engine's list of it is too long."""
        return changes_of(self._client, self.id, most_bytes=most_bytes)

    @property
    def mounted(self) -> frozenset[str]:
        """The places in the container where others' files lie."""
        return frozenset(self._plan.mounts)

    def runs(self) -> bool:
        """Say whether the container has not ended; one that is frozen has not."""
        state = self._state()
        return bool(state["Running"] or state["Paused"])

    def usage(self) -> Usage:
        """Return the most that the container used so far."""
        return usage_of(self._client, self.id)

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of proxy and side-car, one for each connection, by time; also of those that were ended."""
        found = [part.rows(self._client) for part in (self.egress, self.sidecar) if part is not None]
        return sorted((row for rows in found for row in rows), key=lambda row: float(row["time"]))

    def lost(self) -> tuple[Lost, ...]:
        """Return which of proxy and side-car were ended."""
        parts = {"proxy": self.egress and self.egress.proxy, "side-car": self.sidecar and self.sidecar.container}
        found = (lost_of(self._client, name, part) for name, part in parts.items() if part)
        return tuple(one for one in found if one is not None)

    def remove(self) -> None:
        """End and remove the container."""
        containers.remove(self._client, self.id)

    def _state(self) -> dict[str, Any]:
        with engine_faults("looking at a container"):
            state: dict[str, Any] = self._client.inspect_container(self.id)["State"]
        return state

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        own = containers.AGENT_ENVIRONMENT | (ENVIRONMENT if self.egress is not None else {})
        if self.sidecar is not None:
            own |= {name: f"{own[name]},{ALIAS}" for name in ("no_proxy", "NO_PROXY")}
        return {**own, **self._plan.environment, **more}


def start_workbench(
    client: docker.APIClient, plan: WorkbenchPlan, *, egress: Egress | None, labels: Mapping[str, str]
) -> Workbench:
    """Create and start an idle container with everything taken away that it does not need."""
    like = containers.ContainerPlan(image=plan.image, limits=plan.limits, network=egress is not None)
    host = containers.host_options(like, egress) | {"pids_limit": plan.processes}
    memory = docker.types.DriverConfig("local", _SHARED_OPTIONS)
    host["mounts"] = [docker.types.Mount(SHARED_MEMORY, None, no_copy=True, driver_config=memory)]
    host["binds"] = [f"{path}:{place}:ro" for place, path in plan.mounts.items()]  # a path may be mounted twice
    if plan.gpus:
        host["device_requests"] = [docker.types.DeviceRequest(count=-1, capabilities=[["gpu"]])]
    with engine_faults("starting a container"):
        try:
            container: str = client.create_container(
                plan.image,
                ["sleep", "infinity"],
                entrypoint=[],
                user=containers.IDLE_USER,
                working_dir="/",
                labels=dict(labels),
                healthcheck={"test": ["NONE"]},
                network_disabled=egress is None,
                host_config=client.create_host_config(**host),
            )["Id"]
        except ImageNotFound as error:
            raise EngineError(f"no image {plan.image} here: run `make setup`, or build it") from error
        client.start(container)
    return Workbench(client, container, plan, egress)


@contextmanager
def _ended_is_fine() -> Iterator[None]:
    try:
        yield
    except APIError as error:
        if error.status_code not in _NOT_RUNNING:
            raise


@contextmanager
def _ended_after(timeout_sec: float | None, end: Callable[[], None]) -> Iterator[None]:
    timer = threading.Timer(timeout_sec, end) if timeout_sec is not None else None
    if timer is not None:
        timer.start()
    try:
        yield
    finally:
        if timer is not None:
            timer.cancel()


def _hear(stream: Iterator[bytes], said: Callable[[bytes], None]) -> None:
    with suppress(OSError, docker.errors.DockerException):  # the container was ended: the output ends with it
        for chunk in stream:
            said(chunk)

"""Trials on a Docker engine: an agent's container, then a verifier's, each used once or reset in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

import docker

from posttrain_arena.adapters.docker_engine.connection import ENGINE_ERRORS, Presence, connect, engine_faults
from posttrain_arena.adapters.docker_engine.containers import (
    Container,
    ContainerPlan,
    remove,
    safest_runtime,
    start,
)
from posttrain_arena.adapters.docker_engine.disk_guard import DiskGuard
from posttrain_arena.adapters.docker_engine.egress import Uplink, open_egress
from posttrain_arena.adapters.docker_engine.images import Images
from posttrain_arena.adapters.docker_engine.interruption import stops_at_signals
from posttrain_arena.adapters.docker_engine.leftovers import ENGINE_LABEL, new_labels, remove_all, sweep
from posttrain_arena.adapters.docker_engine.phases import (
    WORKSPACE_LIMIT,
    DockerSandbox,
    DockerVerifier,
    collect,
    fill,
)
from posttrain_arena.adapters.docker_engine.room import Room
from posttrain_arena.adapters.docker_engine.sidecar import open_sidecar
from posttrain_arena.adapters.docker_engine.skills import own_copy
from posttrain_arena.adapters.docker_engine.warm import WarmPool
from posttrain_arena.adapters.docker_engine.workbench import Workbench, WorkbenchPlan, start_workbench
from posttrain_arena.errors import EngineError
from posttrain_arena.model.places import WORKSPACE
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Failure, Isolation

_BACKGROUND_THREADS = 64
"""For containers that start while an agent's is read out, and for those that are removed after their trial."""


class DockerEngine:
    """An engine for trials. Use as a context manager: leaving it removes every container and network it made.

    SIGINT and SIGTERM end its containers at once, so that the command ends too; see ``interruption``.
    """

    def __init__(
        self,
        client: docker.APIClient | None = None,
        *,
        max_warm: int = 128,
        uplink: Uplink | None = None,
        room: Room | None = None,
    ) -> None:
        self._client = client or connect()
        self._uplink = uplink or Uplink()
        sweep(self._client)
        self._labels = new_labels()
        self._presence = Presence(self._client)
        self._runtime = safest_runtime(self._client)
        self._images = Images(self._client, self._presence)
        self._pool = WarmPool(self._client, self._start, limit=max_warm)
        self._pristine: dict[str, bytes] = {}
        self._guard = DiskGuard(self._client, self._labels)
        self._room = room or Room.of(self._client)
        self._signals = ExitStack()
        self._removals: set[Future[None]] = set()
        self._background = ThreadPoolExecutor(_BACKGROUND_THREADS, thread_name_prefix="engine")

    def __enter__(self) -> DockerEngine:
        self._signals.enter_context(stops_at_signals(self.stop))
        return self

    def __exit__(self, *_: object) -> None:
        self._presence.stop()  # what still waits for room, where the command ends early, begins no more
        with self._signals:
            self.release()
            self._background.shutdown()
            with suppress(EngineError):  # an engine that is away: the next run sweeps
                remove_all(self._client, self._labels)

    def stop(self) -> None:
        """End every container and leave every build; the trials fail for it, and no new one begins."""
        self._presence.stop()
        self._images.cut()
        with suppress(*ENGINE_ERRORS):
            for container in self._client.containers(filters={"label": f"{ENGINE_LABEL}={self._labels[ENGINE_LABEL]}"}):
                with suppress(*ENGINE_ERRORS):
                    self._client.kill(container["Id"])

    def release(self) -> None:
        """Give up the warm containers that are idle: each one that exists makes every new container slower to start.

        Returns once every container of a trial that is over is gone.
        """
        self._pool.close()
        wait(list(self._removals))

    def build(self, task: TaskPackage) -> str | Failure:
        """Return the id of the task's image, built if its content was not built before."""
        return self._images.build(task)

    def image_key(self, task: TaskPackage) -> str:
        """Return a name for everything that the task's image is made of; raises DocumentError for an odd context."""
        return self._images.key(task)

    def require_room(self, tasks: Iterable[TaskPackage]) -> None:
        """Raise MachineError for a task of which the machine cannot hold a single trial."""
        self._room.require(tasks)

    def room(self, task: TaskPackage) -> AbstractContextManager[None]:
        """Wait for the memory that one trial of the task may use, and hold it."""
        return self._room.taken(task)

    @contextmanager
    def open(
        self, task: TaskPackage, image: str, *, isolation: Isolation, skills: Path | None = None
    ) -> Iterator[DockerSandbox]:
        """Give the agent's container of one trial; leaving the context ends it, or hands it back for a reset."""
        if skills is not None and isolation == "warm":
            raise ValueError("skills are mounted in fresh containers alone: a warm one serves many trials")
        with ExitStack() as opened:
            plan = ContainerPlan(
                image=image,
                limits=task.limits,
                network=task.limits.network != "no-network",
                skills=opened.enter_context(own_copy(skills)) if skills is not None else None,
                runtime=self._runtime,
            )
            container = opened.enter_context(self._container(plan, isolation))
            sandbox = DockerSandbox(self._client, container, self._guard)
            try:
                if isolation == "warm":
                    fill(container.clean_shell(self._client), self._pristine_workspace(image))
                yield sandbox
            finally:
                sandbox.close()

    @contextmanager
    def verifier(self, task: TaskPackage, image: str, *, isolation: Isolation) -> Iterator[DockerVerifier]:
        """Give the verifier's container of one trial, which starts in the background; leaving the context ends it."""
        plan = ContainerPlan(
            image=image,
            limits=task.limits,
            network=False,
            verifier=(task.path / "verifier").resolve(),
            runtime=self._runtime,
        )
        with ExitStack() as opened:
            starting = self._background.submit(opened.enter_context, self._container(plan, isolation))
            try:
                yield DockerVerifier(self._client, starting, self._guard)
            finally:
                wait([starting])

    @contextmanager
    def workbench(self, plan: WorkbenchPlan) -> Iterator[tuple[Workbench, DiskGuard]]:
        """Give a container for an agent that works for hours; leaving the context ends it."""
        self._presence.require()
        with ExitStack() as opened:
            egress = None
            if plan.egress:
                egress = open_egress(self._client, plan.limits.allowed_hosts, self._uplink, self._labels)
                opened.callback(egress.close, self._client)
            bench = start_workbench(self._client, plan, egress=egress, labels=self._labels)
            opened.callback(bench.remove)
            opened.enter_context(self._guard.watch(bench.id, plan.limits.storage_mb))
            if egress is not None and plan.keys:
                sidecar = open_sidecar(self._client, plan.keys, egress=egress, uplink=self._uplink, labels=self._labels)
                opened.callback(sidecar.close, self._client)
                bench.sidecar = sidecar
            yield bench, self._guard

    def _pristine_workspace(self, image: str) -> bytes:
        if image not in self._pristine:
            with engine_faults("reading an image's workspace"):
                container = self._client.create_container(image, ["true"], labels=dict(self._labels))["Id"]
                try:
                    self._pristine[image] = collect(self._client, container, WORKSPACE, WORKSPACE_LIMIT)
                finally:
                    remove(self._client, container)
        return self._pristine[image]

    @contextmanager
    def _container(self, plan: ContainerPlan, isolation: Isolation) -> Iterator[Container]:
        if isolation == "warm":
            with self._pool.lease(plan) as container:
                yield container
            return
        container = self._start(plan)
        try:
            with self._guard.watch(container.id, plan.limits.storage_mb):
                yield container
        finally:
            removal = self._background.submit(container.remove, self._client)
            self._removals.add(removal)
            removal.add_done_callback(self._removals.discard)

    def _start(self, plan: ContainerPlan) -> Container:
        self._presence.require()
        try:
            container = start(self._client, plan, uplink=self._uplink, labels=self._labels)
        except EngineError as error:
            if error.reason == "image-gone":
                self._images.forget(plan.image)
            raise
        try:
            self._presence.require_not_stopped()
        except EngineError:
            container.remove(self._client)
            raise
        return container

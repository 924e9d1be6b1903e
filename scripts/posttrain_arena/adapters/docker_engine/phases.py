"""The two phases of a trial in their containers: an agent acts, then a verifier scores what it left."""

from __future__ import annotations

import io
import time
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import docker
from docker.errors import APIError

from posttrain_arena.adapters.docker_engine import archives
from posttrain_arena.adapters.docker_engine.connection import engine_faults
from posttrain_arena.adapters.docker_engine.containers import Container
from posttrain_arena.adapters.docker_engine.disk_guard import DiskGuard
from posttrain_arena.adapters.docker_engine.ends import require_running
from posttrain_arena.adapters.docker_engine.inner_shell import InnerShell
from posttrain_arena.adapters.docker_engine.shell import Shell, TooMuchError
from posttrain_arena.core.trial.sandbox import AuthorFault, CommandResult, VerifierRun
from posttrain_arena.model.places import LOGS_DIR, REWARD_FILES, SKILLS_DIR, VERIFIER_DIR, WORKSPACE
from posttrain_arena.model.trial import Failure, NetworkRequest, Stage, Usage

WORKSPACE_LIMIT = 256 << 20
"""Bytes of workspace that may cross to the verifier: held in memory once per running trial."""

_LOGS_LIMIT = 8 << 20
_COPY_TIMEOUT_SEC = 120
_UNPACK = "head -c {size} | tar -x -C {folder} --no-same-owner"
_UNPACK_WORKSPACE = f"{_UNPACK} --strip-components=1"
_READABLE = (
    f"cd / && chmod u+rwx {WORKSPACE} && find {WORKSPACE} -xdev -type d ! -perm -u=rwx -exec chmod u+rwx {{}} \\; ; "
    f"find {WORKSPACE} -xdev -type f ! -perm -u=r -exec chmod u+r {{}} + "
)
"""Root without capabilities cannot read what an agent closed."""


class DockerVerifier:
    """The verifier's container of one trial, which may still be starting."""

    def __init__(self, client: docker.APIClient, starting: Future[Container], guard: DiskGuard) -> None:
        self._client = client
        self._starting = starting
        self._guard = guard

    def score(self, workspace: bytes) -> VerifierRun:
        """Run the task's verifier on a captured workspace."""
        container = self._starting.result()
        began = time.monotonic()
        warm, limits = container.plan.warm, container.plan.limits
        shell = container.clean_shell(self._client)
        fill(shell, workspace) if warm else _replace_workspace(shell, workspace)
        command = f"mkdir -p {LOGS_DIR} && (cd {VERIFIER_DIR} && bash ./test.sh)"
        result = shell.run(command, timeout_sec=limits.verifier_timeout_sec)
        if not shell.open:
            died = not result.timed_out and result.exit_code in (None, 137)
            require_running(self._client, container, self._guard, stage="verifier", died=died)
        usage = Usage() if warm else container.usage(self._client)
        files: dict[str, bytes] = {}
        if result.exit_code == 0:
            files.update(archives.reward_files(_reward_archive(shell)))
        self._guard.require_room(began)
        return VerifierRun(
            files=files, log=result.output, exit_code=result.exit_code, timed_out=result.timed_out, usage=usage
        )


class DockerSandbox:
    """The agent's container of one trial."""

    def __init__(self, client: docker.APIClient, container: Container, guard: DiskGuard) -> None:
        self._client = client
        self._container = container
        self._guard = guard
        self._began = time.monotonic()
        self._shell: Shell | InnerShell | None = None

    def run(self, command: str, *, timeout_sec: float) -> CommandResult:
        """Run ``command`` in the agent's shell, a new one where the last one ended."""
        if self._shell is None or not self._shell.open:
            self._shell = self._new_shell()
        result = self._shell.run(command, timeout_sec=timeout_sec)
        if not self._shell.open:
            died = not result.timed_out and result.exit_code in (None, 137)
            require_running(self._client, self._container, self._guard, stage="agent", died=died)
        return result

    def _new_shell(self) -> Shell | InnerShell:
        if self._container.plan.warm:
            return InnerShell(self._container.clean_shell(self._client))
        return self._container.hand_over_shell(self._client)

    def put_tree(self, source: Path, destination: str) -> None:
        """Copy the regular files of a folder of the package into the container."""
        data = archives.pack(source)
        command = f"mkdir -p {destination} && {_UNPACK.format(size=len(data), folder=destination)}"
        self._container.clean_shell(self._client).send(command, data, timeout_sec=_COPY_TIMEOUT_SEC)

    def capture(self) -> bytes:
        """End everything that runs in the container, then return the workspace as a tar archive."""
        self.close()
        workspace = self._captured()
        self._guard.require_room(self._began)
        return workspace

    def _captured(self) -> bytes:
        if self._container.plan.warm:
            shell = self._container.clean_shell(self._client)
            shell.run("exec 9>&-; kill -9 -1", timeout_sec=_COPY_TIMEOUT_SEC)  # and drop what was still printed
            shell = self._container.clean_shell(self._client)
            command = f"({_READABLE}) >&2; tar -c -C / {WORKSPACE.lstrip('/')} 2>/dev/null"
            return archives.plain(shell.receive(command, timeout_sec=_COPY_TIMEOUT_SEC, limit=WORKSPACE_LIMIT))
        with engine_faults("reading the workspace"):
            _stop(self._client, self._container.id)
            if self._guard.ended(self._container.id):
                require_running(self._client, self._container, self._guard, stage="agent", died=True)
            workspace = collect(self._client, self._container.id, WORKSPACE, WORKSPACE_LIMIT)
            mounted = self._container.plan.skills is not None
            return archives.plain(workspace, without=SKILLS_DIR if mounted else None)

    def usage(self) -> Usage:
        """Return the most that the trial used so far; nothing is known of one trial in a warm container."""
        return Usage() if self._container.plan.warm else self._container.usage(self._client)

    def requests(self) -> tuple[NetworkRequest, ...]:
        """Return what the agent asked the network for, where its task has an allow list."""
        egress = self._container.egress
        return () if egress is None or self._container.plan.warm else egress.requests(self._client)

    def close(self) -> None:
        """Leave the agent's shell."""
        if self._shell is not None:
            self._shell.close()
            self._shell = None


def fill(shell: Shell, workspace: bytes) -> None:
    """Put a workspace into a warm container, whose writable folders are empty: it is then as a new one."""
    command = _UNPACK_WORKSPACE.format(size=len(workspace), folder=WORKSPACE)
    shell.send(command, workspace, timeout_sec=_COPY_TIMEOUT_SEC)


def _replace_workspace(shell: Shell, workspace: bytes) -> None:
    unpack = _UNPACK_WORKSPACE.format(size=len(workspace), folder=WORKSPACE)
    command = f"find {WORKSPACE} -mindepth 1 -xdev -delete; {unpack}"
    shell.send(command, workspace, timeout_sec=_COPY_TIMEOUT_SEC)


def _reward_archive(shell: Shell) -> bytes:
    """End everything but the shell, so that nothing writes any more, and return the reward files as an archive."""
    there = f"$(ls -d {' '.join(REWARD_FILES)} 2>/dev/null)"
    command = f"kill -9 -1 2>/dev/null; cd {LOGS_DIR} && tar -c {there} 2>/dev/null; cd /"
    try:
        return shell.receive(command, timeout_sec=_COPY_TIMEOUT_SEC, limit=_LOGS_LIMIT)
    except TooMuchError as error:
        raise AuthorFault(_too_much(LOGS_DIR, _LOGS_LIMIT, "verifier")) from error


def _stop(client: docker.APIClient, container: str) -> None:
    try:
        client.kill(container)
    except APIError as error:
        if error.status_code != 409:  # it has ended already
            raise


def collect(client: docker.APIClient, container: str, path: str, limit: int) -> bytes:
    """Return a folder of a container as an archive; raises AuthorFault where there is more than anybody needs."""
    chunks, about = client.get_archive(container, path)
    if about.get("linkTarget"):
        what = f"{path} was replaced by a link"
        raise AuthorFault(Failure(stage="agent", owner="author", reason="workspace-replaced", detail=what))
    buffer = io.BytesIO()
    deadline = time.monotonic() + _COPY_TIMEOUT_SEC
    with closing(chunks):  # else the engine goes on sending, and the container cannot be removed meanwhile
        for chunk in chunks:
            buffer.write(chunk)
            if buffer.tell() > limit or time.monotonic() > deadline:
                raise AuthorFault(_too_much(path, limit, "agent"))
    return buffer.getvalue()


def _too_much(path: str, limit: int, stage: Stage) -> Failure:
    what = f"{path} holds more than {limit >> 20} MB, or takes more than {_COPY_TIMEOUT_SEC} s to copy out"
    return Failure(stage=stage, owner="author", reason="left-too-much", detail=what)

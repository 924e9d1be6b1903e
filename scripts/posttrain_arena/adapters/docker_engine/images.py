"""Build a task's image once per content."""

from __future__ import annotations

import re
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound

from posttrain_arena.adapters.docker_engine.build_context import write_context
from posttrain_arena.adapters.docker_engine.build_stream import BuildStreams
from posttrain_arena.adapters.docker_engine.connection import Presence, engine_faults
from posttrain_arena.core.trial.agents import DETAIL_LIMIT
from posttrain_arena.core.trial.logs import last_lines
from posttrain_arena.errors import DocumentError, EngineError
from posttrain_arena.model import documents
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.tree import tree_digest
from posttrain_arena.model.trial import Failure

REPOSITORY = "posttrain-arena/task"
SHARED_BASE = "posttrain-arena/base:1"
"""Made by `make setup`, on every machine that was set up."""

_FROM = re.compile(r"^\s*FROM\s+(\S+)", re.IGNORECASE | re.MULTILINE)
_SEARCHED = 4000
"""Last characters of a build's log in which a full disk is looked for."""

_OURS = {
    "disk-full": re.compile("no space left on device", re.IGNORECASE),
    "build-killed": re.compile("returned a non-zero code: 137"),
    "registry-away": re.compile(
        "toomanyrequests|i/o timeout|TLS handshake timeout|connection (refused|reset)|network is unreachable"
        "|Temporary failure in name resolution|server misbehaving|(502|503|504) "
    ),
}
"""What a build says where the machine or the network is to blame. A build has no limits of its own to be killed for."""

_LOOKED_UP = re.compile(r"dial tcp: lookup (\S+)")


class Images:
    """The images of one engine, tagged by a digest of everything that goes into them."""

    def __init__(self, client: docker.APIClient, presence: Presence) -> None:
        self._client = client
        self._presence = presence
        self._streams = BuildStreams(client)
        self._built: dict[str, str | Failure] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def build(self, task: TaskPackage) -> str | Failure:
        """Return the id of the task's image, or the author's failure; each content is built once per engine."""
        with self._locks[task.digest]:
            if task.digest not in self._built:
                self._built[task.digest] = self._find_or_build(task)
            return self._built[task.digest]

    def forget(self, image: str) -> None:
        """Build an image anew the next time: it was removed from the engine."""
        for digest in [digest for digest, built in tuple(self._built.items()) if built == image]:
            self._built.pop(digest, None)

    def cut(self) -> None:
        """Leave every build that runs now."""
        self._streams.cut()

    def key(self, task: TaskPackage) -> str:
        """Name the content of a task's image: the build context and the images it starts from."""
        return self._key(task.path / "environment")

    def _find_or_build(self, task: TaskPackage) -> str | Failure:
        folder = task.path / "environment"
        try:
            tag = f"{REPOSITORY}:{self._key(folder)}"
        except DocumentError as error:
            return _failure("package-unreadable", str(error))
        with engine_faults("looking for an image"):
            try:
                found = self._inspect(tag)
            except ImageNotFound:
                return self._build(folder, tag, task.limits.build_timeout_sec)
            return found

    def _key(self, folder: Path) -> str:
        """Name the content: the build context and the images it starts from."""
        bases = [self._image_id(name) for name in _FROM.findall(_text(folder))]
        return documents.digest([tree_digest(folder), bases]).removeprefix("sha256:")[:32]

    def _image_id(self, name: str) -> str:
        with engine_faults("looking for a base image"):
            try:
                found = self._inspect(name)
            except ImageNotFound as error:
                if name == SHARED_BASE:
                    raise EngineError(
                        f"the image {name} is missing: run `make setup`", reason="base-missing"
                    ) from error
                return name
            except APIError:  # no name of an image: the build says so
                return name
            return found

    def _inspect(self, name: str) -> str:
        found: str = self._client.inspect_image(name)["Id"]  # type: ignore[no-untyped-call]
        return found

    def _build(self, folder: Path, tag: str, timeout_sec: float) -> str | Failure:
        log: list[str] = []
        self._presence.require()
        with engine_faults(f"building {tag}"), tempfile.TemporaryFile() as context:  # without a name: nothing to leave
            write_context(folder, context)
            try:
                error = _follow(self._streams.messages(context, tag, timeout_sec), log)
            except TimeoutError:
                self._presence.require()
                return _failure("build-timeout", f"{_tail(log)}\nno image after {timeout_sec:g} s")
            except APIError as refused:
                error = str(refused.explanation or refused)
            if error is not None:
                return self._refused(folder, error, log)
            return self._inspect(tag)

    def _refused(self, folder: Path, error: str, log: list[str]) -> Failure:
        """Return the author's failure; raises EngineError where it is not his."""
        self._presence.require()
        reason = _ours(error, "".join(log)[-_SEARCHED:], _text(folder))
        if reason is not None:
            raise EngineError(f"the build was lost: {error}\n{_tail(log)}", reason=reason)
        return _failure("build-failed", _tail([*log, "\n", error]))


def _ours(error: str, log: str, dockerfile: str) -> str | None:
    for reason, told in _OURS.items():
        if told.search(error) or (reason == "disk-full" and told.search(log)):
            return reason
    host = _LOOKED_UP.search(error)
    # a registry that the Dockerfile does not name is the engine's own
    return "registry-away" if host and host[1] not in dockerfile else None


def _text(folder: Path) -> str:
    return (folder / "Dockerfile").read_bytes().decode("utf-8", errors="replace")


def _follow(steps: Iterable[Any], log: list[str]) -> str | None:
    for step in steps:
        log.append(str(step.get("stream", "")))
        if "error" in step:
            return str(step["error"])
    return None


def _tail(log: list[str]) -> str:
    return last_lines("".join(log), DETAIL_LIMIT)


def _failure(reason: str, detail: str) -> Failure:
    return Failure(stage="build", owner="author", reason=reason, detail=detail)

"""Build a task's image once per content."""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound
from requests.exceptions import ReadTimeout

from posttrain_arena.adapters.docker_engine.connection import engine_faults
from posttrain_arena.errors import DocumentError
from posttrain_arena.model import documents
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.tree import tree_digest
from posttrain_arena.model.trial import Failure

REPOSITORY = "posttrain-arena/task"
_FROM = re.compile(r"^\s*FROM\s+(\S+)", re.IGNORECASE | re.MULTILINE)
_LOG_TAIL = 2000


class Images:
    """The images of one engine, tagged by a digest of everything that goes into them."""

    def __init__(self, client: docker.APIClient) -> None:
        self._client = client
        self._built: dict[str, str | Failure] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def build(self, task: TaskPackage) -> str | Failure:
        """Return the id of the task's image, or the author's failure; each content is built once per engine."""
        with self._locks[task.digest]:
            if task.digest not in self._built:
                self._built[task.digest] = self._find_or_build(task)
            return self._built[task.digest]

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
        text = (folder / "Dockerfile").read_bytes().decode("utf-8", errors="replace")
        bases = [self._image_id(name) for name in _FROM.findall(text)]
        return documents.digest([tree_digest(folder), bases]).removeprefix("sha256:")[:32]

    def _image_id(self, name: str) -> str:
        with engine_faults("looking for a base image"):
            try:
                found = self._inspect(name)
            except (ImageNotFound, APIError):
                return name
            return found

    def _inspect(self, name: str) -> str:
        found: str = self._client.inspect_image(name)["Id"]  # type: ignore[no-untyped-call]
        return found

    def _build(self, folder: Path, tag: str, timeout_sec: float) -> str | Failure:
        log: list[str] = []
        deadline = time.monotonic() + timeout_sec
        with engine_faults(f"building {tag}"):
            try:
                steps = self._client.build(
                    path=str(folder), tag=tag, rm=True, forcerm=True, decode=True, timeout=int(timeout_sec) + 1
                )
                error = _follow(steps, log, deadline)
            except (ReadTimeout, TimeoutError):
                return _failure("build-timeout", f"no image after {timeout_sec:g} s:\n{_tail(log)}")
            except APIError as refused:
                error = str(refused.explanation or refused)
            if error is not None:
                return _failure("build-failed", f"{error}\n{_tail(log)}")
            return self._inspect(tag)


def _follow(steps: Any, log: list[str], deadline: float) -> str | None:
    for step in steps:
        if time.monotonic() > deadline:
            raise TimeoutError
        log.append(str(step.get("stream", "")))
        if "error" in step:
            return str(step["error"])
    return None


def _tail(log: list[str]) -> str:
    return "".join(log)[-_LOG_TAIL:]


def _failure(reason: str, detail: str) -> Failure:
    return Failure(stage="build", owner="author", reason=reason, detail=detail[-4000:])

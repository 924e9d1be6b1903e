"""Look into a built image for files of the oracle or the verifier: the agent would find them there."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from pathlib import Path

from posttrain_arena.core.trial.agents import AgentRun, Noop
from posttrain_arena.core.trial.sandbox import Sandbox
from posttrain_arena.model.places import tells_how_to_pass
from posttrain_arena.model.task import TaskPackage

LEAST_BYTES = 16
"""Shorter files (an empty __init__.py) are equal by chance."""

MAX_FILES = 200
LOOK_SEC = 60.0

Copy = tuple[str, str]
"""A file of the package and the path in the image where its content lies."""


def copies_in_image(package: TaskPackage, sandbox: Sandbox) -> tuple[Copy, ...]:
    """Return the files of oracle/ and verifier/ that lie in the image as well, under whatever name.

    ``sandbox`` is a new one of the image. Its own programs are asked: an author who replaces them hides the solution
    from the check, and has still written the package whose verifier those programs run.
    """
    known: dict[str, str] = {}
    sizes: defaultdict[int, list[str]] = defaultdict(list)
    for path in _telling(package.path)[:MAX_FILES]:
        content = path.read_bytes()
        known[hashlib.sha256(content).hexdigest()] = path.relative_to(package.path).as_posix()
        sizes[len(content)].append(path.name)
    if not sizes:
        return ()
    wanted = " -o ".join(f"-size {size}c" for size in sorted(sizes))
    found = sandbox.run(
        f"find / -xdev -type f \\( {wanted} \\) -exec sha256sum {{}} + 2>/dev/null", timeout_sec=LOOK_SEC
    )
    rows = (line.partition("  ") for line in found.output.splitlines())
    return tuple(sorted((known[digest], place) for digest, _, place in rows if digest in known))


def _telling(root: Path) -> list[Path]:
    files = [path for folder in ("oracle", "verifier") for path in sorted((root / folder).rglob("*"))]
    return [
        path
        for path in files
        if path.is_file()
        and path.stat().st_size >= LEAST_BYTES
        and tells_how_to_pass(path.relative_to(root).as_posix())
    ]


class LookingNoop:
    """An agent that does nothing but look for the solution in the image; ``copies`` is what it found."""

    name = Noop.name

    def __init__(self) -> None:
        self.copies: tuple[Copy, ...] = ()

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        """Look, and leave the workspace as it is."""
        self.copies = copies_in_image(task, sandbox)
        return AgentRun(exit_reason="completed")

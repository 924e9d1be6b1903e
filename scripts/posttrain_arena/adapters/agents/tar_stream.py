"""Read what the engine sends of a container's files: a tar archive, front to back, for a bounded time."""

from __future__ import annotations

import shutil
import tarfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from posttrain_arena.adapters.docker_engine.connection import ENGINE_ERRORS
from posttrain_arena.errors import EngineError

MAX_MEMBERS = 200_000
"""Files and folders that are read of one archive."""


def write_member(members: Members, member: tarfile.TarInfo, path: Path) -> None:
    """Write a member to ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    source = members.archive.extractfile(member)
    if source is not None:
        with path.open("wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        path.chmod(0o644)


def named(path: object) -> str:
    """Return a path as it may be told: a stranger chose it."""
    return "".join(char if char.isprintable() else "?" for char in str(path))[:500]


class Members:
    """The members of an archive that is read once, front to back."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self.archive = archive

    def __iter__(self) -> Iterator[tarfile.TarInfo]:
        for member in self.archive:
            yield member
            self.archive.members.clear()  # type: ignore[attr-defined]  # else all that were read stay in memory


class TooLongError(Exception):
    """A copy took longer than it may."""


@contextmanager
def open_stream(chunks: Iterator[bytes], *, seconds: float) -> Iterator[Members]:
    """Give the members; raises EngineError where the archive breaks off, TooLongError once the time is over."""
    stream: Any = _Stream(chunks, time.monotonic() + seconds)
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            yield Members(archive)
    except (tarfile.TarError, *ENGINE_ERRORS) as error:
        raise EngineError(f"a copy out of the container was cut off: {error}", reason="copy-cut-off") from error
    finally:
        close_stream(chunks)


def close_stream(chunks: Iterable[bytes]) -> None:
    """End a stream that is not read to its end."""
    close = getattr(chunks, "close", None)
    if close is not None:  # else the engine goes on sending
        close()


class _Stream:
    """Chunks as a file that is read front to back, until a time of the monotonic clock."""

    def __init__(self, chunks: Iterator[bytes], until: float) -> None:
        self._chunks = chunks
        self._until = until
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, fewer at the end; raises TooLongError once the time is over."""
        if time.monotonic() > self._until:
            raise TooLongError
        parts, wanted = [], size
        while wanted > 0:
            if not self._rest:
                self._rest = next(self._chunks, b"")
            if not self._rest:
                break
            parts.append(self._rest[:wanted])
            self._rest = self._rest[wanted:]
            wanted -= len(parts[-1])
        return b"".join(parts)

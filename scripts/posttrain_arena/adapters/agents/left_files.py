"""Copy the files that an agent left, wherever they lie in its container: streamed, bounded, plain files alone."""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath

from posttrain_arena.adapters.agents.model_folder import of_a_model
from posttrain_arena.adapters.agents.tar_stream import (
    MAX_MEMBERS,
    Members,
    TooLongError,
    close_stream,
    named,
    open_stream,
)
from posttrain_arena.adapters.docker_engine.changes import Change
from posttrain_arena.adapters.docker_engine.workbench import SHARED_MEMORY, Workbench
from posttrain_arena.core.agents.told import ELSEWHERE, FINAL_MODEL, MOST_COPIED_MB
from posttrain_arena.model.agent_run import CutFile, WorkspaceCopy
from posttrain_arena.model.places import WORKSPACE

MAX_FILES = 2000
MAX_FILE_BYTES = MOST_COPIED_MB << 20
MAX_BYTES = 128 << 20
MAX_NAMED = 1000
MAX_SECONDS = 300.0
"""These bounds and MAX_MEMBERS hold for what lies on disk, and again for what lies in memory; the rest is left out."""

MAX_LISTED = 64 << 20
"""Bytes of the engine's list of what was written: half a million files."""

_FOLDER = 1 << 31
"""How the engine marks a folder's mode."""

_TOO_MUCH = CutFile(path="", why="and everything behind it: there is too much")


class LeftFiles:
    """An agent's files, copied into a run's ``workspace/``, and from other places into its ``elsewhere/``.

    It is made before the agent is started: what is there by then is none of them, unless it changes. Engines write too,
    such as the cache of the linker where they add libraries of a GPU.
    """

    def __init__(self, bench: Workbench, run: Path) -> None:
        self._bench = bench
        with tempfile.TemporaryDirectory() as folder:
            before = _Copied(bench, Path(folder), {})
            before.copy_written()
            files = [file for file in Path(folder).rglob("*") if file.is_file()]
            known = {file.relative_to(folder).as_posix(): _digest(file.read_bytes()) for file in files}
        self._memory, self._disk = _Copied(bench, run, known), _Copied(bench, run, known)

    def take_memory(self) -> None:
        """Copy what lies in shared memory, which ends with the container; nothing runs meanwhile."""
        with self._bench.frozen():
            self._memory.copy(SHARED_MEMORY)
        if not self._bench.runs():
            self._memory.leave_out(SHARED_MEMORY, "the container ended before it was copied")

    def take(self) -> WorkspaceCopy:
        """Copy the workspace but the model, then what was written elsewhere; what is not copied is named."""
        disk = self._disk
        if not disk.copy(WORKSPACE):
            disk.leave_out(WORKSPACE, "is not there")
        disk.copy_written()
        cut = [*disk.cut, *self._memory.cut]
        if disk.full or self._memory.full or len(cut) > MAX_NAMED:
            cut[MAX_NAMED - 1 :] = [_TOO_MUCH]
        return WorkspaceCopy(
            files=disk.files + self._memory.files, size_bytes=disk.size + self._memory.size, cut=tuple(cut)
        )


def written(changes: Collection[Change], *, apart: Collection[str]) -> Iterator[tuple[str, bool]]:
    """Yield what was changed or added, and whether it was added; an added folder stands for all that is in it.

    In the places that are ``apart`` lies what others put there, or what is copied otherwise.
    """
    around = {str(parent) for place in apart for parent in PurePosixPath(place).parents}
    inside = tuple(f"{place}/" for place in apart)
    added = {one.path for one in changes if one.added} - around
    for one in changes:
        known = one.path in around or one.path in apart or one.path.startswith(inside)
        if not (known or one.removed or one.path.rpartition("/")[0] in added):
            yield one.path, one.added


class _Copied:
    """What was copied so far, within one set of bounds."""

    def __init__(self, bench: Workbench, run: Path, known: Mapping[str, str]) -> None:
        """``known`` has the digests of files that are not the agent's, by the path of their copies."""
        self._bench = bench
        self._run = run
        self._known = known
        self._members = 0
        self._seconds = MAX_SECONDS
        self.files = 0
        self.size = 0
        self.full = False
        self.cut: list[CutFile] = []

    def copy(self, top: str, *, added: bool = True) -> bool:
        """Copy a file or folder, unless the bounds are reached; return False where it is not there.

        A folder that was not ``added`` is not copied: what was written in it is listed by itself.
        """
        began = time.monotonic()
        self.full = self.full or self._seconds < 0
        found = None if self.full else self._bench.archive(top)
        if found is None:
            self._seconds -= time.monotonic() - began
            return self.full
        if not added and found[1]["mode"] & _FOLDER:
            close_stream(found[0])
        else:
            try:
                with open_stream(found[0], seconds=self._seconds) as members:
                    for member in members:
                        self._take(members, member, PurePosixPath(top).parent / member.name)
            except TooLongError:
                self.full = True
        self._seconds -= time.monotonic() - began
        return True

    def copy_written(self) -> None:
        """Copy what was written outside the workspace."""
        changes = self._bench.changes(MAX_LISTED)
        if changes is None:
            self.leave_out("/", "more was written outside the workspace than can be listed")
        for path, added in written(changes or (), apart={WORKSPACE, *self._bench.mounted}):
            if not self.copy(path, added=added):
                self.leave_out(path, "its name")

    def leave_out(self, path: str, why: str) -> None:
        """Name what is not copied."""
        self.cut.append(CutFile(path=named(path), why=why))
        self.full = self.full or len(self.cut) >= MAX_NAMED

    def _take(self, members: Members, member: tarfile.TarInfo, place: PurePosixPath) -> None:
        """Copy a file, or name it; raises TooLongError where that was enough."""
        self._members += 1
        own = place.is_relative_to(WORKSPACE)
        path = place.relative_to(WORKSPACE if own else "/")
        if member.isdir() or (own and path.parts[:1] == (FINAL_MODEL,) and of_a_model(path)):
            return
        if why := self._why_cut(member, path):
            self.leave_out(str(path if own and path.parts else place), why)
        else:
            self._write(members, member, self._run / ("workspace" if own else ELSEWHERE) / path)
        if self._members > MAX_MEMBERS or self.full:
            raise TooLongError

    def _write(self, members: Members, member: tarfile.TarInfo, file: Path) -> None:
        source = members.archive.extractfile(member)
        data = source.read() if source is not None else b""
        if self._known.get(file.relative_to(self._run).as_posix()) != _digest(data):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            self.files, self.size = self.files + 1, self.size + len(data)

    def _why_cut(self, member: tarfile.TarInfo, path: PurePosixPath) -> str:
        if not path.parts:
            return "is no folder"
        if member.issym() or member.islnk():
            return "a link"
        if not member.isreg():
            return "no regular file"
        if ".." in path.parts or not str(path).isprintable() or len(str(path)) > 500:
            return "its name"
        if member.size > MAX_FILE_BYTES:
            return f"more than {MAX_FILE_BYTES >> 20} MB"
        if self.files >= MAX_FILES:
            return f"there are more than {MAX_FILES} files"
        return f"there are more than {MAX_BYTES >> 20} MB" if self.size + member.size > MAX_BYTES else ""


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

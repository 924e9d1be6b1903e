"""Copy what an agent left out of its container: streamed, bounded, plain files alone."""

from __future__ import annotations

import shutil
import tarfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from posttrain_arena.adapters.agents.model_folder import CONFIG, TEMPLATE, Base
from posttrain_arena.adapters.docker_engine.workbench import Workbench
from posttrain_arena.core.agents.told import FINAL_MODEL
from posttrain_arena.errors import EngineError
from posttrain_arena.model.agent_run import CutFile, Snapshot, WorkspaceCopy
from posttrain_arena.model.places import WORKSPACE
from posttrain_arena.model.tree import tree_digest

MAX_FILES = 2000
MAX_FILE_BYTES = 16 << 20
MAX_BYTES = 128 << 20
MAX_NAMED = 1000
MAX_SECONDS = 300.0
"""For the copy of a workspace; what comes later is left out. The model is copied before it."""

MAX_MEMBERS = 200_000
_PROBED = ("", "/model.safetensors", "/model.safetensors.index.json", f"/{CONFIG}")


class ModelCopies:
    """Snapshots of ``final_model/`` of one container; the last valid one stays in ``folder``."""

    def __init__(self, bench: Workbench, base: Base, folder: Path, *, own_template: bool) -> None:
        self._bench = bench
        self._base = base
        self._folder = folder
        self._own_template = own_template
        self._seen: tuple[object, ...] | None = None
        self.counts: str | None = None

    def changed(self) -> bool:
        """Say whether size or time of the model's main files differ from those at the last copy."""
        looks = self._look()
        return looks is not None and looks != self._seen

    def take(self, at_sec: float) -> Snapshot | None:
        """Copy and judge the folder; None where there is none."""
        self._seen = self._look()
        found = self._bench.archive(f"{WORKSPACE}/{FINAL_MODEL}")
        if found is None:
            return None
        raw, made = self._folder.with_name("snapshot.raw"), self._folder.with_name("snapshot.made")
        for folder in (raw, made):
            shutil.rmtree(folder, ignore_errors=True)
        raw.mkdir(parents=True)
        try:
            why = self._unpacked(found[0], raw) or self._base.fault(raw)
            if why:
                return Snapshot(at_sec=at_sec, digest=tree_digest(raw), valid=False, why=why[:500])
            self._base.canonical(raw, made, own_template=self._own_template)
            digest = tree_digest(made)
            shutil.rmtree(self._folder, ignore_errors=True)
            made.rename(self._folder)
            self.counts = digest
            return Snapshot(at_sec=at_sec, digest=digest, valid=True)
        finally:
            for folder in (raw, made):
                shutil.rmtree(folder, ignore_errors=True)

    def _unpacked(self, chunks: Iterator[bytes], folder: Path) -> str:
        """Write the files of a model into ``folder``; return why that cannot be done, empty where it was."""
        left = self._base.most_bytes
        with _archive(chunks) as members:
            for number, member in enumerate(members):
                path = PurePosixPath(member.name)
                if number > MAX_MEMBERS:
                    return f"{FINAL_MODEL}/ has more than {MAX_MEMBERS} files"
                if len(path.parts) != 2 or not _of_a_model(path.name):
                    if len(path.parts) == 1 and not member.isdir():
                        return f"{FINAL_MODEL} is no folder"
                    continue
                if not member.isreg():
                    return f"{path.name} is no regular file: copy the file itself there"
                left -= member.size
                if left < 0:
                    return f"the model is larger than {self._base.most_bytes >> 20} MB, which its base cannot be"
                _write(members, member, folder / path.name)
        return ""

    def _look(self) -> tuple[object, ...] | None:
        looks: list[object] = []
        for name in _PROBED:
            found = self._bench.archive(f"{WORKSPACE}/{FINAL_MODEL}{name}")
            if found is not None:
                _close(found[0])
                looks.append((name, found[1].get("size"), found[1].get("mtime")))
        return tuple(looks) or None


def copy_workspace(bench: Workbench, folder: Path) -> WorkspaceCopy:
    """Copy the workspace without ``final_model/``; what is no plain file, too large or too much is named."""
    found = bench.archive(WORKSPACE)
    cut: list[CutFile] = []
    files = size = 0
    if found is None:
        return WorkspaceCopy(files=0, size_bytes=0, cut=(CutFile(path=WORKSPACE, why="is not there"),))
    until = time.monotonic() + MAX_SECONDS
    with _archive(found[0]) as members:
        for number, member in enumerate(members):
            path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            if member.isdir() or not path.parts or path.parts[0] == FINAL_MODEL:
                continue
            why = _why_cut(member, path, files, size)
            if why:
                cut.append(CutFile(path=_named(path), why=why))
            else:
                _write(members, member, folder / path)
                files, size = files + 1, size + member.size
            if number > MAX_MEMBERS or time.monotonic() > until or len(cut) >= MAX_NAMED:
                cut[MAX_NAMED - 1 :] = [CutFile(path="", why="and everything behind it: there is too much")]
                break
    return WorkspaceCopy(files=files, size_bytes=size, cut=tuple(cut))


def _why_cut(member: tarfile.TarInfo, path: PurePosixPath, files: int, size: int) -> str:
    if member.issym() or member.islnk():
        return "a link"
    if not member.isreg():
        return "no regular file"
    if ".." in path.parts or not str(path).isprintable() or len(str(path)) > 500:
        return "its name"
    if member.size > MAX_FILE_BYTES:
        return f"more than {MAX_FILE_BYTES >> 20} MB"
    if files >= MAX_FILES:
        return f"there are more than {MAX_FILES} files"
    return f"there are more than {MAX_BYTES >> 20} MB" if size + member.size > MAX_BYTES else ""


def _of_a_model(name: str) -> bool:
    return name in (CONFIG, TEMPLATE) or (name.endswith(".safetensors") and name.isprintable() and len(name) < 200)


def _named(path: PurePosixPath) -> str:
    return "".join(char if char.isprintable() else "?" for char in str(path))[:500]


def _write(members: _Members, member: tarfile.TarInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    source = members.archive.extractfile(member)
    if source is not None:
        with path.open("wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        path.chmod(0o644)


class _Members:
    """The members of an archive that is read once, front to back."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self.archive = archive

    def __iter__(self) -> Iterator[tarfile.TarInfo]:
        for member in self.archive:
            yield member
            self.archive.members.clear()  # type: ignore[attr-defined]  # else all that were read stay in memory


@contextmanager
def _archive(chunks: Iterator[bytes]) -> Iterator[_Members]:
    stream: Any = _Stream(chunks)
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            yield _Members(archive)
    except tarfile.TarError as error:
        raise EngineError(f"a copy out of the container is a broken archive: {error}", reason="copy-cut-off") from error
    finally:
        _close(chunks)


def _close(chunks: Iterable[bytes]) -> None:
    close = getattr(chunks, "close", None)
    if close is not None:  # else the engine goes on sending
        close()


class _Stream:
    """Chunks as a file that is read front to back."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, fewer at the end."""
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


def file_of(bench: Workbench, path: str, limit: int) -> bytes:
    """Return one file of a container that runs the arena's own programs; raises EngineError where it is not there."""
    found = bench.archive(path)
    if found is None:
        raise EngineError(f"{path} is not in the container", reason="copy-cut-off")
    with _archive(found[0]) as members:
        for member in members:
            source = members.archive.extractfile(member) if member.isreg() and member.size <= limit else None
            if source is not None:
                return source.read()
    raise EngineError(f"{path} is no file of at most {limit} bytes", reason="copy-cut-off")

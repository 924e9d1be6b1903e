"""Copy what an agent left out of its container: streamed, bounded, plain files alone."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from posttrain_arena.adapters.agents.model_folder import CONFIG, MAY_HOLD_TEMPLATES, Base
from posttrain_arena.adapters.agents.tar_stream import Members, TooLongError, close_stream, open_stream, write_member
from posttrain_arena.adapters.docker_engine.workbench import Workbench
from posttrain_arena.core.agents.told import FINAL_MODEL, MOST_COPIED_MB
from posttrain_arena.errors import EngineError
from posttrain_arena.model.agent_run import CutFile, Snapshot, WorkspaceCopy
from posttrain_arena.model.places import WORKSPACE
from posttrain_arena.model.tree import tree_digest

MAX_FILES = 2000
MAX_FILE_BYTES = MOST_COPIED_MB << 20
MAX_BYTES = 128 << 20
MAX_NAMED = 1000
MAX_SECONDS = 300.0
"""For the copy of a workspace; what comes later is left out. The model is copied before it."""

MAX_MEMBERS = 200_000
MODEL_SECONDS = 300.0
MODEL_BYTES_PER_SEC = 50e6
"""A copy of a model has MODEL_SECONDS, and for its size what it takes at this speed; the agent is frozen meanwhile."""

_TOO_MUCH_ELSE = "holds more beside the model than a model's size: keep checkpoints elsewhere"
_PROBED = ("", "/model.safetensors", "/model.safetensors.index.json", f"/{CONFIG}")


class ModelCopies:
    """Snapshots of ``final_model/`` of one container; the last valid one stays in ``folder``.

    ``aside`` gets those of its files that may hold a chat template and are not part of the model: the audit looks at
    them.
    """

    def __init__(self, bench: Workbench, base: Base, folder: Path, aside: Path, *, own_template: bool) -> None:
        self._bench = bench
        self._base = base
        self._folder = folder
        self._aside = aside
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
            self._keep_aside(raw)
            self.counts = digest
            return Snapshot(at_sec=at_sec, digest=digest, valid=True)
        finally:
            for folder in (raw, made):
                shutil.rmtree(folder, ignore_errors=True)

    def _unpacked(self, chunks: Iterator[bytes], folder: Path) -> str:
        """Write the files of a model into ``folder``; return why that cannot be done, empty where it was."""
        most = self._base.most_bytes
        room = _Room(model=most, other=most)
        seconds = MODEL_SECONDS + most / MODEL_BYTES_PER_SEC
        try:
            with open_stream(chunks, seconds=seconds) as members:
                for member in members:
                    why = room.why_not(member)
                    if why:
                        return why
                    path = PurePosixPath(member.name)
                    if _of_a_model(path):
                        write_member(members, member, folder / path.name)
        except TooLongError:
            return f"{FINAL_MODEL}/ was not copied within {seconds:.0f} seconds: keep the model there and nothing else"
        return ""

    def _keep_aside(self, raw: Path) -> None:
        shutil.rmtree(self._aside, ignore_errors=True)
        for file in (raw / name for name in MAY_HOLD_TEMPLATES):
            used = self._folder / file.name
            if file.is_file() and not (used.is_file() and used.read_bytes() == file.read_bytes()):
                self._aside.mkdir(exist_ok=True)
                file.rename(self._aside / file.name)

    def _look(self) -> tuple[object, ...] | None:
        looks: list[object] = []
        for name in _PROBED:
            found = self._bench.archive(f"{WORKSPACE}/{FINAL_MODEL}{name}")
            if found is not None:
                close_stream(found[0])
                looks.append((name, found[1].get("size"), found[1].get("mtime")))
        return tuple(looks) or None


@dataclass(slots=True)
class _Room:
    """Bytes that may still be read of a ``final_model/``: of the model, and of what is no part of it."""

    model: int
    other: int
    members: int = 0

    def why_not(self, member: tarfile.TarInfo) -> str:
        """Take a member's bytes; return why the copy has to end before it, empty where it goes on."""
        path = PurePosixPath(member.name)
        self.members += 1
        if self.members > MAX_MEMBERS:
            return f"{FINAL_MODEL}/ has more than {MAX_MEMBERS} files"
        if len(path.parts) == 1:
            return "" if member.isdir() else f"{FINAL_MODEL} is no folder"
        if not _of_a_model(path):
            self.other -= member.size
            return "" if self.other >= 0 else f"{FINAL_MODEL}/ {_TOO_MUCH_ELSE}, such as {_named(path)}"
        if not member.isreg():
            return f"{path.name} is no regular file: copy the file itself there"
        self.model -= member.size
        return "" if self.model >= 0 else "the model is larger than one of its base can be"


def copy_workspace(bench: Workbench, folder: Path) -> WorkspaceCopy:
    """Copy the workspace but the model; what is no plain file, too large or too much is named."""
    found = bench.archive(WORKSPACE)
    if found is None:
        return WorkspaceCopy(files=0, size_bytes=0, cut=(CutFile(path=WORKSPACE, why="is not there"),))
    copied = _Copied(folder=folder)
    with suppress(TooLongError), open_stream(found[0], seconds=MAX_SECONDS) as members:
        for number, member in enumerate(members):
            copied.take(members, member)
            if number > MAX_MEMBERS or len(copied.cut) >= MAX_NAMED:
                raise TooLongError
        return copied.told()
    copied.cut[MAX_NAMED - 1 :] = [CutFile(path="", why="and everything behind it: there is too much")]
    return copied.told()


@dataclass(slots=True)
class _Copied:
    """What of a workspace was copied so far."""

    folder: Path
    files: int = 0
    size: int = 0
    cut: list[CutFile] = field(default_factory=list)

    def take(self, members: Members, member: tarfile.TarInfo) -> None:
        """Copy a file, or name it."""
        path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
        if member.isdir() or not path.parts or (path.parts[0] == FINAL_MODEL and _of_a_model(path)):
            return
        why = _why_cut(member, path, self.files, self.size)
        if why:
            self.cut.append(CutFile(path=_named(path), why=why))
        else:
            write_member(members, member, self.folder / path)
            self.files, self.size = self.files + 1, self.size + member.size

    def told(self) -> WorkspaceCopy:
        """Return it as a run's record has it."""
        return WorkspaceCopy(files=self.files, size_bytes=self.size, cut=tuple(self.cut))


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


def _of_a_model(path: PurePosixPath) -> bool:
    name = path.name
    if len(path.parts) != 2:
        return False
    if name in (CONFIG, *MAY_HOLD_TEMPLATES):
        return True
    return name.endswith(".safetensors") and name.isprintable() and len(name) < 200


def _named(path: PurePosixPath) -> str:
    return "".join(char if char.isprintable() else "?" for char in str(path))[:500]


def file_of(bench: Workbench, path: str, limit: int) -> bytes:
    """Return one file of a container that runs the arena's own programs; raises EngineError where it is not there."""
    found = bench.archive(path)
    if found is None:
        raise EngineError(f"{path} is not in the container", reason="copy-cut-off")
    with open_stream(found[0], seconds=MAX_SECONDS) as members:
        for member in members:
            source = members.archive.extractfile(member) if member.isreg() and member.size <= limit else None
            if source is not None:
                return source.read()
    raise EngineError(f"{path} is no file of at most {limit} bytes", reason="copy-cut-off")

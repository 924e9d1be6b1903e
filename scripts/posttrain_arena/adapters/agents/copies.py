"""Copy an agent's model out of its container: streamed, bounded, plain files alone."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from posttrain_arena.adapters.agents.model_folder import CONFIG, MAY_HOLD_TEMPLATES, Base, of_a_model
from posttrain_arena.adapters.agents.tar_stream import (
    MAX_MEMBERS,
    TooLongError,
    close_stream,
    named,
    open_stream,
    write_member,
)
from posttrain_arena.adapters.docker_engine.workbench import Workbench
from posttrain_arena.core.agents.told import FINAL_MODEL
from posttrain_arena.errors import EngineError
from posttrain_arena.model.agent_run import Snapshot
from posttrain_arena.model.places import WORKSPACE
from posttrain_arena.model.tree import tree_digest

MAX_SECONDS = 300.0
"""For a file of the arena's own."""

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
                    if of_a_model(path):
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
        if not of_a_model(path):
            self.other -= member.size
            return "" if self.other >= 0 else f"{FINAL_MODEL}/ {_TOO_MUCH_ELSE}, such as {named(path)}"
        if not member.isreg():
            return f"{path.name} is no regular file: copy the file itself there"
        self.model -= member.size
        return "" if self.model >= 0 else "the model is larger than one of its base can be"


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

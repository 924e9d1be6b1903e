"""Tar archives that cross a container's border, read as data."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from posttrain_arena.errors import EngineError
from posttrain_arena.model.places import REWARD_FILES

MAX_REWARD_FILE_BYTES = 1 << 20
_END = bytes(1024)
"""Two blocks of zeros end every tar archive."""


def pack(source: Path) -> bytes:
    """Return the regular files below ``source``, owned by root, as a tar archive with relative names."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(source.rglob("*")):
            if path.is_file() and not path.is_symlink():
                archive.add(path, arcname=path.relative_to(source).as_posix(), recursive=False, filter=_as_root)
    return buffer.getvalue()


def plain(data: bytes, *, without: str | None = None) -> bytes:
    """Return an archive without its devices, pipes and sockets: a verifier that opens a pipe waits for ever.

    The folder ``without``, which was mounted into the container, is left out too, and its parents where they hold
    nothing else. Raises EngineError where the archive was cut off: half a workspace would be scored as if it were all
    there was.
    """
    if not data.endswith(_END):
        raise EngineError("the workspace came back as a broken archive", reason="copy-cut-off")
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        members = archive.getmembers()
        kept = [member for member in members if member.isreg() or member.isdir() or member.issym() or member.islnk()]
        kept = _without(kept, PurePosixPath(without)) if without is not None else kept
        if len(kept) == len(members):
            return data
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as written:
            for member in kept:
                written.addfile(member, archive.extractfile(member) if member.isreg() else None)
    return buffer.getvalue()


def _without(members: Sequence[tarfile.TarInfo], mount: PurePosixPath) -> list[tarfile.TarInfo]:
    """Return the members outside ``mount``, whose path in the archive begins below the folder that was collected."""
    place = PurePosixPath(*mount.parts[1:])
    kept = [member for member in members if not PurePosixPath(member.name).is_relative_to(place)]
    for parent in list(place.parents)[:-2]:  # neither the workspace nor what is above it
        inside = [member for member in kept if PurePosixPath(member.name).is_relative_to(parent)]
        if len(inside) == 1 and inside[0].isdir():
            kept.remove(inside[0])
    return kept


def reward_files(data: bytes) -> Mapping[str, bytes]:
    """Return the reward files of an archive; anything but a regular file is ignored, and no bytes are no files."""
    found: dict[str, bytes] = {}
    if not data:
        return found
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                name = member.name.rsplit("/", 1)[-1]
                if name in REWARD_FILES and member.isreg() and member.name.count("/") <= 1:
                    content = archive.extractfile(member)
                    found[name] = content.read(MAX_REWARD_FILE_BYTES + 1) if content else b""
    except tarfile.TarError as error:
        raise EngineError(f"the verifier's log folder came back as a broken archive: {error}") from error
    return found


def _as_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mtime = 0
    return member

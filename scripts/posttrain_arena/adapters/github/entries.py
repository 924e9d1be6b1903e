"""Fetch the files of one entry at one commit of a pull request: as data, and nothing beside them."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path, PurePosixPath

from github.Repository import Repository

from posttrain_arena.adapters.github.connection import faults_named
from posttrain_arena.adapters.github.download import download
from posttrain_arena.adapters.github.trees import blob_name, tree_files
from posttrain_arena.core.contest.pull_request import entry_of
from posttrain_arena.errors import EntryError
from posttrain_arena.model import documents
from posttrain_arena.model.shown import shown

MAX_ARCHIVE_BYTES = 1 << 30
MAX_ENTRY_BYTES = 1 << 30
MAX_FILES = 20_000
"""200 packages of 100 files; GitHub's own limit of a file is 100 MB."""


def fetch_entry(repository: Repository, head: str, entry: str, out: Path) -> None:
    """Write the entry ``submissions/<name>`` of a commit to ``out``, which must not be there.

    Raises EntryError where it has anything but plain files and folders, too much of them, or others than the commit:
    git leaves out and rewrites files of an archive where a ``.gitattributes`` says so. Then ``out`` is not whole and
    must not be used. Its digest says whether it is what was judged.
    """
    with faults_named(f"fetch {entry} of {head[:12]}"):
        committed = tree_files(repository, head)
        link = repository.get_archive_link("tarball", head)
        data = download(link, most=MAX_ARCHIVE_BYTES, what="the archive of the commit")
    left = {path: file for path, file in committed.items() if entry_of(path) == entry}
    if not left:
        raise EntryError(f"{entry}: {head[:12]} has no such entry")
    files = total = 0
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        for member in archive:
            path = "/".join(PurePosixPath(member.name).parts[1:])  # the first part is named after the commit
            if entry_of(f"{path}/x") != entry or member.isdir():
                continue
            files, total = files + 1, total + member.size
            if not member.isreg() or files > MAX_FILES or total > MAX_ENTRY_BYTES:
                raise EntryError(f"{entry}: {shown(path, 200)} is a link, or one file too many")
            source = archive.extractfile(member)
            content = source.read() if source is not None else b""
            if left.pop(path, None) != ("100755" if member.mode & 0o100 else "100644", blob_name(content)):
                raise EntryError(f"{entry}: {shown(path, 200)} is not what was committed")
            target = out / PurePosixPath(path).relative_to(entry)
            documents.write_bytes(target, content)
            target.chmod(0o755 if member.mode & 0o100 else 0o644)
    if left:
        raise EntryError(f"{entry}: {shown(min(left), 200)} is committed and not handed out")

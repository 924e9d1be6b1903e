"""A folder's digest: the same bytes, paths and executable bits give the same digest everywhere."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.errors import DocumentError
from posttrain_arena.model import documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One file: its path relative to the folder, with forward slashes, and what counts of it."""

    path: str
    executable: bool
    size: int
    sha256: str


def tree_digest(root: Path) -> str:
    """Return the digest of every regular file under ``root``.

    ``H(canonical JSON of [[posix path, executable?, size, H(bytes)], …] sorted by path bytes)`` with H = SHA-256,
    the ``tree_hash`` of ``pta-commit-v1`` in docs/design.md. Raises DocumentError for links and special files.
    """
    return digest_of(_row(root, path) for path in _files(root))


def digest_of(rows: Iterable[Row]) -> str:
    """Return the digest of a folder whose files have these rows, in any order."""
    ordered = sorted(rows, key=lambda row: row.path.encode())
    return documents.digest([[row.path, row.executable, row.size, row.sha256] for row in ordered])


def _row(root: Path, path: Path) -> Row:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    status = path.stat()
    name = path.relative_to(root).as_posix()
    return Row(path=name, executable=bool(status.st_mode & 0o111), size=status.st_size, sha256=sha256)


def _files(root: Path) -> list[Path]:
    found: list[Path] = []
    for folder, folders, names in os.walk(root, onerror=_fail):
        for name in (*names, *(name for name in folders if Path(folder, name).is_symlink())):
            path = Path(folder, name)
            if path.is_symlink() or not path.is_file():
                raise DocumentError(
                    f"{path}: only regular files are allowed here: replace the link or device by a file"
                )
            found.append(path)
    return found


def _fail(error: OSError) -> None:
    raise DocumentError(f"{error.filename}: cannot be read: {error.strerror}")

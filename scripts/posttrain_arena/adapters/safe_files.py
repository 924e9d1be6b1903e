"""Write files whose names and sizes a stranger chose: inside one folder, plain, bounded."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from posttrain_arena.errors import UsageError
from posttrain_arena.model.shown import shown

MAX_FILES = 50_000
MAX_BYTES = 1 << 29
"""Half a gigabyte: a hundred packages of five megabytes; a single package may have 200 MB."""

MAX_PATH = 1000


@dataclass(slots=True, kw_only=True)
class Unpacked:
    """A folder that is filled; ``where`` names the source in messages."""

    folder: Path
    where: str
    _files: set[str] = field(default_factory=set)
    _left: int = MAX_BYTES

    def add(self, name: str, chunks: Iterable[bytes], *, executable: bool) -> None:
        """Write one file; raises UsageError for a name that leaves the folder or is there, and for too much."""
        parts = PurePosixPath(name).parts
        plain = name.isprintable() and len(name) <= MAX_PATH and "\\" not in name
        if not (plain and parts) or name.startswith("/") or {"..", ".git"} & set(parts):
            raise self.refused(name, "is no path inside the folder that is made of plain names")
        path = "/".join(parts)
        if path in self._files or len(self._files) >= MAX_FILES:
            raise self.refused(name, "is there twice" if path in self._files else f"is one of over {MAX_FILES} files")
        self._files.add(path)
        try:
            self._write(self.folder / path, name, chunks, executable)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise self.refused(name, "is a file and a folder at once") from error

    def refused(self, name: str, why: str) -> UsageError:
        """Return the error that refuses a member."""
        return UsageError(f"{self.where}: {shown(name)!r} {why}")

    def _write(self, target: Path, name: str, chunks: Iterable[bytes], executable: bool) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            for chunk in chunks:
                self._left -= len(chunk)
                if self._left < 0:
                    raise self.refused(name, f"makes it more than {MAX_BYTES >> 20} MB unpacked")
                file.write(chunk)
        os.chmod(target, 0o755 if executable else 0o644)

"""Give each trial a copy of an entry's skills of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FOLDER, _FILE, _PROGRAM = 0o755, 0o644, 0o755
"""Root without capabilities reads only what everybody may read."""


@contextmanager
def own_copy(folder: Path) -> Iterator[Path]:
    """Give a copy of the regular files below ``folder``, readable for everybody; leaving the context removes it.

    Containers that share files can tell each other something, though neither may write: a file that is open for
    reading can be locked. Trials share nothing, so each has its own. The copy is no wider than the folder: links are
    left out.
    """
    with tempfile.TemporaryDirectory(prefix="arena-") as name:
        copy = Path(name) / "skills"
        for here, folders, files in os.walk(folder):
            there = copy / Path(here).relative_to(folder)
            there.mkdir(mode=_FOLDER)
            there.chmod(_FOLDER)
            folders[:] = sorted(one for one in folders if not Path(here, one).is_symlink())
            for file in files:
                _copy(Path(here, file), there / file)
        yield copy


def _copy(source: Path, target: Path) -> None:
    if source.is_symlink() or not source.is_file():
        return
    shutil.copyfile(source, target, follow_symlinks=False)
    target.chmod(_PROGRAM if source.stat().st_mode & 0o111 else _FILE)

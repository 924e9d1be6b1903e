"""Say of a fault that it was the disk's: no room, or none that can be written to."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from posttrain_arena.errors import ArenaError, StorageError

_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.ESTALE)

_NO_ROOM_BYTES = 1 << 20
"""What is left on a disk that a library could not write to: it leaves what it had written, and that fills the disk."""


@contextmanager
def disk_faults_named(folder: Path) -> Iterator[None]:
    """Raise StorageError with the folder and the room that is left where the disk ended what was done in the context.

    Libraries say it each in their own words: safetensors and torch without an OSError, torch without the cause.
    """
    try:
        yield
    except ArenaError:
        raise
    except Exception as error:
        there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
        free = shutil.disk_usage(there).free
        if not (free < _NO_ROOM_BYTES or (isinstance(error, OSError) and error.errno in _FAULTS)):
            raise
        raise StorageError(
            f"{folder}: the disk does not take what is written ({free >> 10} KiB are free): make room and run again, "
            f"it goes on from what is whole ({type(error).__name__}: {error})"
        ) from error

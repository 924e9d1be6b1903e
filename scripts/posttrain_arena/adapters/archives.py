"""Unpack a zip or tar archive that nobody vouches for: plain files alone, bounded, nothing outside the folder."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeAlias

from posttrain_arena.adapters.safe_files import MAX_BYTES, MAX_FILES, Unpacked
from posttrain_arena.errors import UsageError

_STEP = 1 << 20
_Source: TypeAlias = IO[bytes] | gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile
_OPENERS: dict[bytes, Callable[[Path], _Source]] = {
    b"\x1f\x8b": gzip.GzipFile,
    b"BZ": bz2.BZ2File,
    b"\xfd7": lzma.LZMAFile,
}
"""Compressions by the first two bytes of a file."""

_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
)
"""What the standard library raises for an archive that is none, is cut off, or is encrypted."""


def unpack(archive: Path, out: Unpacked) -> None:
    """Write the files of an archive; raises UsageError for links, special files, ways out, and what is too large."""
    if archive.stat().st_size > MAX_BYTES:
        raise UsageError(f"{out.where}: larger than {MAX_BYTES >> 20} MB")
    try:
        if zipfile.is_zipfile(archive):
            _unzip(archive, out)
        else:
            with tempfile.TemporaryFile() as plain:
                _decompress(archive, plain, out.where)
                _untar(plain, out)
    except _BROKEN as error:
        raise UsageError(f"{out.where}: no archive that can be read: {error}") from error


def _unzip(archive: Path, out: Unpacked) -> None:
    with zipfile.ZipFile(archive) as opened:
        members = opened.infolist()
        if len(members) > MAX_FILES:
            raise UsageError(f"{out.where}: more than {MAX_FILES} files")
        for member in members:
            kind = (member.external_attr >> 28) & 0xF  # the high bits of a Unix mode, 0 where there is none
            if member.is_dir():
                continue
            if kind not in (0, 8):
                raise out.refused(member.filename, "is a link or a special file")
            with opened.open(member) as file:
                out.add(member.filename, _chunks(file), executable=bool((member.external_attr >> 16) & 0o111))


def _decompress(archive: Path, plain: IO[bytes], where: str) -> None:
    with archive.open("rb") as file:
        opener = _OPENERS.get(file.read(2))
    left = MAX_BYTES
    with opener(archive) if opener else archive.open("rb") as source:
        for chunk in _chunks(source):
            left -= len(chunk)
            if left < 0:
                raise UsageError(f"{where}: more than {MAX_BYTES >> 20} MB unpacked")
            plain.write(chunk)
    plain.seek(0)


def _untar(plain: IO[bytes], out: Unpacked) -> None:
    with tarfile.open(fileobj=plain, mode="r:") as opened:
        for count, member in enumerate(opened):
            if count >= MAX_FILES:
                raise UsageError(f"{out.where}: more than {MAX_FILES} files")
            if member.isdir():
                continue
            file = opened.extractfile(member) if _is_plain(member) else None
            if file is None:
                raise out.refused(member.name, "is a link or a special file")
            out.add(member.name, _chunks(file), executable=bool(member.mode & 0o111))


def _is_plain(member: tarfile.TarInfo) -> bool:
    """Say whether a member is a file with all of its bytes: a sparse one of a kilobyte may unpack to any size."""
    sparse = getattr(member, "sparse", None)
    return member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and sparse is None


def _chunks(file: _Source) -> Iterator[bytes]:
    while chunk := file.read(_STEP):
        yield chunk

"""Write a built site into a folder that holds nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from posttrain_arena.errors import UsageError

FILE_LIST = ".site-files"
"""Names every file of a build, so that the next one removes what is no longer built and nothing else."""


def write_site(pages: Mapping[str, bytes], out: Path) -> None:
    """Write ``pages`` into ``out`` and remove files of an earlier build.

    Raises UsageError for a folder that holds something else.
    """
    listing = out / FILE_LIST
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: is not a folder: choose another --out")
    if out.is_dir() and any(out.iterdir()) and not listing.is_file():
        raise UsageError(f"{out}: holds files that are not a built site: choose an empty folder")
    earlier = listing.read_text(encoding="utf-8").splitlines() if listing.is_file() else []
    for folder in {(out / name).parent for name in pages} | {out}:
        folder.mkdir(parents=True, exist_ok=True)
    _write(listing, "".join(f"{name}\n" for name in sorted({*pages, *earlier})).encode())
    for name in sorted(pages):
        _write(out / name, pages[name])
    for name in earlier:
        if name not in pages and (out / name).resolve().is_relative_to(out.resolve()):
            (out / name).unlink(missing_ok=True)
    _write(listing, "".join(f"{name}\n" for name in sorted(pages)).encode())


def _write(path: Path, data: bytes) -> None:
    """Write a file whole, and never wait for the disk: a site that was lost is built again."""
    if not path.exists():
        path.write_bytes(data)
        return
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)

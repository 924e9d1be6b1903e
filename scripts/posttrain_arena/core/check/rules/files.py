"""Rules about archives and about files that got into a package by accident."""

from __future__ import annotations

import posixpath
import re
import zlib
from collections.abc import Iterator

from posttrain_arena.core.check.archive_members import MAX_MEMBERS, TARS, Member, members
from posttrain_arena.core.check.draft import Draft
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.shown import shown

MAX_ARCHIVES = 20
MAX_RATIO = 100
MAX_UNPACKED_BYTES = 60_000_000
"""An archive that unpacks to less harms nobody, however small it is."""

_SUFFIXES = (".zip", *TARS)
_JUNK_FOLDERS = {
    ".git": "the history of a git repository",
    ".hg": "the history of a repository",
    ".svn": "the history of a repository",
    "__pycache__": "compiled Python",
    "node_modules": "installed JavaScript packages",
    ".venv": "a Python environment",
    ".pytest_cache": "a cache of pytest",
    ".mypy_cache": "a cache of mypy",
    ".ruff_cache": "a cache of ruff",
    ".ipynb_checkpoints": "copies that Jupyter keeps",
    "__MACOSX": "what macOS adds to archives",
    ".idea": "the settings of an editor",
}
_JUNK_FILE = re.compile(
    r"\.DS_Store|\._.+|Thumbs\.db|desktop\.ini|.+\.py[co]|\..+\.sw[a-p]|.+~|\.#.+|#.+#|\.coverage|\.Rhistory|nohup\.out"
)


def archive_members(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Archives unpack into the folder they are unpacked in, and to no surprising size.

    Why: a member with an absolute path, with `..` or behind a link writes anywhere, and a few kilobytes can unpack to
    gigabytes. How: pack it again from inside its folder. Example: `tar -C mails -czf mails.tar.gz .`.
    """
    names = [name for name in draft.listing.files() if name.lower().endswith(_SUFFIXES)]
    seen = 0
    for name in names[:MAX_ARCHIVES]:
        if seen > MAX_UNPACKED_BYTES:
            return
        try:
            listed = list(members(draft.path / name))
        except (OSError, ValueError, EOFError, zlib.error):
            continue  # broken on purpose or by accident: the task's own data, and nothing that is unpacked
        seen += 0 if name.lower().endswith((".zip", ".tar")) else sum(member.size for member in listed)
        if wrong := _wrong_in(listed, draft.listing.entries[name].size):
            yield Spot(path=name, what=wrong, how="pack it again from inside its folder, with relative names alone")


def _wrong_in(listed: list[Member], packed: int) -> str | None:
    if wrong := next((wrong for member in listed if (wrong := _wrong_member(member))), None):
        return wrong
    total = sum(member.size for member in listed)
    if total > max(MAX_UNPACKED_BYTES, MAX_RATIO * packed):
        return f"{packed / 1e3:.0f} kB that unpack to at least {total / 1e6:.0f} MB"
    return f"{MAX_MEMBERS} members or more" if len(listed) >= MAX_MEMBERS else None


def _wrong_member(member: Member) -> str | None:
    plain = member.name.replace("\\", "/")
    if plain.startswith("/") or re.match(r"[A-Za-z]:/", plain):
        return f"its member {shown(member.name)!r} has an absolute path"
    if ".." in plain.split("/"):
        return f"its member {shown(member.name)!r} leaves the folder it is unpacked in"
    there = posixpath.normpath(posixpath.join(posixpath.dirname(plain), member.link))
    if member.link and (member.link.startswith("/") or there.split("/")[0] == ".."):
        return f"its member {shown(member.name)!r} is a link to {shown(member.link)!r}, outside it"
    return None


def file_junk(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Nothing lies in the package that tools leave behind.

    Why: caches and histories are no part of a task, get hashed and carried around, and can hold the solution. How:
    remove it, and let .gitignore name it. Example: `__pycache__/` in .gitignore.
    """
    told = ""
    for path, entry in draft.listing.entries.items():
        name = path.rpartition("/")[2]
        if told and path.startswith(told):
            continue
        junk = _JUNK_FOLDERS.get(name) if entry.kind == "folder" else None
        if junk:
            told = f"{path}/"
            yield Spot(path=path, what=f"{shown(name)} is {junk}", how="remove the folder, and name it in .gitignore")
        elif entry.kind == "file" and _JUNK_FILE.fullmatch(name):
            yield Spot(path=path, what=f"{shown(name)} was left behind by a tool", how="remove it")


RULES: tuple[Rule, ...] = (
    judged("archive-members", "warning", archive_members, deep=True),
    judged("file-junk", "warning", file_junk, deep=True),
)

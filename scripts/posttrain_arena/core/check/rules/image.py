"""Rules about what goes into the image."""

from __future__ import annotations

import fnmatch
import hashlib
import posixpath
import re
from collections.abc import Iterator

from posttrain_arena.core.check.dockerfile import read_dockerfile
from posttrain_arena.core.check.draft import DOCKERFILE, Draft
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.spot import Spot, shown
from posttrain_arena.core.check.text_file import read_bytes
from posttrain_arena.core.check.tree_listing import MAX_FILE_BYTES
from posttrain_arena.model.competition import Competition

_SECRET_SOURCE = re.compile(r"(\.sh|\.py|\.md)$|expected|answer|solution|golden", re.IGNORECASE)
MAX_COPIED = 200
MAX_PATTERN_CHARS = 255
"""The longest name that a file can have."""

_TELLING_BYTES = 16
"""Files shorter than this (an empty __init__.py) are equal by chance."""


def dockerfile_from(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """environment/Dockerfile starts with FROM (comments and ARG may come before it).

    Why: without it nothing can be built. How: start with the shared image or another one. Example: `FROM
    posttrain-arena/base:1`.
    """
    if not draft.listing.is_file(DOCKERFILE) or any(spot.path == DOCKERFILE for spot in draft.spots("text-encoding")):
        return
    first = next((step for step in read_dockerfile(draft.text(DOCKERFILE)) if step.name != "ARG"), None)
    how = "start with: FROM posttrain-arena/base:1"
    if first is None:
        yield Spot(path=DOCKERFILE, what="the Dockerfile has no instruction", how=how)
    elif first.name != "FROM" or not first.rest:
        what = f"the first instruction is {shown(first.name)!r}, not FROM with an image"
        yield Spot(path=DOCKERFILE, line=first.line, what=what, how=how)


def copy_source(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """What COPY and ADD name lies in environment/.

    Why: the build sees environment/ alone, so anything else fails there or, worse, means another file. How: put the
    file into environment/ and name it relative to that folder. Example: `COPY data/rows.csv /root/`.
    """
    inside = {path.removeprefix("environment/") for path in draft.listing.entries if path.startswith("environment/")}
    steps = [step for step in read_dockerfile(draft.text(DOCKERFILE)) if step.name in ("COPY", "ADD")]
    copied = [(step, source) for step in steps for source in step.copied()]
    for step, source in copied[:MAX_COPIED]:
        plain = posixpath.normpath(source.lstrip("/") or ".")
        if plain.startswith(".."):
            what = f"{step.name} {shown(source)}: the source lies outside environment/"
            yield Spot(path=DOCKERFILE, line=step.line, what=what, how="move the file into environment/")
        elif plain != "." and plain not in inside and not _matches(inside, plain):
            what = f"{step.name} {shown(source)}: no such file in environment/"
            yield Spot(path=DOCKERFILE, line=step.line, what=what, how="add the file, or mend the path")
    if len(copied) > MAX_COPIED:
        what = f"more than {MAX_COPIED} sources are copied; the others are not looked at"
        yield Spot(path=DOCKERFILE, line=copied[MAX_COPIED][0].line, what=what, how="copy folders, not single files")


def _matches(inside: set[str], pattern: str) -> bool:
    is_pattern = len(pattern) <= MAX_PATTERN_CHARS and re.search(r"[*?\[]", pattern) is not None
    return is_pattern and bool(fnmatch.filter(inside, pattern))


def solution_in_image(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Nothing of oracle/ and none of the verifier's code or answers is copied into environment/.

    Why: what lies in environment/ can reach the agent, and a solution that can be read is not worked out. How: remove
    the copy; data that the verifier needs it can read from its own folder. Example: `verifier/data/cases.json`, read as
    `/verifier/data/cases.json`.
    """
    if any(draft.spots("package-too-large")):
        return
    secrets: dict[int, list[str]] = {}
    for path in [*draft.listing.files("oracle/"), *draft.listing.files("verifier/")]:
        size = draft.listing.entries[path].size
        if _TELLING_BYTES <= size <= MAX_FILE_BYTES and (path.startswith("oracle/") or _SECRET_SOURCE.search(path)):
            secrets.setdefault(size, []).append(path)
    digests: dict[str, str] = {}
    for path in draft.listing.files("environment/"):
        for secret in secrets.get(draft.listing.entries[path].size, ()):
            for name in (path, secret):
                digests.setdefault(name, _digest(draft, name))
            if digests[path] and digests[path] == digests[secret]:
                what = f"the same bytes as {shown(secret)}: the agent could read them"
                yield Spot(path=path, what=what, how="remove the file from environment/")


def _digest(draft: Draft, path: str) -> str:
    try:
        return hashlib.sha256(read_bytes(draft.path / path, MAX_FILE_BYTES)).hexdigest()
    except OSError:
        return ""


RULES: tuple[Rule, ...] = (
    judged("dockerfile-from", "error", dockerfile_from, deep=True),
    judged("copy-source", "error", copy_source, deep=True),
    judged("solution-in-image", "error", solution_in_image, deep=True),
)

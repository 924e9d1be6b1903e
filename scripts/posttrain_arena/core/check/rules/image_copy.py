"""Rules about what a build takes from environment/, and about what must not lie there."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator

from posttrain_arena.core.check.build_context import Context, read_context
from posttrain_arena.core.check.build_steps import walk
from posttrain_arena.core.check.dockerfile import read_dockerfile
from posttrain_arena.core.check.draft import DOCKERFILE, Draft
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.core.check.text_file import read_bytes
from posttrain_arena.core.check.tree_listing import MAX_FILE_BYTES
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.places import tells_how_to_pass
from posttrain_arena.model.shown import shown

MAX_COPIED = 200
_TELLING_BYTES = 16
"""Files shorter than this (an empty __init__.py) are equal by chance."""

_HIDDEN = re.compile(r"/?(?:\./)*(?:oracle|verifier)(?:/|$)")
_HIDDEN_OUTSIDE = re.compile(
    r"/?(?:\.{1,2}/+)+(?:[^/.][^/]*/+)?(?:oracle|verifier|solution|tests)(?:/|$)|/?(?:\./)*\.\.?/?$"
)
_LEAVE_OUT = (
    "delete this COPY: verifier/ and oracle/ are not for the agent, and a trial puts them in place by itself; only "
    "what the agent may see goes into environment/"
)


def copy_source(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """What COPY and ADD name lies in environment/, and .dockerignore does not leave it out.

    Why: the build sees environment/ alone, so anything else fails there or, worse, means another file. How: put the
    file into environment/ and name it relative to that folder; `*` does not reach into folders below. verifier/ and
    oracle/ are not for the agent: delete a COPY of them. Example: `COPY data/rows.csv /root/`.
    """
    copied = [
        (step, source, place.expand(source) if step.json_form() is None or "$" in source else source)
        for step, place in walk(read_dockerfile(draft.text(DOCKERFILE)))
        if step.name in ("COPY", "ADD")
        for source in step.copied()
    ]
    context = read_context(draft) if copied else Context({})
    for step, source, plain in copied[:MAX_COPIED]:
        wrong = _wrong_source(context, plain) if plain else None
        if wrong:
            what = f"{step.name} {shown(source)}: {wrong[0]}"
            yield Spot(path=DOCKERFILE, line=step.line, what=what, how=wrong[1].replace("COPY", step.name, 1))
    if len(copied) > MAX_COPIED:
        what = f"more than {MAX_COPIED} sources are copied; the others are not looked at"
        yield Spot(path=DOCKERFILE, line=copied[MAX_COPIED][0].line, what=what, how="copy folders, not single files")


def _wrong_source(context: Context, source: str) -> tuple[str, str] | None:
    if context.outside(source):
        hidden = _HIDDEN_OUTSIDE.match(source)
        how = _LEAVE_OUT if hidden else "copy what the agent may see into environment/, and name it from there"
        return "the source lies outside environment/", how
    found = context.found(source)
    if found is None:
        return None
    if not found and _HIDDEN.match(source):
        return "a build sees environment/ alone", _LEAVE_OUT
    if not found:
        close = difflib.get_close_matches(source[:100], list(context.names)[:500], n=1)
        meant = f": did you mean {shown(close[0])}?" if close else ""
        return f"no such file in environment/{meant}", "add the file, or mend the path"
    if not any(context.holds_files(name) for name in found):
        return "an empty folder, which git does not keep", "put a file into it, or make the folder with RUN mkdir -p"
    if all(context.left_out(name) for name in found):
        return ".dockerignore leaves it out", "remove the line from .dockerignore, or add one with '!' and this path"
    return None


def solution_in_image(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """Nothing of oracle/ and none of the verifier's code or answers is copied into environment/.

    Why: what lies in environment/ can reach the agent, and a solution that can be read is not worked out. How: remove
    the copy; data that the verifier needs it can read from its own folder. Example: `verifier/data/cases.json`, read as
    `/verifier/data/cases.json`.
    """
    if any(draft.spots("package-too-large")):
        return
    secrets = _telling_files(draft)
    digests = dict(draft.contents.hashes)
    for path in draft.listing.files("environment/"):
        for secret in secrets.get(draft.listing.entries[path].size, ()):
            for name in (path, secret):
                if name not in digests:
                    digests[name] = _digest(draft, name)
            if digests[path] and digests[path] == digests[secret]:
                what = f"the same bytes as {shown(secret)}: the agent could read them"
                yield Spot(path=path, what=what, how="remove the file from environment/")


def _telling_files(draft: Draft) -> dict[int, list[str]]:
    files: dict[int, list[str]] = {}
    for path in [*draft.listing.files("oracle/"), *draft.listing.files("verifier/")]:
        size = draft.listing.entries[path].size
        if _TELLING_BYTES <= size <= MAX_FILE_BYTES and tells_how_to_pass(path):
            files.setdefault(size, []).append(path)
    return files


def _digest(draft: Draft, path: str) -> str:
    try:
        return hashlib.sha256(read_bytes(draft.path / path, MAX_FILE_BYTES)).hexdigest()
    except OSError:
        return ""


RULES: tuple[Rule, ...] = (
    judged("copy-source", "error", copy_source, deep=True),
    judged("solution-in-image", "error", solution_in_image, deep=True),
)

"""Find the scripts of a package that a trial or a build runs, and how they are started."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from posttrain_arena.core.check.build_context import Context, read_context
from posttrain_arena.core.check.build_steps import walk
from posttrain_arena.core.check.dockerfile import Instruction, read_dockerfile
from posttrain_arena.core.check.draft import DOCKERFILE, ORACLE, TEST, Draft
from posttrain_arena.core.check.simple_commands import Command, simple_commands
from posttrain_arena.core.check.text_file import MAX_TEXT_BYTES, read_bytes

FOLDERS = ("verifier/", "oracle/")
_SUFFIXES = (".sh", ".bash", ".py", ".pl", ".rb")
_WRAPPERS = frozenset({"timeout", "nice", "setsid", "stdbuf", "xargs", "time"})
_OPTION = re.compile(r"-.*|[0-9.]+[smhd]?|\{\}")
_INTERPRETERS = re.compile(r"(?:.*/)?(?:(?:ba|da|z|a|k)?sh|python[0-9.]*|perl|ruby|node|source|\.)")
_OWN_FOLDER = re.compile(
    r"(?:\$\{?(?:BASH_SOURCE|0|[A-Z_]*(?:VERIF|ORACLE|HERE|SCRIPT)[A-Z_]*|DIR|[a-z_]*(?:verif|oracle|here|script)[a-z_]*)"
    r"(?:\[0\])?(?:%/\*)?(?::-[^}]*)?\}?|\$\((?:cd )?.*dirname.*\))/(.+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """``file`` is started in line ``line`` of ``script``; ``direct`` where by its path, not through an interpreter."""

    file: str
    script: str
    line: int
    direct: bool


def raw(draft: Draft, name: str) -> bytes:
    """Return the bytes of a file up to MAX_TEXT_BYTES, b"" where there are none to read."""
    kept = draft.contents.kept.get(name)
    if kept is not None:
        return kept
    try:
        return read_bytes(draft.path / name, MAX_TEXT_BYTES) if draft.listing.is_file(name) else b""
    except OSError:
        return b""


def helpers(draft: Draft) -> Iterator[str]:
    """Yield the scripts in verifier/ and oracle/, the two entry points left out."""
    for name in draft.listing.files():
        inside = name.startswith(FOLDERS) and name not in (TEST, ORACLE)
        if inside and (name.endswith(_SUFFIXES) or raw(draft, name).startswith(b"#!")):
            yield name


def starts(draft: Draft) -> Iterator[Start]:
    """Yield where the scripts of verifier/ and oracle/ start a file of their own folder by its path."""
    for script in (TEST, ORACLE, *(name for name in helpers(draft) if name.endswith((".sh", ".bash")))):
        folder = script.partition("/")[0] + "/"
        files = {name.rpartition("/")[2] for name in draft.listing.files(folder) if name != script}
        text = draft.lenient(script)
        if not any(f"/{name}" in text for name in files):  # as every path to one ends
            continue
        for command in simple_commands(text):
            file = _own_file(_started(command), posixpath.dirname(script))
            if file and file != script and draft.listing.is_file(file):
                line = text.count("\n", 0, command.at) + 1
                yield Start(file=file, script=script, line=line, direct=True)


def _started(command: Command) -> str:
    """Return the word that is run: of ``timeout -k 5 60s ./count.sh`` the last."""
    words = list(command.words)
    while words and words[0] in _WRAPPERS:
        words = [word for word in words[1:] if not _OPTION.fullmatch(word)]
    return words[0] if words else ""


def _own_file(word: str, folder: str) -> str | None:
    if word.startswith("./"):
        return posixpath.normpath(f"{folder}/{word}")
    if word.startswith(("/verifier/", "/oracle/")):
        return posixpath.normpath(word[1:])
    found = _OWN_FOLDER.fullmatch(word) if len(word) < 500 else None
    return posixpath.normpath(f"{folder}/{found[1]}") if found else None


def build_starts(draft: Draft) -> Iterator[Start]:
    """Yield where a RUN starts a file that was copied from environment/."""
    if not _names_a_file(draft):
        return
    steps = read_dockerfile(draft.text(DOCKERFILE))
    context, there, folder = read_context(draft), dict[str, str](), "/"
    for step, place in walk(steps):
        if step.name == "FROM":
            there, folder = {}, "/"
        elif step.name == "WORKDIR":
            folder = posixpath.join(folder, place.expand(step.arguments().strip()) or "")
        elif step.name in ("COPY", "ADD"):
            there |= _copied(step, context, folder)
        elif step.name == "RUN":
            for command in simple_commands(step.arguments()):
                yield from _in_build(step, command, there, folder)


def _names_a_file(draft: Draft) -> bool:
    """Say whether the Dockerfile names a file of environment/; most copy whole folders and start none of them."""
    text = draft.text(DOCKERFILE)
    return any(name.rpartition("/")[2] in text for name in draft.listing.files("environment/") if name != DOCKERFILE)


def _in_build(step: Instruction, command: Command, there: dict[str, str], folder: str) -> Iterator[Start]:
    through = _INTERPRETERS.fullmatch(command.words[0])
    words = [word for word in command.words[1:] if not word.startswith("-")] if through else [_started(command)]
    path = posixpath.normpath(posixpath.join(folder, words[0])) if words and ("/" in words[0] or through) else ""
    if path in there:
        yield Start(file=f"environment/{there[path]}", script=DOCKERFILE, line=step.line, direct=not through)


def _copied(step: Instruction, context: Context, folder: str) -> dict[str, str]:
    """Return the files that a COPY puts into the image: path there to path in environment/."""
    words = step.words()
    found: dict[str, str] = {}
    target = posixpath.join(folder, words[-1]) if words else ""
    for source in step.copied():
        for name in context.found(source) or () if "$" not in source else ():
            prefix = f"{name}/" if name else ""
            inside = [other for other in context.names if other.startswith(prefix)]
            if inside:
                found |= {posixpath.normpath(f"{target}/{other.removeprefix(prefix)}"): other for other in inside}
            else:
                into = target.endswith("/") or words[-1] in (".", "./") or len(words) > 2
                found[posixpath.normpath(f"{target}/{posixpath.basename(name)}" if into else target)] = name
    return found

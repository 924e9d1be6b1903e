"""Read the example cases: a sound package or entry, what a case changes in it, and what the check must find.

A case is a folder with a ``case.yaml`` and, where whole files change, a folder ``files`` that is laid over it:

    about: one sentence on what is wrong, or on why it is not
    folder: count-lines                 the package's folder name, where the name matters
    edits: [{file: task.md, old: "cpus: 1", new: "cpus: two"}]    every place where ``old`` stands, at least one
    remove: [oracle/solve.sh]           files or whole folders
    links: {environment/a: /etc/passwd} symbolic links, by the target they have; a dot moves the whole package there
    fifos: [environment/pipe]
    modes: {oracle/solve.sh: 0o644}
    sizes: {environment/big.bin: 50000001}    files of that many bytes, sparse
    bytes: {environment/x: "efbbbf"}    files of these bytes, in hexadecimal
    beside: {place: team, edits: []}    a second package, in the same entry (team), another one (other) or the sample
    write: {envs/README.md: "text"}     new files of this text
    moves: {envs/count-lines: envs/x}   files or folders under another name
    near: [value-range]                 positive cases: the rules that this case nearly breaks
    findings: ["error value-type task.md:14:3"]    severity, rule, path (a dot is the folder itself), line, column

Entries have more: ``base`` is the sound entry to start from (environments, skills or agents); ``today`` and ``changed``
are the day of the check and the paths that a pull request touches; ``beside`` puts the same entry, edited, beside it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from posttrain_arena.model.finding import Finding

EXAMPLES = Path(__file__).parents[1] / "examples"
KEYS = {"about", "folder", "edits", "remove", "links", "fifos", "modes", "sizes", "bytes", "beside", "near", "findings"}
KEYS |= {"write", "moves", "base", "today", "changed"}
PACKAGES = ("count-bytes", "count-lines", "count-words")
"""Copies of the sound package that the sound entry of environments has."""


def cases(kind: str, verdict: str) -> list[str]:
    """Return the names of the cases of ``tasks`` or ``entries`` that are ``positive`` or ``negative``."""
    return sorted(folder.name for folder in (EXAMPLES / kind / verdict).iterdir())


def read_case(kind: str, verdict: str, name: str) -> dict[str, Any]:
    """Return a case's table; raises ValueError for a key that means nothing."""
    table: dict[str, Any] = yaml.safe_load((EXAMPLES / kind / verdict / name / "case.yaml").read_text(encoding="utf-8"))
    if unknown := table.keys() - KEYS:
        raise ValueError(f"{name}: unknown keys {sorted(unknown)}")
    return table


def make_case(kind: str, verdict: str, name: str, root: Path, *, folder: str) -> Path:
    """Write the case's package or entry below ``root`` and return its folder."""
    case, own = read_case(kind, verdict, name), EXAMPLES / kind / verdict / name / "files"
    target = root / case.get("folder", folder)
    if "beside" in case:
        _make_beside(kind, case, root)
    copy_sound(kind, case.get("base", ""), target)
    if own.is_dir():
        shutil.copytree(own, target, dirs_exist_ok=True)
    for edit in case.get("edits", ()):
        _edit(target / edit["file"], edit["old"], edit["new"])
    for old, new in case.get("moves", {}).items():
        (target / new).parent.mkdir(parents=True, exist_ok=True)
        (target / old).rename(target / new)
    for path in case.get("remove", ()):
        shutil.rmtree(target / path) if (target / path).is_dir() else (target / path).unlink()
    for path, text in case.get("write", {}).items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_text(text, encoding="utf-8")
    _make_odd_files(case, target)
    return target


def copy_sound(kind: str, base: str, target: Path) -> None:
    """Copy the sound package, or the sound entry of the track ``base``."""
    shutil.copytree(EXAMPLES / kind / "sound" / base, target)
    for name in PACKAGES if base == "environments" else ():
        shutil.copytree(EXAMPLES / "tasks" / "sound", target / "envs" / name)


def _make_beside(kind: str, case: dict[str, Any], root: Path) -> None:
    beside = case["beside"]
    target = root / beside["place"] if kind == "entries" else root.parent / beside["place"] / "other-task"
    copy_sound(kind, case.get("base", ""), target)
    for edit in beside.get("edits", ()):
        _edit(target / edit["file"], edit["old"], edit["new"])


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_bytes().decode("utf-8")
    if old not in text:
        raise ValueError(f"{path.name}: {old!r} is not in it")
    path.write_bytes(text.replace(old, new).encode("utf-8"))


def _make_odd_files(case: dict[str, Any], target: Path) -> None:
    for path, to in case.get("links", {}).items():
        if path == ".":
            target.rename(target.with_name(to))
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).symlink_to(to)
    for path in case.get("fifos", ()):
        os.mkfifo(target / path)
    for path, size in case.get("sizes", {}).items():
        (target / path).touch()
        os.truncate(target / path, size)
    for path, content in case.get("bytes", {}).items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(bytes.fromhex(content))
    for path, mode in case.get("modes", {}).items():
        (target / path).chmod(mode if isinstance(mode, int) else int(mode, 8))


def said(findings: Iterable[Finding], place: str) -> list[str]:
    """Return the findings as cases write them; ``place`` is the package's or entry's own path."""
    return sorted(_said(finding, place) for finding in findings)


def _said(finding: Finding, place: str) -> str:
    path = "." if finding.path == place else finding.path.removeprefix(f"{place}/")
    numbers = [str(number) for number in (finding.line, finding.column) if number is not None]
    return f"{finding.severity} {finding.rule} {':'.join([path, *numbers])}"


def agrees(found: list[str], wanted: list[str]) -> bool:
    """Say whether the findings are those that were wanted; one without a column accepts any."""
    return len(found) == len(wanted) and all(
        have == want or have.rpartition(":")[0] == want for have, want in zip(found, sorted(wanted), strict=True)
    )

"""The rule that a skill works without the internet: its scripts, and the code in its pages."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, Literal

from posttrain_arena.core.check.entries.fences import MAX_LINE_CHARS, page_lines
from posttrain_arena.core.check.entries.part import Part
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.shown import shown

Kind = Literal["shell", "code"]

_KIND_OF_LANGUAGE: dict[str, Kind] = {
    **dict.fromkeys(("", "bash", "sh", "shell", "zsh", "console", "shell-session", "shellsession"), "shell"),
    **dict.fromkeys(("python", "python3", "py", "javascript", "js", "typescript", "ts", "ruby", "perl"), "code"),
}
"""How a block of code in a page is read by its language; where none is named, most show commands."""

_SHELL_LINE = re.compile(r"#!.*\b(?:ba|da|k|z)?sh\b")
_LOCAL = re.compile(r"localhost|127\.0\.0\.1|0\.0\.0\.0|--no-index|--offline|\[::1?\]")
_PATTERNS: dict[Kind, str] = {
    "shell": (
        r"(?:^|^\s*[$%>]\s|[|;&(`!]"
        r"|\b(?:then|do|else|if|elif|while|until|sudo|exec|xargs|time|nohup|command|timeout\s+\S{1,20})\s)\s*"
        r"(?:\w{1,40}=[^\s()&;|]{0,80}\s+)?(?P<call>(?:curl|wget|git\s+(?:clone|pull|fetch)"
        r"|(?:pip3?|npm|pnpm|yarn|conda|gem|cargo|apt|apt-get|apk|dnf|yum|brew|uv\s+pip|python3?\s+-m\s+pip)\s+"
        r"(?:-[\w=./:-]+\s+){0,9}(?:install|add|update|download))\b)"
    ),
    "code": (
        r"(?P<call>^\s*(?:import|from)\s+(?:requests|httpx|aiohttp|urllib3|urllib\.request|http\.client|ftplib"
        r"|smtplib|paramiko|boto3|huggingface_hub|openai|anthropic)\b|^\s*from\s+urllib\s+import\s+[\w, ]*\brequest\b"
        r"|[\[(]\s*[\"'](?:curl|wget)[\"']|\bfetch\(\s*[\"'`]https?:"
        r"|(?:require\(|\bfrom\s+)[\"'](?:axios|node-fetch|(?:node:)?https?)[\"'])"
    ),
}


def skill_network(part: Part[Any]) -> Iterator[Spot]:
    """Scripts of a skill, and the code in its pages, work without the internet.

    Why: the track runs without it, so the call fails. How: put the data into the skill, and use what the image has.
    Example: `assets/currencies.csv` in place of a download.
    """
    for name, text in part.scripts():
        kind: Kind = "shell" if _is_shell(name, text) else "code"
        lines = ((number, line, kind) for number, line in enumerate(text.split("\n"), 1))
        yield from islice(_fetches(name, lines), 1)
    for name, text in part.texts.items():
        if name.endswith(".md"):
            yield from islice(_fetches(name, _code(text)), 1)


def _code(text: str) -> Iterator[tuple[int, str, Kind]]:
    for line in page_lines(enumerate(text.split("\n"), 1)):
        if line.language is not None and (kind := _KIND_OF_LANGUAGE.get(line.language)):
            yield line.number, line.text, kind


def _fetches(name: str, lines: Iterator[tuple[int, str, Kind]]) -> Iterator[Spot]:
    for number, line, kind in lines:
        if not line or len(line) > MAX_LINE_CHARS or line.lstrip().startswith(("#", "//")) or _LOCAL.search(line):
            continue
        if match := _pattern(kind).search(line):
            call = match["call"].lstrip(" \t[(")
            what = f"{shown(call, 40)!r} needs the internet, which the track does not have"
            how = "put what it fetches into the skill, or do without"
            yield Spot(path=name, line=number, column=match.end("call") - len(call) + 1, what=what, how=how)


def _is_shell(name: str, text: str) -> bool:
    """Say whether a shell runs the script: so its first line says, or where it has none its name, or no name does."""
    first = text.partition("\n")[0]
    if first.startswith("#!"):
        return bool(_SHELL_LINE.match(first))
    return PurePosixPath(name).suffix.lower() in (".sh", ".bash", "")


@functools.cache
def _pattern(kind: Kind) -> re.Pattern[str]:
    """Compile when first used: a check of task packages needs none."""
    return re.compile(_PATTERNS[kind], re.IGNORECASE)

"""Read the files of a skill or an agent for its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

from posttrain_arena.core.check.contents import NOTHING, read_contents
from posttrain_arena.core.check.rules.layout import placeholders
from posttrain_arena.core.check.rules.rule import Rule
from posttrain_arena.core.check.secret_text import find_private_keys, find_secrets, first_characters
from posttrain_arena.core.check.spot import MAX_FINDINGS_PER_RULE, Problem, Spot, spot_at
from posttrain_arena.core.check.text_file import decode_text, read_text
from posttrain_arena.core.check.tree_listing import MAX_FILE_BYTES, Listing, list_package
from posttrain_arena.core.check.yaml_lines import Located

_ENDINGS = (".sh", ".bash", ".py", ".js", ".mjs", ".ts", ".rb", ".pl")
_STRICT = (".sh", ".bash", ".md")
_TEXTS = {*_ENDINGS, *_STRICT, ".txt", ".yaml", ".yml", ".json", ".toml", ".cfg", ".ini", ".html", ".csv", ".env", ""}
"""How the names of files end that are looked at as text; the last stands for a name without an ending.

What starts with `#!` is text whatever its name.
"""

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[V]):
    """A skill or an agent. ``name`` is its folder's, ``main`` the file with its settings.

    ``value`` is None where the settings do not fit, and ``problems`` says why. ``texts`` are the files that are text,
    without byte order mark and with LF line ends; ``hashes`` are SHA-256 by path. ``body`` are the lines of a
    SKILL.md after its front matter, each with its number.
    """

    name: str
    main: str
    listing: Listing
    texts: dict[str, str]
    hashes: dict[str, str]
    problems: tuple[Problem, ...]
    front: Located | None = None
    value: V | None = None
    body: tuple[tuple[int, str], ...] = ()

    def scripts(self) -> Iterator[tuple[str, str]]:
        """Yield the scripts with their text."""
        return ((name, text) for name, text in self.texts.items() if is_script(name, text))

    def spot(self, *keys: str | int, what: str, how: str) -> Spot:
        """Return a spot at a setting, or at the nearest table above it."""
        return spot_at(self.main, self.front.place(*keys) if self.front else (1, 1), what=what, how=how)


def is_script(name: str, text: str) -> bool:
    """Say whether a file is a script: by its ending, by its first line, or without an ending by being in scripts/."""
    path = PurePosixPath(name)
    in_scripts = path.parts[0] == "scripts" and len(path.parts) > 1 and not path.suffix
    return path.suffix.lower() in _ENDINGS or text.startswith("#!") or in_scripts


PartJudge = Callable[[Part[V]], Iterable[Spot]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What lies in a folder, as text where it is text."""

    listing: Listing
    texts: dict[str, str]
    hashes: dict[str, str]
    problems: tuple[Problem, ...]


def read_files(folder: Path, main: str) -> Files:
    """Read a folder; shell scripts, pages and the file ``main`` must be UTF-8, odd bytes elsewhere are replaced."""
    listing = list_package(folder)
    small = {
        name: entry
        for name, entry in listing.entries.items()
        if entry.size <= MAX_FILE_BYTES and name.isprintable()  # a name that is not is a finding already
    }
    is_bounded = not any(problem.rule in ("package-too-large", "file-count") for problem in listing.problems)
    contents = read_contents(folder, Listing(entries=small, problems=())) if is_bounded else NOTHING
    problems = [*listing.problems, *contents.problems]
    texts: dict[str, str] = {}
    for name, data in contents.kept.items():
        if name == main or name.endswith(_STRICT):
            text, wrong = decode_text(data, name)
            problems += wrong
            if text or not wrong:
                texts[name] = text
        elif (PurePosixPath(name).suffix.lower() in _TEXTS or data.startswith(b"#!")) and b"\0" not in data:
            texts[name] = data.decode("utf-8", "replace").replace("\r\n", "\n")
    unread = {problem.spot.path for problem in problems}
    if main not in texts and listing.is_file(main) and main not in unread:
        problems += read_text(folder, main)[1]  # too long to be kept
    return Files(listing=listing, texts=texts, hashes=contents.hashes, problems=tuple(problems))


def judge_part(part: Part[V], judges: Iterable[tuple[Rule, PartJudge[V]]]) -> Iterator[Problem]:
    """Yield everything that is wrong with a skill or an agent."""
    yield from part.problems
    yield from _placeholders(part)
    yield from _secrets(part)
    for rule, judge in judges:
        for spot in islice(judge(part), MAX_FINDINGS_PER_RULE + 1):
            yield Problem(rule=rule.id, spot=spot)


def _placeholders(part: Part[V]) -> Iterator[Problem]:
    """Yield where a text of a template is left to fill in."""
    for name, text in part.texts.items():
        if name.endswith((".md", ".yaml")) or is_script(name, text):
            for spot in placeholders(name, text):
                yield Problem(rule="placeholder", spot=spot)


def _secrets(part: Part[V]) -> Iterator[Problem]:
    """Yield the first key or token of a service, or private key, in each file."""
    how = "withdraw it where it was issued, then remove it: the history of the repository keeps it"
    for name, text in part.texts.items():
        for found in islice((*find_secrets(text), *find_private_keys(text)), 1):
            start = "" if found.kind == "a private key" else f" ({first_characters(text[found.start : found.end])})"
            what = f"{found.kind}{start}"
            yield Problem(rule="secret", spot=spot_in(text, found.start, name, what=what, how=how))


def spot_in(text: str, start: int, name: str, *, what: str, how: str) -> Spot:
    """Return the spot of a character of a file."""
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    return spot_at(name, (line, column), what=what, how=how)

"""Split a document into its YAML front matter and its ``##`` sections."""

from __future__ import annotations

import re
from dataclasses import dataclass

from posttrain_arena.core.check.spot import Problem, Spot
from posttrain_arena.core.check.yaml_lines import Located, YamlFault, read_yaml

MAX_SETTINGS_CHARS = 64_000

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading outside code fences: how many ``#``, its text as written, its line."""

    depth: int
    title: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkdownDocument:
    """``front`` is None where there is none to read; ``problems`` says why."""

    front: Located | None
    headings: tuple[Heading, ...]
    lines: tuple[str, ...]
    problems: tuple[Problem, ...] = ()

    def section(self, title: str) -> str | None:
        """Return the text of the first ``## title`` up to the next heading of depth 1 or 2, or None."""
        ends = [heading for heading in self.headings if heading.depth <= 2]
        for index, heading in enumerate(ends):
            if heading.depth == 2 and heading.title == title:
                stop = ends[index + 1].line - 1 if index + 1 < len(ends) else len(self.lines)
                return "\n".join(self.lines[heading.line : stop]).strip()
        return None


def read_markdown(text: str, name: str) -> MarkdownDocument:
    """Read ``text``; ``name`` is the file's path relative to the package."""
    lines = tuple(text.split("\n"))
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)
    if lines[0].rstrip() != "---" or end is None:
        at = "does not start with a line '---'" if lines[0].rstrip() != "---" else "has no closing line '---'"
        how = "put the settings between two lines '---' at the top of the file"
        problem = _problem("front-matter", name, 1, f"the front matter {at}", how)
        return MarkdownDocument(front=None, headings=_headings(lines, 0), lines=lines, problems=(problem,))
    front, problems = _read_settings("\n".join(lines[1:end]) + "\n", name, 2)
    return MarkdownDocument(front=front, headings=_headings(lines, end + 1), lines=lines, problems=problems)


def read_yaml_file(text: str, name: str) -> tuple[Located | None, tuple[Problem, ...]]:
    """Read a whole YAML file whose top must be a table."""
    return _read_settings(text, name, 1)


def _read_settings(text: str, name: str, line: int) -> tuple[Located | None, tuple[Problem, ...]]:
    if len(text) > MAX_SETTINGS_CHARS:
        what = f"the settings are longer than {MAX_SETTINGS_CHARS} characters"
        return None, (_problem("yaml-bounds", name, 1, what, "move data into files of its own"),)
    read = read_yaml(text, first_line=line)
    if isinstance(read, YamlFault):
        return None, (_of_yaml(read, name),)
    if not isinstance(read.value, dict):
        what = "the settings are not a table of 'key: value' lines"
        return None, (_problem("front-matter", name, line, what, "write one 'key: value' per line"),)
    return read, tuple(_of_yaml(fault, name) for fault in read.faults)


def _of_yaml(fault: YamlFault, name: str) -> Problem:
    spot = Spot(path=name, line=fault.line, column=fault.column, what=fault.what, how=fault.how)
    return Problem(rule=fault.rule, spot=spot)


def _headings(lines: tuple[str, ...], start: int) -> tuple[Heading, ...]:
    found: list[Heading] = []
    fence = ""
    for number, line in enumerate(lines[start:], start + 1):
        if match := _FENCE.fullmatch(line):
            fence = _next_fence(fence, match[1], match[2])
        elif not fence and (match := _HEADING.fullmatch(line)):
            found.append(Heading(depth=len(match[1]), title=match[2].rstrip(" \t"), line=number))
    return tuple(found)


def _next_fence(fence: str, marks: str, after: str) -> str:
    if not fence:
        return "" if marks[0] == "`" and "`" in after else marks
    closes = marks[0] == fence[0] and len(marks) >= len(fence) and not after.strip()
    return "" if closes else fence


def _problem(rule: str, name: str, line: int, what: str, how: str) -> Problem:
    return Problem(rule=rule, spot=Spot(path=name, line=line, what=what, how=how))

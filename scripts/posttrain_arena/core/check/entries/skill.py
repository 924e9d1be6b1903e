"""Read a skill, a folder with a SKILL.md, and judge it by its rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from posttrain_arena.core.check.entries.folders import FOLDERS
from posttrain_arena.core.check.entries.part import Part, read_files
from posttrain_arena.core.check.front_matter import MarkdownDocument, read_markdown
from posttrain_arena.core.check.names import offer, slug_of
from posttrain_arena.core.check.shape import shape_problems
from posttrain_arena.core.check.spot import Problem, Spot
from posttrain_arena.core.check.yaml_lines import Located
from posttrain_arena.model.documents import load_schema
from posttrain_arena.model.shown import shown
from posttrain_arena.model.skill import Skill

SKILL = "SKILL.md"
MAX_CARD_CHARS = 500
"""On average: a hundred skills then take 12,000 tokens of the 32,768 that the reference agent has for a task."""


def read_skill(folder: Path) -> Part[Skill]:
    """Read a skill; every fault of its author ends in ``problems``."""
    files = read_files(folder, SKILL)
    part: Part[Skill] = Part(
        name=folder.name,
        main=SKILL,
        listing=files.listing,
        texts=files.texts,
        hashes=files.hashes,
        problems=files.problems,
    )
    if not files.listing.is_file(SKILL):
        near = next((name for name in files.listing.files() if name.lower() in ("skill.md", "skills.md")), None)
        how = f"rename {shown(near)!r} to SKILL.md" if near else "add it, with name and description in its front matter"
        problem = Problem(rule="skill-file", spot=Spot(path=".", what="there is no file SKILL.md here", how=how))
        there = files.listing.entries.get(SKILL)
        return part if there is not None and there.kind == "link" else _with(part, problem)
    text = files.texts.get(SKILL, "")
    if not text and any(problem.spot.path == SKILL for problem in files.problems):
        return part
    return _with_page(part, read_markdown(text, SKILL))


def catalogue_problem(parts: Sequence[Part[Skill]]) -> Problem | None:
    """Return what is wrong where the names and descriptions of an entry are too long to be told together."""
    cards = [part.value for part in parts if part.value is not None]
    average = sum(len(card.name) + len(card.description) for card in cards) // max(1, len(cards))
    if average <= MAX_CARD_CHARS:
        return None
    what = f"names and descriptions of the skills have {average} characters on average, more than {MAX_CARD_CHARS}"
    how = "say in one or two sentences what each skill does and when to use it"
    return Problem(rule="skill-catalogue", spot=Spot(path=FOLDERS["skills"], what=what, how=how))


def skills_twice(parts: Sequence[Part[Skill]]) -> Iterator[tuple[int, Problem]]:
    """Yield which skills of one entry have the name or the content of one before them; their texts are not needed."""
    names: dict[str, int] = {}
    contents: dict[str, int] = {}
    for index, part in enumerate(parts):
        if part.value is None:
            continue
        first = names.setdefault(part.value.name, index)
        if first != index:
            what = f"the name {shown(part.value.name)!r} is also that of the skill in {shown(parts[first].name)!r}"
            spot = part.spot("name", what=what, how="give each skill a name of its own")
            yield index, Problem(rule="skill-name-twice", spot=spot)
        same = contents.setdefault(_content(part), index)
        if same != index:
            what = f"the skill teaches word for word what {shown(parts[same].name)!r} does"
            yield index, Problem(rule="skill-duplicate", spot=part.spot(what=what, how="remove one of the two"))


def _content(part: Part[Skill]) -> str:
    """Return a digest of what a skill says without its front matter; white space and case do not count."""
    words = " ".join(line for _, line in part.body).casefold().split()
    others = sorted((name, digest) for name, digest in part.hashes.items() if name != SKILL)
    return hashlib.sha256(repr((words, others)).encode("utf-8", "surrogatepass")).hexdigest()


def _with_page(part: Part[Skill], page: MarkdownDocument) -> Part[Skill]:
    lines = page.lines
    end = 0
    if lines[0].rstrip() == "---":
        end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), 0)
    body = tuple(enumerate(lines[end + 1 if end else 0 :], end + 2 if end else 1))
    value, problems = _value(page.front)
    whole = replace(part, front=page.front, value=value, body=body)
    return _with(whole, *page.problems, *problems)


def _value(front: Located | None) -> tuple[Skill | None, list[Problem]]:
    if front is None:
        return None, []
    problems = [with_slug(problem, front) for problem in shape_problems(front, load_schema(Skill.SCHEMA), SKILL)]
    if problems:
        return None, problems
    fields = {key.replace("-", "_"): value for key, value in front.value.items() if key in _KEYS}
    return msgspec.convert(fields, Skill), []


_KEYS = {name.replace("_", "-") for name in Skill.__dataclass_fields__}


def with_slug(problem: Problem, front: Located) -> Problem:
    """Return a problem that says of a name what is wrong with it in words, and which would do; others as they are."""
    name = front.value.get("name")
    if problem.rule != "value-pattern" or not isinstance(name, str) or not name:
        return problem
    what = f"the name {shown(name)!r} is not lower-case-with-hyphens{offer(slug_of(name) or None)}"
    how = "use lower-case letters, digits and single hyphens"
    return replace(problem, spot=replace(problem.spot, what=what, how=how))


def _with(part: Part[Skill], *problems: Problem) -> Part[Skill]:
    return replace(part, problems=(*part.problems, *problems))
